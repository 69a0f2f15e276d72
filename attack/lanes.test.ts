import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProcessLane, type Lane, runInLanes } from './lanes.ts';
import { isWithstood, type Result } from './runner.ts';
import type { Scenario } from './scenario.ts';
import { chosenScenarios } from './scenarios.ts';

const scenarioOf = (number: number, more: Partial<Scenario> = {}): Scenario => ({
  number,
  name: `attack-${number}`,
  title: `Attack ${number}`,
  cost: 'nothing',
  expectation: 'nothing',
  ...more,
});
const resultOf = ({ number, name, title }: Scenario): Result => ({
  number,
  name,
  title,
  verdict: 'held',
  requests: 1,
  ms: 0,
  faults: [],
  figures: [],
  leftOut: [],
});

describe('attacks in lanes', () => {
  it('begin with the longest, go to whichever lane is free, and are told in their order', async () => {
    let endLongest = () => {};
    const took: Record<string, number[]> = { a: [], b: [] };
    const closed: string[] = [];
    const lane = (name: string): Lane => ({
      async run(scenario) {
        took[name]?.push(scenario.number);
        if (scenario.isLongest) await new Promise<void>((resolve) => (endLongest = resolve));
        if (scenario.number === 4) endLongest();
        return resultOf(scenario);
      },
      close: async () => void closed.push(name),
    });
    const chosen = [1, 2, 3, 4].map((number) => scenarioOf(number, number === 3 ? { isLongest: true } : {}));
    const begun: string[] = [];
    const results = await runInLanes(chosen, {
      lanes: [lane('a'), lane('b')],
      onBegin: (running, done) => void begun.push(`${running.map(({ number }) => number).join('+')} after ${done}`),
    });
    expect(took).toEqual({ a: [3], b: [1, 2, 4] });
    expect(results.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(begun).toEqual(['3 after 0', '3+1 after 0', '3+2 after 1', '3+4 after 2']);
    expect(closed).toEqual(['a', 'b']);
  });
});

describe('a lane in a process of its own', () => {
  let folder = '';
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'rekey-lane-'))));
  afterAll(() => rm(folder, { recursive: true }));

  it('that dies or talks nonsense has not withstood the attack that it was at, and goes on with the next', async () => {
    const file = join(folder, 'lane.mjs');
    await writeFile(
      file,
      `process.on('message', (number) => {
        if (number === 1) process.exit(7);
        if (number === 2) process.kill(process.pid, 'SIGKILL');
        if (number === 3) process.send('nonsense');
        else process.send({ number, verdict: 'held' });
      });`,
    );
    const results = await runInLanes(
      [1, 2, 3, 4].map((number) => scenarioOf(number)),
      { lanes: [createProcessLane('small', file)] },
    );
    expect(results.map(({ verdict, leftOut }) => [verdict, leftOut?.join()])).toEqual([
      ['unfinished', 'went wrong: its process ended with 7'],
      ['unfinished', 'went wrong: its process ended with SIGKILL'],
      ['unfinished', 'went wrong: its process told no result'],
      ['held', undefined],
    ]);
    expect(isWithstood(results)).toBe(false);
  });

  it('tries real attacks', async () => {
    const chosen = chosenScenarios(['referrer-leak', '18']);
    const results = await runInLanes(chosen, { lanes: [createProcessLane('small')] });
    expect(results.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['referrer-leak', 'held'],
      ['csrf', 'held'],
    ]);
  });
});
