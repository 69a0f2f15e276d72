// What was answered is on the disk, whatever happens to the machine in the next moment: the calls of the system that a node and its
// database make, in the order in which strace sees them. What a disk does that says "kept" and is not, nothing here can tell.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAsk } from '../../bench/nodes/ask.ts';
import { openPostgres } from '../../src/database/postgres.ts';
import { makeTestFolder } from '../../src/testing/folder.ts';
import { production, startServing } from '../journeys/command-line.ts';
import { startOwnPostgres } from '../postgres.ts';

const canTrace = spawnSync('strace', ['-o', '/dev/null', process.execPath, '--version']).status === 0;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'power-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.skipIf(!canTrace)(
  `a start of a recovery${canTrace ? '' : ' (strace is not installed, or may not look)'}`,
  () => {
    it('is on the disk before it is answered, on SQLite', async () => {
      await expectKept(`sqlite:${join(folder, 'rekey.db')}`, async () => []);
    });

    it('is on the disk before it is answered, on PostgreSQL', async () => {
      const server = await startOwnPostgres({ flags: [], makeFolder: () => makeTestFolder(1_024 ** 3) });
      const db = await openPostgres({ url: server.url });
      try {
        await expectKept(server.url, async () => {
          const { rows } = await sql<{ pid: number }>`SELECT pid FROM pg_stat_activity`.execute(db.read);
          // What it starts from now on is seen through the first of them.
          const main = Number.parseInt(await readFile(join(server.dataFolder, 'postmaster.pid'), 'utf8'));
          return [main, ...rows.map(({ pid }) => pid)];
        });
      } finally {
        await db.close();
        await server.stop();
      }
    });
  },
);

/** `processes`: those of the database that are there once a node is. */
async function expectKept(database: string, processes: () => Promise<readonly number[]>): Promise<void> {
  const node = await startServing(
    { ...production, REKEY_MODE: 'development', REKEY_HUMAN_CHECK: 'off', REKEY_DATABASE: database },
    '--no-jobs',
  );
  try {
    const stop = await trace([node.process.pid ?? 0, ...(await processes())]);
    const ask = createAsk('shop.site', [node.address]);
    const body = { identifier: 'nobody', method: 'email-code' };
    expect(await ask('POST', '/api/v1/recoveries', { body })).toMatchObject({ status: 201 });
    expect(await ask('GET', '/health/live', {})).toMatchObject({ status: 200 });
    const order = (await stop()).flatMap(partIn).filter((part, at, all) => part !== all[at - 1]);
    expect(order.join(' ')).toMatch(/^(written kept )+answered$/);
  } finally {
    node.process.kill('SIGTERM');
    await node.exited;
  }
}

/** What a call of the system did: to the log of the database, which is what a transaction has to be in, or to whoever asked. */
function partIn(call: string): 'written' | 'kept' | 'answered' | [] {
  const log = '<[^>]*(-wal|/pg_wal/[^>]*)>';
  if (/ writev?\(.*"HTTP\/1\.1 201 /.test(call)) return 'answered';
  if (new RegExp(` pwrite\\w*\\(\\d+${log}`).test(call)) return 'written';
  // While another process is seen to do something, it is told in two lines.
  if (new RegExp(` (fsync|fdatasync)\\(\\d+${log}\\) += 0$`).test(call)) return 'kept';
  return / <\.\.\. (fsync|fdatasync) resumed>\) += 0$/.test(call) ? 'kept' : [];
}

/** Resolves once all are looked at, to what ends that and tells what was seen. */
async function trace(pids: readonly number[]): Promise<() => Promise<readonly string[]>> {
  const file = join(folder, `${pids[0]}.trace`);
  const calls = 'trace=write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync';
  const tracing = spawn(
    'strace',
    ['-f', '-y', '-s', '40', '-o', file, '-e', calls, ...pids.flatMap((pid) => ['-p', `${pid}`])],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const missing = new Set(pids);
  for await (const line of createInterface(tracing.stderr)) {
    missing.delete(Number(/Process (\d+) attached/.exec(line)?.[1]));
    if (missing.size === 0) break;
  }
  return async () => {
    tracing.kill('SIGINT');
    await once(tracing, 'exit');
    return (await readFile(file, 'utf8')).split('\n');
  };
}
