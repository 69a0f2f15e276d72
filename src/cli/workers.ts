// `rekey serve --workers N`: N processes on one port, each of which is a node like any other. Node's own cluster hands a
// connection to each in turn; one that ends by itself is replaced, and none outlives the process that started it.
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { secondMs } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { finishInTime, untilSignal } from './until-signal.ts';

/** So that one that cannot start does not take the whole machine to try. */
const restartAfterMs = secondMs;

/** Runs until SIGTERM or SIGINT, and answers the exit code: that of the first worker where it could not start. */
export async function runWorkers(count: number, log: Log): Promise<number> {
  const stop = new AbortController();
  const stopping = untilSignal(log).then(() => stop.abort());
  const running = new Map<Worker, Promise<number>>();

  /** Resolves once it listens, or to its exit code where it never does. */
  async function start(): Promise<number | undefined> {
    const worker = cluster.fork();
    const exited = once(worker, 'exit').then(([code, signal]: unknown[]) => {
      running.delete(worker);
      if (hasListened && !stop.signal.aborted) {
        log.error({ code, signal }, 'a worker ended by itself: another takes its place');
        void wait(restartAfterMs).then(keepOne);
      }
      return typeof code === 'number' ? code : 1;
    });
    let hasListened = false;
    running.set(worker, exited);
    const code = await Promise.race([once(worker, 'listening').then(() => undefined), exited]);
    hasListened = code === undefined;
    return code;
  }

  /** Tries until one listens. */
  async function keepOne(): Promise<void> {
    while (!stop.signal.aborted && (await start()) !== undefined) await wait(restartAfterMs);
  }

  // The first brings the tables up to date, and tells what is wrong once for all.
  const failed = await start();
  if (failed !== undefined) return failed;
  await Promise.all(Array.from({ length: count - 1 }, keepOne));

  await stopping;
  for (const worker of running.keys()) worker.process.kill('SIGTERM');
  await finishInTime(Promise.all(running.values()), log);
  return 0;
}
