// What PostgreSQL does beyond the contract: serialisation failures and lost connections.
import dns from 'node:dns';
import { connect, createServer, type Socket } from 'node:net';
import { sql } from 'kysely';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Transaction } from '../../src/database/database.ts';
import { allowLongWork } from '../../src/database/long.ts';
import { connectionsMax, openPostgres } from '../../src/database/postgres.ts';
import { statement, type Value } from '../../src/database/statement.ts';
import { createTurns, Skipped } from '../../src/database/turns.ts';
import { createTestPostgres, type TestDatabase } from '../../src/testing/databases.ts';
import { askFor } from '../ask.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestPostgres(await askFor('postgres'));
});
beforeEach(() => test.db.write((tx) => tx.deleteFrom('leases').execute()));
afterAll(() => test.remove());

const insert = (tx: Transaction, name: string) =>
  tx.insertInto('leases').values({ name, holder: '', expires_at: 1 }).execute();
const touch = (tx: Transaction, name: string) =>
  tx.updateTable('leases').set({ holder: 'x' }).where('name', '=', name).execute();
const raise = (code: string) => sql.raw(`DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '${code}'; END $$`);

it('a statement that is prepared goes on when its table gets a column, on every connection', async () => {
  const find = statement((db, { name }: { name: Value<string> }) =>
    db.selectFrom('leases').selectAll().where('name', '=', name),
  ).execute;
  await test.db.write((tx) => insert(tx, 'a'));
  const ask = () => [
    ...Array.from({ length: connectionsMax }, () => find(test.db.read, { name: 'a' })),
    ...Array.from({ length: connectionsMax }, () => test.db.write((tx) => find(tx, { name: 'a' }))),
  ];
  const before = { name: 'a', holder: '', expires_at: 1 };
  const everyTime = (row: object) => Array.from({ length: 2 * connectionsMax }, () => [row]);
  expect(await Promise.all(ask())).toEqual(everyTime(before));
  await test.db.write((tx) => sql`ALTER TABLE leases ADD COLUMN later TEXT`.execute(tx));
  try {
    expect(await Promise.all(ask())).toEqual(everyTime({ ...before, later: null }));
  } finally {
    await test.db.write((tx) => sql`ALTER TABLE leases DROP COLUMN later`.execute(tx));
  }
});

describe('what is asked in one turn', () => {
  const dividing = statement((db, { by }: { by: Value<number> }) =>
    db.selectNoFrom([sql<number>`9007199254740992 / ${by}`.as('quotient')]),
  ).execute;

  it('is not run behind a statement that failed, COMMIT and all, and the next turn is', async () => {
    const pool = new Pool({ connectionString: test.address });
    const client = await pool.connect();
    try {
      const ask = createTurns(client, () => String);
      const put = (name: string) => ask('INSERT INTO leases VALUES ($1, $2, 1)', [name, ''], 'put');
      // As if BEGIN had failed: without a transaction each would be kept by itself.
      const turn = [ask('SELECT 1 / 0', []), put('a'), put('b'), ask('COMMIT', [])];
      const [failed, ...behind] = await Promise.allSettled(turn);
      expect(failed).toMatchObject({ reason: { code: '22012' } });
      for (const each of behind) expect(each).toMatchObject({ reason: expect.any(Skipped), status: 'rejected' });
      // Prepared once, and again where it failed at its first run.
      await Promise.all([put('c'), put('d')]);
      await expect(ask('INSERT INTO leases VALUES ($1, $2, 1)', ['c', ''], 'again')).rejects.toMatchObject({
        code: '23505',
      });
      expect(await ask('INSERT INTO leases VALUES ($1, $2, 1)', ['e', ''], 'again')).toEqual({
        rows: [],
        numAffectedRows: 1n,
      });
      expect((await ask('SELECT name FROM leases ORDER BY name', [])).rows).toEqual([
        { name: 'c' },
        { name: 'd' },
        { name: 'e' },
      ]);
    } finally {
      client.release();
      await pool.end();
    }
  });

  it('a read that fails, or whose number is too large, fails no other of the same moment', async () => {
    const reads = [0, 2, 1, 4].map((by) => dividing(test.db.read, { by }));
    expect(await Promise.allSettled(reads)).toMatchObject([
      { reason: { code: '22012' } },
      { value: [{ quotient: 2 ** 52 }] },
      { reason: expect.any(RangeError) },
      { value: [{ quotient: 2 ** 51 }] },
    ]);
  });
});

describe('a serialisation failure', () => {
  it('runs the work again', async () => {
    let runs = 0;
    await test.db.write(async (tx) => {
      runs += 1;
      await insert(tx, 'a');
      if (runs < 3) await raise('40001').execute(tx);
    });
    expect(runs).toBe(3);
    expect(await test.db.read.selectFrom('leases').select('name').execute()).toHaveLength(1);
  });

  it('is handed on after five goes', async () => {
    let runs = 0;
    const write = test.db.write(async (tx) => {
      runs += 1;
      await raise('40001').execute(tx);
    });
    await expect(write).rejects.toMatchObject({ code: '40001' });
    expect(runs).toBe(5);
  });

  it('another error is not tried again', async () => {
    let runs = 0;
    const write = test.db.write(async (tx) => {
      runs += 1;
      await raise('23514').execute(tx);
    });
    await expect(write).rejects.toMatchObject({ code: '23514' });
    expect(runs).toBe(1);
  });

  it('a deadlock of two ends with both done', async () => {
    await test.db.write(async (tx) => {
      await insert(tx, 'a');
      await insert(tx, 'b');
    });
    const reached: (() => void)[] = [];
    const bothHoldOne = new Promise<void>((resolve) => reached.push(resolve));
    let holding = 0;
    const lock = (first: string, second: string) =>
      test.db.write(async (tx) => {
        await touch(tx, first);
        holding += 1;
        if (holding === 2) for (const go of reached) go();
        await bothHoldOne;
        await touch(tx, second);
      });
    await Promise.all([lock('a', 'b'), lock('b', 'a')]);
    // The one that goes again may take its first row back before the other has woken up, and meet it once more.
    expect(holding).toBeGreaterThanOrEqual(3);
  });
});

describe('a connection that the server ends', () => {
  const end = async (tx: Transaction) => {
    const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(tx);
    await sql`SELECT pg_terminate_backend(${rows[0]?.pid ?? 0}::int)`.execute(test.db.read);
  };
  const names = async () => (await test.db.read.selectFrom('leases').select('name').execute()).map(({ name }) => name);

  it('in a transaction has kept nothing of it, which goes again on another', async () => {
    let runs = 0;
    await test.db.write(async (tx) => {
      runs += 1;
      await insert(tx, `a${runs}`);
      if (runs === 1) await end(tx);
      await insert(tx, `b${runs}`);
    });
    expect([runs, await names()]).toEqual([2, ['a2', 'b2']]);
  });

  it('again and again is told clearly, with a time to ask again, and keeps nothing', async () => {
    let runs = 0;
    const write = test.db.write(async (tx) => {
      runs += 1;
      await insert(tx, 'a');
      await end(tx);
      await insert(tx, 'b');
    });
    await expect(write).rejects.toMatchObject({
      problem: 'busy',
      detail: expect.stringMatching(/did not answer/),
      retryAfterMs: 3_000,
    });
    await test.db.write((tx) => insert(tx, 'c'));
    expect([runs, await names()]).toEqual([3, ['c']]);
  });

  it('in its COMMIT is not followed by a second go: the first may have been kept', async () => {
    await test.db.write(async (tx) => {
      await sql
        .raw(`CREATE FUNCTION end_own() RETURNS trigger LANGUAGE plpgsql
          AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$`)
        .execute(tx);
      await sql
        .raw(`CREATE CONSTRAINT TRIGGER ends AFTER INSERT ON leases DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION end_own()`)
        .execute(tx);
    });
    try {
      let runs = 0;
      const write = test.db.write(async (tx) => {
        runs += 1;
        await insert(tx, 'a');
      });
      await expect(write).rejects.toMatchObject({
        problem: 'busy',
        detail: expect.stringMatching(/lost in a COMMIT .*nobody knows whether it was kept/),
      });
      expect(runs).toBe(1);
    } finally {
      await test.db.write((tx) => sql.raw('DROP FUNCTION end_own CASCADE').execute(tx));
    }
  });
});

it('what waits too long for a lock, or runs too long, is told to come again; what an operator asked for is not', async () => {
  const short = await openPostgres({ url: test.address, connections: 2, lockMs: 50, statementMs: 200 });
  const busy = (words: RegExp) => ({ problem: 'busy', detail: expect.stringMatching(words), retryAfterMs: 3_000 });
  try {
    await test.db.write((tx) => insert(tx, 'a'));
    await test.db.write(async (tx) => {
      await touch(tx, 'a');
      await expect(short.write((other) => touch(other, 'a'))).rejects.toMatchObject(busy(/lock timeout/));
    });
    const sleep = sql`SELECT pg_sleep(0.4)`;
    await expect(sleep.execute(short.read)).rejects.toMatchObject(busy(/statement timeout/));
    await short.write(async (tx) => {
      await allowLongWork(tx, 'postgres');
      await sleep.execute(tx);
    });
  } finally {
    await short.close();
  }
});

it('what cannot be reached any more, or whose name nobody knows just now, is told to come again, and is found again', async () => {
  // A way to the server that can be closed, as a firewall or a name service would.
  const ways = new Set<Socket>();
  const { hostname, port } = new URL(test.address);
  const way = createServer((near) => {
    const far = connect(Number(port || 5432), hostname);
    for (const socket of [near, far]) ways.add(socket.on('error', () => {}));
    near.on('close', () => far.destroy()).pipe(far);
    far.on('close', () => near.destroy()).pipe(near);
  });
  const listen = (at: number) =>
    new Promise<number>((resolve) => {
      way.listen(at, '127.0.0.1', () => {
        const address = way.address();
        resolve(typeof address === 'object' ? (address?.port ?? 0) : 0);
      });
    });
  const own = await listen(0);
  const url = new URL(test.address);
  url.hostname = 'localhost';
  url.port = String(own);
  const db = await openPostgres({ url: url.href, connections: 2 });
  const busy = (words: RegExp) => ({ problem: 'busy', detail: expect.stringMatching(words), retryAfterMs: 3_000 });
  const find = () => db.read.selectFrom('leases').select('name').execute();
  const cut = () => {
    for (const socket of ways) socket.destroy();
    ways.clear();
  };
  try {
    expect(await find()).toEqual([]);
    const unknown = Object.assign(new Error('getaddrinfo EAI_AGAIN localhost'), { code: 'EAI_AGAIN' });
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation((...given: readonly unknown[]) => {
      const done = given.at(-1);
      if (typeof done === 'function') done(unknown);
    });
    cut();
    for (const asking of [find, () => db.write((tx) => insert(tx, 'a'))])
      await expect.poll(() => asking().catch((error: unknown) => error)).toMatchObject(busy(/EAI_AGAIN/));
    expect(lookup).toHaveBeenCalled();
    lookup.mockRestore();
    const closed = new Promise((resolve) => way.close(resolve));
    cut();
    await closed;
    for (const asking of [find, () => db.write((tx) => insert(tx, 'a'))])
      await expect(asking()).rejects.toMatchObject(busy(/did not answer/));
    await listen(own);
    expect(await find()).toEqual([]);
  } finally {
    cut();
    await db.close();
    way.close();
  }
});

it('no more connections are opened than the setting says', async () => {
  const narrow = await openPostgres({ url: test.address, connections: 2 });
  const pids = await Promise.all(
    Array.from({ length: 12 }, () => sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(narrow.read)),
  );
  expect(new Set(pids.map(({ rows }) => rows[0]?.pid)).size).toBeLessThanOrEqual(2);
  await narrow.close();
});
