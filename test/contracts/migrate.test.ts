// Migrations on both engines: each once, however many start at once, and never over a history that is not ours.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { atOnce, engines, few, listColumns } from '../engines.ts';

const clock = { now: () => 1_000 };

describe.each(engines)('migrate on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createDatabase(few);
  });
  // What a test leaves in the history would be refused in the next.
  let history: Awaited<ReturnType<typeof recorded>>;
  beforeEach(async () => {
    history = await recorded();
  });
  afterEach(() =>
    test.db.write(async (tx) => {
      await tx.deleteFrom('migrations').execute();
      await tx.insertInto('migrations').values(history).execute();
    }),
  );
  afterAll(() => test.remove());

  /** Takes everything out again, the newest table first, so that the database is as new. */
  const empty = async () => {
    const names = new Set((await listColumns(test.db)).map(({ table }) => table).toReversed());
    await test.db.write(async (tx) => {
      // A later migration may have made an older table refer to a newer one; SQLite does not mind.
      const drop = (name: string) =>
        test.db.engine === 'postgres' ? tx.schema.dropTable(name).cascade() : tx.schema.dropTable(name);
      for (const name of names) await drop(name).execute();
    });
  };
  const recorded = () => test.db.read.selectFrom('migrations').selectAll().orderBy('name').execute();

  it('applies each once when sixteen start at once, on two nodes, and remembers its checksum and time', async () => {
    await empty();
    const other = await openDatabase(test.address, { log: createLog('silent') });
    const applied = await atOnce(16, (index) => migrate(index % 2 === 0 ? test.db : other, { clock }));
    await other.close();
    const [names = [], ...more] = applied.filter((each) => each.length > 0);
    expect(more).toEqual([]);
    expect(names[0]).toBe('001-accounts.sql');
    expect(await recorded()).toEqual(
      names.map((name) => ({ name, checksum: expect.stringMatching(/^[0-9a-f]{64}$/), applied_at: 1_000 })),
    );
    expect(await migrate(test.db, { clock: { now: () => 2_000 } })).toEqual([]);
    expect((await recorded())[0]?.applied_at).toBe(1_000);
  });

  it('refuses a migration that was changed after it was applied', async () => {
    await test.db.write((tx) => tx.updateTable('migrations').set({ checksum: 'other' }).execute());
    await expect(migrate(test.db, { clock })).rejects.toMatchObject({
      problem: 'database-unusable',
      detail: expect.stringContaining('001-accounts.sql is not what was applied'),
    });
  });

  it('refuses a database that another release has used, newer or older, by the first that it does not know', async () => {
    const of = (name: string) => ({ name, checksum: '', applied_at: 1 });
    const isRefusedBy = (name: string) =>
      expect(migrate(test.db, { clock })).rejects.toMatchObject({
        problem: 'database-unusable',
        detail: expect.stringContaining(`used by another release, which applied ${name}, unknown to this one`),
      });
    await test.db.write((tx) =>
      tx
        .insertInto('migrations')
        .values([of('999-last.sql'), of('998-later.sql')])
        .execute(),
    );
    await isRefusedBy('998-later.sql');
    await test.db.write(async (tx) => {
      await tx.deleteFrom('migrations').execute();
      await tx
        .insertInto('migrations')
        .values([of('002-sign-in.sql'), of('001-the-walk.sql')])
        .execute();
    });
    const before = await listColumns(test.db);
    await isRefusedBy('001-the-walk.sql');
    expect(await listColumns(test.db)).toEqual(before);
  });
});
