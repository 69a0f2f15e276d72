// What the start of a recovery costs, up to the code, as a site grows: on SQLite as a site keeps it on its disk, from a thousand accounts to
// as many as are named (a million where nothing is), with ten audit events each. Goals: its CPU <= 1.1 times, the
// p99 of its slowest page <= 1.2 times those at a thousand. `--queue` tells what it takes to hash for as many as are named a second instead.
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dayMs, systemClock } from '../src/base/clock.ts';
import { createLog } from '../src/base/log.ts';
import { migrate } from '../src/database/migrate.ts';
import { openDatabase } from '../src/database/open.ts';
import { createTestApp, type TestApp } from '../src/testing/app.ts';
import { createBrowser } from '../src/testing/browser.ts';
import { reachCode } from '../test/journeys/steps.ts';
import { addressOf, seedSite, userIdOf } from './scale/seed.ts';
import { erlangWaitMs, simulate } from './scale/queue.ts';

const { values } = parseArgs({
  options: { accounts: { type: 'string', default: '1000000' }, queue: { type: 'string' } },
});
const goals = { cpu: 1.1, page: 1.2 };
const startsAt = Date.UTC(2026, 0, 1);
const eventsEach = 10;
const rounds = 400;
/** An account with its address and events, on the disk with indexes. */
const bytesAnAccount = 4_500;
const leftFreeBytes = 15 * 1_024 ** 3;

interface Taken {
  /** Of the thread that serves, SQLite included, for all pages of one recovery. */
  readonly cpuMs: number;
  /** The slowest of its pages. */
  readonly pageMs: number;
}

/** Recoveries of accounts from all over, each as far as its code is asked for. */
async function walk(app: TestApp, accounts: number): Promise<Taken[]> {
  const taken: Taken[] = [];
  for (let round = 0; round < rounds; round += 1) {
    let cpuMs = 0;
    let pageMs = 0;
    networks += 1;
    const browser = createBrowser({
      origin: app.origin,
      clock: app.clock,
      language: 'en',
      address: `10.${(networks >> 8) & 255}.${networks & 255}.1`,
      async fetch(url, init) {
        const request = new Request(url, init);
        const startedAt = performance.now();
        const cpu = process.threadCpuUsage();
        const answer = await app.app.server.fetch(request, { remoteAddress: '127.0.0.1' });
        const bytes = await answer.arrayBuffer();
        const { user, system } = process.threadCpuUsage(cpu);
        pageMs = Math.max(pageMs, performance.now() - startedAt);
        cpuMs += (user + system) / 1_000;
        return new Response(await bodyOf(answer, bytes), { status: answer.status, headers: answer.headers });
      },
    });
    const at = 1 + ((round * 7_919_993) % accounts);
    await reachCode(browser, round % 2 === 0 ? userIdOf(at) : addressOf(at));
    if (browser.page.path !== '/recover/code') throw new Error(`${browser.page.path}: ${browser.page.text}`);
    taken.push({ cpuMs, pageMs });
  }
  return taken;
}

let networks = 0;

/** As a browser would read it; the browser of the tests takes what is not squeezed. */
async function bodyOf(answer: Response, bytes: ArrayBuffer): Promise<BodyInit | null> {
  if (bytes.byteLength === 0) return null;
  return answer.headers.get('content-encoding') === 'gzip'
    ? (new Response(bytes).body?.pipeThrough(new DecompressionStream('gzip')) ?? null)
    : bytes;
}

const sorted = (numbers: readonly number[]) => numbers.toSorted((one, other) => one - other);
const at = (numbers: readonly number[], share: number) => sorted(numbers)[Math.floor(numbers.length * share)] ?? 0;

const sizeOf = (accounts: number) => ({ accounts, events: eventsEach * accounts });

async function measure(most: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rekey-scale-'));
  const rows: Record<string, Record<string, number>> = {};
  try {
    const { bavail, bsize } = await statfs(folder);
    const fits = Math.floor((bavail * bsize - leftFreeBytes) / bytesAnAccount);
    if (most > fits) throw new Error(`the disk has room for ${fits} accounts, with 15 GB left free`);
    const address = `sqlite:${join(folder, 'rekey.db')}`;
    const seeding = await openDatabase(address, { log: createLog('silent') });
    await migrate(seeding, { clock: systemClock });
    let seeded = 0;
    for (let accounts = 1_000; accounts <= most; accounts *= 10) {
      await seedSite(seeding, sizeOf(accounts - seeded), sizeOf(seeded));
      seeded = accounts;
      const app = await createTestApp({
        // Each size in an hour of its own: what the site has counted before is over.
        now: startsAt + Object.keys(rows).length * dayMs,
        createDatabase: async () => {
          const db = await openDatabase(address, { log: createLog('silent') });
          return { db, address, remove: () => db.close() };
        },
      });
      await walk(app, accounts);
      app.clock.advance(dayMs / 2);
      const taken = await walk(app, accounts);
      await app.close();
      const cpu = taken.map(({ cpuMs }) => cpuMs);
      const pages = taken.map(({ pageMs }) => pageMs);
      rows[accounts.toLocaleString('en')] = {
        'CPU of a start, median ms': Number(at(cpu, 0.5).toFixed(2)),
        'page, median ms': Number(at(pages, 0.5).toFixed(2)),
        'page, p99 ms': Number(at(pages, 0.99).toFixed(2)),
      };
    }
    await seeding.close();
  } finally {
    await rm(folder, { recursive: true });
  }
  console.table(rows);
  const [first, last] = [Object.values(rows).at(0), Object.values(rows).at(-1)];
  const ratio = (name: string) => (last?.[name] ?? 0) / (first?.[name] ?? 1);
  const [cpu, page] = [ratio('CPU of a start, median ms'), ratio('page, p99 ms')];
  console.log(
    `From the first to the last: CPU ${cpu.toFixed(2)} times (goal ${goals.cpu}), p99 ${page.toFixed(2)} times (goal ${goals.page}).`,
  );
  process.exitCode = cpu <= goals.cpu && page <= goals.page ? 0 : 1;
}

const coresOfNode = 8;

/** How many nodes hash for `perSecond` recoveries, each with a line of its own, and how long people wait in it. */
function tellQueue(perSecond: number): void {
  const rows: Record<string, Record<string, number>> = {};
  for (const busy of [0.5, 0.6, 0.7, 0.8, 0.9]) {
    const node = { servers: coresOfNode, serviceMs: 20, arrivals: (busy * coresOfNode * 1_000) / 20 };
    const { meanMs, p99Ms } = simulate({ ...node, service: 'always-the-same' }, 1_000_000, 1);
    rows[`${Math.round(busy * 100)} % busy`] = {
      // Two hashes a recovery: the new password, and the sign-in with it.
      [`nodes of ${coresOfNode} cores`]: Math.ceil((2 * perSecond) / node.arrivals),
      'mean wait, ms': Number(meanMs.toFixed(1)),
      'p99 of waits, ms': Number(p99Ms.toFixed(1)),
      'mean by Erlang C, were hashes at random, ms': Number(erlangWaitMs(node).toFixed(1)),
    };
  }
  console.table(rows);
}

if (values.queue === undefined) await measure(Number(values.accounts));
else tellQueue(Number(values.queue));
