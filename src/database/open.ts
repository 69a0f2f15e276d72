// From the setting `database` to a database.
import type { Log } from '../base/log.ts';
import { Problem } from '../base/problem.ts';
import type { Database } from './database.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

export interface OpenOptions {
  readonly log: Log;
  /** What PostgreSQL is told that we are, where that is not what serves. */
  readonly program?: string;
}

/** `address`: `sqlite:FILE` or `postgres://user:password@host/database`. */
export async function openDatabase(address: string, { log, program }: OpenOptions): Promise<Database> {
  if (address.startsWith('sqlite:')) return openSqlite({ file: address.slice('sqlite:'.length), log });
  if (/^postgres(ql)?:\/\//.test(address))
    return openPostgres({ url: address, log, ...(program !== undefined && { program }) });
  throw new Problem('database-unusable', 'The database is sqlite:FILE or postgres://user:password@host/database.');
}
