// A bound on what costs this machine a lot at a time: so many at once, so many that wait for them, and no more.
import { Problem } from './problem.ts';
import { secondMs } from './clock.ts';

/** Between these whoever finds no place is told to come again. */
const soonestMs = 3 * secondMs;
const latestMs = 30 * secondMs;

export interface PoolBounds {
  readonly concurrency: number;
  readonly queueMax: number;
  /** How many that ended are given back together while others wait; each by itself where nothing is said. */
  readonly together?: number;
  /** What runs in it, for the log. */
  readonly of: string;
}

/**
 * Runs at most `concurrency` at a time; beyond `queueMax` waiting it throws `busy` at once, with the time when there should be a
 * place: each later than the one before, as all would come back together otherwise, and keep everybody else waiting.
 */
export function createPool({
  concurrency,
  queueMax,
  together = 1,
  of,
}: PoolBounds): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  const ended: (() => void)[] = [];
  let running = 0;
  /** How long one took lately, ms. */
  let usualMs = 0;
  /** When the last who was told to come again should have a place; of the clock that nobody sets. */
  let promisedAt = 0;

  function comeAgainAfterMs(): number {
    const now = performance.now();
    const placeMs = usualMs / concurrency;
    const [soonest, latest] = [now + Math.max(soonestMs, waiting.length * placeMs), now + latestMs];
    promisedAt = promisedAt + placeMs > latest ? soonest : Math.max(soonest, promisedAt + placeMs);
    return Math.round(Math.min(promisedAt, latest) - now);
  }

  async function run<T>(work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      usualMs += (performance.now() - startedAt - usualMs) / 10;
    }
  }

  /** Whoever still waits ends later than this, so nobody is kept here for ever. */
  const endTogether = () =>
    new Promise<void>((resolve) => {
      ended.push(resolve);
      if (waiting.length === 0 || ended.length >= together) for (const end of ended.splice(0)) end();
    });

  return async (work) => {
    if (running < concurrency) running += 1;
    else if (waiting.length >= queueMax) throw new Problem('busy', `too many ${of} wait`, comeAgainAfterMs());
    // Whoever ends hands its place over, so `running` stays as it is.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await run(work);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
      await endTogether();
    }
  };
}
