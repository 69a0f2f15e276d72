// A bound on what costs this machine a lot at a time: so many at once, so many that wait for them, and no more.
import { Problem } from './problem.ts';
import { secondMs } from './clock.ts';

const retryAfterMs = 3 * secondMs;

export interface PoolBounds {
  readonly concurrency: number;
  readonly queueMax: number;
  /** What runs in it, for the log. */
  readonly of: string;
}

/** Runs at most `concurrency` at a time; beyond `queueMax` waiting it throws `busy` at once. */
export function createPool({ concurrency, queueMax, of }: PoolBounds): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < concurrency) running += 1;
    else if (waiting.length >= queueMax) throw new Problem('busy', `too many ${of} wait`, retryAfterMs);
    // Whoever ends hands its place over, so `running` stays as it is.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
