// The JSON API from a script in a page of the site: cookies keep the handles, and the script sees none of them.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect } from 'vitest';
import { codeIn } from '../../src/testing/mailbox.ts';
import { newPassword } from '../journeys/steps.ts';
import { itWith } from './in-shop.ts';

const it = itWith({ humanCheck: 'off' });

it('takes a person to a new password and signs in, and no script meets a handle', async ({ shop }) => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/client/client.ts', import.meta.url))],
    globalName: 'api',
    bundle: true,
    write: false,
    format: 'iife',
  });
  const script = outputFiles[0]?.text ?? '';
  const { page, context } = await shop.visit({ language: 'en' });
  await page.goto('/recover');
  await page.evaluate(`${script}; globalThis.api = api;`);
  const call = async (name: string, input: object = {}): Promise<Record<string, unknown>> =>
    Object(await page.evaluate(`api.createClient({ origin: location.origin }).${name}(${JSON.stringify(input)})`));
  const person = await shop.addPerson();
  const started = await call('startRecovery', { identifier: person.address });
  const { id } = started;
  await call('askForCode', { id, method: 'email-code' });
  const code = codeIn(await shop.mailTo(person.address));
  const entered = await call('enterCode', { id, code });
  expect(entered).toMatchObject({ ok: true, step: 'password', userId: person.userId });
  const set = await call('setPassword', { id, password: newPassword });
  expect(set).toMatchObject({ ok: true, step: 'done' });
  const signedIn = await call('signIn', { identifier: person.userId, password: newPassword });
  expect(signedIn).toMatchObject({ ok: true, step: 'signed-in' });

  const cookies = await context.cookies();
  const handles = cookies.filter(({ name }) => /account-(recovery|session|device|check)$/.test(name));
  expect(handles.length).toBeGreaterThanOrEqual(2);
  for (const { httpOnly, value } of handles) {
    expect(httpOnly).toBe(true);
    expect(JSON.stringify([started, entered, set, signedIn])).not.toContain(value);
  }
  expect(await page.evaluate(() => document.cookie)).not.toMatch(/account-(recovery|session|device|check)=/);
  await page.goto('/my-account');
  expect(await page.textContent('body')).toContain(person.userId);
});
