// Drives the npm package okx-api: setups as JSON on standard input, what it reported as JSON on standard output.
import { readFileSync } from 'node:fs';
import { RestClient } from 'okx-api';

const setups = JSON.parse(readFileSync(0, 'utf8'));

async function report(call) {
  try {
    await call();
    return { code: '0', error: '' };
  } catch (thrown) {
    return { code: String(thrown?.code ?? ''), error: String(thrown?.msg ?? thrown) };
  }
}

async function drive(setup) {
  const client = new RestClient({
    apiKey: setup.apiKey,
    apiSecret: setup.secret,
    apiPass: setup.passphrase,
    baseUrl: setup.baseUrl,
    demoTrading: setup.demo,
  });
  return [
    await report(() => client.getAccountConfiguration()),
    await report(() => client.getBalance({ ccy: setup.ccy ?? 'BTC,ETH' })),
    await report(() => client.submitOrder({
      instId: 'BTC-USDT', tdMode: 'cash', side: 'buy', ordType: 'limit', sz: '0.001', px: '1',
    })),
  ];
}

console.log(JSON.stringify(await Promise.all(setups.map(drive))));
