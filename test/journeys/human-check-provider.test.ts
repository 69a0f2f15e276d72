// Another company's check in place of the slide: what its token is worth, what it is bound to, and that our own ways stay
// (D6). The company is a stand-in on loopback; its widget in Chromium: test/pages/human-check-provider.test.ts.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { secondMs } from '../../src/base/clock.ts';
import type { ProviderName, SettingsInput } from '../../src/config/settings.ts';
import { createSiteverify } from '../../src/human-check/siteverify.ts';
import { limits } from '../../src/limits/limits.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { type Earned, type StandInProvider, startProvider } from '../../src/testing/provider.ts';
import { createProgram, type Program } from './program.ts';

let provider: StandInProvider;
/** It repeats what its widget was told. */
let app: TestApp;
/** It repeats the host alone, and the slide does not step in for it. */
let strict: TestApp;

async function createAppWith(name: ProviderName, more: Partial<SettingsInput> = {}): Promise<TestApp> {
  return createTestApp({
    settings: { humanCheck: 'on', ...more },
    checkProvider: ({ origin, clock, log }) => {
      const { siteKey, secret, url: standIn } = provider;
      return createSiteverify({ name, siteKey, secret, hostname: new URL(origin).hostname, clock, log, standIn });
    },
  });
}

beforeAll(async () => {
  provider = await startProvider({ now: () => app.clock.now() });
  app = await createAppWith('turnstile');
  strict = await createAppWith('hcaptcha', { humanCheckOutage: 'deny' });
});
beforeEach(() => provider.misbehave());
afterAll(async () => {
  await app.close();
  await strict.close();
  await provider.close();
});

interface Asked {
  readonly challenge: string;
  readonly kind: string;
  readonly waitMs: number;
  readonly provider: {
    readonly name: string;
    readonly siteKey: string;
    readonly action: string;
    readonly cdata: string;
  };
}

const call = async (program: Program, name: 'issueHumanCheck' | 'answerHumanCheck', body: object) =>
  (await program.call(name, { body: { purpose: 'recovery', ...body } })).body;
const ask = async (program: Program, more: object = {}): Promise<Asked> => {
  const asked: Record<string, unknown> & Partial<Asked> = await call(program, 'issueHumanCheck', more);
  const { challenge = '', kind = '', waitMs = -1, provider: told } = asked;
  return { challenge, kind, waitMs, provider: told ?? { name: '', siteKey: '', action: '', cdata: '' } };
};
/** As the widget gives it, that was told what we asked. */
const earn = ({ provider: { action, cdata } }: Asked, more: Earned = {}) =>
  provider.token({ hostname: '127.0.0.1', action, cdata, ...more });
const give = (program: Program, { challenge }: Asked, token: string, more: object = {}) =>
  call(program, 'answerHumanCheck', { challenge, mode: 'provider', token, ...more });
const start = async (program: Program, identifier = 'somebody') => {
  const { status, body } = await program.call('startRecovery', { body: { identifier } });
  return body['reason'] ?? status;
};
const rows = (of: TestApp) => of.db.read.selectFrom('human_checks').selectAll().orderBy('created_at').execute();

describe('a token of the provider', () => {
  it('passes by API, is spent once by what it was for, and leaves a verdict like any other', async () => {
    const program = createProgram(app);
    const asked = await ask(program);
    expect(asked).toMatchObject({
      kind: 'provider',
      waitMs: 0,
      provider: { name: 'turnstile', siteKey: provider.siteKey, action: 'recovery' },
    });
    const token = earn(asked);
    expect(await give(program, asked, token)).toEqual({ outcome: 'passed' });
    const [row] = (await rows(app)).slice(-1);
    expect(row).toMatchObject({ verdict: 'passed', mode: 'provider', level: 2, reasons: '["turnstile"]' });
    const claimed = await app.db.read.selectFrom('human_check_answers').select('nonce').execute();
    expect(JSON.stringify(claimed)).not.toContain(token);
    expect([await start(program), await start(program)]).toEqual([201, 'check-missing']);
  });

  it('counts for its own challenge, browser and purpose alone', async () => {
    const [own, other] = [createProgram(app), createProgram(app)];
    const asked = await ask(own);
    expect(await give(other, asked, earn(asked))).toMatchObject({ outcome: 'again', why: 'late' });
    expect(await give(own, asked, earn(asked), { purpose: 'case' })).toMatchObject({ outcome: 'again', why: 'late' });
    const foreign = await ask(other);
    expect(await give(own, asked, earn(foreign))).toMatchObject({ outcome: 'again', why: 'wrong' });
    const forCase = await ask(own, { purpose: 'case' });
    expect(forCase.provider.action).toBe('case');
  });

  it('refused twice, is followed by the letters; with none at all it is refused as well', async () => {
    const program = createProgram(app);
    expect(await give(program, await ask(program), 'made up')).toMatchObject({ outcome: 'again', why: 'wrong' });
    const asked = await ask(program);
    const judged = await call(program, 'answerHumanCheck', { challenge: asked.challenge, mode: 'provider' });
    expect(judged).toMatchObject({ outcome: 'letters', task: { kind: 'letters' } });
  });

  it('that came too late counts as no failure', async () => {
    const program = createProgram(app);
    const asked = await ask(program);
    const token = earn(asked);
    app.clock.advance(4 * 60 * secondMs);
    const before = (await rows(app)).length;
    expect(await give(program, asked, token)).toMatchObject({ outcome: 'again', why: 'late' });
    expect(await rows(app)).toHaveLength(before);
  });

  it('answers nothing else, and nothing else answers in its place', async () => {
    const program = createProgram(app);
    const wait = await ask(program, { kind: 'wait' });
    expect(await give(program, wait, 'any')).toMatchObject({ outcome: 'again', why: 'early' });
    app.clock.advance(wait.waitMs);
    expect(await give(program, wait, 'any')).toMatchObject({ reason: 'bad-request' });
    const asked = await ask(program);
    for (const mode of ['click', 'wait', 'letters'])
      expect(await call(program, 'answerHumanCheck', { challenge: asked.challenge, mode })).toMatchObject({
        reason: 'bad-request',
      });
  });
});

describe('when the provider does not answer', () => {
  it('nobody is blamed: the same token may come again, or the slide, which costs more than usual', async () => {
    const program = createProgram(app);
    const asked = await ask(program);
    const token = earn(asked);
    provider.misbehave((response) => void response.writeHead(500).end());
    const before = (await rows(app)).length;
    expect(await give(program, asked, token)).toMatchObject({ outcome: 'again', why: 'unavailable' });
    expect(await rows(app)).toHaveLength(before);
    expect(await ask(program, { kind: 'slide' })).toMatchObject({ kind: 'slide', waitMs: 3 * secondMs });
    provider.misbehave();
    expect(await give(program, asked, token)).toEqual({ outcome: 'passed' });
  });

  it('the slide stays away where the site wants it so; the wait and the letters never do', async () => {
    const program = createProgram(strict);
    expect(await call(program, 'issueHumanCheck', { kind: 'slide' })).toMatchObject({ reason: 'bad-request' });
    for (const kind of ['letters', 'wait']) expect((await ask(program, { kind })).kind).toBe(kind);
  });
});

it('one token sent sixteen times at once passes once, even where the provider says yes to all', async () => {
  const answer = { success: true, challenge_ts: new Date(strict.clock.now()).toISOString(), hostname: '127.0.0.1' };
  provider.misbehave((response) => void response.writeHead(200).end(JSON.stringify(answer)));
  const programs = Array.from({ length: 16 }, () => createProgram(strict));
  const asked = await Promise.all(programs.map((program) => ask(program)));
  const given = programs.map(async (program, at) => {
    const own = asked[at];
    return String(own && (await give(program, own, 'one-token'))['outcome']);
  });
  expect((await Promise.all(given)).toSorted()).toEqual([...Array.from({ length: 15 }, () => 'again'), 'passed']);
});

it('where more has to be proved than a provider can, our own check steps in', async () => {
  for (let times = 0; times < limits['recovery-identifier'].max; times += 1) {
    const program = createProgram(app);
    const asked = await ask(program);
    await give(program, asked, earn(asked));
    expect(await start(program, 'wanted')).toBe(201);
  }
  const browser = app.browser();
  const page = await browser.open('/recover');
  app.clock.advance(10 * secondMs);
  const headers = { 'content-type': 'application/json' };
  const send = async (path: string, body: object) => {
    const sent = { purpose: 'recovery', ...body };
    return (await browser.send(path, { method: 'POST', headers, body: JSON.stringify(sent) })).json();
  };
  const asked: Asked = await send('/api/v1/human-checks', {});
  const body = { challenge: asked.challenge, mode: 'provider', token: earn(asked) };
  expect(await send('/api/v1/human-checks/answers', body)).toEqual({ outcome: 'passed' });
  expect(page.html).toContain('data-instead="slide"');
  const refused = await browser.post('/recover', { identifier: 'wanted' });
  expect(refused.notice).toContain('a check that takes half a minute');
  expect(refused.html).toContain('data-human-check="wait"');
  await browser.press('Check without typing');
  app.clock.advance(30 * secondMs);
  await browser.open(browser.page.path);
  expect((await browser.press('Continue')).heading).toBe('Verified');
  expect((await browser.post('/recover', { identifier: 'wanted' })).path).toBe('/recover/method');
});

it('under attack no page offers the provider, whose pass would not be enough', async () => {
  const attacked = await createAppWith('hcaptcha', { humanCheck: 'full', humanCheckOutage: 'deny' });
  attacked.clock.advance(app.clock.now() - attacked.clock.now());
  try {
    const page = await attacked.browser().open('/recover');
    expect(page.html).not.toContain('check-provider');
    expect(page.headers.get('content-security-policy')).not.toContain('http');
    const program = createProgram(attacked);
    expect((await ask(program)).kind).toBe('slide');
    const asked = await ask(program, { kind: 'provider' });
    expect(await give(program, asked, provider.token({ hostname: '127.0.0.1' }))).toEqual({ outcome: 'passed' });
    expect(await start(program)).toBe('check-wait');
  } finally {
    await attacked.close();
  }
});

describe('a page', () => {
  const policyOf = async (of: TestApp, path: string) =>
    (await of.browser().open(path)).headers.get('content-security-policy') ?? '';

  it('lets the provider in where it has its check, and nowhere else', async () => {
    const own = await policyOf(app, '/sign-in');
    expect(own).not.toContain('http');
    for (const path of ['/recover', '/sign-up', '/recover/case']) {
      const opened = own
        .replace("script-src 'self'", `script-src 'self' ${provider.url}`)
        .concat(`; frame-src ${provider.url}`);
      expect(await policyOf(app, path)).toBe(opened);
    }
    for (const path of ['/recover/wait?purpose=recovery', '/recover/case/status', '/health/live'])
      expect(await policyOf(app, path)).toBe(own);
  });

  it('that is passed lets nobody in any more', async () => {
    const browser = app.browser();
    const first = await browser.open('/recover');
    app.clock.advance(2 * secondMs);
    const typed = { 'Email or user ID': 'no, none', 'Type the letters you see': app.lettersOn(first) };
    const passed = await browser.press('Continue', typed);
    expect(passed.text).toContain('Validation: Verified');
    expect([passed.html, passed.headers.get('content-security-policy')].join(' ')).not.toContain(provider.url);
  });

  it('works without script by our own letters, and says nothing of the provider', async () => {
    const browser = strict.browser('es');
    const page = await browser.open('/recover');
    strict.clock.advance(2 * secondMs);
    const typed = { 'Email o ID de usuario': 'maria', 'Escribe las letras que ves': strict.lettersOn(page) };
    expect((await browser.press('Continuar', typed)).path).toBe('/recover/method');
  });
});

it('without a provider there is no such kind, and no page has anything of one', async () => {
  const plain = await createTestApp({ settings: { humanCheck: 'on' } });
  try {
    const program = createProgram(plain);
    expect(await call(program, 'issueHumanCheck', { kind: 'provider' })).toMatchObject({ reason: 'bad-request' });
    expect((await ask(program)).kind).toBe('slide');
    const page = await plain.browser().open('/recover');
    expect(page.html).not.toMatch(/check-provider|data-instead/);
    expect(page.headers.get('content-security-policy')).not.toMatch(/http|frame-src/);
  } finally {
    await plain.close();
  }
});

it('nothing about the visitor was told to the provider, and no fault of ours was met', () => {
  const told = new Set(provider.questions.flatMap((question) => Object.keys(question)));
  expect([...told].toSorted()).toEqual(['idempotency_key', 'response', 'secret', 'sitekey']);
  expect([...app.faults, ...strict.faults]).toEqual([]);
});
