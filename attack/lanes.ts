// Runs attacks in lanes, each with targets of its own: the next one goes to whichever lane is free. A lane in a process of
// its own that dies takes the attack it was at with it, and no other.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createOwnTargets } from './own-target.ts';
import { type Result, runScenario } from './runner.ts';
import type { Scenario } from './scenario.ts';
import type { Size } from './target.ts';

export interface Lane {
  run(scenario: Scenario): Promise<Result>;
  close(): Promise<void>;
}

export interface LaneOptions {
  readonly lanes: readonly Lane[];
  /** Told whenever an attack begins: those that are running, and how many are done. */
  readonly onBegin?: (running: readonly Scenario[], done: number) => void;
}

/** What came of each, in the order of `chosen`. Closes the lanes. */
export async function runInLanes(
  chosen: readonly Scenario[],
  { lanes, onBegin = () => {} }: LaneOptions,
): Promise<readonly Result[]> {
  // The end of all waits for the longest: it begins.
  const left = chosen.toSorted((a, b) => Number(b.isLongest ?? false) - Number(a.isLongest ?? false));
  const running = new Set<Scenario>();
  const results = new Map<Scenario, Result>();
  async function follow({ run }: Lane): Promise<void> {
    for (let next = left.shift(); next; next = left.shift()) {
      running.add(next);
      onBegin([...running], results.size);
      results.set(next, await run(next));
      running.delete(next);
    }
  }
  try {
    await Promise.all(lanes.map(follow));
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
  return chosen.flatMap((scenario) => results.get(scenario) ?? []);
}

/** In this process. */
export function createLane(size: Size): Lane {
  const targets = createOwnTargets({ size });
  return { run: (scenario) => runScenario(scenario, targets), close: () => targets.close() };
}

const ownProcess = fileURLToPath(new URL('lane.ts', import.meta.url));

/** In a process of its own, which begins with its first attack, and anew after it died. `file` is what it runs. */
export function createProcessLane(size: Size, file = ownProcess): Lane {
  let child: ChildProcess | undefined;
  return {
    async run(scenario) {
      const startedAt = performance.now();
      if (!child?.connected) child = fork(file, [size]);
      try {
        return await ask(child, scenario.number);
      } catch (fault) {
        child.kill();
        child = undefined;
        const { number, name, title } = scenario;
        const ms = Math.round(performance.now() - startedAt);
        const leftOut = [`went wrong: ${fault instanceof Error ? fault.message : String(fault)}`];
        return { number, name, title, verdict: 'unfinished', requests: 0, ms, faults: [], figures: [], leftOut };
      }
    },
    async close() {
      if (!child?.connected) return;
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

/** What it answers; throws where it ends instead. */
async function ask(child: ChildProcess, number: number): Promise<Result> {
  const done = new AbortController();
  const { signal } = done;
  try {
    const answer = once(child, 'message', { signal }).then(([told]: unknown[]) => told);
    const end = once(child, 'exit', { signal }).then(([code, killedBy]: unknown[]) => {
      throw new Error(`its process ended with ${String(killedBy ?? code)}`);
    });
    child.send(number);
    const told = await Promise.race([answer, end]);
    if (!isResult(told)) throw new Error('its process told no result');
    return told;
  } finally {
    done.abort();
  }
}

const isResult = (told: unknown): told is Result => typeof told === 'object' && told !== null && 'verdict' in told;
