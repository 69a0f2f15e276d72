// Programs that have no browser and speak HTTP alone: they send again what a page once sent, make drags of their own, and
// forge challenges.
import { secondMs } from '../../src/base/clock.ts';
import { createKeys } from '../../src/base/secret.ts';
import { type Challenge, challengeLifeMs, readChallenge, signChallenge } from '../../src/human-check/challenge.ts';
import { derive } from '../../src/human-check/proof-of-work.ts';
import type { Drag } from '../../src/human-check/slider.ts';
import type { TestApp } from '../../src/testing/app.ts';
import { type Chance, chanceFrom, makeFamily } from './families.ts';
import { nextNetwork, outcomeOf, type Table, type Tried, tryTimes } from './tries.ts';

const count = 200;
const forged = 50;

type Forge = (handle: string, facts: Challenge, challenge: string) => string;
const asItIs: Forge = (_handle, _facts, challenge) => challenge;

/** Asks for a slide, does its work, and answers with what `make` says: `times` times the same. What the last one was told. */
async function answerBy(
  app: TestApp,
  make: (travelPx: number) => Drag,
  { forge = asItIs, times = 1 }: { forge?: Forge; times?: number } = {},
): Promise<Tried> {
  const address = nextNetwork();
  let handle = '';
  let name = '';
  const post = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${app.origin}/api/v1/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-forwarded-for': address,
        'sec-fetch-site': 'same-origin',
        ...(handle === '' ? {} : { cookie: `${name}=${handle}` }),
      },
      body: JSON.stringify({ purpose: 'recovery', ...body }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    const [cookie = ''] = response.headers.getSetCookie();
    if (handle === '') [name = '', handle = ''] = cookie.split(';')[0]?.split('=') ?? [];
    return response.json();
  };
  const { challenge } = Object(await post('human-checks', { kind: 'slide' }));
  const read = readChallenge(app.keys, handle, challenge);
  if (!read) throw new Error('no challenge of ours');
  const { keyId: _, ...facts } = read;
  const travelPx = facts.travelPx ?? 0;
  app.clock.advance(secondMs);
  const answer = { challenge: forge(handle, facts, challenge), mode: 'drag', work: derive(facts.nonce, 0) };
  let outcome: Tried['outcome'] = 'no answer';
  for (let time = 0; time < times; time += 1)
    outcome = outcomeOf(await post('human-checks/answers', { ...answer, drag: make(travelPx) }));
  return { outcome, travelPx };
}

/** The drag with each sample changed, its end fitted to the track. */
function changed(drag: Drag, travelPx: number, change: (x: number, y: number, t: number) => readonly number[]): Drag {
  const { trace } = drag;
  const samples = Array.from({ length: trace.length / 3 }, (_, at) =>
    change(Math.min(travelPx, trace[3 * at] ?? 0), trace[3 * at + 1] ?? 0, trace[3 * at + 2] ?? 0),
  );
  return {
    ...drag,
    trace: samples.flatMap((sample, at) => (at < samples.length - 1 ? sample : [travelPx, ...sample.slice(1)])),
  };
}

const same = (x: number, y: number, t: number) => [x, y, t];
const jitter = (chance: Chance, most: number) => Math.round((2 * chance() - 1) * most);

const forgeries = (app: TestApp): Readonly<Record<string, Forge>> => {
  const foreign = createKeys([{ id: app.keys.currentId, secret: Buffer.alloc(32, 9) }]);
  return {
    'signed by another key': (handle, facts) => signChallenge(foreign, handle, facts),
    'of another browser': (_handle, facts) => signChallenge(app.keys, 'A'.repeat(22), facts),
    'for another purpose': (handle, facts) => signChallenge(app.keys, handle, { ...facts, purpose: 'sign-up' }),
    'whose time is over': (handle, facts) => signChallenge(app.keys, handle, { ...facts, expiresAt: app.clock.now() }),
    'made to live longer': (_handle, facts, challenge) => {
      const payload = JSON.stringify({ ...facts, expiresAt: app.clock.now() + 2 * challengeLifeMs });
      return [Buffer.from(payload).toString('base64url'), ...challenge.split('.').slice(1)].join('.');
    },
  };
};

/** `accepted`: drags of pages that passed. */
export async function runPrograms(app: TestApp, { tell }: Table, accepted: readonly Drag[]): Promise<void> {
  const chance = chanceFrom(5);
  const replays: Readonly<Record<string, { change: typeof same; ceiling?: number }>> = {
    'replay, exact': { change: same, ceiling: 0 },
    'replay, moved and begun later': { change: (x, y, t) => [x, y + 3, t + 40], ceiling: 0 },
    'replay, each sample off by up to 1 px and 2 ms': {
      change: (x, y, t) => [x + jitter(chance, 1), y + jitter(chance, 1), t + 2 * chance()],
    },
  };
  for (const [who, { change, ceiling }] of Object.entries(replays)) {
    const tried: Tried[] = [];
    for (const drag of accepted) tried.push(await answerBy(app, (travelPx) => changed(drag, travelPx, change)));
    tell(who, tried, ceiling);
  }
  const made = makeFamily('adaptive', count);
  const fit = (at: number) => (travelPx: number) => {
    const drag = made[at]?.drag;
    if (!drag) throw new Error('no drag');
    return changed(drag, travelPx, same);
  };
  tell('adaptive, without a browser', await tryTimes(count, (at) => answerBy(app, fit(at))));
  for (const [what, forge] of Object.entries(forgeries(app)))
    tell(`a challenge ${what}`, await tryTimes(forged, (at) => answerBy(app, fit(at), { forge })), 0);
  tell(
    'an answer that is sent twice, the second',
    await tryTimes(forged, (at) => answerBy(app, fit(at + forged), { times: 2 })),
    0,
  );
}
