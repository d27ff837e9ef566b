// ccxt with the line that makes it print its requests: node verbose_ccxt.mjs LINE ADDRESS KEY SECRET PASSPHRASE.
import ccxt from 'ccxt';

const [line, url, apiKey, secret, password] = process.argv.slice(2);
const exchange = new ccxt.okx({ apiKey, secret, password });
exchange.urls.api.rest = url;
new Function('exchange', line)(exchange);
await exchange.privateGetAccountBalance({ ccy: 'USDT' });
process.exit(0);
