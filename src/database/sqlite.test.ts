import { spawnSync } from 'node:child_process';
import { chmod, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { makeTestFolder } from '../testing/folder.ts';
import type { Database, Transaction } from './database.ts';
import { migrate } from './migrate.ts';
import { openSqlite } from './sqlite.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await makeTestFolder();
  file = join(folder, 'rekey.db');
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function openMigrated(): Promise<Database> {
  const db = await openSqlite({ file });
  await migrate(db, { clock: systemClock });
  return db;
}

const insert = (tx: Transaction, name: string, holder = '') =>
  tx.insertInto('leases').values({ name, holder, expires_at: 1 }).execute();

const namesIn = async (db: Database) =>
  (await db.read.selectFrom('leases').select('name').orderBy('name').execute()).map(({ name }) => name);

it('opened once more in one process, stays in use to every other: nobody closes it as the last', async () => {
  const db = await openMigrated();
  await (await openSqlite({ file })).close();
  // Locks of a process do not show within it.
  const fileInUse = fileURLToPath(new URL('file-in-use.ts', import.meta.url));
  const asked = `import { isFileInUse } from ${JSON.stringify(fileInUse)}; process.exit(isFileInUse(${JSON.stringify(file)}) ? 7 : 0)`;
  const other = () =>
    spawnSync(process.execPath, ['--input-type=module', '--eval', asked], { cwd: import.meta.dirname });
  expect(other().status).toBe(7);
  await db.close();
  expect(other().status).toBe(0);
});

describe('group commit', () => {
  it('saves 2,000 writes at once with a few dozen commits', async () => {
    const db = await openMigrated();
    const exec = vi.spyOn(DatabaseSync.prototype, 'exec');
    await Promise.all(Array.from({ length: 2_000 }, (_, index) => db.write((tx) => insert(tx, String(index)))));
    const commits = exec.mock.calls.filter(([statement]) => statement === 'COMMIT').length;
    expect(commits).toBeLessThan(50);
    expect(await namesIn(db)).toHaveLength(2_000);
    await db.close();
  });

  it('tells nobody before the commit', async () => {
    const db = await openMigrated();
    const told: string[] = [];
    const exec = vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, statement) {
      if (statement === 'COMMIT') told.push('commit');
      this.prepare(statement.split(';')[0] ?? '').run();
    });
    await Promise.all(['a', 'b', 'c'].map((name) => db.write((tx) => insert(tx, name)).then(() => told.push(name))));
    exec.mockRestore();
    expect(told).toEqual(['commit', 'a', 'b', 'c']);
    await db.close();
  });

  it('rejects all that shared a commit that failed, and goes on', async () => {
    const db = await openMigrated();
    const orphan = { id: 'a', site: '', account_id: 'nobody', address: '', address_key: '', confirmed_at: null };
    const outcomes = await Promise.allSettled([
      db.write((tx) => insert(tx, 'before')),
      db.write(async (tx) => {
        await sql`PRAGMA defer_foreign_keys = ON`.execute(tx);
        await tx
          .insertInto('addresses')
          .values({ ...orphan, created_at: 1 })
          .execute();
      }),
      db.write((tx) => insert(tx, 'after')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await namesIn(db)).toEqual([]);
    await db.write((tx) => insert(tx, 'later'));
    expect(await namesIn(db)).toEqual(['later']);
    await db.close();
  });

  it('runs the others again where one fails, without the one that failed', async () => {
    const db = await openMigrated();
    const runs: string[] = [];
    const write = (name: string, fault?: Error) =>
      db.write(async (tx) => {
        runs.push(name);
        await insert(tx, name);
        if (fault) throw fault;
      });
    const outcomes = await Promise.allSettled([write('before'), write('failed', new Error('ours')), write('after')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(runs).toEqual(['before', 'failed', 'before', 'after']);
    expect(await namesIn(db)).toEqual(['after', 'before']);
    await db.close();
  });

  it('lets requests in between two groups', async () => {
    const db = await openMigrated();
    const order: string[] = [];
    const writes = Array.from({ length: 200 }, (_, index) =>
      db.write((tx) => insert(tx, String(index))).then(() => order.push('write')),
    );
    setImmediate(() => setImmediate(() => order.push('request')));
    await Promise.all(writes);
    expect(order.indexOf('request')).toBeGreaterThan(-1);
    expect(order.indexOf('request')).toBeLessThan(199);
    await db.close();
  });
});

describe('work that never ends', () => {
  it('is given up after ten seconds, and the writers behind it go on', async () => {
    const db = await openMigrated();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let noteEntered = () => {};
    const entered = new Promise<void>((resolve) => (noteEntered = resolve));
    const stuck = db.write(async (tx) => {
      await insert(tx, 'stuck');
      noteEntered();
      await new Promise(() => {});
    });
    const behind = db.write((tx) => insert(tx, 'behind'));
    await entered;
    await Promise.all([expect(stuck).rejects.toThrow('waited too long'), vi.advanceTimersByTimeAsync(10_000)]);
    await behind;
    vi.useRealTimers();
    expect(await namesIn(db)).toEqual(['behind']);
    await db.close();
  });
});

describe('a full disk', () => {
  // SQLite answers a page limit as it answers a full disk: SQLITE_FULL, with the whole transaction rolled back.
  const limitPages = (db: Database, pages: number) =>
    db.write((tx) => sql`PRAGMA max_page_count = ${sql.lit(pages)}`.execute(tx));

  it('refuses what does not fit, keeps the rest, and works again once there is room', async () => {
    const db = await openMigrated();
    await db.write((tx) => insert(tx, 'a'));
    const { rows } = await sql<{ page_count: number }>`PRAGMA page_count`.execute(db.read);
    await limitPages(db, (rows[0]?.page_count ?? 0) + 2);

    const [before, large, after] = await Promise.allSettled([
      db.write((tx) => insert(tx, 'b')),
      db.write((tx) => insert(tx, 'large', 'x'.repeat(1_000_000))),
      db.write((tx) => insert(tx, 'c')),
    ]);
    expect(before).toMatchObject({ status: 'fulfilled' });
    expect(large).toMatchObject({
      status: 'rejected',
      reason: { problem: 'busy', detail: expect.stringMatching(/is full/), retryAfterMs: 3_000 },
    });
    expect(after).toMatchObject({ status: 'fulfilled' });
    expect(await namesIn(db)).toEqual(['a', 'b', 'c']);

    await limitPages(db, 1_000_000);
    await db.write((tx) => insert(tx, 'large', 'x'.repeat(1_000_000)));
    await db.close();
    const again = await openSqlite({ file });
    expect(await namesIn(again)).toEqual(['a', 'b', 'c', 'large']);
    await again.close();
  });
});

describe('opening', () => {
  const unusable = (words: RegExp) => ({ problem: 'database-unusable', detail: expect.stringMatching(words) });

  it('makes the folder and a file that only its owner reads', async () => {
    file = join(folder, 'new', 'deep', 'rekey.db');
    const db = await openMigrated();
    const modes = await Promise.all([file, `${file}-wal`].map(async (name) => (await stat(name)).mode & 0o777));
    expect(modes).toEqual([0o600, 0o600]);
    await db.close();
  });

  it('finds what was written before', async () => {
    const db = await openMigrated();
    await db.write((tx) => insert(tx, 'a'));
    await db.close();
    const again = await openSqlite({ file });
    expect(await namesIn(again)).toEqual(['a']);
    await again.close();
  });

  it('sets every pragma that safety rests on', async () => {
    const db = await openMigrated();
    const pragma = async (name: string) =>
      Object.values((await db.write((tx) => sql.raw<object>(`PRAGMA ${name}`).execute(tx))).rows[0] ?? {})[0];
    const full = 2;
    expect(await Promise.all(['journal_mode', 'synchronous', 'foreign_keys', 'secure_delete'].map(pragma))).toEqual([
      'wal',
      full,
      1,
      1,
    ]);
    await db.close();
  });

  it('says so when the file is not a database', async () => {
    await writeFile(file, 'not a database, and long enough to be looked at\n'.repeat(50));
    await expect(openSqlite({ file })).rejects.toMatchObject(unusable(/is not a database: name another file/));
  });

  it('says so when the name is that of a folder', async () => {
    await mkdir(file);
    await expect(openSqlite({ file })).rejects.toMatchObject(unusable(/is a folder/));
  });

  it('says so when the folder is a file', async () => {
    await writeFile(join(folder, 'taken'), '');
    file = join(folder, 'taken', 'rekey.db');
    await expect(openSqlite({ file })).rejects.toMatchObject(unusable(/not a folder/));
  });

  // Root may write everywhere.
  it.skipIf(process.getuid?.() === 0)('says so when the folder cannot be written', async () => {
    await chmod(folder, 0o500);
    await expect(openSqlite({ file })).rejects.toMatchObject(unusable(/the right to write/));
    await chmod(folder, 0o700);
  });

  it.runIf(process.platform === 'linux')('says so when the system forbids writing', async () => {
    await expect(openSqlite({ file: '/proc/rekey/rekey.db' })).rejects.toMatchObject(unusable(/the right to write/));
  });

  it('says so when another program holds the file', async () => {
    const other = new DatabaseSync(file);
    other.exec('CREATE TABLE t (a); BEGIN EXCLUSIVE');
    await expect(openSqlite({ file, busyTimeoutMs: 50 })).rejects.toMatchObject(unusable(/in use by another program/));
    other.close();
  });

  it.each(['', ':memory:'])('refuses %o, which two connections cannot share', async (name) => {
    await expect(openSqlite({ file: name })).rejects.toMatchObject(unusable(/name of a file/));
  });
});
