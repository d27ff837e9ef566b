// Bad signers as people write them in Node. Reads {secret, key, passphrase, stamp} and prints one capture per line.
import crypto from 'node:crypto';
import util from 'node:util';
import fs from 'node:fs';

const { secret, key, passphrase, stamp } = JSON.parse(fs.readFileSync(0, 'utf8'));
const BASE = 'https://www.okx.com';
const order = { instId: 'BTC-USDT', tdMode: 'cash', side: 'buy', ordType: 'limit', px: '2.15', sz: 0.5, clOrdId: 'größe<1>' };
const ORDER = '/api/v5/trade/order';
const BALANCE = '/api/v5/account/balance';
const params = { instType: 'SWAP', instId: 'BTC-USDT-SWAP' };
const POSITIONS = '/api/v5/account/positions';
const query = new URLSearchParams(params).toString();

const hmac = (text, with_key = secret, hash = 'sha256') => crypto.createHmac(hash, with_key).update(text);
const sign = (text, ...rest) => hmac(text, ...rest).digest('base64');

function emit(causes, method, target, body, signature, timestamp = stamp) {
  const headers = {
    'OK-ACCESS-KEY': key, 'OK-ACCESS-SIGN': signature, 'OK-ACCESS-TIMESTAMP': timestamp,
    'OK-ACCESS-PASSPHRASE': passphrase, 'Content-Type': 'application/json', 'User-Agent': 'axios/1.7.2',
  };
  console.log(JSON.stringify({ causes, capture: { method, url: BASE + target, headers, body } }));
}
const get = (causes, text, target = `${POSITIONS}?${query}`) => emit(causes, 'GET', target, '', sign(text));
const post = (causes, signed, sent = JSON.stringify(order)) =>
  emit(causes, 'POST', ORDER, sent, sign(`${stamp}POST${ORDER}${signed}`));

// right
get([], `${stamp}GET${POSITIONS}?${query}`);
post([], JSON.stringify(order));
// query
get(['query-not-signed'], `${stamp}GET${POSITIONS}`);
get(['query-reordered'], `${stamp}GET${POSITIONS}?${new URLSearchParams(Object.entries(params).sort())}`);
get(['query-encoding'], `${stamp}GET${BALANCE}?${new URLSearchParams({ ccy: 'BTC,ETH' })}`, `${BALANCE}?ccy=BTC,ETH`);
get(['query-encoding'], `${stamp}GET${BALANCE}?ccy=BTC,ETH`, `${BALANCE}?ccy=${encodeURIComponent('BTC,ETH')}`);
get(['query-encoding'], `${stamp}GET${BALANCE}?uly=${encodeURI('a b')}`, `${BALANCE}?${new URLSearchParams({ uly: 'a b' })}`);
get(['query-trailing-mark'], `${stamp}GET${BALANCE}?${new URLSearchParams({})}`, BALANCE);
get(['query-parameters-differ'], `${stamp}GET${POSITIONS}?${new URLSearchParams({ ...params, after: undefined })}`);
get(['query-parameters-differ'], `${stamp}GET${POSITIONS}?instType=SWAP`);
get(['template-not-filled'], stamp + 'GET' + POSITIONS + '?instType=SWAP&instId=${instId}');
get(['get-body-signed'], `${stamp}GET${POSITIONS}${JSON.stringify(params)}`);
get(['get-body-signed'], `${stamp}GET${POSITIONS}?${query}${JSON.stringify(params)}`);
get(['get-body-signed'], `${stamp}GET${BALANCE}${JSON.stringify(undefined)}`, BALANCE);
get(['get-body-signed'], `${stamp}GET${BALANCE}${JSON.stringify({})}`, BALANCE);
// path and method
get(['full-url-signed'], `${stamp}GET${BASE}${POSITIONS}?${query}`);
get(['path-prefix-missing'], `${stamp}GET/account/positions?${query}`);
get(['path-differs'], `${stamp}GET${POSITIONS}/?${query}`);
get(['method-case'], `${stamp}get${POSITIONS}?${query}`);
get(['method-mismatch'], `${stamp}POST${POSITIONS}?${query}`);
get(['method-mismatch'], `${stamp}${undefined}${POSITIONS}?${query}`);
get(['prehash-partial'], `GET${POSITIONS}?${query}`);
// body
post(['body-not-signed'], '');
post(['body-reserialised'], JSON.stringify(order, null, 2));
post(['body-reserialised'], JSON.stringify(order, null, '\t'));
post(['body-reserialised'], JSON.stringify(Object.fromEntries(Object.entries(order).sort())));
post(['body-reserialised'], util.inspect(order, { breakLength: Infinity }));
post(['body-differs'], String(order));
post(['body-differs'], `${undefined}`);
post(['body-double-encoded'], JSON.stringify(JSON.stringify(order)));
post(['body-double-encoded'], JSON.stringify(order), JSON.stringify(JSON.stringify(order)));
post(['body-form-encoded'], new URLSearchParams(order).toString());
post(['body-form-encoded'], JSON.stringify(params), new URLSearchParams(params).toString());
post(['body-differs'], JSON.stringify([order]));
{ const { sz, ...rest } = order; post(['body-differs'], JSON.stringify(rest)); }
{ const { px, ...rest } = order; post(['body-differs'], JSON.stringify(rest)); }
emit(['prehash-encoding'], 'POST', ORDER, JSON.stringify(order), sign(Buffer.from(`${stamp}POST${ORDER}${JSON.stringify(order)}`, 'latin1')));
// timestamp
const at = new Date(stamp);
const T = (causes, text) => emit(causes, 'GET', BALANCE, '', sign(`${text}GET${BALANCE}`));
T(['timestamp-differs'], String(at.getTime()));
T(['timestamp-differs'], String(at.getTime() / 1000));
T(['timestamp-differs'], String(Math.floor(at.getTime() / 1000)));
T(['timestamp-differs'], at.toISOString().slice(0, -5) + 'Z');
T(['timestamp-differs'], new Date(at.getTime() + 137).toISOString());
T(['timestamp-differs'], new Date(at.getTime() - 41_003).toISOString());
T(['timestamp-differs'], new Date(at.getTime() + 8 * 3600e3).toISOString());
T(['timestamp-differs'], JSON.stringify(at));
T(['timestamp-differs'], at.toUTCString());
// key
const K = (causes, with_key) => emit(causes, 'GET', BALANCE, '', sign(`${stamp}GET${BALANCE}`, with_key));
K(['passphrase-as-secret'], passphrase);
K(['api-key-as-secret'], key);
K(['secret-empty'], '');
K(['secret-altered'], secret + '\n');
K(['secret-altered'], ` ${secret}`);
K(['secret-altered'], `"${secret}"`);
K(['secret-altered'], secret.toLowerCase());
K(['secret-altered'], secret.slice(0, -1));
K(['secret-altered'], secret.replace('0', 'O'));
K(['secret-altered'], secret.slice(0, 9) + 'x' + secret.slice(10));
K(['secret-decoded'], Buffer.from(secret, 'hex'));
K(['secret-decoded'], Buffer.from(secret, 'base64'));
K(['secret-altered'], Buffer.from(secret, 'utf16le'));
K(['credentials-placeholder'], `${undefined}`);
// text of the signature
const S = (causes, signature) => emit(causes, 'GET', BALANCE, '', signature);
const text = `${stamp}GET${BALANCE}`;
S(['signature-hex'], hmac(text).digest('hex'));
S(['signature-hex'], hmac(text).digest('hex').toUpperCase());
S(['signature-base64-of-hex'], Buffer.from(hmac(text).digest('hex')).toString('base64'));
S(['signature-base64-twice'], Buffer.from(sign(text)).toString('base64'));
S(['signature-quoted'], JSON.stringify(sign(text)));
S(['signature-quoted'], util.inspect(sign(text)));
S(['prehash-encoding'], sign(Buffer.from(text, 'utf16le')));
S(['signature-padding'], sign(text).replace(/=+$/, ''));
S(['signature-url-encoded'], encodeURIComponent(sign(text)));
S(['signature-bytes-repr'], util.inspect(hmac(text).digest()));
S(['signature-bytes-repr'], JSON.stringify(hmac(text).digest()));
S(['signature-bytes-repr'], String(Uint8Array.from(hmac(text).digest())));
S(['signature-not-computed'], String(Promise.resolve(1)));
S(['signature-not-computed'], util.inspect(new Promise(() => {})));
S(['signature-not-computed'], String(undefined));
// hash and arguments
S(['wrong-hash'], sign(text, secret, 'sha512'));
S(['wrong-hash'], sign(text, secret, 'sha1'));
S(['wrong-hash'], sign(text, secret, 'md5'));
S(['wrong-hash'], sign(text, secret, 'sha3-256'));
S(['unkeyed-hash'], crypto.createHash('sha256').update(text).digest('base64'));
S(['unkeyed-hash'], crypto.createHash('sha256').update(text + secret).digest('base64'));
S(['unkeyed-hash'], crypto.createHash('sha256').update(secret + text).digest('base64'));
S(['hmac-arguments-swapped'], sign(secret, text));
// order, separators, additions
const P = (causes, prehash) => emit(causes, 'POST', ORDER, JSON.stringify(order), sign(prehash));
const body = JSON.stringify(order);
P(['prehash-order'], `POST${stamp}${ORDER}${body}`);
P(['prehash-order'], `POST${ORDER}${body}${stamp}`);
P(['prehash-separator'], [stamp, 'POST', ORDER, body].join('\n'));
P(['prehash-separator'], [stamp, 'POST', ORDER, body].join('&'));
P(['prehash-separator'], `${stamp}POST${ORDER}${body}\n`);
P(['passphrase-in-prehash'], `${stamp}POST${ORDER}${body}${passphrase}`);
P(['passphrase-in-prehash'], `${passphrase}${stamp}POST${ORDER}${body}`);
// two and three at once
emit(['query-not-signed', 'signature-hex'], 'GET', `${POSITIONS}?${query}`, '', hmac(`${stamp}GET${POSITIONS}`).digest('hex'));
emit(['method-case', 'query-not-signed'], 'GET', `${POSITIONS}?${query}`, '', sign(`${stamp}get${POSITIONS}`));
emit(['body-reserialised', 'secret-decoded'], 'POST', ORDER, body, sign(`${stamp}POST${ORDER}${JSON.stringify(order, null, 2)}`, Buffer.from(secret, 'hex')));
emit(['full-url-signed', 'query-not-signed'], 'GET', `${POSITIONS}?${query}`, '', sign(`${stamp}GET${BASE}${POSITIONS}`));
emit(['timestamp-differs', 'query-not-signed'], 'GET', `${POSITIONS}?${query}`, '', sign(`${new Date(at.getTime() + 312).toISOString()}GET${POSITIONS}`));
emit(['method-case', 'query-not-signed', 'signature-base64-of-hex', 'secret-altered'], 'GET', `${POSITIONS}?${query}`, '',
  Buffer.from(hmac(`${stamp}get${POSITIONS}`, secret + '\n').digest('hex')).toString('base64'));
// other exchanges
emit(['other-exchange-recipe'], 'GET', `${POSITIONS}?${query}`, '', hmac(`${query}&timestamp=${at.getTime()}`).digest('hex'));
emit(['other-exchange-recipe'], 'GET', `${POSITIONS}?${query}`, '', hmac(`${at.getTime()}${key}5000${query}`).digest('hex'));
emit(['other-exchange-recipe'], 'POST', ORDER, body, sign(`${Math.floor(at.getTime() / 1000)}POST${ORDER}${body}`, Buffer.from(secret, 'base64')));
emit(['other-exchange-recipe'], 'GET', `${POSITIONS}?${query}`, '',
  hmac(new URLSearchParams(Object.entries(params).sort()).toString()).digest('hex').toUpperCase());
