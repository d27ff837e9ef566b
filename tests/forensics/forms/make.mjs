// Prints what Node's programs print of two requests, one form per run: node make.mjs FORM BASE_URL REQUESTS_JSON
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
const require = createRequire(process.env.FORMS_NODE + '/');
const [form, base, given] = process.argv.slice(2);
const requests = JSON.parse(given).map((one) => ({ ...one, url: base + one.target }));
const quiet = (promise) => promise.then((r) => r, (e) => e);
const axios = () => require('axios');
const ask = (one) => quiet(axios()({ method: one.method, url: one.url, headers: one.headers, data: one.body || undefined }));
const load = async (name) => (await import(require.resolve(name)));

const forms = {
  'axios-error': async (one) => console.error(await ask(one)),
  'axios-error-string': async (one) => console.log(`failed: ${inspect(await ask(one))}`),
  'axios-error-json': async (one) => console.log(JSON.stringify(await ask(one))),
  'axios-error-json-pretty': async (one) => console.log(JSON.stringify(await ask(one), null, 2)),
  'axios-config': async (one) => console.log((await ask(one)).config),
  'axios-config-json': async (one) => console.log(JSON.stringify((await ask(one)).config)),
  'axios-response': async (one) => console.log((await ask(one)).response),
  'axios-request': async (one) => console.log((await ask(one)).request),
  'axios-instance': async (one) => {
    const [url, query] = one.target.split('?');
    const client = axios().create({ baseURL: base, headers: { common: one.headers } });
    const call = { method: one.method, url, params: query && Object.fromEntries(new URLSearchParams(query)), data: one.body || undefined };
    console.error(await quiet(client(call)));
  },
  'axios-coloured': async (one) => console.log(inspect(await ask(one), { colors: true })),
  'object': async (one) => console.log({ method: one.method, url: one.url, headers: one.headers, body: one.body || undefined }),
  'object-deep': async (one) => console.log(inspect({ at: new Date(1795165737715), request: { ...one, again: [() => 1, class A {}] } }, { depth: null, compact: false })),
  'object-json': async (one) => console.log(JSON.stringify({ ...one, data: one.body || undefined, body: undefined, target: undefined })),
  'fetch-request': async (one) => console.log(one.method, one.url, new Headers(one.headers), one.body),
  'node-fetch': async (one) => {
    const { Request } = await load('node-fetch');
    const request = new Request(one.url, { method: one.method, headers: one.headers, body: one.body || undefined });
    console.log({ method: request.method, url: request.url, headers: request.headers.raw ? request.headers.raw() : Object.fromEntries(request.headers), body: one.body || undefined });
  },
  'got-error': async (one) => {
    const { default: got } = await load('got');
    const failed = await quiet(got(one.url, { method: one.method, headers: one.headers, body: one.body || undefined, retry: { limit: 0 } }));
    console.log(failed);
  },
  'got-options': async (one) => {
    const { default: got } = await load('got');
    const failed = await quiet(got(one.url, { method: one.method, headers: one.headers, body: one.body || undefined, retry: { limit: 0 } }));
    const { method, url, headers, body } = failed.options;
    console.log({ method, url, headers, body }, failed.response.statusCode, failed.response.body);
  },
  'undici': async (one) => {
    const { request } = require('undici');
    if (one === requests[0]) require('node:diagnostics_channel').subscribe('undici:request:create', ({ request }) => console.log(request));
    await quiet(request(one.url, { method: one.method, headers: one.headers, body: one.body || undefined }));
  },
  'undici-options': async (one) => {
    console.log({ origin: base, path: one.target, method: one.method, headers: Object.entries(one.headers).flat(), body: one.body || null });
  },
  'node-http': async (one) => {
    const { hostname, port, protocol } = new URL(base);
    console.log({ protocol, hostname, port, path: one.target, method: one.method, headers: one.headers }, one.body);
  },
  'node-client-request': async (one) => new Promise((done) => {
    const request = require('node:http').request(one.url, { method: one.method, headers: { ...one.headers, 'Content-Length': one.body.length } }, (r) => { r.resume(); r.on('end', () => { console.log(request); done(); }); });
    request.end(one.body);
  }),
  'ccxt-js': async (one) => ccxt(one),
  'ccxt-pro-js': async (one) => one.method === 'GET' && socket(one, async (address) => {
    const ccxt = require('ccxt');
    const exchange = new ccxt.pro.okx({ apiKey: one.keys[0], secret: one.keys[1], password: one.keys[2], verbose: true });
    exchange.urls.api.ws = `${address}/ws/v5`;
    await exchange.loadHttpProxyAgent();
    await quiet(exchange.authenticate({}));
    await quiet(exchange.close());
  }),
  'okx-api-socket': async (one) => one.method === 'GET' && socket(one, async (address) => {
    const { WebsocketClient, DefaultLogger } = require('okx-api');
    const trace = (...all) => console.log(...all);
    const client = new WebsocketClient({ accounts: [{ apiKey: one.keys[0], apiSecret: one.keys[1], apiPass: one.keys[2] }], wsUrl: `${address}/ws/v5/private` }, { ...DefaultLogger, trace, info: trace, error: trace });
    client.on('error', () => {});
    client.on('exception', () => {});
    client.subscribe({ channel: 'account' });
    await new Promise((done) => setTimeout(done, 1500));
    client.closeAll(true);
  }),
};

async function ccxt(one) {
  const ccxt = require('ccxt');
  const exchange = new ccxt.okx({ apiKey: one.keys[0], secret: one.keys[1], password: one.keys[2], verbose: true });
  exchange.urls.api = { rest: base };
  if (one.method === 'GET') await quiet(exchange.privateGetAccountPositions({ instType: 'SWAP', instId: 'BTC-USDT-SWAP' }));
  else await quiet(exchange.privatePostTradeOrder(JSON.parse(one.body)));
}

// A socket that refuses every login.
async function socket(one, use) {
  const { WebSocketServer } = require('ws');
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (peer) => peer.on('message', () => peer.send('{"event":"error","msg":"Login failed.","code":"60009"}')));
  await new Promise((done) => server.on('listening', done));
  await use(`ws://127.0.0.1:${server.address().port}`);
}

if (form === 'list') console.log(Object.keys(forms).join('\n'));
else for (const one of requests) await forms[form](one);
process.exit(0);
