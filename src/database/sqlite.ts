// SQLite, embedded: one writer that commits in groups, and a second connection that reads what is committed.
// What `write` resolved to is on the disk. One process owns the file; others may read it.
import { closeSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { makeFolder } from '../base/folder.ts';
import type { Log } from '../base/log.ts';
import { Problem } from '../base/problem.ts';
import type { Database, Transaction } from './database.ts';
import { createReader, createTransaction, type Run } from './dialect.ts';
import { refuseNesting } from './nesting.ts';

/** A COMMIT waits for the disk, so writers share one; a group is small enough that the first in it does not wait long. */
const groupSize = 64;
const statementsKept = 500;
/** When to ask again while the file or its disk does not take what is written. */
const retryAfterMs = 3_000;
/** PostgreSQL ends an idle transaction after the same time. */
const workTimeoutMs = 10_000;

/** SQLite's own 2 MB would not hold the upper pages of a larger site, and read them back for each recovery. */
const cache = 'PRAGMA cache_size = -16384';

const pragmas = `
  ${cache};
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON; -- macOS: a plain fsync leaves the data in the drive's cache
  PRAGMA checkpoint_fullfsync = ON;
  PRAGMA wal_autocheckpoint = 1000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA foreign_keys = ON;
  PRAGMA secure_delete = ON;
  PRAGMA trusted_schema = OFF;
`;

/** A write that waits for its turn. */
interface Waiting {
  /** Resolves to what tells the caller, once the group is on the disk. */
  readonly work: (tx: Transaction) => Promise<() => void>;
  readonly reject: (error: unknown) => void;
}

export interface SqliteOptions {
  readonly file: string;
  readonly log?: Log;
  /** How long a statement waits for another program; node:sqlite waits on this thread, so all requests wait along. */
  readonly busyTimeoutMs?: number;
}

/** Throws the problem `database-unusable` when the file cannot be used, with what to do. Makes the folder and the file. */
export async function openSqlite({ file, log, busyTimeoutMs = 2_000 }: SqliteOptions): Promise<Database> {
  if (file === '' || file.startsWith(':')) throw new Problem('database-unusable', 'SQLite needs the name of a file.');
  const path = resolve(file);
  let writer: DatabaseSync | undefined;
  try {
    makeFolder(dirname(path));
    makeFile(path);
    writer = new DatabaseSync(path, { timeout: busyTimeoutMs });
    writer.exec(pragmas);
    const reader = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
    reader.exec(`PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; ${cache}`);
    return connect(path, writer, reader, log);
  } catch (error) {
    writer?.close();
    const sentence = error instanceof Problem ? undefined : explain(error, path);
    throw sentence === undefined ? error : new Problem('database-unusable', sentence);
  }
}

const isFolder = (path: string) => `${path} is a folder: name a file in it.`;

/** Only for its owner; SQLite gives its other files the same mode. */
function makeFile(path: string): void {
  try {
    // Never opened where it exists: closing it again would take the locks of this process's other connections, and the next
    // program to close the database would think itself the last and remove the log under them.
    closeSync(openSync(path, 'wx', 0o600));
  } catch (fault) {
    if (!(fault instanceof Error && 'code' in fault && fault.code === 'EEXIST')) throw fault;
    if (statSync(path).isDirectory()) throw new Problem('database-unusable', isFolder(path));
  }
}

function connect(path: string, writer: DatabaseSync, reader: DatabaseSync, log: Log | undefined): Database {
  const runWrite = createRun(writer);
  const runRead = createRun(reader);
  const waiting: Waiting[] = [];
  let draining: Promise<void> | undefined;
  let isClosed = false;

  const asProblem = (error: unknown) => {
    const sentence = explain(error, path);
    if (sentence === undefined) return error;
    log?.error({ database: path }, sentence);
    return new Problem('busy', sentence, retryAfterMs);
  };

  async function drain() {
    while (waiting.length > 0) {
      // All of a group runs without the event loop: this lets requests in between two groups, and more writers into the next.
      await nextTurn();
      await commitGroup(waiting.splice(0, groupSize));
    }
    draining = undefined;
  }

  async function commitGroup(group: readonly Waiting[]) {
    const done: { readonly member: Waiting; readonly tell: () => void }[] = [];
    const time = createTimeLimit();
    try {
      writer.exec('BEGIN IMMEDIATE');
      for (const [index, member] of group.entries()) {
        try {
          const transaction = createTransaction('sqlite', runWrite);
          const tell = await time.limit(member.work(transaction.tx)).finally(transaction.finish);
          done.push({ member, tell });
        } catch (error) {
          member.reject(asProblem(error));
          // A savepoint for each would save this, and cost all: a copy of every page before it is changed.
          if (writer.isTransaction) writer.exec('ROLLBACK');
          waiting.unshift(...done.map((one) => one.member), ...group.slice(index + 1));
          return;
        }
      }
      writer.exec('COMMIT');
    } catch (error) {
      if (writer.isTransaction) writer.exec('ROLLBACK');
      const problem = asProblem(error);
      for (const { reject } of group) reject(problem);
      return;
    } finally {
      time.end();
    }
    for (const { tell } of done) tell();
  }

  return {
    engine: 'sqlite',
    read: createReader('sqlite', (...query) => {
      try {
        return runRead(...query);
      } catch (error) {
        throw asProblem(error);
      }
    }),
    write: refuseNesting(
      (work) =>
        new Promise((settle, reject) => {
          if (isClosed) throw new Error('the database is closed');
          waiting.push({
            work: async (tx) => {
              const result = await work(tx);
              return () => settle(result);
            },
            reject,
          });
          draining ??= drain();
        }),
    ),
    async close() {
      isClosed = true;
      await draining;
      if (reader.isOpen) reader.close();
      if (writer.isOpen) writer.close();
    },
  };
}

/** Without this, work that waits for something that never comes would stop every other writer for ever. */
function createTimeLimit(): { limit<T>(work: Promise<T>): Promise<T>; end(): void } {
  let stop = (_late: Error) => {};
  // One for all of a group, begun anew for each.
  const timer = setTimeout(() => stop(new Error('a write waited too long for something else')), workTimeoutMs);
  return {
    limit(work) {
      timer.refresh();
      return new Promise((resolve, reject) => {
        stop = reject;
        work.then(resolve, reject);
      });
    },
    end: () => clearTimeout(timer),
  };
}

/** Runs statements on one connection, and keeps the prepared ones; the oldest go first. */
function createRun(connection: DatabaseSync): Run {
  const kept = new Map<string, { readonly statement: StatementSync; readonly columns: readonly string[] }>();

  function prepare(text: string) {
    const known = kept.get(text);
    if (known) return known;
    const statement = connection.prepare(text);
    // Rows as lists: as objects, node:sqlite would look up the name of each column for each row, and make slow objects.
    statement.setReturnArrays(true);
    const made = { statement, columns: statement.columns().map(({ name }) => name) };
    kept.set(text, made);
    for (const oldest of kept.keys()) {
      if (kept.size <= statementsKept) break;
      kept.delete(oldest);
    }
    return made;
  }

  return (text, parameters) => {
    const { statement, columns } = prepare(text);
    if (columns.length === 0) return { rows: [], numAffectedRows: BigInt(statement.run(...parameters).changes) };
    const rows = statement.all(...parameters);
    return { rows: rows.map((row) => toObject(columns, row)) };
  };
}

function toObject(columns: readonly string[], row: Readonly<Record<number, unknown>>): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let at = 0; at < columns.length; at += 1) object[columns[at] ?? ''] = row[at];
  return object;
}

/** What to do about an error of SQLite (its primary result code) or of the file system; `undefined` for any other. */
function explain(error: unknown, path: string): string | undefined {
  const sentences: Record<string, string> = {
    5: `${path} is in use by another program: stop that one, then start again.`,
    8: `${path} cannot be written: give this user the right to write the file and its folder, or name another one.`,
    10: `The disk that holds ${path} reported an error: look at the disk, then start again.`,
    11: `${path} is damaged: put the last backup in its place.`,
    13: `The disk that holds ${path} is full: free some space. Nothing that was confirmed is lost.`,
    14: `${path} cannot be opened: give this user the right to write the file and its folder, or name another one.`,
    26: `${path} is not a database: name another file, or move this one away.`,
    EEXIST: `The folder of ${path} is not a folder: name another one.`,
    EISDIR: isFolder(path),
    ENOSPC: `The disk that holds ${path} is full: free some space.`,
    ENOTDIR: `The folder of ${path} is not a folder: name another one.`,
  };
  if (!(error instanceof Error)) return undefined;
  if ('errcode' in error && typeof error.errcode === 'number') return sentences[error.errcode & 0xff];
  if (!('syscall' in error) || !('code' in error)) return undefined;
  return sentences[String(error.code)] ?? sentences[14];
}
