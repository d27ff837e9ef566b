// Put your own signing code into sign(); run: okx-doctor test-signer -- node sign.mjs
import { createHmac } from 'node:crypto';
import { createInterface } from 'node:readline';

function sign({ secret, timestamp, method, path, body }) {
  const prehash = timestamp + method.toUpperCase() + path + body;
  return createHmac('sha256', secret).update(prehash).digest('base64');
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(sign(JSON.parse(line)));
}
