// What a statement that is compiled once promises (src/database/statement.ts): the same as one that is built each time.
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Transaction } from '../../src/database/database.ts';
import { statement, type Value, type Values } from '../../src/database/statement.ts';
import type { LeasesTable } from '../../src/database/tables.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { atOnce, engines, few } from '../engines.ts';

describe.each(engines)('a statement on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  let built: string[] = [];
  beforeAll(async () => {
    test = await createDatabase(few);
  });
  beforeEach(async () => {
    await test.db.write((tx) => tx.deleteFrom('leases').execute());
    built = [];
  });
  afterAll(() => test.remove());

  const create = () => ({
    insert: statement((tx, lease: Values<LeasesTable>) => {
      built.push('insert');
      return tx.insertInto('leases').values(lease);
    }),
    change: statement((tx, { name, changes }: { name: Value<string>; changes: Values<Partial<LeasesTable>> }) => {
      built.push('change');
      return tx.updateTable('leases').set(changes).where('name', '=', name).returningAll();
    }),
    find: statement((db, { names, after }: { names: readonly Value<string>[]; after: Value<number> }) => {
      built.push('find');
      return db
        .selectFrom('leases')
        .select(['name', sql<number>`expires_at - ${after}`.as('rest')])
        .where('name', 'in', names)
        .where('holder', '=', 'one')
        .orderBy('name');
    }),
  });
  const lease = (name: string, expires_at: number): LeasesTable => ({ name, holder: 'one', expires_at });

  it('is built once for each shape of its values, and runs with those of each call', async () => {
    const { insert, find, change } = create();
    await atOnce(16, (index) => test.db.write((tx) => insert.execute(tx, lease(`lease-${index}`, index + 100))));
    const found = await atOnce(16, (index) =>
      find.executeTakeFirst(test.db.read, { names: [`lease-${index}`, 'none'], after: index }),
    );
    expect(found).toEqual(found.map((_, index) => ({ name: `lease-${index}`, rest: 100 })));
    expect(built).toEqual(['insert', 'find']);

    expect(await find.execute(test.db.read, { names: ['lease-1', 'lease-2', 'lease-3'], after: 101 })).toEqual([
      { name: 'lease-1', rest: 0 },
      { name: 'lease-2', rest: 1 },
      { name: 'lease-3', rest: 2 },
    ]);
    // In a transaction it is the one that was built for a reader.
    await test.db.write(async (tx) => {
      expect(await find.execute(tx, { names: ['lease-7', 'lease-8'], after: 0 })).toHaveLength(2);
      expect(await find.executeTakeFirst(tx, { names: ['gone', 'too'], after: 0 })).toBeUndefined();
    });
    expect(built).toEqual(['insert', 'find', 'find']);

    const all = { holder: 'two', expires_at: 5 };
    const changes = [all, { expires_at: 6 }, { expires_at: 7 }, { ...all, expires_at: 8 }];
    for (const each of changes) await test.db.write((tx) => change.execute(tx, { name: 'lease-1', changes: each }));
    expect(built.slice(3)).toEqual(['change', 'change']);
    expect(await test.db.read.selectFrom('leases').selectAll().where('name', '=', 'lease-1').execute()).toEqual([
      { name: 'lease-1', holder: 'two', expires_at: 8 },
    ]);
  });

  it('binds NULL, and nothing that Database refuses to bind', async () => {
    const orNull = statement((db, { text }: { text: Value<string | null> }) =>
      db.selectNoFrom(sql<string>`coalesce(cast(${text} as text), 'null')`.as('text')),
    );
    for (const text of ['a', null, 'b'])
      expect(await orNull.execute(test.db.read, { text })).toEqual([{ text: text ?? 'null' }]);
    await expect(orNull.execute(test.db.read, { text: 'a\0b' })).rejects.toThrow('only text without U+0000');
  });

  it('that lets a value decide what it says is refused before it runs', async () => {
    const deciding = statement((db, { name, isOrdered }: { name: Value<string>; isOrdered: Value<number> }) => {
      const named = db.selectFrom('leases').selectAll().where('name', '=', name);
      return isOrdered === undefined ? named : named.orderBy('name');
    });
    await expect(deciding.execute(test.db.read, { name: 'a', isOrdered: 0 })).rejects.toThrow('is not bound decides');
  });

  it('is held to what its database holds all statements to', async () => {
    const { insert, find } = create();
    await expect(insert.execute(test.db.read, lease('a', 1))).rejects.toThrow('a write outside Database.write');
    const doomed = test.db.write(async (tx) => {
      await insert.execute(tx, lease('a', 1));
      await insert.execute(tx, lease('a', 1)).catch(() => {});
    });
    await expect(doomed).rejects.toThrow();
    let kept: Transaction | undefined;
    await test.db.write(async (tx) => {
      kept = tx;
      await insert.execute(tx, lease('b', 1));
    });
    if (kept) await expect(insert.execute(kept, lease('c', 1))).rejects.toThrow('after the end of its transaction');
    expect(await find.execute(test.db.read, { names: ['a', 'b', 'c'], after: 0 })).toEqual([{ name: 'b', rest: 1 }]);
  });

  it('is seen by a plugin each time', async () => {
    const { insert, find } = create();
    const seen: string[] = [];
    const watched = (db: Transaction) =>
      db.withPlugin({
        transformQuery({ node }) {
          seen.push(node.kind);
          return node;
        },
        transformResult: async ({ result }) => result,
      });
    for (const name of ['a', 'b']) await test.db.write((tx) => insert.execute(watched(tx), lease(name, 7)));
    expect(await find.execute(watched(test.db.read), { names: ['a', 'b'], after: 7 })).toEqual([
      { name: 'a', rest: 0 },
      { name: 'b', rest: 0 },
    ]);
    expect(seen).toEqual(['InsertQueryNode', 'InsertQueryNode', 'SelectQueryNode']);
  });
});
