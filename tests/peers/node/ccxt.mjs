// Drives the npm package ccxt, REST and ccxt.pro: one setup per line on standard input, what it reported on standard
// output.
import { createInterface } from 'node:readline';
import ccxt from 'ccxt';

// '0', or the code in the answer that ccxt quotes in its exception.
async function code(call) {
  try {
    await call();
    return '0';
  } catch (thrown) {
    return String(JSON.parse(String(thrown.message).replace(/^okx /, '')).code);
  }
}

async function drive(setup) {
  const client = new ccxt.pro.okx({
    apiKey: setup.key, secret: setup.secret, password: setup.passphrase, enableRateLimit: false,
  });
  for (const kind of ['api', 'test']) {
    client.urls[kind].rest = setup.url;
    client.urls[kind].ws = setup.ws;
  }
  client.setSandboxMode(setup.demo);
  await client.loadHttpProxyAgent(); // without it ccxt refuses a ws:// address
  const reported = {
    rest: [
      await code(() => client.privateGetAccountConfig()),
      await code(() => client.privateGetAccountBalance({ ccy: setup.ccy })),
      await code(() => client.privatePostTradeOrder({ ...setup.order })),
      await code(() => client.privatePostTradeBatchOrders([setup.order, setup.order])),
    ],
    socket: [await code(() => client.authenticate())],
  };
  await client.close();
  return reported;
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await drive(JSON.parse(line))));
}
process.exit(0);
