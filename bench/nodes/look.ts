// Asks nodes in turn for a page, over and over until its input ends, in a process of its own and without the proxy between: what the
// bench and the proxy have to do must not count as the nodes' time. Prints a line for each: how many ms it took, and its status.
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { createAsk } from './ask.ts';

const pageEveryMs = 20;
const [host = '', ...nodes] = process.argv.slice(2);
const ask = createAsk(host, nodes);
const done = new AbortController();
void once(process.stdin.resume(), 'end').then(() => done.abort());

async function look(): Promise<string> {
  const askedAt = performance.now();
  const { status } = await ask('GET', '/recover', {});
  return `${performance.now() - askedAt} ${status}`;
}

const seen: Promise<string>[] = [];
console.log('looking');
while (!done.signal.aborted) {
  seen.push(look());
  await wait(pageEveryMs);
}
console.log((await Promise.all(seen)).join('\n'));
process.exit();
