// Kysely over one function that runs a statement: it builds and compiles, the adapters run. What is bound is checked
// here, so that both engines are given the same and neither guesses.
import {
  type CompiledQuery,
  type Dialect,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Database, Transaction } from './database.ts';
import type { Tables } from './tables.ts';

/** What both engines bind alike: TEXT, BIGINT, NULL. */
export type Bindable = string | bigint | null;

/** Runs one statement with its parameters. */
export type Run = (statement: string, parameters: Bindable[]) => Promise<QueryResult<unknown>>;

type Engine = Database['engine'];

/** What is run of a compiled query. */
export type Compiled = Pick<CompiledQuery, 'sql' | 'query' | 'parameters'>;

/** Runs what is compiled already, on the connection of a Kysely. */
export interface Runner {
  readonly engine: Engine;
  readonly run: (query: Compiled) => Promise<QueryResult<unknown>>;
}

const runners = new WeakMap<Kysely<Tables>, Runner>();

/** `undefined`: this Kysely has plugins, which are to see every query. */
export const runnerOf = (db: Kysely<Tables>): Runner | undefined => runners.get(db);

/** Reads outside any transaction. */
export const createReader = (engine: Engine, run: Run): Kysely<Tables> =>
  createKysely(engine, (query) => {
    if (isWrite(query)) throw new Error('a write outside Database.write');
    return run(query.sql, query.parameters.map(bindable));
  });

export interface OpenTransaction {
  readonly tx: Transaction;
  /** No statement runs after this; throws the error of the first that failed, even when `work` caught it. */
  readonly finish: () => void;
}

/**
 * The statements of one transaction. One failed statement dooms it: PostgreSQL refuses all that follow and turns COMMIT
 * into ROLLBACK without a word, so SQLite is held to the same.
 */
export function createTransaction(engine: Engine, run: Run): OpenTransaction {
  let isFinished = false;
  let failure: { readonly error: unknown } | undefined;
  const tx = createKysely(engine, async (query) => {
    if (isFinished) throw new Error('a statement after the end of its transaction: something was not awaited');
    try {
      return await run(query.sql, query.parameters.map(bindable));
    } catch (error) {
      failure ??= { error };
      throw error;
    }
  });
  return {
    tx,
    finish() {
      isFinished = true;
      if (failure) throw failure.error;
    },
  };
}

const isWrite = ({ query: { kind } }: Compiled): boolean =>
  kind === 'InsertQueryNode' || kind === 'UpdateQueryNode' || kind === 'DeleteQueryNode' || kind === 'MergeQueryNode';

/** SQLite would take `true` as 1 and 0.5 into a BIGINT column, PostgreSQL refuses U+0000 in text: neither passes on either. */
function bindable(value: unknown): Bindable {
  if (value === null || typeof value === 'bigint') return value;
  if (typeof value === 'string' && !value.includes('\0')) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  throw new TypeError(`only text without U+0000, whole numbers and null can be bound, not ${describe(value)}`);
}

// Never the value itself: it may be a secret, and errors are logged.
const describe = (value: unknown): string =>
  typeof value === 'string' ? 'text with U+0000' : typeof value === 'number' ? 'a fraction' : typeof value;

/** One for all: each has a table of its own of every kind of node, and there is a Kysely for each transaction. */
const compilers = { sqlite: new SqliteQueryCompiler(), postgres: new PostgresQueryCompiler() };

function createKysely(engine: Engine, run: Runner['run']): Kysely<Tables> {
  const connection = {
    // The row type is the query builder's own promise, held to the real columns by test/contracts/tables.test.ts.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    executeQuery: async <R>(query: CompiledQuery) => (await run(query)) as QueryResult<R>,
    streamQuery: (): never => {
      throw new Error('long results are read page by page, by key');
    },
  };
  const refuseTransaction = async () => {
    throw new Error('transactions are opened by Database.write');
  };
  const nothing = async () => {};
  const driver = {
    init: nothing,
    acquireConnection: async () => connection,
    beginTransaction: refuseTransaction,
    commitTransaction: refuseTransaction,
    rollbackTransaction: refuseTransaction,
    releaseConnection: nothing,
    destroy: nothing,
  };
  const dialect: Dialect =
    engine === 'sqlite'
      ? {
          createDriver: () => driver,
          createAdapter: () => new SqliteAdapter(),
          createQueryCompiler: () => compilers.sqlite,
          createIntrospector: (db) => new SqliteIntrospector(db),
        }
      : {
          createDriver: () => driver,
          createAdapter: () => new PostgresAdapter(),
          createQueryCompiler: () => compilers.postgres,
          createIntrospector: (db) => new PostgresIntrospector(db),
        };
  const db = new Kysely<Tables>({ dialect });
  runners.set(db, { engine, run });
  return db;
}
