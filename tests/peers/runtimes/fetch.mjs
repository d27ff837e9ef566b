// fetch and WebSocket as Bun and Deno bring them: a balance, and a login on the private socket.
import { createHmac } from "node:crypto";
import process from "node:process";

const { OKX_API_KEY: key, OKX_SECRET_KEY: secret, OKX_PASSPHRASE: passphrase } = process.env;
const signed = (text) => createHmac("sha256", secret).update(text).digest("base64");

const path = "/api/v5/account/balance?ccy=BTC";
const stamp = new Date().toISOString();
const answer = await fetch(`https://openapi.okx.com${path}`, {
  headers: {
    "OK-ACCESS-KEY": key,
    "OK-ACCESS-SIGN": signed(`${stamp}GET${path}`),
    "OK-ACCESS-TIMESTAMP": stamp,
    "OK-ACCESS-PASSPHRASE": passphrase,
  },
});
if (!answer.ok) process.exit(1);

const socket = new WebSocket("wss://ws.okx.com/ws/v5/private");
socket.onopen = () => {
  const timestamp = `${Math.floor(Date.now() / 1000)}`;
  const sign = signed(`${timestamp}GET/users/self/verify`);
  socket.send(JSON.stringify({ op: "login", args: [{ apiKey: key, passphrase, timestamp, sign }] }));
};
socket.onmessage = ({ data }) => process.exit(JSON.parse(data).event === "login" ? 0 : 1);
socket.onerror = () => process.exit(1);
setTimeout(() => process.exit(2), 60000);
