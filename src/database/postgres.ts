// PostgreSQL and what speaks its protocol, for many nodes: a bounded pool, READ COMMITTED, and another go after a
// serialisation failure, a deadlock or a connection that was dropped before it committed. Safety comes from single
// guarded statements, never from the isolation level.
import type { Pool, PoolClient } from 'pg';
import type { Log } from '../base/log.ts';
import { minuteMs, secondMs } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import type { Database, Transaction } from './database.ts';
import { createReader, createTransaction, type Run } from './dialect.ts';
import { refuseNesting } from './nesting.ts';
import { type Ask, createTurns, type ParserOf, Skipped } from './turns.ts';

export const connectionsMax = 10;
const connectTimeoutMs = 5 * secondMs;
const idleTransactionTimeoutMs = 10 * secondMs;
const attemptsMax = 5;
/** How often something is begun whose connection is dropped. */
const dropAttemptsMax = 3;
/** When to ask again while the database does not answer. */
const retryAfterMs = 3 * secondMs;

const serialisationFailure = '40001';
const deadlock = '40P01';
const unknownStatement = '26000';
const lockTimeout = '55P03';
/** BIGINT, and NUMERIC, which is what SUM over BIGINT gives. */
const wholeNumberTypes = new Set([20, 1700]);

/** What one process may take of the server. */
export interface PostgresBounds {
  /** Connections at a time. */
  readonly connections?: number;
  /** The longest that a statement may run. */
  readonly statementMs?: number;
  /** The longest that a statement waits for what another transaction holds. */
  readonly lockMs?: number;
}

export interface PostgresOptions extends PostgresBounds {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  readonly log?: Log;
  /** What the server is told that we are. */
  readonly program?: string;
}

/** Throws the problem `database-unusable` when it cannot be reached. */
export async function openPostgres({
  url,
  log,
  program = 'rekey',
  connections = connectionsMax,
  statementMs = 10 * secondMs,
  lockMs = 5 * secondMs,
}: PostgresOptions): Promise<Database> {
  const { Pool, types } = (await import('pg')).default;
  const place = describePlace(url);
  const pool = new Pool({
    connectionString: url,
    application_name: program,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: idleTransactionTimeoutMs,
    idleTimeoutMillis: minuteMs,
    keepAlive: true,
  });
  // Without a listener a connection that the server ends would end the process; one in use tells by its statement.
  pool.on('error', (error) => log?.warn({ database: place, error: error.message }, 'a database connection was lost'));
  pool.on('connect', (client) => client.on('error', () => {}));
  try {
    await pool.query('SELECT 1');
  } catch (error) {
    await pool.end();
    throw new Problem('database-unusable', explainOpening(error, place));
  }
  const parserOf: ParserOf = (type) =>
    wholeNumberTypes.has(type) ? parseWholeNumber : types.getTypeParser(type, 'text');
  return connect(pool, { place, connections, open: (client) => createTurns(client, parserOf) });
}

interface Connecting {
  readonly place: string;
  readonly connections: number;
  readonly open: (client: PoolClient) => Ask;
}

function connect(pool: Pool, { place, connections, open }: Connecting): Database {
  const turns = new WeakMap<PoolClient, Ask>();
  const asProblem = (error: unknown) =>
    isLost(error)
      ? new Problem('busy', `The database at ${place} did not answer: ${messageOf(error)}.`, retryAfterMs)
      : error;

  const inFlight = new Set<Promise<unknown>>();
  let isClosed = false;

  /** pg forgets whoever still waits for a connection when the pool ends, and they would wait for ever. */
  async function track<T>(start: () => Promise<T>): Promise<T> {
    if (isClosed) throw new Error('the database is closed');
    const running = start();
    inFlight.add(running);
    try {
      return await running;
    } finally {
      inFlight.delete(running);
    }
  }

  function askOf(client: PoolClient): Ask {
    let ask = turns.get(client);
    if (!ask) turns.set(client, (ask = open(client)));
    return ask;
  }

  async function readAlone(...query: Parameters<Run>): Promise<Awaited<ReturnType<Run>>> {
    const client = await pool.connect();
    let failure: unknown;
    try {
      return await askOf(client)(...query);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      // The pool lets a connection go on which a statement failed.
      client.release(failure !== undefined);
    }
  }

  /** What short reads of one moment share: a connection for each would cost as much as the read. */
  let shared: { readonly connected: Promise<PoolClient>; users: number; hasFailed: boolean } | undefined;

  async function readTogether(...query: Parameters<Run>): Promise<Awaited<ReturnType<Run>>> {
    const own = (shared ??= { connected: pool.connect(), users: 0, hasFailed: false });
    own.users += 1;
    try {
      return await askOf(await own.connected)(...query);
    } catch (error) {
      own.hasFailed = true;
      throw error;
    } finally {
      own.users -= 1;
      if (shared === own && (own.hasFailed || own.users === 0)) shared = undefined;
      if (own.users === 0)
        await own.connected.then(
          (client) => client.release(own.hasFailed),
          () => {},
        );
    }
  }

  async function attempt<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    const ask = askOf(client);
    try {
      // Leaves with the first of what follows, none of which is run where it fails.
      ask('BEGIN ISOLATION LEVEL READ COMMITTED', [], 'rekey_begin').catch(() => {});
      const transaction = createTransaction('postgres', ask);
      const result = await work(transaction.tx).finally(transaction.finish);
      try {
        // Behind what was sent, and skipped where that fails.
        await Promise.all([transaction.allSent(), ask('COMMIT', [], 'rekey_commit')]);
      } catch (failure) {
        const error = reasonOf(failure);
        // It may have been kept or not, and a second go could do it twice: whoever asked has to look.
        throw isDropped(error) ? commitLost(error) : error;
      }
      client.release();
      return result;
    } catch (failure) {
      const error = reasonOf(failure);
      // A connection that cannot even roll back is not for the next one.
      await ask('ROLLBACK', []).then(
        () => client.release(isStale(error)),
        () => client.release(true),
      );
      throw error;
    }
  }

  const commitLost = (error: unknown) =>
    new Problem(
      'busy',
      `The database at ${place} was lost in a COMMIT (${messageOf(error)}): nobody knows whether it was kept.`,
      retryAfterMs,
    );

  async function goAgain<T>(go: () => Promise<T>): Promise<T> {
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await go();
      } catch (error) {
        if (attempts >= attemptsAfter(error, connections)) throw asProblem(error);
      }
    }
  }

  // What has a name comes again and again, and is short; what has none may take long, and holds up nobody else.
  const runRead: Run = (text, values, name) =>
    goAgain(() => (name === undefined ? readAlone(text, values) : readTogether(text, values, name)));
  return {
    engine: 'postgres',
    read: createReader('postgres', (...query) => track(async () => runRead(...query))),
    write: refuseNesting((work) => track(() => goAgain(() => attempt(work)))),
    async close() {
      isClosed = true;
      await Promise.allSettled(inFlight);
      if (!pool.ending) await pool.end();
    },
  };
}

/** Of what was not run, why the one before it failed. */
const reasonOf = (failure: unknown): unknown => (failure instanceof Skipped ? failure.cause : failure);

/** pg gives 64-bit integers as text, for a double cannot hold them all; ours are times and counts, which it can. */
function parseWholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError('a number in the database is not a safe integer');
  return number;
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

const messageOf = (error: unknown): string => (error instanceof Error && error.message) || 'the connection failed';

/**
 * Whether a statement that was prepared on this connection fits no more: its table got a column meanwhile, or whatever stands in
 * between forgot it. The connection goes, with all that was prepared on it.
 */
const isStale = (error: unknown): boolean =>
  codeOf(error) === unknownStatement ||
  (error instanceof Error && 'routine' in error && error.routine === 'RevalidateCachedQuery');

/**
 * How often a read or a transaction is begun that failed with this, none of which is kept. Each connection may have to go.
 * Not where the server cannot be reached or is overloaded: that would only be more of the same.
 */
function attemptsAfter(error: unknown, connections: number): number {
  if (isStale(error) || error instanceof Skipped) return connections + 1;
  if (isDropped(error)) return dropAttemptsMax;
  const code = codeOf(error);
  return code === serialisationFailure || code === deadlock ? attemptsMax : 1;
}

/** Whether a connection ended that was there: by the operator (57P01), a crash (57P02) or the way to it (08). */
function isDropped(error: unknown): boolean {
  const code = codeOf(error);
  return code === undefined
    ? /^(Connection terminated|Client has encountered)/.test(messageOf(error))
    : /^(08...|57P01|57P02|ECONNRESET|EPIPE)$/.test(code);
}

/** Whether the server or the way to it failed, not the statement (08: connection, 53: resources, 57: operator or timeout). */
function isLost(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined) return isDropped(error) || messageOf(error).startsWith('timeout exceeded');
  return /^(08|53|57)|^E(?!RR_)[A-Z_]+$/.test(code) || code === lockTimeout;
}

/** Of OpenSSL and Node: the certificate is not that of this host, or of nobody we know. */
const certificateFaults = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

function explainOpening(error: unknown, place: string): string {
  const code = codeOf(error) ?? '';
  const words = messageOf(error);
  if (/no encryption|SSL off/.test(words))
    return `PostgreSQL at ${place} wants TLS: add ?sslmode=verify-full to the address.`;
  if (/does not support SSL/.test(words))
    return `PostgreSQL at ${place} speaks no TLS: switch it on there, or take sslmode out of the address where nobody can listen in.`;
  if (certificateFaults.test(code))
    return `The certificate of PostgreSQL at ${place} cannot be trusted (${words}): name its authority with sslrootcert=FILE in the address, and the host as the certificate does.`;
  if (code === 'ENOENT') return `A file that the address of ${place} names is not there (${words}): correct its path.`;
  if (code === '28P01' || code === '28000')
    return `PostgreSQL at ${place} refused the user or the password: correct the address.`;
  if (code === '3D000') return `PostgreSQL is there, but ${place} is not: create this database first.`;
  if (code === '42501')
    return `PostgreSQL is there, but the user may not connect to ${place}: GRANT CONNECT ON DATABASE to it.`;
  if (code === '53300')
    return `PostgreSQL at ${place} has no connection left: raise max_connections, or run fewer nodes.`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `The host of ${place} is not known: correct the address, or its entry in the name service.`;
  return `PostgreSQL at ${place} cannot be reached (${words}): start it, or correct the address.`;
}

/** Host and database, without user and password. */
function describePlace(url: string): string {
  if (!URL.canParse(url))
    throw new Problem('database-unusable', 'Write the address as postgres://user:password@host/database.');
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
