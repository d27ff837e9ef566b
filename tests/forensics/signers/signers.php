<?php
// Bad signers as people write them in PHP. Reads {secret, key, passphrase, stamp} and prints one capture per line.
$in = json_decode(stream_get_contents(STDIN), true);
[$secret, $key, $passphrase, $stamp] = [$in['secret'], $in['key'], $in['passphrase'], $in['stamp']];
const BASE = 'https://www.okx.com';
const ORDER = '/api/v5/trade/order';
const BALANCE = '/api/v5/account/balance';
$order = ['instId' => 'BTC-USDT', 'side' => 'buy', 'px' => '2.15', 'sz' => 0.00001, 'note' => 'a/b größe', 'n' => 3];

function emit($causes, $method, $target, $body, $signature) {
    global $key, $passphrase, $stamp;
    $headers = ['OK-ACCESS-KEY' => $key, 'OK-ACCESS-SIGN' => $signature, 'OK-ACCESS-TIMESTAMP' => $stamp,
        'OK-ACCESS-PASSPHRASE' => $passphrase, 'Content-Type' => 'application/json', 'User-Agent' => 'GuzzleHttp/7'];
    echo json_encode(['causes' => $causes, 'capture' => ['method' => $method, 'url' => BASE . $target,
        'headers' => $headers, 'body' => $body]]), "\n";
}
function raw($text, $with = null) { global $secret; return hash_hmac('sha256', $text, $with ?? $secret, true); }
function sign($text, $with = null) { return base64_encode(raw($text, $with)); }
function post($causes, $signed, $sent) { global $stamp; emit($causes, 'POST', ORDER, $sent, sign($stamp . 'POST' . ORDER . $signed)); }

$compact = json_encode($order, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
post([], $compact, $compact);
post(['body-reserialised'], json_encode($order), $compact);
post(['body-reserialised'], $compact, json_encode($order));
post(['body-reserialised'], json_encode($order, JSON_UNESCAPED_SLASHES), $compact);
post(['body-reserialised'], json_encode($order, JSON_UNESCAPED_UNICODE), $compact);
post(['body-reserialised'], json_encode($order, JSON_PRETTY_PRINT), $compact);
post(['body-form-encoded'], http_build_query(['instId' => 'BTC-USDT', 'sz' => '1']), '{"instId":"BTC-USDT","sz":"1"}');
post(['body-form-encoded'], '{"instId":"BTC-USDT","sz":"1"}', http_build_query(['instId' => 'BTC-USDT', 'sz' => '1']));
$text = $stamp . 'GET' . BALANCE;
emit(['signature-base64-of-hex'], 'GET', BALANCE, '', base64_encode(hash_hmac('sha256', $text, $secret)));
emit(['signature-hex'], 'GET', BALANCE, '', hash_hmac('sha256', $text, $secret));
emit(['hmac-arguments-swapped'], 'GET', BALANCE, '', base64_encode(hash_hmac('sha256', $secret, $text, true)));
emit(['unkeyed-hash'], 'GET', BALANCE, '', base64_encode(hash('sha256', $text . $secret, true)));
emit(['signature-url-encoded'], 'GET', BALANCE, '', urlencode(sign($text)));
emit(['query-encoding'], 'GET', BALANCE . '?ccy=BTC,ETH', '', sign($text . '?' . http_build_query(['ccy' => 'BTC,ETH'])));
emit(['query-encoding'], 'GET', BALANCE . '?' . http_build_query(['uly' => 'a b']), '', sign($text . '?uly=a b'));
emit(['secret-decoded'], 'GET', BALANCE, '', sign($text, hex2bin($secret)));
emit(['secret-decoded'], 'GET', BALANCE, '', sign($text, base64_decode($secret)));
emit(['body-differs'], 'POST', ORDER, $compact, sign(@($stamp . 'POST' . ORDER . (string) @strval('Array'))));
emit(['prehash-separator'], 'POST', ORDER, $compact, sign(implode("\n", [$stamp, 'POST', ORDER, $compact])));
