// Many accounts at once on both engines: all or none, whatever happens in between.
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAccountImport, forgetImports, type ImportedAccount } from '../../src/accounts/import.ts';
import { createOwnDirectory } from '../../src/accounts/own.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import { createFakeClock } from '../../src/testing/clock.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { engines, few } from '../engines.ts';

const rowOf = (line: number, userId: string): ImportedAccount => ({
  line,
  userId,
  userIdKey: userId.toLowerCase(),
  addresses: ['a', 'b'].map((name) => ({ address: `${name}${line}@mail.site`, key: `${name}${line}@mail.site` })),
  state: 'active',
  locale: 'es',
  provider: null,
});

const rows = (count: number): ImportedAccount[] =>
  Array.from({ length: count }, (_, at) => rowOf(at + 2, `person${at}`));

describe.each(engines)('an import on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  const clock = createFakeClock(1_000);
  beforeAll(async () => {
    test = await createDatabase(few);
  });
  beforeEach(() =>
    test.db.write(async (tx) => {
      for (const table of ['addresses', 'accounts', 'import_addresses', 'import_rows', 'audit_events'] as const)
        await tx.deleteFrom(table).execute();
    }),
  );
  afterAll(() => test.remove());

  const parts = () => ({ db: test.db, clock, random: systemRandom, site: 'default' });
  const audit = () => createAudit({ ...parts(), keys: createKeys([{ id: 'a', secret: Buffer.alloc(32, 1) }]) });
  const start = () => createAccountImport({ ...parts(), audit: audit() });
  const directory = () => createOwnDirectory(parts());
  const count = async (table: 'accounts' | 'addresses' | 'import_rows' | 'import_addresses'): Promise<number> => {
    const { rows } = await sql<{ n: number }>`SELECT COUNT(*) AS n FROM ${sql.table(table)}`.execute(test.db.read);
    return rows[0]?.n ?? 0;
  };

  it('makes accounts of nothing before its end, and then of all, with their addresses confirmed', async () => {
    const accounts = start();
    // More than one statement takes.
    await accounts.stage(rows(1_001));
    await accounts.stage([rowOf(5_000, 'Last')]);
    expect(await count('accounts')).toBe(0);
    expect(await directory().findForRecovery({ kind: 'user-id', typed: 'last', key: 'last' })).toMatchObject({
      accounts: [],
      isKnown: false,
    });
    expect(await accounts.conflicts(20)).toEqual({ count: 0, first: [] });
    expect(await accounts.finish()).toBe(1_002);
    expect([await count('accounts'), await count('addresses')]).toEqual([1_002, 2_004]);
    expect([await count('import_rows'), await count('import_addresses')]).toEqual([0, 0]);
    const { accounts: found } = await directory().findForRecovery({ kind: 'user-id', typed: 'LAST', key: 'last' });
    const address = expect.objectContaining({ address: 'a5000@mail.site' });
    expect(found).toEqual([expect.objectContaining({ userId: 'Last', locale: 'es', address })]);
    const events = await test.db.read.selectFrom('audit_events').select(['event', 'facts']).execute();
    expect(events).toEqual([{ event: 'accounts_added', facts: '{"count":1002}' }]);
  });

  it('tells user IDs that stand there twice or are taken, the first of them and how many', async () => {
    const first = start();
    await first.stage([rowOf(2, 'taken')]);
    await first.finish();
    const accounts = start();
    await accounts.stage([rowOf(2, 'one'), rowOf(3, 'TAKEN'), rowOf(4, 'One'), rowOf(5, 'two'), rowOf(6, 'ONE')]);
    expect(await accounts.conflicts(2)).toEqual({
      count: 3,
      first: [
        { line: 3, userId: 'TAKEN', firstLine: null },
        { line: 4, userId: 'One', firstLine: 2 },
      ],
    });
  });

  it('makes none when one was taken after the check', async () => {
    const accounts = start();
    await accounts.stage(rows(100));
    expect((await accounts.conflicts(20)).count).toBe(0);
    await test.db.write((tx) =>
      directory().create(tx, { userId: 'person50', locale: 'en', password: null, addresses: [] }),
    );
    await expect(accounts.finish()).rejects.toMatchObject({ problem: 'accounts-file' });
    expect(await count('accounts')).toBe(1);
    await accounts.drop();
    expect(await count('import_rows')).toBe(0);
  });

  it('of sixteen at once of the same file makes the accounts of one', async () => {
    const imports = Array.from({ length: 16 }, start);
    await Promise.all(imports.map((each) => each.stage(rows(20))));
    const results = await Promise.allSettled(imports.map((each) => each.finish()));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect([await count('accounts'), await count('addresses')]).toEqual([20, 40]);
  });

  it('that was killed leaves rows that count for nothing, until the clean-up', async () => {
    await start().stage(rows(10));
    const again = start();
    await again.stage(rows(10));
    expect((await again.conflicts(20)).count).toBe(0);
    expect(await again.finish()).toBe(10);
    await forgetImports(test.db, clock.now());
    expect(await count('import_rows')).toBe(10);
    await forgetImports(test.db, clock.now() + 1);
    expect([await count('import_rows'), await count('import_addresses')]).toEqual([0, 0]);
  });
});
