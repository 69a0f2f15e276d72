// What no honest browser sends to the human check: every wrong challenge is refused before a statement or a derivation, and
// every wrong answer gets a clear one. Nothing of it passes, nothing is a fault of ours, and what is only opened leaves no row.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { secondMs } from '../../src/base/clock.ts';
import { type Random, systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import { solveWork } from '../../src/client/work.ts';
import type { Database } from '../../src/database/database.ts';
import { challengeLifeMs, signChallenge } from '../../src/human-check/challenge.ts';
import { limits } from '../../src/limits/limits.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { handDrag } from '../../src/testing/hand-drag.ts';

let statements = 0;
let derivations = 0;

/** The counter of the work is drawn from four bytes, and derived once: the seventh, so that it is found soon. */
const random: Random = {
  bytes(length) {
    if (length !== 4) return systemRandom.bytes(length);
    derivations += 1;
    return Buffer.from([0, 0, 0, 7]);
  },
};

function watch(db: Database): Database {
  const plugin: Parameters<Database['read']['withPlugin']>[0] = {
    transformQuery({ node }) {
      statements += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return { ...db, read: db.read.withPlugin(plugin), write: (work) => db.write((tx) => work(tx.withPlugin(plugin))) };
}

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ random, wrap: watch, settings: { humanCheck: 'on' } });
});
afterAll(() => app.close());

const post = (browser: Browser, path: string, body: object | string) =>
  browser.send(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const taskShape = z.object({
  challenge: z.string(),
  waitMs: z.number(),
  travelPx: z.number().default(0),
  work: z.object({ nonce: z.string(), prefix: z.string(), upTo: z.number(), iterations: z.number() }).optional(),
});
const verdictShape = z.object({ outcome: z.string(), why: z.string().optional() });

/** A challenge that can be answered now, and the answer that is right. */
async function ask(browser: Browser, kind = 'slide') {
  const task = taskShape.parse(
    await (await post(browser, '/api/v1/human-checks', { purpose: 'recovery', kind })).json(),
  );
  app.clock.advance(task.waitMs);
  const work = task.work && (await solveWork(task.work));
  const right = { purpose: 'recovery', challenge: task.challenge, mode: 'drag', work, drag: handDrag(task.travelPx) };
  return { ...task, right };
}

async function answer(browser: Browser, body: object | string) {
  const response = await post(browser, '/api/v1/human-checks/answers', body);
  return { status: response.status, verdict: verdictShape.safeParse(await response.json()).data };
}

const handleOf = (browser: Browser) => browser.cookies().get('account-check') ?? '';

/** The tables that a check may write to. */
async function rows() {
  const names = ['human_checks', 'human_check_answers', 'slide_sketches', 'recoveries', 'counters'] as const;
  const counts = names.map(async (name) => (await app.db.read.selectFrom(name).selectAll().execute()).length);
  return Object.fromEntries((await Promise.all(counts)).map((count, at) => [names[at], count]));
}

describe('a challenge that is not the one', () => {
  it('is refused without a statement or a derivation: changed, cut, of another browser, purpose or key, or at another time', async () => {
    const browser = app.browser();
    const other = app.browser();
    await ask(other);
    const { right, challenge } = await ask(browser);
    const places = Array.from({ length: Math.ceil(challenge.length / 23) }, (_, at) => 23 * at);
    const changed = places.map(
      (at) => challenge.slice(0, at) + (challenge[at] === 'x' ? 'y' : 'x') + challenge.slice(at + 1),
    );
    const cut = places.map((at) => challenge.slice(0, at));
    const now = app.clock.now();
    const facts = { kind: 'wait', nonce: 'n', purpose: 'recovery', level: 3, mode: 'wait' } as const;
    const signed = (id: string, byte: number, notBefore = now - 1, expiresAt = now + 1) => {
      const keys = createKeys([{ id, secret: Buffer.alloc(32, byte) }]);
      return signChallenge(keys, handleOf(browser), { ...facts, notBefore, expiresAt });
    };
    const wait = { ...right, mode: 'wait' };
    const wrong: [Browser, object][] = [
      ...[...changed, ...cut, `${challenge}x`, `${challenge}.${challenge}`].map((token): [Browser, object] => [
        browser,
        { ...right, challenge: token },
      ]),
      [other, right],
      [app.browser(), right],
      [browser, { ...right, purpose: 'sign-up' }],
      [browser, { ...right, purpose: 'sign-in' }],
      [browser, { ...wait, challenge: signed('test', 8) }],
      [browser, { ...wait, challenge: signed('another', 7) }],
      [browser, { ...wait, challenge: signed('test', 7, now - 2, now) }],
      [browser, { ...wait, challenge: signed('test', 7, now + 1, now + 2) }],
    ];
    [statements, derivations] = [0, 0];
    for (const [by, body] of wrong) {
      const { status, verdict } = await answer(by, body);
      expect([body, status, verdict?.outcome]).toEqual([body, 200, 'again']);
    }
    expect([statements, derivations]).toEqual([0, 0]);

    // Another node, started since, has the same keys.
    await app.restart();
    expect(await answer(browser, right)).toMatchObject({ verdict: { outcome: 'passed' } });
    expect(derivations).toBe(0);
    const { right: late } = await ask(browser);
    app.clock.advance(challengeLifeMs);
    [statements, derivations] = [0, 0];
    expect(await answer(browser, late)).toMatchObject({ verdict: { outcome: 'again', why: 'late' } });
    expect([statements, derivations]).toEqual([0, 0]);
  });
});

describe('an answer', () => {
  it('whose trace is no trace is a problem, without a statement: too long, cut, no number, or a number of no screen', async () => {
    const browser = app.browser();
    const { right } = await ask(browser);
    const { drag } = right;
    const withTrace = (trace: unknown) => JSON.stringify({ ...right, drag: { ...drag, trace } });
    const raw = (text: string) => withTrace(['HERE', ...drag.trace.slice(1)]).replace('"HERE"', text);
    const wrong = [
      withTrace([...Array(603).keys()]),
      ...[1, 2].map((left) => withTrace(drag.trace.slice(0, -left))),
      ...['NaN', 'Infinity', '1e999', '-1e999', 'null', '"1"', '{}', '[1]', '100000000', '-100001', 'true'].map(raw),
      JSON.stringify({ ...right, drag: { ...drag, restMs: null } }),
      JSON.stringify({ ...right, drag: { ...drag, grab: [0] } }),
      JSON.stringify({ ...right, drag: { ...drag, pixelRatio: 0 } }),
    ];
    [statements, derivations] = [0, 0];
    for (const body of wrong) expect([body, (await answer(browser, body)).status]).toEqual([body, 400]);
    expect([statements, derivations]).toEqual([0, 0]);
    expect(await answer(browser, right)).toMatchObject({ verdict: { outcome: 'passed' } });
  });

  it('whose times run backwards, stand still, are negative or longer than the challenge is old never passes', async () => {
    const change = (trace: readonly number[], act: (t: number, at: number) => number) =>
      trace.map((value, at) => (at % 3 === 2 ? act(value, at) : value));
    const changes: ((t: number, at: number) => number)[] = [
      (t) => -t,
      () => 0,
      (t) => 1_000 - t,
      (t, at) => (at === 32 ? 0 : t),
      (t) => t + 120 * secondMs,
      (t) => 9_000 * t,
    ];
    for (const act of changes) {
      const browser = app.browser();
      const { right } = await ask(browser);
      const drag = { ...right.drag, trace: change(right.drag.trace, act) };
      expect(await answer(browser, { ...right, drag })).toMatchObject({ status: 200, verdict: { outcome: 'letters' } });
    }
  });

  it('that is missing, or of anything that a number can be, is judged, passes nothing, and is no fault', async () => {
    const browser = app.browser();
    const { right } = await ask(browser);
    expect(await answer(browser, { ...right, drag: undefined })).toMatchObject({ verdict: { why: 'wrong' } });
    for (const [kind, mode] of [
      ['slide', 'click'],
      ['slide', 'key'],
      ['letters', 'letters'],
      ['wait', 'wait'],
    ] as const) {
      const by = app.browser();
      const { challenge } = await ask(by, kind);
      const { status, verdict } = await answer(by, { purpose: 'recovery', challenge, mode });
      expect([mode, status, verdict?.outcome]).toEqual([mode, 200, kind === 'letters' ? 'letters' : 'again']);
    }
    const figure = fc.oneof(
      fc.double({ min: -100_000, max: 10_000_000, noNaN: true }),
      fc.integer({ min: -9, max: 300 }),
    );
    const hostile = fc.record({
      trace: fc.array(fc.tuple(figure, figure, figure), { maxLength: 40 }),
      grab: fc.tuple(figure, figure),
      approach: figure,
      restMs: figure,
      pixelRatio: fc.double({ min: 0.1, max: 20, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(hostile, async ({ trace, ...more }) => {
        const by = app.browser();
        const task = await ask(by);
        const drag = { ...handDrag(), ...more, trace: [...trace.flat(), task.travelPx, 0, -1] };
        const { status, verdict } = await answer(by, { ...task.right, drag });
        expect([status, verdict?.outcome]).toEqual([200, 'letters']);
      }),
      { numRuns: 25 },
    );
    expect(app.faults).toEqual([]);
  });
});

describe('the form without script', () => {
  it('answers in words to whatever its check holds, and starts nothing', async () => {
    const browser = app.browser();
    await browser.open('/recover');
    const challenge = /name="challenge" value="([^"]+)"/.exec(browser.page.html)?.[1] ?? '';
    const before = await rows();
    const text = fc.oneof(
      fc.string({ maxLength: 40, unit: 'binary' }),
      fc.constantFrom('', ' ', '\0', challenge, challenge.slice(1), '😀'.repeat(9), 'a'.repeat(2_000)),
    );
    await fc.assert(
      fc.asyncProperty(fc.record({ challenge: text, letters: text, otherLetters: text }), async (fields) => {
        const body = new URLSearchParams({ identifier: 'lucia', ...fields });
        const { status } = await browser.send('/recover', { method: 'POST', body });
        expect([400, 413, 422]).toContain(status);
      }),
      { numRuns: 40 },
    );
    expect((await rows()).recoveries).toBe(before.recoveries);
    expect(app.faults).toEqual([]);
  });
});

describe('what is only opened', () => {
  it('leaves no row but the counter of its network, and asks for no more work than the limit', async () => {
    const browser = app.browser();
    const before = await rows();
    const { max } = limits['check-issue'];
    derivations = 0;
    for (let times = 0; times < 100; times += 1)
      expect(
        (await Promise.all([browser.send('/recover'), browser.send('/sign-up')])).map(({ status }) => status),
      ).toEqual([200, 200]);
    expect([await rows(), derivations]).toEqual([before, 0]);
    const statuses: number[] = [];
    for (let times = 0; times < max + 30; times += 1)
      statuses.push((await post(browser, '/api/v1/human-checks', { purpose: 'recovery' })).status);
    expect([statuses.filter((status) => status === 201).length, statuses.at(-1)]).toEqual([max, 429]);
    expect([await rows(), derivations]).toEqual([{ ...before, counters: Number(before['counters']) + 1 }, max]);
    expect(app.faults).toEqual([]);
  });
});
