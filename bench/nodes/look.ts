// Asks for a page over and over until its input ends, in a process of its own: what else the bench has to do must not count as the
// server's time. Prints a line for each: how many ms it took, and its status.
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

const pageEveryMs = 20;
const [url = ''] = process.argv.slice(2);
const done = new AbortController();
void once(process.stdin.resume(), 'end').then(() => done.abort());

async function look(): Promise<string> {
  const askedAt = performance.now();
  const answer = await fetch(url);
  await answer.text();
  return `${performance.now() - askedAt} ${answer.status}`;
}

const seen: Promise<string>[] = [];
console.log('looking');
while (!done.signal.aborted) {
  seen.push(look());
  await wait(pageEveryMs);
}
console.log((await Promise.all(seen)).join('\n'));
