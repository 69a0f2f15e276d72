// How many rows a second `rekey copy` moves between SQLite and PostgreSQL, each as a site keeps it, and compares afterwards:
// accounts with an address and five audit events each. Goal: 5,000 rows a second each way.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/base/clock.ts';
import { createLog } from '../src/base/log.ts';
import { copyDatabase } from '../src/database/copy.ts';
import { migrate } from '../src/database/migrate.ts';
import { openDatabase } from '../src/database/open.ts';
import { onDisk, startPostgres } from '../test/postgres.ts';
import { seedSite } from './scale/seed.ts';

const goal = 5_000;
const accounts = Number(process.argv[2] ?? 20_000);

const folder = await mkdtemp(join(tmpdir(), 'rekey-bench-'));
const server = await startPostgres(onDisk);
const open = async (address: string) => {
  const db = await openDatabase(address, { log: createLog('silent') });
  await migrate(db, { clock: systemClock });
  return db;
};
const [first, middle, last] = [
  await open(`sqlite:${join(folder, 'first.db')}`),
  await open(server.url),
  await open(`sqlite:${join(folder, 'last.db')}`),
];
try {
  await seedSite(first, { accounts, events: 5 * accounts });
  const shown: Record<string, object> = {};
  for (const [way, from, to] of [
    ['SQLite to PostgreSQL', first, middle],
    ['PostgreSQL to SQLite', middle, last],
  ] as const) {
    const startedAt = performance.now();
    const { rowsCopied, copyMs } = await copyDatabase({
      from,
      to,
      source: way,
      refuseInUse: async () => {},
      onProgress: () => {},
    });
    const allMs = performance.now() - startedAt;
    const perSecond = Math.round(rowsCopied / (copyMs / 1_000));
    shown[way] = { rows: rowsCopied, perSecond, withComparing: Math.round(rowsCopied / (allMs / 1_000)) };
    if (perSecond < goal) process.exitCode = 1;
  }
  console.table(shown);
  console.log(`Rows a second; goal ${goal.toLocaleString('en')}.`);
} finally {
  for (const db of [first, middle, last]) await db.close();
  await server.stop();
  await rm(folder, { recursive: true });
}
