// Everybody sends a new password at once, and again when told to, in a process of its own. Reads who they are as JSON from its
// input; prints how it ended for each and how often they were told to come again.
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { createAsk } from './ask.ts';

/** A recovery whose code was right: one new password away from its end. */
export interface Ready {
  readonly path: string;
  readonly handle: string;
  readonly network: string;
}

export interface Crowded {
  readonly ended: readonly number[];
  readonly refusals: number;
  readonly seconds: number;
}

const [host = '', ...nodes] = process.argv.slice(2);
const everybody: readonly Ready[] = JSON.parse(await text(process.stdin));
const ask = createAsk(host, nodes);
let refusals = 0;

async function set({ path, handle, network }: Ready): Promise<number> {
  for (;;) {
    const body = { password: 'a long and new sentence' };
    const { status, retryAfterMs } = await ask('POST', path, { network, handle, body });
    if (status !== 503) return status;
    refusals += 1;
    await wait(retryAfterMs);
  }
}

const startedAt = performance.now();
const ended = await Promise.all(everybody.map(set));
const crowded: Crowded = { ended, refusals, seconds: (performance.now() - startedAt) / 1_000 };
console.log(JSON.stringify(crowded));
process.exit();
