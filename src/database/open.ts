// From the setting `database` to a database.
import type { Log } from '../base/log.ts';
import { Problem } from '../base/problem.ts';
import type { Database } from './database.ts';
import { openPostgres, type PostgresBounds } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

/** The bounds are for PostgreSQL. */
export interface OpenOptions extends PostgresBounds {
  readonly log: Log;
  /** What PostgreSQL is told that we are, where that is not what serves. */
  readonly program?: string;
}

/** `address`: `sqlite:FILE` or `postgres://user:password@host/database`. */
export async function openDatabase(address: string, { log, ...more }: OpenOptions): Promise<Database> {
  if (address.startsWith('sqlite:')) return openSqlite({ file: address.slice('sqlite:'.length), log });
  if (/^postgres(ql)?:\/\//.test(address)) return openPostgres({ url: address, log, ...more });
  throw new Problem('database-unusable', 'The database is sqlite:FILE or postgres://user:password@host/database.');
}
