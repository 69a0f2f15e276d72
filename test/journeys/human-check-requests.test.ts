import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secondMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { limits } from '../../src/limits/limits.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ settings: { humanCheck: 'on' } });
});
afterAll(() => app.close());

const json = (browser: Browser, path: string, body: unknown) =>
  browser.send(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const issues = '/api/v1/human-checks';
const answers = '/api/v1/human-checks/answers';
const challenge = { purpose: 'recovery', challenge: 'a.b.c' };
const drag = {
  trace: [1, 2, 3],
  pointer: 'mouse',
  isTrusted: true,
  isAutomated: false,
  pixelRatio: 1,
  grab: [0, 0],
  approach: 0,
  restMs: 0,
};

describe('bad input', () => {
  it.each([
    ['no JSON', issues, '{"purpose":', 400],
    ['nothing', issues, '', 400],
    ['a list', issues, [], 400],
    ['null', answers, 'null', 400],
    ['no purpose', issues, {}, 400],
    ['an unknown purpose', issues, { purpose: 'other' }, 400],
    ['an unknown field', issues, { purpose: 'recovery', level: 0 }, 400],
    ['an unknown kind', issues, { purpose: 'recovery', kind: 'none' }, 400],
    ['an unknown way', answers, { ...challenge, mode: 'none' }, 400],
    ['a challenge of another type', answers, { ...challenge, challenge: ['a'], mode: 'wait' }, 400],
    ['a challenge that is too long', answers, { ...challenge, challenge: 'a'.repeat(1_001), mode: 'wait' }, 400],
    ['601 trace numbers', answers, { ...challenge, mode: 'drag', drag: { ...drag, trace: Array(601).fill(1) } }, 400],
    ['words in the trace', answers, { ...challenge, mode: 'drag', drag: { ...drag, trace: [1, 'x', 3] } }, 400],
    ['a number that no screen has', answers, { ...challenge, mode: 'drag', drag: { ...drag, trace: [1e300] } }, 400],
    ['more than 16 KB', answers, JSON.stringify({ ...challenge, mode: 'x'.repeat(16_384) }), 413],
  ])('%s is a problem and no fault', async (_, path, body, status) => {
    const response = await json(app.browser(), path, body);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ status });
    expect(app.faults).toEqual([]);
  });

  it('another media type is told so', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx']) {
      const response = await app
        .browser()
        .send(issues, { method: 'POST', headers: { 'content-type': type }, body: '{}' });
      expect(response.status).toBe(415);
    }
  });

  it('a challenge that nobody signed asks for a new one', async () => {
    for (const token of ['', '.', 'a', 'a.b.c', '..', 'é.é.é', 'a.test.b']) {
      const response = await json(app.browser(), answers, { ...challenge, challenge: token, mode: 'wait' });
      expect(await response.json()).toMatchObject({ outcome: 'again', why: 'late' });
    }
  });

  it('a wait without a purpose, and letters of nobody, are not found', async () => {
    const browser = app.browser();
    for (const path of ['/recover/wait', '/recover/wait?purpose=x', '/recover/letters/a.b.c', '/recover/letters/%00']) {
      expect((await browser.send(path)).status).toBe(404);
    }
    expect((await browser.send('/recover/wait', { method: 'POST' })).status).toBe(404);
    expect(app.faults).toEqual([]);
  });
});

describe('the handle', () => {
  it('is set by the page, kept by the next, and replaced when it was tampered with', async () => {
    const browser = app.browser();
    await browser.open('/recover');
    const handle = browser.cookies().get('account-check');
    expect(handle).toMatch(/^[\w-]{22}$/);
    await browser.open('/recover');
    expect(browser.cookies().get('account-check')).toBe(handle);
    browser.setCookie('account-check', 'x'.repeat(150));
    await browser.open('/recover');
    expect(browser.cookies().get('account-check')).toMatch(/^[\w-]{22}$/);
  });
});

/** As it comes over the wire. */
const sizeOf = (url: URL) =>
  new Promise<number>((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
      let sizeBytes = 0;
      expect(response.headers['content-encoding']).toBe('gzip');
      response.on('data', (part: Buffer) => (sizeBytes += part.length));
      response.on('end', () => resolve(sizeBytes));
    }).on('error', reject);
  });

it('what everybody loads for the check stays within 2.5 KB', async () => {
  const { html } = await app.browser().open('/recover');
  const paths = html.match(/\/assets\/human-check\.[\w-]+\.(js|css)/g) ?? [];
  const sizes = await Promise.all(paths.map((path) => sizeOf(new URL(path, app.origin))));
  expect(sizes).toHaveLength(2);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(2.5 * 1_024);
});

describe('without script', () => {
  it('the letters in the form lead on, and wrong ones keep what was typed', async () => {
    const browser = app.browser();
    await browser.open('/recover');
    const typed = { 'Email or user ID': 'maria@mail.example' };
    app.clock.advance(2 * secondMs);
    const wrong = await browser.press('Continue', { ...typed, 'Type the letters you see': 'AAAAB' });
    expect(wrong.notice).toBe('Those were not the letters. Here are new ones.');
    expect(wrong.valueOf('Email or user ID')).toBe(typed['Email or user ID']);
    const other = await browser.press('Other letters');
    expect(other.notice).toBe('Here are other letters.');
    expect(other.valueOf('Email or user ID')).toBe(typed['Email or user ID']);
    app.clock.advance(2 * secondMs);
    const on = await browser.press('Send', { 'Type the letters you see': app.lettersOn(other).toLowerCase() });
    expect(on.path).toBe('/recover/method');
  });

  it('the form without letters says what is missing', async () => {
    const browser = app.browser();
    await browser.open('/recover');
    const page = await browser.press('Continue', { 'Email or user ID': 'maria' });
    expect([page.path, page.notice]).toEqual(['/recover', en['refusal.check-missing']]);
  });

  it('the picture is one, for its browser alone, and is not kept', async () => {
    const browser = app.browser();
    const { html } = await browser.open('/recover');
    const source = /<img src="([^"]+)"/.exec(html)?.[1] ?? '';
    const response = await browser.send(source);
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
      200,
      'image/png',
      'no-store',
    ]);
    expect((await app.browser().send(source)).status).toBe(404);
  });

  it('the sound is one, in the language of the page, for its browser alone, whole or in parts, and is not kept', async () => {
    const browser = app.browser('es');
    const page = await browser.open('/recover');
    const source = /href="([^"]*\/recover\/audio\/[^"]+)"/.exec(page.html)?.[1] ?? '';
    expect(page.text).toContain('Escuchar');
    const whole = await browser.send(source);
    expect([whole.status, whole.headers.get('content-type'), whole.headers.get('cache-control')]).toEqual([
      200,
      'audio/wav',
      'no-store',
    ]);
    const bytes = Buffer.from(await whole.arrayBuffer());
    const english = await browser.send(source, { headers: { 'accept-language': 'en' } });
    expect(bytes.equals(Buffer.from(await english.arrayBuffer()))).toBe(false);
    const partOf = (range: string) => browser.send(source, { headers: { range } });
    const [first, rest, beyond] = [await partOf('bytes=0-1'), await partOf('bytes=2-'), await partOf('bytes=99999-')];
    expect([first.status, first.headers.get('content-range')]).toEqual([206, `bytes 0-1/${bytes.length}`]);
    const joined = [first, rest].map(async (part) => Buffer.from(await part.arrayBuffer()));
    expect(Buffer.concat(await Promise.all(joined)).equals(bytes)).toBe(true);
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
    expect((await app.browser().send(source)).status).toBe(404);
    expect(app.faults).toEqual([]);
  });

  it('the digits that were heard lead on from the same box', async () => {
    const browser = app.browser();
    const page = await browser.open('/recover');
    app.clock.advance(2 * secondMs);
    const typed = { 'Email or user ID': 'maria', 'Type the letters you see': app.digitsOn(page) };
    expect((await browser.press('Continue', typed)).path).toBe('/recover/method');
  });

  it('the waiting check loads itself again for 30 s, then one press ends it and the first page goes on', async () => {
    const browser = app.browser();
    await browser.open('/recover');
    const wait = await browser.press('Check without typing');
    expect(wait.path).toMatch(/^\/recover\/wait\?/);
    expect(wait.html).toContain('<meta http-equiv="refresh" content="30">');
    app.clock.advance(29 * secondMs);
    expect((await browser.open(wait.path)).html).toContain('<meta http-equiv="refresh" content="1">');
    app.clock.advance(secondMs);
    const ready = await browser.open(wait.path);
    expect(ready.html).not.toContain('http-equiv="refresh"');
    expect((await browser.press('Continue')).heading).toBe('Verified');
    await browser.follow('Go back');
    expect(browser.page.text).toContain('Verified');
    expect((await browser.press('Continue', { 'Email or user ID': 'maria' })).path).toBe('/recover/method');
  });

  it('a wait that is too old begins again', async () => {
    const browser = app.browser();
    await browser.open('/recover');
    const wait = await browser.press('Check without typing');
    app.clock.advance(31 * 60 * secondMs);
    const begun = await browser.open(wait.path);
    expect(begun.path).not.toBe(wait.path);
    expect(begun.text).toContain('Please wait 30 seconds');
  });

  it('too many pictures and waits from one network are refused in words, with the time that is left', async () => {
    const browser = app.browser();
    await browser.open('/recover');
    for (let times = 0; times < limits['check-plain'].max; times += 1) {
      expect((await browser.send('/recover/wait?purpose=case')).status).toBe(303);
    }
    const refused = await browser.open('/recover/wait?purpose=case');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '600']);
    expect(refused.notice).toContain('10 minutes');
    app.clock.advance(limits['check-plain'].windowMs);
    expect((await browser.open('/recover/wait?purpose=case')).status).toBe(200);
  });
});
