// Fresh, migrated databases for tests: SQLite in a temporary folder, or a database of its own on a PostgreSQL server.
import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { systemClock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import type { Database } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { openDatabase } from '../database/open.ts';
import type { PostgresBounds } from '../database/postgres.ts';
import { makeTestFolder } from './folder.ts';

export interface TestDatabase {
  readonly db: Database;
  /** Opens the same database once more, as another node would. */
  readonly address: string;
  /** Closes `db` and removes the database. */
  remove(): Promise<void>;
}

/** A migrated file, made once in a process: to copy it is ten times as fast as to migrate another. */
let template: Promise<Buffer> | undefined;

export async function createTestSqlite(): Promise<TestDatabase> {
  template ??= inNewFolder(async (file, remove) => {
    const { db } = await open(`sqlite:${file}`, remove);
    await migrate(db, { clock: systemClock });
    await db.close();
    const bytes = await readFile(file);
    await remove();
    return bytes;
  });
  const migrated = await template;
  return inNewFolder(async (file, remove) => {
    await writeFile(file, migrated);
    return open(`sqlite:${file}`, remove);
  });
}

async function inNewFolder<T>(work: (file: string, remove: () => Promise<void>) => Promise<T>): Promise<T> {
  const folder = await makeTestFolder();
  return work(join(folder, 'rekey.db'), () => rm(folder, { recursive: true }));
}

/** `serverUrl`: any database on the server, with a user who may create others. */
export async function createTestPostgres(serverUrl: string, bounds: PostgresBounds = {}): Promise<TestDatabase> {
  const name = `rekey_${randomBytes(8).toString('hex')}`;
  const url = new URL(serverUrl);
  url.pathname = name;
  // Copied as files: a fifth of the work of a copy through the log, which is the default.
  await runOnServer(serverUrl, `CREATE DATABASE ${name} STRATEGY FILE_COPY`);
  const made = await open(url.href, () => runOnServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`), bounds);
  // A server that keeps a migrated template has done it already.
  await migrate(made.db, { clock: systemClock });
  return made;
}

/**
 * SQLite; on the server of REKEY_TEST_POSTGRES_URL where REKEY_TEST_ENGINE is `postgres`, so that whatever holds on the one is
 * seen to hold on the other.
 */
export function createTestDatabase(): Promise<TestDatabase> {
  const { REKEY_TEST_ENGINE: engine = 'sqlite', REKEY_TEST_POSTGRES_URL: server } = process.env;
  if (engine === 'sqlite') return createTestSqlite();
  if (engine !== 'postgres') throw new Error(`REKEY_TEST_ENGINE is sqlite or postgres, not ${engine}`);
  if (!server) throw new Error('REKEY_TEST_ENGINE=postgres needs a server: REKEY_TEST_POSTGRES_URL');
  return createTestPostgres(server);
}

async function open(
  address: string,
  removeFiles: () => Promise<void>,
  bounds: PostgresBounds = {},
): Promise<TestDatabase> {
  const db = await openDatabase(address, { log: createLog('silent'), ...bounds });
  return {
    db,
    address,
    async remove() {
      await db.close();
      await removeFiles();
    },
  };
}

/** One connection to each server, kept for the next statement: to begin another is more work than most of them are. */
const keptPools = new Map<string, Pool>();

async function runOnServer(serverUrl: string, statement: string): Promise<void> {
  const pool = keptPools.get(serverUrl) ?? (await openPool(serverUrl));
  await pool.query(statement);
}

async function openPool(serverUrl: string): Promise<Pool> {
  const { Pool } = (await import('pg')).default;
  // Those who ask while it is loaded find what the first made.
  const known = keptPools.get(serverUrl);
  if (known) return known;
  const pool = new Pool({ connectionString: serverUrl, max: 1, idleTimeoutMillis: 0, allowExitOnIdle: true });
  // The server may end before the tests do; whoever asks it then is told.
  pool.on('error', () => {});
  keptPools.set(serverUrl, pool);
  return pool;
}
