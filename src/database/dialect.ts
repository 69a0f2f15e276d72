// Kysely over one function that runs a statement: it builds and compiles, the adapters run. What is bound is checked
// here, so that both engines are given the same and neither guesses.
import {
  type CompiledQuery,
  DefaultQueryExecutor,
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

/** What SQLite has at once, and PostgreSQL later: a promise for each statement of a recovery would cost as much as running it. */
type Result = QueryResult<unknown> | Promise<QueryResult<unknown>>;

/** Runs one statement with its parameters. `name`: of one that comes again and again, to be prepared under it. */
export type Run = (statement: string, parameters: Bindable[], name?: string) => Result;

type Engine = Database['engine'];

/** What is run of a compiled query. */
export type Compiled = Pick<CompiledQuery, 'sql' | 'query' | 'parameters'> & { readonly name?: string };

/** Runs what is compiled already, on the connection of a Kysely. */
export interface Runner {
  readonly engine: Engine;
  readonly run: (query: Compiled) => Result;
  /** Runs it in its turn, without its answer: where it fails, its transaction does. */
  readonly send: (query: Compiled) => void;
}

const runners = new WeakMap<Kysely<Tables>, Runner>();

/** `undefined`: this Kysely has plugins, which are to see every query. */
export const runnerOf = (db: Kysely<Tables>): Runner | undefined => runners.get(db);

/** Reads outside any transaction. */
export const createReader = (engine: Engine, run: Run): Kysely<Tables> =>
  createKysely(
    engine,
    (query) => {
      if (isWrite(query)) throw new Error('a write outside Database.write');
      return run(query.sql, query.parameters.map(bindable), query.name);
    },
    () => {
      throw new Error('nothing is sent outside Database.write');
    },
  );

export interface OpenTransaction {
  readonly tx: Transaction;
  /** No statement runs after this; throws the error of the first that failed, even when `work` caught it. */
  readonly finish: () => void;
  /** Resolves when all that was sent has run; throws like `finish`. */
  readonly allSent: () => Promise<void>;
}

/**
 * The statements of one transaction. One failed statement dooms it: PostgreSQL refuses all that follow and turns COMMIT
 * into ROLLBACK without a word, so SQLite is held to the same.
 */
export function createTransaction(engine: Engine, run: Run): OpenTransaction {
  let isFinished = false;
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): never => {
    failure ??= { error };
    throw error;
  };
  const runOne = (query: Compiled): Result => {
    if (isFinished) throw new Error('a statement after the end of its transaction: something was not awaited');
    try {
      const result = run(query.sql, query.parameters.map(bindable), query.name);
      return result instanceof Promise ? result.catch(fail) : result;
    } catch (error) {
      return fail(error);
    }
  };
  const sent: Promise<unknown>[] = [];
  const tx = createKysely(engine, runOne, (query) => {
    const result = runOne(query);
    if (result instanceof Promise) sent.push(result.catch(() => {}));
  });
  const throwFailure = () => {
    if (failure) throw failure.error;
  };
  return {
    tx,
    finish() {
      isFinished = true;
      throwFailure();
    },
    async allSent() {
      await Promise.all(sent);
      throwFailure();
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

const refuseTransaction = async () => {
  throw new Error('transactions are opened by Database.write');
};
const nothing = async () => {};
/** What is run goes to a connection of its own, below: nothing is left to drive. */
const driver = {
  init: nothing,
  acquireConnection: refuseTransaction,
  beginTransaction: refuseTransaction,
  commitTransaction: refuseTransaction,
  rollbackTransaction: refuseTransaction,
  releaseConnection: nothing,
  destroy: nothing,
};

/** One of each for all: there is a Kysely for each transaction. */
const parts = {
  sqlite: partsOf(new SqliteQueryCompiler(), new SqliteAdapter(), (db) => new SqliteIntrospector(db)),
  postgres: partsOf(new PostgresQueryCompiler(), new PostgresAdapter(), (db) => new PostgresIntrospector(db)),
};

function partsOf(
  compiler: ReturnType<Dialect['createQueryCompiler']>,
  adapter: ReturnType<Dialect['createAdapter']>,
  createIntrospector: Dialect['createIntrospector'],
) {
  const dialect: Dialect = {
    createDriver: () => driver,
    createAdapter: () => adapter,
    createQueryCompiler: () => compiler,
    createIntrospector,
  };
  return { compiler, adapter, dialect, config: { dialect } };
}

function createKysely(engine: Engine, run: Runner['run'], send: Runner['send']): Kysely<Tables> {
  const { compiler, adapter, dialect, config } = parts[engine];
  const connection = {
    // The row type is the query builder's own promise, held to the real columns by test/contracts/tables.test.ts.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    executeQuery: async <R>(query: CompiledQuery) => (await run(query)) as QueryResult<R>,
    streamQuery: (): never => {
      throw new Error('long results are read page by page, by key');
    },
  };
  const executor = new DefaultQueryExecutor(compiler, adapter, { provideConnection: (use) => use(connection) });
  const db = new Kysely<Tables>({ config, dialect, driver, executor });
  runners.set(db, { engine, run, send });
  return db;
}
