// What every adapter of the port `Database` promises (src/database/database.ts).
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import type { Transaction } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { statement, type Value } from '../../src/database/statement.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { atOnce, engines, few, warmUp } from '../engines.ts';

const insertLease = statement((tx, { name }: { name: Value<string> }) =>
  tx.insertInto('leases').values({ name, holder: 'one', expires_at: 1 }),
);
const findLease = statement((db, { name }: { name: Value<string> }) =>
  db.selectFrom('leases').select('name').where('name', '=', name),
);

describe.each(engines)('a database on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createDatabase(few);
    await warmUp(test.db, few);
  });
  beforeEach(async () => {
    await test.db.write(async (tx) => {
      for (const table of ['leases', 'counters'] as const) await tx.deleteFrom(table).execute();
    });
  });
  afterAll(() => test.remove());

  const insert = (tx: Transaction, name: string, holder = 'one') =>
    tx.insertInto('leases').values({ name, holder, expires_at: 1 }).execute();
  const names = async () =>
    (await test.db.read.selectFrom('leases').select('name').orderBy('name').execute()).map(({ name }) => name);

  it('returns what the work returns, and keeps what it wrote', async () => {
    expect(await test.db.write(async (tx) => (await insert(tx, 'a'), 'result'))).toBe('result');
    expect(await names()).toEqual(['a']);
    const other = await openDatabase(test.address, { log: createLog('silent') });
    expect(await other.read.selectFrom('leases').selectAll().execute()).toEqual([
      { name: 'a', holder: 'one', expires_at: 1 },
    ]);
    await other.close();
  });

  it('keeps nothing of work that throws, and hands its error on unchanged', async () => {
    const error = new Error('no');
    const write = test.db.write(async (tx) => {
      await insert(tx, 'a');
      throw error;
    });
    await expect(write).rejects.toBe(error);
    expect(await names()).toEqual([]);
  });

  it('rolls back only the one that failed of many at once', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) =>
        test.db.write(async (tx) => {
          const name = String(index).padStart(2, '0');
          await insert(tx, name);
          if (index % 2 === 1) await insert(tx, name); // taken
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(
      outcomes.map((_, index) => (index % 2 === 0 ? 'fulfilled' : 'rejected')),
    );
    expect(await names()).toEqual(
      outcomes.map((_, index) => String(index).padStart(2, '0')).filter((_, i) => i % 2 === 0),
    );
  });

  it('keeps nothing of work that went on after a failed statement', async () => {
    const write = test.db.write(async (tx) => {
      await insert(tx, 'a');
      await insert(tx, 'a').catch(() => undefined);
    });
    await expect(write).rejects.toThrow(/unique/i);
    expect(await names()).toEqual([]);
  });

  it('keeps nothing where what was sent failed, whatever came after it, and tells why', async () => {
    const send = (tx: Transaction, name: string) => insertLease.send(tx, { name });
    await test.db.write((tx) => send(tx, 'a'));
    const writes = [
      // Last, with nothing behind it but the end; amid others; and where the work goes on for all that.
      test.db.write(async (tx) => [await send(tx, 'b'), await send(tx, 'a')]),
      test.db.write(async (tx) => [await send(tx, 'c'), await send(tx, 'a'), await insert(tx, 'd')]),
      test.db.write(async (tx) => [await insert(tx, 'e'), await send(tx, 'a').catch(() => {})]),
    ];
    for (const outcome of await Promise.allSettled(writes))
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/unique/i) } });
    expect(await names()).toEqual(['a']);
  });

  it('runs what was sent before what follows it', async () => {
    const seen = await test.db.write(async (tx) => {
      await insertLease.send(tx, { name: 'a' });
      await insertLease.send(tx, { name: 'b' });
      const rows = await tx.selectFrom('leases').select('name').orderBy('name').execute();
      await insertLease.send(tx, { name: 'c' });
      return rows.map(({ name }) => name);
    });
    expect(seen).toEqual(['a', 'b']);
    expect(await names()).toEqual(['a', 'b', 'c']);
  });

  it('answers many reads of one statement at once, each with its own rows', async () => {
    await test.db.write(async (tx) => {
      for (let at = 0; at < 40; at += 1) await insertLease.send(tx, { name: `lease ${at}` });
    });
    const found = await Promise.all(
      Array.from({ length: 40 }, (_, at) => findLease.executeTakeFirst(test.db.read, { name: `lease ${at}` })),
    );
    expect(found.map((row) => row?.name)).toEqual(found.map((_, at) => `lease ${at}`));
  });

  it('shows other readers nothing before the end of a write, and the write its own rows', async () => {
    await test.db.write(async (tx) => {
      await insert(tx, 'a');
      expect(await tx.selectFrom('leases').select('name').execute()).toHaveLength(1);
      expect(await names()).toEqual([]);
    });
    expect(await names()).toEqual(['a']);
  });

  it('loses no increment of sixteen at once', async () => {
    await test.db.write((tx) => tx.insertInto('counters').values({ key: 'k', count: 0, expires_at: 0 }).execute());
    await atOnce(16, () =>
      test.db.write((tx) =>
        tx
          .updateTable('counters')
          .set((eb) => ({ count: eb('count', '+', 1) }))
          .execute(),
      ),
    );
    expect(await test.db.read.selectFrom('counters').select('count').executeTakeFirst()).toEqual({ count: 16 });
  });

  it('tells how many rows an update and a delete touched', async () => {
    await test.db.write((tx) => insert(tx, 'a'));
    const update = (name: string) =>
      test.db.write((tx) =>
        tx.updateTable('leases').set({ holder: 'two' }).where('name', '=', name).executeTakeFirstOrThrow(),
      );
    expect((await update('a')).numUpdatedRows).toBe(1n);
    expect((await update('b')).numUpdatedRows).toBe(0n);
    const deleted = await test.db.write((tx) => tx.deleteFrom('leases').executeTakeFirstOrThrow());
    expect(deleted.numDeletedRows).toBe(1n);
  });

  it('gives whole numbers up to 2^53 - 1 back as numbers, and sums and counts too', async () => {
    const large = Number.MAX_SAFE_INTEGER;
    await test.db.write((tx) =>
      tx.insertInto('leases').values({ name: 'ñ 🗝', holder: '', expires_at: large }).execute(),
    );
    const row = await test.db.read
      .selectFrom('leases')
      .select((eb) => ['name', 'holder', 'expires_at', eb.fn.sum('expires_at').over().as('sum')])
      .select((eb) => eb.fn.countAll().over().as('count'))
      .executeTakeFirst();
    expect(row).toEqual({ name: 'ñ 🗝', holder: '', expires_at: large, sum: large, count: 1 });
  });

  it.each([true, 0.5, Number.NaN, 2 ** 53, undefined, new Date(0), Buffer.from('a'), 'a\0b'])(
    'refuses to bind %s',
    async (value) => {
      await expect(test.db.write((tx) => sql`SELECT ${value}`.execute(tx))).rejects.toThrow(/can be bound/);
      await expect(sql`SELECT ${value}`.execute(test.db.read)).rejects.toThrow(/can be bound/);
    },
  );

  it('refuses a write outside a transaction', async () => {
    await expect(insert(test.db.read, 'a')).rejects.toThrow('a write outside Database.write');
    expect(await names()).toEqual([]);
  });

  it('refuses a write inside a write instead of waiting for ever', async () => {
    const nested = test.db.write((tx) => insert(tx, 'a').then(() => test.db.write((inner) => insert(inner, 'b'))));
    await expect(nested).rejects.toThrow(/a write inside a write/);
    expect(await names()).toEqual([]);
  });

  it('lets work that a write left running write later', async () => {
    let later: Promise<unknown> = Promise.resolve();
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    await test.db.write(async (tx) => {
      await insert(tx, 'a');
      later = gate.then(() => test.db.write((inner) => insert(inner, 'b')));
    });
    open();
    await later;
    expect(await names()).toEqual(['a', 'b']);
  });

  it('refuses a statement after the end of its transaction', async () => {
    let leaked: Transaction | undefined;
    await test.db.write(async (tx) => {
      leaked = tx;
      await insert(tx, 'a');
    });
    await expect(leaked && insert(leaked, 'b')).rejects.toThrow(/after the end of its transaction/);
    expect(await names()).toEqual(['a']);
  });

  it('enforces foreign keys', async () => {
    const write = test.db.write((tx) =>
      tx
        .insertInto('addresses')
        .values({
          id: 'a',
          site: 's',
          account_id: 'nobody',
          address: 'a@example.com',
          address_key: 'a@example.com',
          confirmed_at: null,
          created_at: 1,
        })
        .execute(),
    );
    await expect(write).rejects.toThrow(/foreign key/i);
  });

  it('ends the writes that wait before it closes, and refuses later ones', async () => {
    const db = await openDatabase(test.address, { log: createLog('silent') });
    const writes = atOnce(5, (index) => db.write((tx) => insert(tx, String(index))));
    await db.close();
    await writes;
    expect(await names()).toEqual(['0', '1', '2', '3', '4']);
    await expect(db.write((tx) => insert(tx, 'late'))).rejects.toThrow();
    await expect(db.read.selectFrom('leases').select('name').execute()).rejects.toThrow();
    await db.close();
  });
});
