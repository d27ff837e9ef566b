// A small bot that signs by itself: it shows what an account holds and places one order.
// It goes where OKX_API_BASE_URL says, with OKX_API_KEY, OKX_SECRET_KEY and OKX_PASSPHRASE.
import { createHmac } from 'node:crypto';
import { pathToFileURL } from 'node:url';

export class Bot {
  #setup;

  constructor(setup) {
    this.#setup = setup;
  }

  // What is available of each currency.
  async holdings(...currencies) {
    const [account] = await this.#call('GET', `/api/v5/account/balance?ccy=${currencies.join(',')}`);
    return Object.fromEntries(account.details.map(({ ccy, availBal }) => [ccy, availBal]));
  }

  // Place a limit order; its number.
  async buy(instId, sz, px) {
    const order = { instId, tdMode: 'cash', side: 'buy', ordType: 'limit', sz, px };
    const [placed] = await this.#call('POST', '/api/v5/trade/order', JSON.stringify(order));
    return placed.ordId;
  }

  async #call(method, path, body = '') {
    const { OKX_API_BASE_URL, OKX_API_KEY, OKX_SECRET_KEY, OKX_PASSPHRASE } = this.#setup;
    const now = new Date().toISOString();
    const sent = await fetch(OKX_API_BASE_URL + path, {
      method,
      body: body || undefined,
      signal: AbortSignal.timeout(10_000),
      headers: {
        'OK-ACCESS-KEY': OKX_API_KEY,
        'OK-ACCESS-SIGN': createHmac('sha256', OKX_SECRET_KEY).update(now + method + path + body).digest('base64'),
        'OK-ACCESS-TIMESTAMP': now,
        'OK-ACCESS-PASSPHRASE': OKX_PASSPHRASE,
        'Content-Type': 'application/json',
      },
    });
    const answer = await sent.json();
    if (answer.code !== '0') throw new Error(`OKX answers ${answer.code}: ${answer.msg}`);
    return answer.data;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const bot = new Bot(process.env);
  console.log(await bot.holdings('BTC', 'ETH'), await bot.buy('BTC-USDT', '0.001', '1'));
}
