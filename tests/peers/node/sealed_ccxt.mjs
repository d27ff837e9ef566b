// npm ccxt.pro: REST, and a private socket, at its own default addresses.
import ccxt from "ccxt";

const keys = { apiKey: process.env.OKX_API_KEY, secret: process.env.OKX_SECRET_KEY, password: process.env.OKX_PASSPHRASE };
try {
  await new ccxt.pro.okx(keys).watchBalance();
  process.exit(0);
} catch {
  process.exit(1);
}
