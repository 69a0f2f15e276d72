// What the start of a recovery costs, up to the code, as a site grows: on SQLite as a site keeps it on its disk, with a thousand accounts
// and with ten times as many again and again, up to `--accounts` (a million), and `--events` (ten) of the audit trail for each; a database
// for each size, and all of them in turns. `--folder` keeps them for another time. Goals: CPU <= 1.1 times, the p99 of pages
// <= 1.2 times those with ten thousand. `--queue` tells what it takes to hash for as many as are named a second instead.
import { access, mkdir, mkdtemp, rename, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hourMs, systemClock } from '../src/base/clock.ts';
import { createLog } from '../src/base/log.ts';
import { migrate } from '../src/database/migrate.ts';
import { openDatabase } from '../src/database/open.ts';
import { createTestApp, type TestApp } from '../src/testing/app.ts';
import { createBrowser } from '../src/testing/browser.ts';
import { reachCode } from '../test/journeys/steps.ts';
import { median, quantile } from './recovery/processes.ts';
import { addressOf, seedWithoutIndexes, userIdOf } from './scale/seed.ts';
import { erlangWaitMs, simulate } from './scale/queue.ts';

const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '1000000' },
    events: { type: 'string', default: '10' },
    folder: { type: 'string' },
    queue: { type: 'string' },
  },
});
const goals = { cpu: 1.1, page: 1.2 };
const least = 1_000;
/** What the largest is held against. */
const compared = 10_000;
const rounds = 40;
const recoveriesARound = 25;
const bytesAnAccount = 510;
const bytesAnEvent = 400;
const leftFreeBytes = 10 * 1_024 ** 3;

/** Of one recovery. */
interface Taken {
  /** Of the thread that serves, SQLite included, for all its pages. */
  readonly cpuMs: number;
  readonly pagesMs: readonly number[];
}

interface Site {
  readonly accounts: number;
  readonly app: TestApp;
  readonly taken: Taken[];
}

/** Recoveries of accounts from all over, each as far as its code is asked for. */
async function walk({ app, accounts }: Site): Promise<Taken[]> {
  const taken: Taken[] = [];
  for (let turn = 0; turn < recoveriesARound; turn += 1) {
    let cpuMs = 0;
    const pagesMs: number[] = [];
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
        pagesMs.push(performance.now() - startedAt);
        cpuMs += (user + system) / 1_000;
        return new Response(await bodyOf(answer, bytes), { status: answer.status, headers: answer.headers });
      },
    });
    const at = 1 + ((networks * 7_919_993) % accounts);
    await reachCode(browser, networks % 2 === 0 ? userIdOf(at) : addressOf(at));
    if (browser.page.path !== '/recover/code') throw new Error(`${browser.page.path}: ${browser.page.text}`);
    taken.push({ cpuMs, pagesMs });
  }
  // What the site has counted is over.
  app.clock.advance(hourMs * 2);
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

/** Seeded where it is not there yet. */
async function openSite(folder: string, accounts: number, eventsEach: number): Promise<Site> {
  const file = join(folder, `${accounts}-${eventsEach}.db`);
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    const { bavail, bsize } = await statfs(folder);
    const bytes = accounts * (bytesAnAccount + eventsEach * bytesAnEvent) + leftFreeBytes;
    if (bavail * bsize < bytes)
      throw new Error(`${accounts} accounts want ${Math.ceil(bytes / 1_024 ** 3)} GB free on the disk`);
    console.error(
      `seeding ${accounts.toLocaleString('en')} accounts, ${(accounts * eventsEach).toLocaleString('en')} events`,
    );
    const seeding = await openDatabase(`sqlite:${file}.part`, { log: createLog('silent') });
    await migrate(seeding, { clock: systemClock });
    await seedWithoutIndexes(seeding, { accounts, events: accounts * eventsEach });
    await seeding.close();
    await rename(`${file}.part`, file);
  }
  const address = `sqlite:${file}`;
  const app = await createTestApp({
    now: Date.now(),
    createDatabase: async () => {
      const db = await openDatabase(address, { log: createLog('silent') });
      return { db, address, remove: () => db.close() };
    },
  });
  return { accounts, app, taken: [] };
}

async function measure(most: number, eventsEach: number, kept: string | undefined): Promise<void> {
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'rekey-scale-')));
  await mkdir(folder, { recursive: true });
  const sites: Site[] = [];
  try {
    for (let accounts = least; accounts <= most; accounts *= 10)
      sites.push(await openSite(folder, accounts, eventsEach));
    for (const site of sites) await walk(site);
    for (let round = 0; round < rounds; round += 1) for (const site of sites) site.taken.push(...(await walk(site)));
  } finally {
    for (const { app } of sites) await app.close();
    if (kept === undefined) await rm(folder, { recursive: true });
  }
  const figures = sites.map(({ accounts, taken }) => {
    const pages = taken.flatMap(({ pagesMs }) => pagesMs);
    return {
      accounts: accounts.toLocaleString('en'),
      'CPU of a start, median ms': median(taken.map(({ cpuMs }) => cpuMs)),
      'page, median ms': median(pages),
      'page, p99 ms': quantile(pages, 0.99),
    };
  });
  console.table(figures);
  const first = figures[sites.findIndex(({ accounts }) => accounts === compared)];
  const last = figures.at(-1);
  const ratio = (name: 'CPU of a start, median ms' | 'page, p99 ms') => (last?.[name] ?? 0) / (first?.[name] ?? 1);
  const [cpu, page] = [ratio('CPU of a start, median ms'), ratio('page, p99 ms')];
  console.log(
    `From ten thousand to the last: CPU ${cpu.toFixed(2)} times (goal ${goals.cpu}), p99 ${page.toFixed(2)} times (goal ${goals.page}).`,
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

if (values.queue !== undefined) tellQueue(Number(values.queue));
else if (Number(values.accounts) < compared)
  throw new Error(`--accounts: ${compared} at least, which the largest is held against`);
else await measure(Number(values.accounts), Number(values.events), values.folder);
