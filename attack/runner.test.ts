import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeClock } from '../src/testing/clock.ts';
import { isWithstood, runScenario, tableOf, type Targets } from './runner.ts';
import type { Attempt, Scenario } from './scenario.ts';
import { createOutside, type Outside } from './target.ts';

/** Answers `/`, and nothing else: whoever asks for more waits for ever. */
let silent: Server;
let url = '';
beforeAll(async () => {
  silent = createServer((request, response) => void (request.url === '/' && response.end('here')));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  url = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
});
afterAll(() => {
  silent.closeAllConnections();
  silent.close();
});

const targets: Targets = {
  kind: 'outside',
  reach: async (watch) => createOutside({ ...watch, url, size: 'small', clock: createFakeClock() }),
};

const scenario = (outside?: Attempt<Outside>, inside?: Scenario['inside']): Scenario => ({
  number: 1,
  name: 'one',
  title: 'One',
  cost: 'nothing',
  expectation: 'nothing',
  ...(outside && { outside }),
  ...(inside && { inside }),
});
const knock: Attempt<Outside> = async ({ browser }) => void (await browser().open('/'));

describe('what comes of an attack', () => {
  it('held, and counts its requests', async () => {
    const result = await runScenario(scenario(knock), targets);
    expect(result).toMatchObject({ verdict: 'held', requests: 1, faults: [], leftOut: [] });
    expect(isWithstood([result])).toBe(true);
  });

  it('held in part, or was not run, where the rest needs more than there is from outside', async () => {
    const part = await runScenario(
      scenario(knock, async () => {}),
      targets,
    );
    const none = await runScenario(
      scenario(undefined, async () => {}),
      targets,
    );
    expect([part.verdict, none.verdict]).toEqual(['in part', 'not run']);
    expect(none.leftOut.join()).toMatch(/^not run from outside: the rest needs the mailboxes/);
    expect(isWithstood([part, none])).toBe(true);
  });

  it('is broken by what does not hold, once for each, and stays so whatever goes wrong after it', async () => {
    const result = await runScenario(
      scenario(async (_, { expect: hold, tell }) => {
        hold(true, 'never');
        hold(false, 'a hole');
        hold(false, 'a hole');
        tell('7 of 9');
        throw new Error('and then it fell over');
      }),
      targets,
    );
    expect(result).toMatchObject({ verdict: 'broken', faults: ['a hole'], figures: ['7 of 9'] });
    expect(result.leftOut).toEqual(['went wrong: and then it fell over']);
    expect(isWithstood([result])).toBe(false);
    expect(tableOf([result])).toMatch(
      /\n 1 {2}One {5}broken [\s\S]*1 does not hold: a hole\n1: 7 of 9\n[\s\S]*1 attack: 1 broken\.$/,
    );
  });

  it('is unfinished where its time is over or nobody answers, and does not count as withstood', async () => {
    const waiting = scenario(async ({ browser }) => void (await browser().open('/waits')));
    const late = await runScenario(waiting, targets, { limitMs: 50 });
    expect(late).toMatchObject({ verdict: 'unfinished', leftOut: ['not done within 0.05 s'] });
    const gone: Targets = {
      kind: 'outside',
      reach: async (watch) =>
        createOutside({ ...watch, url: 'http://127.0.0.1:9', size: 'small', clock: createFakeClock() }),
    };
    const unreached = await runScenario(scenario(knock), gone);
    expect(unreached).toMatchObject({ verdict: 'unfinished', leftOut: [expect.stringMatching(/^went wrong: /)] });
    expect(isWithstood([late]) || isWithstood([unreached])).toBe(false);
  });
});
