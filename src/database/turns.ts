// What is asked of one connection of PostgreSQL in one turn of the event loop leaves as one message with one Sync behind it,
// and is answered by one. Where a statement fails, the server runs none of those behind it: so `BEGIN` need not be waited for,
// nor `COMMIT` be kept back (docs/decisions/082-a-turn-is-one-message.md).
import type { Connection, CustomTypesConfig, PoolClient, Submittable } from 'pg';
import type { QueryResult } from 'kysely';
import type { Bindable } from './dialect.ts';

/** It was not run, as one before it in its turn failed: with the error in `cause`. */
export class Skipped extends Error {}

type TypeId = Parameters<CustomTypesConfig['getTypeParser']>[0];
/** What makes a value of the text of a column of this type. */
export type ParserOf = (type: TypeId) => (text: string) => unknown;

interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

interface Asked {
  readonly text: string;
  readonly values: (string | null)[];
  /** Of one that comes again: it is prepared under it. */
  readonly name: string;
  readonly resolve: (result: QueryResult<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

/** As pg hands them on. */
interface Answers extends Submittable {
  handleRowDescription(message: {
    readonly fields: readonly { readonly name: string; readonly dataTypeID: TypeId }[];
  }): void;
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void;
  handleCommandComplete(message: { readonly text: string }): void;
  handleError(error: Error): void;
  handleReadyForQuery(): void;
}

export type Ask = (text: string, values: readonly Bindable[], name?: string) => Promise<QueryResult<unknown>>;

export function createTurns(client: PoolClient, parserOf: ParserOf): Ask {
  /** The columns of what is prepared on this connection, which tells them only once. */
  const prepared = new Map<string, readonly Column[]>();
  let next: Asked[] = [];
  let isAnswering = false;

  /** Once all that goes on in this turn has said what it asks. */
  function askSoon(): void {
    queueMicrotask(() => process.nextTick(askAll));
  }

  function askAll(): void {
    if (isAnswering || next.length === 0) return;
    isAnswering = true;
    const turn = next;
    next = [];
    client.query(answersOf(turn));
  }

  function end(): void {
    isAnswering = false;
    if (next.length > 0) askSoon();
  }

  function answersOf(turn: readonly Asked[]): Answers {
    const left = turn.values();
    let asked = left.next().value;
    let columns: readonly Column[] = [];
    let rows: unknown[] = [];
    let fault: { readonly error: unknown } | undefined;
    const begin = (answered: Asked | undefined) => {
      asked = answered;
      columns = (asked && prepared.get(asked.name)) ?? [];
      rows = [];
      fault = undefined;
    };
    begin(asked);
    return {
      submit: (connection) => write(connection, turn),
      handleRowDescription({ fields }) {
        columns = fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) }));
      },
      handleDataRow({ fields }) {
        try {
          rows.push(rowOf(columns, fields));
        } catch (error) {
          fault ??= { error };
        }
      },
      handleCommandComplete({ text }) {
        if (asked && asked.name !== '') prepared.set(asked.name, columns);
        if (fault) asked?.reject(fault.error);
        else asked?.resolve(text.startsWith('SELECT') ? { rows } : { rows, numAffectedRows: affectedRows(text) });
        begin(left.next().value);
      },
      handleError(error) {
        asked?.reject(error);
        // What waits would meet the same: in a transaction it is over, and a read goes again on another connection.
        for (const { reject } of [...left, ...next.splice(0)]) reject(new Skipped('not run', { cause: error }));
        end();
      },
      handleReadyForQuery: end,
    };
  }

  function write(connection: Connection, turn: readonly Asked[]): void {
    const { stream } = connection;
    const preparing = new Set<string>();
    stream.cork();
    for (const { name, text, values } of turn) {
      const isKnown = name !== '' && (prepared.has(name) || preparing.has(name));
      if (!isKnown) {
        // It may be there, from a turn in which it failed.
        connection.close({ type: 'S', name }, true);
        connection.parse({ name, text, types: [] }, true);
        preparing.add(name);
      }
      connection.bind({ statement: name, values }, true);
      if (!isKnown) connection.describe({ type: 'P' }, true);
      connection.execute(null, true);
    }
    connection.sync();
    stream.uncork();
  }

  return (text, values, name = '') =>
    new Promise((resolve, reject) => {
      next.push({
        text,
        values: values.map((value) => (value === null ? null : String(value))),
        name,
        resolve,
        reject,
      });
      if (next.length === 1 && !isAnswering) askSoon();
    });
}

function rowOf(columns: readonly Column[], fields: readonly (string | null)[]): unknown {
  const row: Record<string, unknown> = {};
  for (let at = 0; at < columns.length; at += 1) {
    const [column, text] = [columns[at], fields[at] ?? null];
    if (column) row[column.name] = text === null ? null : column.parse(text);
  }
  return row;
}

/** The last number of "INSERT 0 2" or "UPDATE 2"; nothing of "BEGIN". */
const affectedRows = (command: string): bigint => BigInt(/\d*$/.exec(command)?.[0] ?? 0);
