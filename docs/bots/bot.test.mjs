// The bot's authentication, tested without credentials and without a network: okx-doctor listens as OKX.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Bot } from './bot.mjs';

const folder = mkdtempSync(join(tmpdir(), 'bot-'));
let bot, listener, ended;
let said = '';

before(async () => {
  const ready = join(folder, 'ready.json');
  listener = spawn('okx-doctor', ['listen', '--generate', '--port', '0', '--ready-file', ready],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  listener.stdout.setEncoding('utf8').on('data', (text) => { said += text; });
  ended = once(listener, 'close');
  while (!existsSync(ready)) {
    assert.equal(listener.exitCode, null, 'okx-doctor listen did not start');
    await wait(20);
  }
  const { url, ...keys } = JSON.parse(readFileSync(ready, 'utf8'));
  bot = new Bot({ OKX_API_BASE_URL: url, ...keys });
});

test('the bot reads its holdings', async () => {
  assert.deepEqual(await bot.holdings('BTC', 'ETH'), { BTC: '0.01', ETH: '0.2' });
});

test('the bot places an order', async () => {
  assert.match(await bot.buy('BTC-USDT', '0.001', '60000'), /^\d+$/);
});

after(async () => {
  listener.kill('SIGINT');
  const [status] = await ended;
  rmSync(folder, { recursive: true });
  assert.equal(status, 0, said); // 0: OKX would have accepted every request; else the explanation
});
