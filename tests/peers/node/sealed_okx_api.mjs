// npm okx-api: REST, and a private socket, at its own default addresses.
import { RestClient, WebsocketClient } from "okx-api";

const keys = { apiKey: process.env.OKX_API_KEY, apiSecret: process.env.OKX_SECRET_KEY, apiPass: process.env.OKX_PASSPHRASE };
try {
  await new RestClient(keys).getBalance();
} catch {
  process.exit(1);
}
const socket = new WebsocketClient({ accounts: [keys] });
socket.on("update", () => process.exit(0));
socket.on("exception", () => process.exit(1));
socket.subscribe({ channel: "account" });
setTimeout(() => process.exit(2), 60000);
