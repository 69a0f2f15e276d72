// One pass of a background job over what is due: what fails is logged and counted, holds up nothing that is behind it, and is
// not tried again at once.
import { type Clock, hourMs, minuteMs } from './clock.ts';
import type { Log } from './log.ts';
import { Problem } from './problem.ts';

/** Of one pass; what else failed is counted. */
const loggedAtMost = 5;

const isBusy = (error: unknown) => error instanceof Problem && error.problem === 'busy';

/** `of`: what the log says of one, such as its id. Throws the problem `busy`, which all that follows would meet as well. */
export async function passOver<T>(
  due: readonly T[],
  work: (each: T) => Promise<unknown>,
  { log, job, of }: { readonly log: Log; readonly job: string; readonly of: (each: T) => object },
): Promise<void> {
  let failed = 0;
  for (const each of due) {
    try {
      await work(each);
    } catch (err) {
      if (isBusy(err)) throw err;
      failed += 1;
      if (failed <= loggedAtMost)
        log.error({ err, job, ...of(each) }, 'a background job met a fault, and went on with the next');
    }
  }
  if (failed > 0) log.warn({ job, failed, due: due.length }, 'a background job is not through with all that was due');
}

/** Known of so many, the newest: whatever is asked for leaves all of them out. */
const keptAtMost = 1_000;

/** Keeps what failed from being tried each second: a minute, then twice as long each time, an hour at most. */
export interface BackOff {
  /** Ids that are not to be tried yet. */
  waiting(): readonly string[];
  /** Throws what `work` throws. */
  trying(id: string, work: () => Promise<unknown>): Promise<void>;
}

/** Known to this node alone and until it stops: a start may be what mends it. */
export function createBackOff(clock: Clock): BackOff {
  const failed = new Map<string, { readonly waitMs: number; readonly until: number }>();
  return {
    waiting() {
      const now = clock.now();
      // Its time came long ago, so somebody else was through with it.
      for (const [id, { until }] of failed) if (until < now - hourMs) failed.delete(id);
      // Further ahead than any wait: the clock was set back.
      return [...failed].filter(([, { until }]) => until > now && until <= now + hourMs).map(([id]) => id);
    },

    async trying(id, work) {
      try {
        await work();
        failed.delete(id);
      } catch (error) {
        const waitMs = Math.min(2 * (failed.get(id)?.waitMs ?? minuteMs / 2), hourMs);
        failed.delete(id);
        const [oldest] = failed.keys();
        if (oldest !== undefined && failed.size >= keptAtMost) failed.delete(oldest);
        if (!isBusy(error)) failed.set(id, { waitMs, until: clock.now() + waitMs });
        throw error;
      }
    },
  };
}
