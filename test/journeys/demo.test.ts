// Walk 53: from one command to a recovered demo account, with the mail read in the demo's own mailbox and no outside
// service; and what a second start finds.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { createKeys } from '../../src/base/secret.ts';
import { settingsSchema } from '../../src/config/settings.ts';
import { lettersOf } from '../../src/human-check/letters.ts';
import { type Browser, createBrowser } from '../../src/testing/browser.ts';
import { newPassword, signIn } from './steps.ts';

interface Demo {
  readonly origin: string;
  readonly said: readonly string[];
  /** Ctrl-C; the exit code. */
  stop(): Promise<number | null>;
}

let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'demo-'));
});
afterAll(() => rm(data, { recursive: true }));

const main = new URL('../../src/cli/main.js', import.meta.url).pathname;

async function startDemo(): Promise<Demo> {
  const child = spawn(process.execPath, [main, 'demo', '--port', '4710', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const said: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    if (line.includes('Ctrl-C stops')) break;
  }
  const origin = /Shop +(http:\/\/[\d.:]+)/.exec(said.join('\n'))?.[1] ?? '';
  return {
    origin,
    said,
    async stop() {
      child.kill('SIGINT');
      const [code] = await exited;
      return typeof code === 'number' ? code : null;
    },
  };
}

const browserAt = ({ origin }: Demo): Browser =>
  createBrowser({ origin, clock: systemClock, language: 'en', address: '127.0.0.1' });

/** The letters in the picture on the page, by the demo's own key. */
async function readLetters({ page }: Browser): Promise<string> {
  const keys = createKeys(settingsSchema.shape.keys.parse((await readFile(join(data, 'keys'), 'utf8')).trim()));
  const payload = /name="challenge" value="([^".]+)/.exec(page.html)?.[1] ?? '';
  const nonce = /"nonce":"([^"]+)"/.exec(Buffer.from(payload, 'base64url').toString())?.[1] ?? '';
  return lettersOf(keys.derive('letters') ?? Buffer.alloc(0), nonce);
}

it('walk 53: one command, and Mark recovers his account with the mail read in /mailbox; a restart keeps it', async () => {
  const demo = await startDemo();
  expect(demo.said.join('\n')).toContain('mark@mail.example');
  const browser = browserAt(demo);
  await browser.open('/sign-in');
  await browser.follow('Forgot your password?');
  // Letters that come sooner than a person types are refused with new ones, so this goes on until they count.
  await expect
    .poll(
      async () => {
        const letters = { 'Type the letters you see': await readLetters(browser) };
        await browser.press('Continue', { 'Email or user ID': 'mark', ...letters });
        return browser.page.path;
      },
      { timeout: 20_000, interval: 2_200 },
    )
    .toBe('/recover/method');
  await browser.press('Verify now', {}, 'Email verification (Recommended)');

  const mailbox = browserAt(demo);
  await expect
    .poll(async () => (await mailbox.open('/mailbox')).text, { timeout: 10_000 })
    .toContain('Your verification code for Alfarel');
  const mail = [...mailbox.page.links].find(([words]) => words.includes('Your verification code'))?.[1] ?? '';
  const code = /\d{4} \d{4}/.exec((await mailbox.open(mail)).text)?.[0] ?? '';
  await browser.press('Confirm', { 'Verification code': code });
  await browser.press('Continue', { 'New password': newPassword, 'Confirm the new password': newPassword });
  expect(browser.page.heading).toBe('Your password has been changed.');

  // The desk: with the password of all, and the code that the demo's phone shows.
  const desk = browserAt(demo);
  const codes = (await desk.open('/phone')).html;
  const signedIn = await desk.post('/support/sign-in', {
    name: 'owen',
    password: 'taza azul al sol',
    code: /(\d{6}) {2}owen/.exec(codes)?.[1] ?? '',
    passkey: '',
    returnTo: '',
  });
  expect([signedIn.path, signedIn.text.includes('owen agent')]).toEqual(['/support', true]);
  expect(await demo.stop()).toBe(0);

  const again = await startDemo();
  const appsOf = ({ said }: Demo) => said.filter((line) => line.includes('otpauth://totp/'));
  expect(appsOf(demo)).toHaveLength(3);
  expect(appsOf(again)).toEqual(appsOf(demo));
  const returned = browserAt(again);
  await signIn(returned, 'mark', newPassword);
  expect(returned.page.text).toContain('Hello, mark');
  expect(await again.stop()).toBe(0);

  const db = new DatabaseSync(join(data, 'rekey.db'));
  db.exec("INSERT INTO migrations VALUES ('999-later.sql', '', 1)");
  db.close();
  const refused = spawnSync(process.execPath, [main, 'demo', '--port', '4710', '--data', data], { encoding: 'utf8' });
  expect(refused.status).toBe(3);
  expect(refused.stderr).toMatch(/another release.* 999-later\.sql.* --reset starts afresh/);
}, 60_000);
