// How a process that serves is asked to stop, and how long it may take.
import { secondMs } from '../base/clock.ts';
import type { Log } from '../base/log.ts';

/** Orchestrators kill after 30 s. */
const stopWithinMs = 25 * secondMs;
/** npm passes on a Ctrl-C that the terminal has sent already. */
const sameSignalMs = secondMs;

/** Resolves at the first signal; one that comes later ends the process at once. */
export const untilSignal = (log: Log): Promise<void> =>
  new Promise((resolve) => {
    let firstAt: number | undefined;
    const onSignal = (signal: NodeJS.Signals, number: number) => {
      if (firstAt === undefined) {
        firstAt = performance.now();
        log.info({ signal }, 'stopping: what runs is finished first');
        resolve();
      } else if (performance.now() - firstAt > sameSignalMs) process.exit(128 + number);
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  });

/** Waits for what runs; ends the process where that takes longer than it has. */
export async function finishInTime(running: Promise<unknown>, log: Log): Promise<void> {
  const late = setTimeout(() => {
    log.warn({}, 'stopped before everything was done: what was confirmed is kept, mail goes out after the next start');
    process.exit(0);
  }, stopWithinMs);
  await running;
  clearTimeout(late);
}
