// A database that `rekey serve` must not begin with is refused by it and by every command: exit code 3 and one sentence
// that says what to do. On a real PostgreSQL, with roles of its own.
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { createLog } from '../../src/base/log.ts';
import { systemClock } from '../../src/base/clock.ts';
import { createKeys } from '../../src/base/secret.ts';
import type { Database } from '../../src/database/database.ts';
import { openPostgres } from '../../src/database/postgres.ts';
import { prepareTables, readyDatabase } from '../../src/database/ready.ts';
import { createTestPostgres, type TestDatabase } from '../../src/testing/databases.ts';
import { askFor } from '../ask.ts';
import { atOnce, engines } from '../engines.ts';
import { production, rekeyHere, rekeyWith } from './command-line.ts';

const unusable = (words: string | RegExp) => ({
  problem: 'database-unusable',
  detail: typeof words === 'string' ? expect.stringContaining(words) : expect.stringMatching(words),
});
const clock = systemClock;
const keysOf = (...ids: readonly string[]) =>
  createKeys(ids.map((id) => ({ id: id.slice(0, 2), secret: Buffer.from(id.padEnd(32, '.')) })));
const keys = keysOf('k1');

/** Ends with an exit code, and a sentence on standard error. */
async function serve(database: string, run: typeof rekeyWith) {
  const { code, stderr } = await run({ ...production, REKEY_DATABASE: database }, 'serve', '--port', '0');
  expect([code, stderr.trim().split('\n')]).toEqual([3, [expect.stringMatching(/\.$/)]]);
  return stderr;
}

describe.each(engines)('on $engine', ({ engine, createDatabase }) => {
  // As its user starts it, and for a tenth of the work in this process.
  const run = engine === 'SQLite' ? rekeyWith : rekeyHere;
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createDatabase();
  });
  afterAll(() => test.remove());

  it('keys are noted at the first start, and others refused, also two at once', async () => {
    const other = await openDatabase(test.address, { log: createLog('silent') });
    const starts = await atOnce(8, (at) =>
      readyDatabase(at % 2 ? test.db : other, { clock, keys: keysOf(`k${at % 2}`) }).then(
        () => at % 2,
        (fault: { detail: string }) => fault.detail,
      ),
    );
    await other.close();
    const came = new Set(starts.filter((each) => typeof each === 'number'));
    expect(came.size).toBe(1);
    const [winner] = came;
    const refused = starts.filter((each) => typeof each !== 'number');
    expect(refused).toHaveLength(4);
    expect(new Set(refused)).toEqual(
      new Set([expect.stringContaining(`was used with the key k${winner}, and none of that is in the setting keys`)]),
    );
    await test.db.write((tx) => tx.deleteFrom('key_checks').execute());
  });

  it('a new key before the old one is let in, then alone; another secret under its name, or a stranger, never', async () => {
    await readyDatabase(test.db, { clock, keys });
    await readyDatabase(test.db, { clock, keys: keysOf('k2', 'k1') });
    await readyDatabase(test.db, { clock, keys });
    await readyDatabase(test.db, { clock, keys: keysOf('k2') });
    await expect(readyDatabase(test.db, { clock, keys: keysOf('k2 of another') })).rejects.toMatchObject(
      unusable('The key k2 is not the one that this database was used with under that name'),
    );
    await expect(readyDatabase(test.db, { clock, keys: keysOf('k3') })).rejects.toMatchObject(
      unusable('was used with the keys k1, k2, and none of that'),
    );
    const rows = await test.db.read.selectFrom('key_checks').select('key_id').orderBy('key_id').execute();
    expect(rows).toEqual([{ key_id: 'k1' }, { key_id: 'k2' }]);
  });

  it('a command refuses other keys, and a server a database that is half copied', async () => {
    const variables = { ...production, REKEY_DATABASE: test.address };
    const { code, stderr } = await run(variables, 'audit', 'verify');
    expect([code, stderr]).toEqual([3, expect.stringContaining('The key k1 is not the one')]);
    const copy = { table_name: 'accounts', source: 'sqlite:/srv/rekey.db', last_key: '', row_count: 0 };
    await test.db.write((tx) => tx.insertInto('copies').values(copy).execute());
    expect(await serve(test.address, run)).toContain(
      'half copied from sqlite:/srv/rekey.db: run the same rekey copy again',
    );
    await test.db.write((tx) => tx.deleteFrom('copies').execute());
  });

  it('a changed and another history are refused', async () => {
    const history = await test.db.read.selectFrom('migrations').selectAll().execute();
    await test.db.write((tx) => tx.updateTable('migrations').set({ checksum: 'x' }).execute());
    await expect(readyDatabase(test.db, { clock, keys })).rejects.toMatchObject(
      unusable('001-accounts.sql is not what was applied'),
    );
    await test.db.write(async (tx) => {
      await tx.deleteFrom('migrations').execute();
      await tx
        .insertInto('migrations')
        .values([...history, { name: '999-x.sql', checksum: '', applied_at: 1 }])
        .execute();
    });
    await expect(readyDatabase(test.db, { clock, keys })).rejects.toMatchObject(
      unusable('used by another release, which applied 999-x.sql'),
    );
    await test.db.write((tx) => tx.deleteFrom('migrations').where('name', '=', '999-x.sql').execute());
  });
});

describe('on PostgreSQL', () => {
  const role = `role_${randomBytes(6).toString('hex')}`;
  let test: TestDatabase;
  let address: URL;
  const run = (statement: string) => test.db.write((tx) => sql.raw(statement).execute(tx));
  const as = async <T>(user: string, work: (db: Database) => Promise<T>): Promise<T> => {
    const url = new URL(test.address);
    [url.username, url.password] = [user, 'secret'];
    const db = await openPostgres({ url: url.href });
    try {
      return await work(db);
    } finally {
      await db.close();
    }
  };
  const ready = (db: Database) => readyDatabase(db, { clock, keys });

  beforeAll(async () => {
    test = await createTestPostgres(await askFor('postgres'));
    address = new URL(test.address);
    await run(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  });
  afterAll(async () => {
    await run(`DROP OWNED BY ${role}`);
    await run(`DROP ROLE ${role}`);
    await test.remove();
  });

  it('a role that may not read, then one that may not write, then not delete, is told what to grant; one that may all four serves', async () => {
    await expect(as(role, ready)).rejects.toMatchObject(
      unusable(new RegExp(`^The role ${role} lacks a right .*migrations.*GRANT SELECT, INSERT, UPDATE, DELETE`)),
    );
    await run(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`);
    await expect(as(role, ready)).rejects.toMatchObject(
      unusable(new RegExp(`^The role ${role} may not \\w+ in accounts \\(and \\d+ more tables\\): .*GRANT SELECT`)),
    );
    await run(`GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`);
    await run(`REVOKE DELETE ON outbox FROM ${role}`);
    await expect(as(role, ready)).rejects.toMatchObject(unusable(`The role ${role} may not DELETE in outbox:`));
    await run(`GRANT DELETE ON outbox TO ${role}`);
    await as(role, ready);
  });

  it('an older schema needs a role that may make tables: rekey migrate says which right is missing', async () => {
    const [last] = await test.db.read.selectFrom('migrations').selectAll().orderBy('name', 'desc').limit(1).execute();
    await test.db.write((tx) =>
      tx
        .deleteFrom('migrations')
        .where('name', '=', last?.name ?? '')
        .execute(),
    );
    await expect(as(role, ready)).rejects.toMatchObject(
      unusable(new RegExp(`^The role ${role} lacks a right .*permission denied for schema public.*run rekey migrate`)),
    );
    if (last) await test.db.write((tx) => tx.insertInto('migrations').values(last).execute());
  });

  it('a database that can only be read is refused before anything is tried', async () => {
    await run(`ALTER ROLE ${role} SET default_transaction_read_only = on`);
    const only = unusable(/can only be read here: name the primary/);
    await expect(as(role, ready)).rejects.toMatchObject(only);
    await expect(as(role, (db) => prepareTables(db, { clock }))).rejects.toMatchObject(only);
    await run(`ALTER ROLE ${role} RESET default_transaction_read_only`);
  });

  it('a wrong host, port, user, password, database, or TLS where there is none, is said', async () => {
    const wrong = (change: (url: URL) => void) => {
      const url = new URL(address);
      change(url);
      return url.href;
    };
    const cases: [string, RegExp][] = [
      [wrong((url) => (url.hostname = 'nowhere.invalid')), /^The host of nowhere\.invalid:.* is not known/],
      [
        wrong((url) => Object.assign(url, { port: '1', password: 'hunter2' })),
        /cannot be reached .*: start it, or correct the address/,
      ],
      [wrong((url) => (url.username = 'nobody')), /refused the user or the password/],
      [wrong((url) => (url.pathname = '/nowhere')), /create this database first/],
      [wrong((url) => (url.search = '?sslmode=verify-full')), /speaks no TLS: switch it on there/],
      [wrong((url) => (url.search = '?sslrootcert=/nowhere/ca.pem')), /\/nowhere\/ca\.pem.*correct its path/],
      ['postgres://:::', /Write the address as/],
      ['mysql://shop/rekey', /^The database is sqlite:FILE or postgres/],
    ];
    for (const [url, words] of cases) {
      const opening = openDatabase(url, { log: createLog('silent') });
      await expect(opening).rejects.toMatchObject(unusable(words));
      await expect(opening).rejects.not.toMatchObject(unusable('hunter2'));
    }
    await run(`REVOKE CONNECT ON DATABASE ${address.pathname.slice(1)} FROM public`);
    await expect(as(role, ready)).rejects.toMatchObject(unusable(/GRANT CONNECT ON DATABASE/));
  });

  it('something that is no PostgreSQL is said too', async () => {
    const server: Server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const url = new URL(address);
    url.port = String(Object(server.address()).port);
    await expect(openPostgres({ url: url.href })).rejects.toMatchObject(unusable(/cannot be reached/));
    server.close();
  });
});
