// Drives the npm package okx-api, REST and WebSocket: one setup per line on standard input, what it reported on
// standard output.
import { createInterface } from 'node:readline';
import { RestClient, WebsocketClient } from 'okx-api';

const silent = { trace() {}, info() {}, error() {} };

async function code(call) {
  try {
    await call();
    return '0';
  } catch (thrown) {
    return String(thrown?.code ?? thrown);
  }
}

// What the first so many answers on a socket say; the client logs in by itself where a channel needs it.
async function answers(setup, path, account, channel, wanted) {
  const accounts = account
    ? [{ apiKey: setup.key, apiSecret: setup.secret, apiPass: setup.passphrase }] : undefined;
  const client = new WebsocketClient(
    { accounts, demoTrading: setup.demo, wsUrl: `${setup.ws}/${path}`, reconnectTimeout: 3_600_000 }, silent);
  const codes = [];
  await new Promise((resolve) => {
    const heard = (answer) => {
      codes.push(String(answer.code ?? '0'));
      if (codes.length === wanted || codes.at(-1) !== '0') resolve();
    };
    for (const kind of ['response', 'update', 'exception']) client.on(kind, heard);
    client.subscribe(channel);
  });
  if (account && codes.at(-1) === '0' && !setup.demo) { // in demo trading it would open one more socket for it
    client.removeAllListeners();
    codes.push(await code(() => client.sendWSAPIRequest('prodPrivate', 'order', setup.order)));
  }
  client.closeAll(true);
  return codes;
}

async function drive(setup) {
  const client = new RestClient({
    apiKey: setup.key, apiSecret: setup.secret, apiPass: setup.passphrase, baseUrl: setup.url, demoTrading: setup.demo,
  });
  return {
    rest: [
      await code(() => client.getAccountConfiguration()),
      await code(() => client.getBalance({ ccy: setup.ccy })),
      await code(() => client.submitOrder(setup.order)),
      await code(() => client.submitMultipleOrders([setup.order, setup.order])),
    ],
    socket: [
      ...await answers(setup, 'private', true, { channel: 'account' }, 3),
      ...await answers(setup, 'public', false, { channel: 'tickers', instId: 'BTC-USDT' }, 1),
    ],
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await drive(JSON.parse(line))));
}
process.exit(0);
