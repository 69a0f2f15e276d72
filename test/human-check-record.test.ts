// The page that records slides of people who agree to it (bench/human-check/record.ts): nothing without consent, nothing
// that names anybody, deleted at a press, and never in production.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRecorder } from '../bench/human-check/record.ts';
import { readSlides } from '../bench/human-check/traces.ts';
import { handDrag } from '../src/testing/hand-drag.ts';

const origin = 'http://localhost:4780';
let folder: URL;
let fetch: ReturnType<typeof createRecorder>;
beforeEach(async () => {
  folder = pathToFileURL(`${await mkdtemp(join(tmpdir(), 'record-'))}/`);
  fetch = createRecorder({ origin, slides: 2, folder, now: () => Date.UTC(2027, 0, 15, 9) });
});
afterEach(() => rm(folder, { recursive: true }));

const form = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(new Request(`${origin}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers }));
const json = (path: string, body: object, cookie: string) =>
  fetch(
    new Request(`${origin}/api/v1/human-checks${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { cookie },
    }),
  );
const open = async (path: string, cookie = '') =>
  (await fetch(new Request(`${origin}${path}`, { headers: { cookie } }))).text();

const agree = async () => {
  const response = await form('/?lang=es', { device: 'trackball', agree: 'yes' });
  return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
};
async function slide(cookie: string, mode = 'drag') {
  const asked = await (await json('', { purpose: 'recovery', kind: 'slide' }, cookie)).json();
  const answer = { purpose: 'recovery', challenge: asked.challenge, mode, drag: handDrag(asked.travelPx) };
  // As JSON has it: without a negative zero.
  return { answer: JSON.parse(JSON.stringify(answer)), judged: await (await json('/answers', answer, cookie)).json() };
}

it('asks for consent in both languages, and records nothing without it', async () => {
  expect(await open('/')).toContain('I am of age, and I agree to this.');
  expect(await open('/?lang=es')).toContain('Soy mayor de edad y estoy de acuerdo.');
  for (const fields of [{ device: 'mouse' }, { agree: 'yes' }, { device: 'nose', agree: 'yes' }]) {
    const refused = await form('/', fields);
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain('Choose a device, and tick the box if you agree.');
  }
  const stranger = await json('', { purpose: 'recovery', kind: 'slide' }, 'recording=guessed');
  expect(stranger.status).toBe(400);
  const sent = { purpose: 'recovery', challenge: 'x', mode: 'drag', drag: handDrag(200) };
  expect((await json('/answers', sent, '')).status).toBe(400);
  const elsewhere = await form('/', { device: 'mouse', agree: 'yes' }, { 'sec-fetch-site': 'cross-site' });
  expect(elsewhere.status).toBe(400);
  expect(await readdir(folder)).toEqual([]);
});

it('keeps each slide, with the device that the person named and nothing that names the person', async () => {
  const cookie = await agree();
  expect(await open('/slide?lang=es', cookie)).toContain('Movimiento 1 de 2');
  const first = await slide(cookie);
  expect(first.judged).toEqual({ outcome: 'passed' });
  expect((await (await json('/answers', first.answer, cookie)).json()).why).toBe('late');
  expect((await slide(cookie, 'click')).judged.why).toBe('wrong');
  const second = await slide(cookie);
  // One more than was agreed to is not kept.
  await slide(cookie);
  const [name = ''] = await readdir(folder);
  expect(JSON.parse(await readFile(new URL(name, folder), 'utf8'))).toEqual({
    synthetic: false,
    consent: { version: 1, language: 'es', on: '2027-01-15' },
    device: 'trackball',
    slides: [first, second].map(({ answer: { drag } }) => ({ travelPx: drag.trace.at(-3), drag })),
  });
  expect(await readSlides(folder)).toHaveLength(2);
  expect(await open('/done', cookie)).toContain(name);
});

it('deletes a recording at a press, and takes no more for it', async () => {
  const cookie = await agree();
  await slide(cookie);
  expect(await readdir(folder)).toHaveLength(1);
  expect(await (await form('/delete', {}, { cookie })).text()).toContain('Your recording is deleted');
  expect(await readdir(folder)).toEqual([]);
  expect((await json('', { purpose: 'recovery', kind: 'slide' }, cookie)).status).toBe(400);
});

it('refuses to run in production, and says why', () => {
  const file = new URL('../bench/human-check/record.ts', import.meta.url);
  const env = { ...process.env, NODE_ENV: 'production' };
  const { status, stderr } = spawnSync(process.execPath, [file.pathname], { env, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain('refuses to run with NODE_ENV=production');
});
