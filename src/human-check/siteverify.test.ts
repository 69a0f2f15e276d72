// What every adapter of the port `HumanCheckProvider` promises, against a server that answers as the providers do. That a
// token counts once, also under sixteen browsers at once, is for the check: test/journeys/human-check-provider.test.ts.
import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { minuteMs } from '../base/clock.ts';
import type { ProviderName } from '../config/settings.ts';
import { createFakeClock } from '../testing/clock.ts';
import { type Earned, type StandInProvider, startProvider } from '../testing/provider.ts';
import { createSiteverify, type SiteverifyNeeds } from './siteverify.ts';

const clock = createFakeClock();
let provider: StandInProvider;
beforeAll(async () => {
  provider = await startProvider(clock);
});
afterEach(() => provider.misbehave());
afterAll(() => provider.close());

const names: readonly ProviderName[] = ['turnstile', 'hcaptcha', 'recaptcha-v2', 'recaptcha-v3'];
const hostname = 'shop.example';
const shown = { purpose: 'sign-up', nonce: 'nonce-of-the-challenge' } as const;
const earned: Earned = { hostname, action: 'sign_up', cdata: shown.nonce, score: 0.9 };

const logged: unknown[] = [];
const noteAs = (level: string) => (facts: object, message: string) => void logged.push([level, message, facts]);
const log = { info: noteAs('info'), warn: noteAs('warn'), error: noteAs('error') };

/** What each is known by, as its own documentation has it. */
const facts = {
  turnstile: {
    path: '/turnstile/v0/siteverify',
    longest: 2_048,
    lifeMinutes: 5,
    script: '/turnstile/v0/api.js?render=explicit',
    directives: ['script-src', 'frame-src'],
  },
  hcaptcha: {
    path: '/siteverify',
    longest: 8_192,
    lifeMinutes: 2,
    script: '/1/api.js?render=explicit',
    directives: ['script-src', 'frame-src', 'style-src', 'connect-src'],
  },
  'recaptcha-v2': {
    path: '/recaptcha/api/siteverify',
    longest: 8_192,
    lifeMinutes: 2,
    script: '/recaptcha/api.js?render=explicit',
    directives: ['script-src', 'frame-src', 'connect-src'],
  },
  'recaptcha-v3': {
    path: '/recaptcha/api/siteverify',
    longest: 8_192,
    lifeMinutes: 2,
    script: '/recaptcha/api.js?render=stand-in-site-key',
    directives: ['script-src', 'frame-src', 'connect-src'],
  },
} as const satisfies Record<ProviderName, object>;

function adapter(name: ProviderName, more: Partial<SiteverifyNeeds> = {}) {
  const { siteKey, secret, url } = provider;
  return createSiteverify({ name, siteKey, secret, hostname, clock, log, standIn: url, ...more });
}

describe.each(names)('%s', (name) => {
  const verify = (token: string, more?: Partial<SiteverifyNeeds>) => adapter(name, more).verify(token, shown);
  const resultOf = async (token: string, more?: Partial<SiteverifyNeeds>) => (await verify(token, more)).result;
  const answerWith = (body: string, status = 200) =>
    provider.misbehave((response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(body));

  it('passes a right token once', async () => {
    const token = provider.token(earned);
    expect(await verify(token)).toMatchObject({ result: 'passed', level: 2 });
    const again = await adapter(name).verify(token, { ...shown, nonce: 'of-another-challenge' });
    expect(again.result).toBe('late');
  });

  it('refuses a token that is made up, empty or too long, and asks nobody about the latter', async () => {
    expect(await verify('made up')).toEqual({ result: 'refused', reasons: ['invalid-input-response'] });
    const before = provider.questions.length;
    const { longest } = facts[name];
    for (const token of ['', 'x'.repeat(longest + 1)])
      expect(await verify(token)).toEqual({ result: 'refused', reasons: ['token-length'] });
    expect(provider.questions).toHaveLength(before);
    expect((await verify('x'.repeat(longest))).reasons).toEqual(['invalid-input-response']);
  });

  it('calls a token that is too old late, whether the provider says so or the time in its answer', async () => {
    const token = provider.token(earned);
    clock.advance(3 * minuteMs);
    expect(await resultOf(token)).toBe('late');
    const aged = (ms: number) =>
      answerWith(JSON.stringify({ success: true, ...earned, challenge_ts: new Date(clock.now() - ms).toISOString() }));
    // A minute more on either side, as clocks differ.
    const lastMs = (facts[name].lifeMinutes + 1) * minuteMs;
    for (const [ms, result] of [
      [lastMs, 'passed'],
      [lastMs + 1, 'late'],
      [-minuteMs, 'passed'],
      [-minuteMs - 1, 'refused'],
    ] as const) {
      aged(ms);
      expect(await verify('any')).toMatchObject({ result, ...(result !== 'passed' && { reasons: ['challenge-ts'] }) });
    }
    answerWith(JSON.stringify({ success: true, ...earned }));
    expect((await verify('any')).reasons).toEqual(['challenge-ts']);
  });

  it('takes a refusal for late where the token was good once, and for an outage where no token can bring it about', async () => {
    const results: Record<string, string[]> = {
      late: [
        'timeout-or-duplicate',
        'expired-input-response',
        'already-seen-response',
        'invalid-or-already-seen-response',
      ],
      unavailable: ['internal-error', 'missing-input-secret', 'invalid-input-secret', 'invalid-keys'],
      refused: ['bad-request'],
    };
    for (const [result, codes] of Object.entries(results))
      for (const code of codes) {
        const reasons = ['bad-request', code];
        answerWith(JSON.stringify({ success: false, 'error-codes': reasons }));
        expect(await verify('any')).toEqual({ result, reasons });
      }
    answerWith('{"success": false}');
    expect(await verify('any')).toEqual({ result: 'refused', reasons: [] });
  });

  it('refuses a token that was earned on another host', async () => {
    for (const other of ['evil.example', 'shop.example.evil.example', 'SHOP.example'])
      expect(await verify(provider.token({ ...earned, hostname: other }))).toMatchObject({
        result: 'refused',
        reasons: ['hostname'],
      });
    const { hostname: _, ...nowhere } = earned;
    expect(await resultOf(provider.token(nowhere))).toBe('refused');
  });

  it.each<[string, Earned, ProviderName[]]>([
    ['action', { ...earned, action: 'recovery' }, ['turnstile', 'recaptcha-v3']],
    ['cdata', { ...earned, cdata: 'of-another-challenge' }, ['turnstile']],
  ])('refuses a token of another %s where the provider repeats it', async (field, given, repeaters) => {
    const verified = await verify(provider.token(given));
    if (repeaters.includes(name)) expect(verified).toEqual({ result: 'refused', reasons: [field] });
    else expect(verified.result).toBe('passed');
  });

  it.each<[string, string, (response: ServerResponse) => void]>([
    ['no JSON', 'malformed', (response) => response.writeHead(200).end('<h1>It works')],
    ['half of it', 'malformed', (response) => response.writeHead(200).end('{"success": tr')],
    ['another shape', 'malformed', (response) => response.writeHead(200).end('{"success": "true"}')],
    ['a list', 'malformed', (response) => response.writeHead(200).end('[]')],
    ['nothing', 'malformed', (response) => response.writeHead(204).end()],
    ['a score beyond one', 'malformed', (response) => response.end('{"success": true, "score": 1.1}')],
    ['a score below none', 'malformed', (response) => response.end('{"success": true, "score": -0.1}')],
    ['an error of its own', 'status-500', (response) => response.writeHead(500).end('{"success": true}')],
    ['another place', 'unreachable', (response) => response.writeHead(307, { location: '/siteverify' }).end()],
    ['a broken connection', 'unreachable', (response) => response.destroy()],
  ])('is unavailable when the answer is %s (%s), asks once and never throws', async (_, reason, misbehaviour) => {
    provider.misbehave(misbehaviour);
    const before = provider.questions.length;
    expect(await verify(provider.token(earned))).toEqual({ result: 'unavailable', reasons: [reason] });
    expect(provider.questions).toHaveLength(before + 1);
  });

  it('reads no answer that is longer than any, in all or in its codes', async () => {
    const padded = (sizeBytes: number) => answerWith('{"success": false}'.padEnd(sizeBytes));
    padded(16_384);
    expect(await resultOf('any')).toBe('refused');
    for (const sizeBytes of [16_385, 1_000_000]) {
      padded(sizeBytes);
      expect((await verify('any')).reasons).toEqual(['malformed']);
    }
    const coded = (count: number, length: number) =>
      answerWith(
        JSON.stringify({ success: false, 'error-codes': Array.from({ length: count }, () => 'x'.repeat(length)) }),
      );
    coded(20, 100);
    expect(await resultOf('any')).toBe('refused');
    for (const [count, length] of [
      [21, 1],
      [1, 101],
    ] as const) {
      coded(count, length);
      expect((await verify('any')).reasons).toEqual(['malformed']);
    }
  });

  it.each(['', '{"success": true'])('gives up in time on an answer of which only %j comes', async (start) => {
    provider.misbehave((response) => void (start && response.writeHead(200).write(start)));
    const verified = await verify(provider.token(earned), { timeoutMs: 50 });
    expect(verified).toEqual({ result: 'unavailable', reasons: ['time-out'] });
  });

  it('is unavailable, and no fault of the visitor, when our own secret is wrong', async () => {
    expect(await verify(provider.token(earned), { secret: 'not-the-secret-of-the-site' })).toEqual({
      result: 'unavailable',
      reasons: ['invalid-input-secret'],
    });
  });

  it('sends the secret and the token, and nothing about the visitor', async () => {
    const token = provider.token(earned);
    await verify(token);
    const { secret, response, ...more } = provider.questions.at(-1) ?? {};
    expect([secret, response]).toEqual([provider.secret, token]);
    const expected = { turnstile: ['idempotency_key'], hcaptcha: ['sitekey'], 'recaptcha-v2': [], 'recaptcha-v3': [] };
    expect(Object.keys(more)).toEqual(expected[name]);
    if (name === 'hcaptcha') expect(more).toEqual({ sitekey: provider.siteKey });
    const asked: unknown[] = [];
    provider.misbehave((answer) => {
      const { method, url, headers } = answer.req;
      asked.push(method, url, headers['content-type'], headers.accept);
      answer.end('{}');
    });
    await verify('any');
    expect(asked).toEqual([
      'POST',
      facts[name].path,
      'application/x-www-form-urlencoded;charset=UTF-8',
      'application/json',
    ]);
  });

  it('passes what its provider gives out for tests, which repeats nothing, with the secret for tests alone', async () => {
    const answer = {
      success: true,
      challenge_ts: new Date(clock.now()).toISOString(),
      hostname: 'testkey',
      score: 0.9,
    };
    answerWith(JSON.stringify(answer));
    expect(await resultOf('any', { secret: '1x0000000000000000000000000000000AA' })).toBe('passed');
    expect(await resultOf('any')).toBe('refused');
  });

  it('has its own place, and lets a page load from there and nowhere else', () => {
    const { script, sources } = createSiteverify({
      name,
      siteKey: 'a-site-key',
      secret: 'a-secret-of-ours',
      hostname,
      clock,
      log,
    });
    const all = Object.values(sources).flat();
    expect(script).toMatch(/^https:\/\//);
    expect(all.length).toBeGreaterThan(1);
    for (const source of all) expect(source).toMatch(/^https:\/\/(\*\.)?[a-z.]+(\/recaptcha\/)?$/);
    const { origin, hostname: host } = new URL(script);
    const isLetIn = (source: string) =>
      script.startsWith(source) || (source.includes('*.') && host.endsWith(source.split('*')[1] ?? '-'));
    expect(sources['script-src']?.some(isLetIn), origin).toBe(true);
    expect(Object.keys(sources)).toEqual(facts[name].directives);
    expect(Object.values(sources).every(({ length }) => length > 0)).toBe(true);
    // Where another stands in for it, all of that is there, and nowhere else.
    const moved = adapter(name);
    expect([moved.name, moved.siteKey]).toEqual([name, provider.siteKey]);
    expect(moved.script).toBe(provider.url + facts[name].script);
    expect(moved.sources).toEqual(
      Object.fromEntries(facts[name].directives.map((directive) => [directive, [provider.url]])),
    );
  });
});

it('a score is worth a level, and a low one none', async () => {
  const levels: unknown[] = [];
  for (const score of [1, 0.7, 0.69, 0.5, 0.49, 0.3, 0.29, 0]) {
    const verified = await adapter('recaptcha-v3').verify(provider.token({ ...earned, score }), shown);
    expect(verified.reasons).toEqual([`score-${score}`]);
    levels.push('level' in verified ? verified.level : verified.result);
  }
  expect(levels).toEqual([2, 2, 1, 1, 0, 0, 'refused', 'refused']);
  const { score: _, ...unscored } = earned;
  expect(await adapter('recaptcha-v3').verify(provider.token(unscored), shown)).toEqual({
    result: 'refused',
    reasons: ['score-none'],
  });
  expect((await adapter('turnstile').verify(provider.token(earned), shown)).reasons).toEqual([]);
});

it('the same answer sent again, after a fault of ours, is passed again by a provider that knows retries', async () => {
  const token = provider.token(earned);
  const turnstile = adapter('turnstile');
  expect([(await turnstile.verify(token, shown)).result, (await turnstile.verify(token, shown)).result]).toEqual([
    'passed',
    'passed',
  ]);
  const keys = provider.questions.slice(-2).map((question) => question['idempotency_key']);
  expect(keys[0]).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(keys[0]).toBe(keys[1]);
  await turnstile.verify(token, { ...shown, nonce: 'of-another-challenge' });
  await turnstile.verify(provider.token(earned), shown);
  expect(new Set(provider.questions.slice(-3).map((question) => question['idempotency_key'])).size).toBe(3);
});

it('an outage is told to the operator once, and its end once, without tokens', async () => {
  const turnstile = adapter('turnstile');
  logged.length = 0;
  provider.misbehave((response) => void response.writeHead(503).end());
  for (let times = 0; times < 3; times += 1) await turnstile.verify(provider.token(earned), shown);
  provider.misbehave();
  for (let times = 0; times < 3; times += 1) await turnstile.verify(provider.token(earned), shown);
  expect(logged).toEqual([
    ['warn', expect.stringContaining('does not answer'), { provider: 'turnstile', reasons: ['status-503'] }],
    ['info', expect.stringContaining('answers again'), { provider: 'turnstile', reasons: [] }],
  ]);
});

it('no more than a hundred are asked at once, and the next one after them', async () => {
  const waiting: ServerResponse[] = [];
  const arrived = Promise.withResolvers<void>();
  provider.misbehave((response) => {
    waiting.push(response);
    if (waiting.length === 100) arrived.resolve();
  });
  const turnstile = adapter('turnstile', { timeoutMs: 20_000 });
  const asked = Array.from({ length: 100 }, () => turnstile.verify('any', shown));
  await arrived.promise;
  expect(await turnstile.verify('any', shown)).toEqual({ result: 'unavailable', reasons: ['busy'] });
  for (const response of waiting) response.destroy();
  await Promise.all(asked);
  provider.misbehave();
  expect((await turnstile.verify(provider.token(earned), shown)).result).toBe('passed');
});
