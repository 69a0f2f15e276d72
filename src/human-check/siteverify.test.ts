// What every adapter of the port `HumanCheckProvider` promises, against a server that answers as the providers do. That a
// token counts once, also under sixteen browsers at once, is for the check: test/journeys/human-check-provider.test.ts.
import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { minuteMs, secondMs } from '../base/clock.ts';
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
const note = (facts: object, message: string) => void logged.push([message, facts]);

function adapter(name: ProviderName, more: Partial<SiteverifyNeeds> = {}) {
  const { siteKey, secret, url } = provider;
  const log = { info: note, warn: note, error: note };
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
    for (const token of ['', 'x'.repeat(8_193)]) expect((await verify(token)).reasons).toEqual(['token-length']);
    expect(provider.questions).toHaveLength(before);
  });

  it('calls a token that is too old late, whether the provider says so or the time in its answer', async () => {
    const token = provider.token(earned);
    clock.advance(3 * minuteMs);
    expect(await resultOf(token)).toBe('late');
    const aged = (ms: number) =>
      answerWith(JSON.stringify({ success: true, ...earned, challenge_ts: new Date(clock.now() - ms).toISOString() }));
    aged(6 * minuteMs + secondMs);
    expect(await resultOf('any')).toBe('late');
    aged(-minuteMs - secondMs);
    expect(await resultOf('any')).toBe('refused');
    answerWith(JSON.stringify({ success: true, ...earned }));
    expect((await verify('any')).reasons).toEqual(['challenge-ts']);
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

  it.each<[string, (response: ServerResponse) => void]>([
    ['no JSON', (response) => response.writeHead(200).end('<h1>It works')],
    ['half of it', (response) => response.writeHead(200).end('{"success": tr')],
    ['another shape', (response) => response.writeHead(200).end('{"success": "true"}')],
    ['a list', (response) => response.writeHead(200).end('[]')],
    ['nothing', (response) => response.writeHead(204).end()],
    ['an error of its own', (response) => response.writeHead(500).end('{"success": true}')],
    ['more than any answer', (response) => response.writeHead(200).end(`{"success": true, "x": "${'x'.repeat(1e6)}"}`)],
    ['another place', (response) => response.writeHead(307, { location: '/siteverify' }).end()],
    ['a broken connection', (response) => response.destroy()],
  ])('is unavailable when the answer is %s, and never throws', async (_, misbehaviour) => {
    provider.misbehave(misbehaviour);
    expect(await resultOf(provider.token(earned))).toBe('unavailable');
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
      log: { info: note, warn: note, error: note },
    });
    const all = Object.values(sources).flat();
    expect(script).toMatch(/^https:\/\//);
    expect(all.length).toBeGreaterThan(1);
    for (const source of all) expect(source).toMatch(/^https:\/\/(\*\.)?[a-z.]+(\/recaptcha\/)?$/);
    const { origin, hostname: host } = new URL(script);
    const isLetIn = (source: string) =>
      script.startsWith(source) || (source.includes('*.') && host.endsWith(source.split('*')[1] ?? '-'));
    expect(sources['script-src']?.some(isLetIn), origin).toBe(true);
  });
});

it('a score is worth a level, and a low one none', async () => {
  const levels: unknown[] = [];
  for (const score of [1, 0.7, 0.69, 0.5, 0.3, 0.29, 0]) {
    const verified = await adapter('recaptcha-v3').verify(provider.token({ ...earned, score }), shown);
    levels.push('level' in verified ? verified.level : verified.result);
  }
  expect(levels).toEqual([2, 2, 1, 1, 0, 'refused', 'refused']);
  const { score: _, ...unscored } = earned;
  expect((await adapter('recaptcha-v3').verify(provider.token(unscored), shown)).result).toBe('refused');
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
});

it('an outage is told to the operator once, and its end once, without tokens', async () => {
  const turnstile = adapter('turnstile');
  logged.length = 0;
  provider.misbehave((response) => void response.writeHead(503).end());
  for (let times = 0; times < 3; times += 1) await turnstile.verify(provider.token(earned), shown);
  provider.misbehave();
  for (let times = 0; times < 3; times += 1) await turnstile.verify(provider.token(earned), shown);
  expect(logged).toEqual([
    [expect.stringContaining('does not answer'), { provider: 'turnstile', reasons: ['status-503'] }],
    [expect.stringContaining('answers again'), { provider: 'turnstile', reasons: [] }],
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
