// Drives the npm package ccxt: setups as JSON on standard input, what it reported as JSON on standard output.
import { readFileSync } from 'node:fs';
import ccxt from 'ccxt';

const setups = JSON.parse(readFileSync(0, 'utf8'));

async function report(call) {
  try {
    await call();
    return { code: '0', error: '' };
  } catch (thrown) {
    const answer = String(thrown.message).replace(/^okx /, '');
    return { code: String(JSON.parse(answer).code), error: thrown.constructor.name };
  }
}

async function drive(setup) {
  const client = new ccxt.okx({
    apiKey: setup.apiKey, secret: setup.secret, password: setup.passphrase, enableRateLimit: false,
  });
  client.urls.api.rest = client.urls.test.rest = setup.baseUrl;
  client.setSandboxMode(setup.demo);
  return [
    await report(() => client.privateGetAccountConfig()),
    await report(() => client.privateGetAccountBalance({ ccy: setup.ccy ?? 'BTC,ETH' })),
    await report(() => client.privatePostTradeOrder({
      instId: 'BTC-USDT', tdMode: 'cash', side: 'buy', ordType: 'limit', sz: '0.001', px: '1',
    })),
  ];
}

console.log(JSON.stringify(await Promise.all(setups.map(drive))));
