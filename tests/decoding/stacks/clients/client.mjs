// Node's clients, one after another, against one address: how each says that it failed.
import { createRequire } from "node:module";
import http from "node:http";
import https from "node:https";
import http2 from "node:http2";
import { createHmac } from "node:crypto";
import { inspect } from "node:util";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const home = process.env.NODE_HOME;
const require = createRequire(join(home, "here.js"));
const { TARGET: url, PROXY: proxy } = process.env;
const wait = Number(process.env.WAIT) * 1000;
const address = url.replace("http", "ws");

function headers() {
  if (process.env.SIGNING_KEY !== undefined || process.env.NO_SIGNING_KEY) {
    return { "OK-ACCESS-SIGN": createHmac("sha256", process.env.SIGNING_KEY).update("x").digest("base64") };
  }
  return { "OK-ACCESS-KEY": "k", "OK-ACCESS-PASSPHRASE": process.env.PASSPHRASE };
}

function byRequest(module, options) {
  return new Promise((resolve, reject) => {
    const asked = module.get(url, options, (answer) => {
      answer.on("error", reject).on("data", () => {}).on("end", resolve);
    });
    asked.setTimeout(wait, () => asked.destroy());
    asked.on("error", reject);
  });
}

const uses = {
  async fetch() {
    const { setGlobalDispatcher, EnvHttpProxyAgent, fetch } = require("undici");
    if (proxy) {
      setGlobalDispatcher(new EnvHttpProxyAgent());
      await (await fetch(url, { headers: headers(), signal: AbortSignal.timeout(wait) })).json();
    } else await (await globalThis.fetch(url, { headers: headers(), signal: AbortSignal.timeout(wait) })).json();
  },
  async undici() {
    const { request, ProxyAgent, Agent } = require("undici");
    const times = { connectTimeout: wait, headersTimeout: wait, bodyTimeout: wait };
    const dispatcher = proxy ? new ProxyAgent({ uri: proxy, ...times }) : new Agent({ ...times, connect: { timeout: wait } });
    const answer = await request(url, { headers: headers(), dispatcher });
    await answer.body.json();
  },
  async https() {
    const { HttpsProxyAgent } = require("https-proxy-agent");
    const agent = proxy ? new HttpsProxyAgent(proxy) : undefined;
    await byRequest(url.startsWith("https") ? https : http, { headers: headers(), agent });
  },
  async http2() {
    await new Promise((resolve, reject) => {
      const session = http2.connect(url);
      session.on("error", reject).on("goaway", () => {});
      const stream = session.request({ ":path": "/api/v5/account/balance", ...headers() });
      stream.on("error", reject).on("data", () => {}).on("close", resolve).end();
      session.setTimeout(wait, () => session.destroy(new Error("timed out")));
    });
  },
  async axios() {
    const axios = require("axios");
    await axios.get(url, { headers: headers(), timeout: wait });
  },
  async got() {
    const { got } = await import(require.resolve("got"));
    await got(url, { headers: headers(), timeout: { request: wait }, retry: { limit: 0 } }).json();
  },
  async "node-fetch"() {
    const fetch = (await import(require.resolve("node-fetch"))).default;
    const { HttpsProxyAgent } = require("https-proxy-agent");
    const agent = proxy ? new HttpsProxyAgent(proxy) : undefined;
    await (await fetch(url, { headers: headers(), agent, signal: AbortSignal.timeout(wait) })).json();
  },
  async ws() {
    const WebSocket = require("ws");
    const { HttpsProxyAgent } = require("https-proxy-agent");
    const agent = proxy ? new HttpsProxyAgent(proxy) : undefined;
    await new Promise((resolve, reject) => {
      const socket = new WebSocket(address, { headers: headers(), agent, handshakeTimeout: wait });
      socket.on("error", reject).on("open", () => socket.send("ping"));
      socket.on("close", (code, reason) => reject(new Error(`WebSocket closed: code ${code}, reason "${reason}"`)));
    });
  },
  async ccxt() {
    const ccxt = require("ccxt");
    const bot = new ccxt.okx({ apiKey: "k", secret: process.env.SIGNING_KEY ?? "s", password: process.env.PASSPHRASE, timeout: wait });
    if (proxy) bot.httpsProxy = proxy;
    await bot.fetchBalance();
  },
  async "okx-api"() {
    const { RestClient } = require("okx-api");
    const bot = new RestClient({ apiKey: "k", apiSecret: process.env.SIGNING_KEY ?? "s", apiPass: process.env.PASSPHRASE }, { timeout: wait });
    await bot.getBalance();
  },
  async crypto() {
    createHmac("sha256", process.env.SIGNING_KEY).update("x").digest("base64");
  },
};

function version(name) {
  try {
    return JSON.parse(readFileSync(join(home, "node_modules", name, "package.json"))).version;
  } catch {
    return process.versions.node;
  }
}

process.on("uncaughtException", () => {});
for (const name of process.argv.slice(2)) {
  let line = "", trace = "";
  try {
    await uses[name]();
  } catch (error) {
    line = error?.message ?? String(error);
    trace = inspect(error, { depth: 2, maxArrayLength: 5, maxStringLength: 2000 });
  }
  process.stdout.write(`\x1e${name}\x1f${version(name)} (Node ${process.versions.node})\n\x1f${line}\x1f${trace}\n`);
}
process.exit(0);
