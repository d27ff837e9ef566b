// Prints a request that failed before an answer came, as its client prints it: node make_unanswered.mjs CLIENT HOW.
// CLIENT is axios, axios-json, axios-json-pretty, got or fetch, HOW is timeout, reset, closed, refused or dns. The
// samples in unanswered/ are its output with axios 1.21, got 14.6 and Node 20, the folder of the packages as /app, the
// server as www.okx.com.
import axios from 'axios';
import got from 'got';
import net from 'net';

const [client, how] = process.argv.slice(2);
const server = net.createServer((socket) => {
  if (how === 'reset') socket.on('data', () => socket.resetAndDestroy());
  if (how === 'closed') socket.on('data', () => socket.end());
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const port = how === 'refused' ? 9 : server.address().port;
const host = how === 'dns' ? 'http://www.okx.invalid' : `http://127.0.0.1:${port}`;
const url = `${host}/api/v5/account/positions?instType=SWAP&instId=BTC-USDT-SWAP`;
const headers = {
  'OK-ACCESS-KEY': '37c541a1-91d4-4f0e-a1b3-10fe7a038418',
  'OK-ACCESS-SIGN': 'QgWRo4AzzKTmUcCxzmLR+DtpzrqJ2DjL0qGI76mg/jY=',
  'OK-ACCESS-TIMESTAMP': '2026-11-20T09:08:57.715Z',
  'OK-ACCESS-PASSPHRASE': 'Sunny-Day7',
};
try {
  if (client.startsWith('axios')) await axios.get(url, { headers, timeout: 200 });
  if (client === 'got') await got(url, { headers, timeout: { request: 200 }, retry: { limit: 0 } });
  if (client === 'fetch') {
    console.log({ method: 'GET', url, headers });
    await fetch(url, { headers, signal: AbortSignal.timeout(200) });
  }
} catch (error) {
  if (client.startsWith('axios-json')) console.log(JSON.stringify(error.toJSON(), null, client.endsWith('pretty') ? 2 : 0));
  else console.log(error);
}
process.exit(0);
