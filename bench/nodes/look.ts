// Asks for a page over and over, on a thread of its own: what else the bench has to do must not count as the server's time.
import { setTimeout as wait } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

const pageEveryMs = 20;

/** Of one page. */
export interface Seen {
  readonly ms: number;
  readonly status: number;
}

const url = String(workerData);
const seen: Promise<Seen>[] = [];
let isDone = false;

async function look(): Promise<Seen> {
  const askedAt = performance.now();
  const answer = await fetch(url);
  await answer.text();
  return { ms: performance.now() - askedAt, status: answer.status };
}

parentPort?.once('message', () => (isDone = true));
while (!isDone) {
  seen.push(look());
  await wait(pageEveryMs);
}
parentPort?.postMessage(await Promise.all(seen));
