import { secondMs } from '../../src/base/clock.ts';
import { solveWork } from '../../src/client/work.ts';
import type { Browser } from '../../src/testing/browser.ts';
import type { Scenario } from '../scenario.ts';
import type { Inside, Outside } from '../target.ts';
import { cookieOf } from '../walk.ts';

interface Task {
  readonly challenge: string;
  readonly waitMs: number;
  readonly travelPx: number;
  readonly work: string | undefined;
}

const post = (browser: Browser, path: string, body: object) =>
  browser.send(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function ask({ path }: Outside, browser: Browser, kind: 'slide' | 'wait' | 'letters'): Promise<Task> {
  const response = await post(browser, path('/api/v1/human-checks'), { purpose: 'recovery', kind });
  const task: unknown = await response.json();
  const work = readWork(task);
  return {
    challenge: textOf(task, 'challenge'),
    waitMs: numberOf(task, 'waitMs'),
    travelPx: numberOf(task, 'travelPx'),
    work: work && (await solveWork(work)),
  };
}

async function answer({ path }: Outside, browser: Browser, body: object): Promise<string> {
  const response = await post(browser, path('/api/v1/human-checks/answers'), { purpose: 'recovery', ...body });
  return textOf(await response.json(), 'outcome');
}

/** Whether a recovery begins for this browser. */
async function begins({ path }: Outside, browser: Browser): Promise<boolean> {
  const body = new URLSearchParams({ identifier: 'nobody-at' });
  return (await browser.send(path('/recover'), { method: 'POST', body })).status === 303;
}

export const humanCheck: Scenario = {
  number: 23,
  name: 'human-check',
  title: 'Past the human check',
  cost: 'a program, and what a pass costs by its cheapest way (docs/human-check.md)',
  expectation:
    'nothing begins without a pass; a pass counts once, for its browser and purpose, and not before its time; no answer shows the letters',
  settings: { humanCheck: 'on' },

  async outside(target, { expect, leaveOut }) {
    if (await begins(target, target.browser())) {
      leaveOut('the human check is off here');
      return;
    }
    const { path } = target;
    const byApi = await post(target.browser(), path('/api/v1/recoveries'), { identifier: 'nobody-at' });
    expect(
      byApi.status >= 400 && byApi.status < 500,
      `a recovery by API without a pass was answered with ${byApi.status}`,
    );
    const browser = target.browser();
    const { challenge, work } = await ask(target, browser, 'wait');
    expect(
      (await answer(target, browser, { challenge, mode: 'wait', work })) !== 'passed',
      'a wait counts before its time',
    );
    const [payload = '', ...rest] = challenge.split('.');
    const facts: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    for (const change of [
      { notBefore: 0 },
      { level: 0 },
      { purpose: 'sign-in' },
      { expiresAt: 9e15 },
      { work: undefined },
    ]) {
      const forged = [
        Buffer.from(JSON.stringify({ ...(typeof facts === 'object' ? facts : {}), ...change })).toString('base64url'),
        ...rest,
      ].join('.');
      expect(
        (await answer(target, browser, { challenge: forged, mode: 'wait', work })) !== 'passed',
        `a challenge with a forged ${Object.keys(change).join()} counts`,
      );
    }
    const letters = await ask(target, browser, 'letters');
    const page = await browser.open(path('/recover'));
    expect(!/alt="[^"]*\b[A-Z0-9]{5}\b/.test(page.html), 'the text beside the picture holds the letters');
    for (const typed of ['', 'AAAAA', '00000'])
      expect(
        (await answer(target, browser, { challenge: letters.challenge, mode: 'letters', letters: typed })) !== 'passed',
        `${typed || 'nothing'} passes for the letters`,
      );
    expect(!(await begins(target, browser)), 'a recovery begins after failed checks');
  },

  async inside(target, { expect, tell }) {
    const pass = async (browser: Browser) => {
      const { challenge, waitMs, work } = await ask(target, browser, 'wait');
      target.clock.advance(waitMs);
      return { challenge, outcome: await answer(target, browser, { challenge, mode: 'wait', work }), work };
    };
    const honest = target.browser();
    const passed = await pass(honest);
    expect(passed.outcome === 'passed', `an honest wait comes to ${passed.outcome}: this says nothing then`);
    const again = { challenge: passed.challenge, mode: 'wait', work: passed.work };
    expect((await answer(target, honest, again)) !== 'passed', 'an answer counts twice');
    const other = target.browser();
    expect((await answer(target, other, again)) !== 'passed', 'an answer counts for another browser');
    const bodies = Array.from({ length: target.sized(8, 50) }, () => begins(target, honest));
    const begun = (await Promise.all(bodies)).filter(Boolean).length;
    expect(begun === 1, `one pass began ${begun} recoveries`);

    // For another purpose, and with the cookie taken away.
    const wandering = target.browser();
    await pass(wandering);
    const signUp = new URLSearchParams({
      userId: 'checked-one',
      address: 'checked@mail.example',
      password: 'seven green umbrellas',
    });
    const { status } = await wandering.send('/sign-up', { method: 'POST', body: signUp });
    expect(status !== 303, 'a pass for a recovery begins a sign-up');
    const bare = target.browser();
    expect(cookieOf(wandering, 'check')[1] !== '', 'the check has no cookie');
    expect(!(await begins(target, bare)), 'a pass counts without its cookie');
    expect(await sweeps(target), 'a sweep of straight lines passes the slide');
    tell(`1 of ${bodies.length} recoveries at once began by one pass`);
  },
};

/** Slides without a hand: straight, even, to every width that there might be. True: none passed. */
async function sweeps(target: Inside): Promise<boolean> {
  for (let times = 0; times < target.sized(2, 20); times += 1) {
    const browser = target.browser();
    const { challenge, waitMs, travelPx, work } = await ask(target, browser, 'slide');
    target.clock.advance(waitMs + secondMs);
    const trace = Array.from({ length: 40 }, (_, at) => [
      Math.round(((at + 1) / 40) * travelPx),
      0,
      (at + 1) * 10,
    ]).flat();
    const drag = {
      trace,
      pointer: 'mouse',
      isTrusted: false,
      isAutomated: true,
      pixelRatio: 1,
      grab: [0, 0],
      approach: 0,
      restMs: 0,
    };
    if ((await answer(target, browser, { challenge, mode: 'drag', work, drag })) === 'passed') return false;
  }
  return true;
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
const textOf = (value: unknown, name: string): string => {
  const field = fieldOf(value, name);
  return typeof field === 'string' ? field : '';
};
const numberOf = (value: unknown, name: string): number => Number(fieldOf(value, name) ?? 0);

function readWork(task: unknown) {
  const work = fieldOf(task, 'work');
  return work === undefined
    ? undefined
    : {
        nonce: textOf(work, 'nonce'),
        prefix: textOf(work, 'prefix'),
        upTo: numberOf(work, 'upTo'),
        iterations: numberOf(work, 'iterations'),
      };
}
