// A prepared statement as pg's pipeline takes it. pg's own query copies what it is given, and has the server describe the columns of
// each answer anew; here they are described once for each connection, and BEGIN can go ahead of a statement in the same message.
import type { QueryResult } from 'kysely';
import type { Connection, FieldDef, PoolClient, Query } from 'pg';
import type { Bindable } from './dialect.ts';

export interface Prepared {
  /** By its words: the same name never stands for two of them. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly Bindable[];
}

export interface PreparedStatements {
  /** `after`: another that is prepared and answers nothing. Where it fails, the server passes over this one. */
  run(client: PoolClient, statement: Prepared, after?: Prepared): Promise<QueryResult<unknown>>;
  /** Whether it has run on this connection. */
  isPrepared(client: PoolClient, statement: Prepared): boolean;
}

type Parse = (text: string) => unknown;

interface Settle {
  resolve(result: QueryResult<unknown>): void;
  reject(error: Error): void;
}

interface Column {
  readonly name: string;
  readonly parse: Parse;
}

/** Of those that were prepared on a connection, by name: what comes back, once the server has said it. */
type Known = Map<string, { columns: readonly Column[] | undefined }>;

/** What was prepared under this name is gone, or is no longer what it was: said as PostgreSQL says it. */
export const unknownStatement = '26000';

export function createPreparedStatements(Base: typeof Query, parserOf: (type: number) => Parse): PreparedStatements {
  const ofConnections = new WeakMap<Connection, Known>();

  function knownOn(connection: Connection): Known {
    let known = ofConnections.get(connection);
    if (!known) ofConnections.set(connection, (known = new Map()));
    return known;
  }

  // A pipeline takes nothing but pg's own query and what extends it; these are the methods that its client calls.
  class Run extends Base {
    readonly #statement: Prepared;
    readonly #settle: Settle;
    readonly #rows: Record<string, unknown>[] = [];
    #after: Prepared | undefined;
    #columns: readonly Column[] | undefined;
    #known: Known = new Map();
    #tag = '';
    #failure: Error | undefined;

    constructor(statement: Prepared, after: Prepared | undefined, settle: Settle) {
      super(statement.text);
      this.#statement = statement;
      this.#after = after;
      this.#settle = settle;
    }

    override submit = (connection: Connection): void => {
      const { name, text, values } = this.#statement;
      this.#known = knownOn(connection);
      const before = this.#known.get(name);
      this.#columns = before?.columns;
      if (this.#after) {
        connection.bind({ statement: this.#after.name }, true);
        connection.execute(null, true);
      }
      if (!before) {
        // It may be there, where what followed it failed; to close one that is not is no error.
        connection.close({ type: 'S', name }, true);
        connection.parse({ name, text, types: [] }, true);
        this.#known.set(name, { columns: undefined });
      }
      connection.bind({ statement: name, values: values.map(toText) }, true);
      if (!this.#columns) connection.describe({ type: 'P', name: '' }, true);
      connection.execute(null, true);
      connection.sync();
    };

    handleRowDescription({ fields }: { readonly fields: readonly FieldDef[] }): void {
      this.#learn(fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) })));
    }

    handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
      const columns = this.#columns ?? [];
      if (fields.length !== columns.length) {
        this.#failure ??= Object.assign(new Error('a statement brings other columns than before'), {
          code: unknownStatement,
        });
        return;
      }
      const row: Record<string, unknown> = {};
      try {
        for (let at = 0; at < columns.length; at += 1) {
          const column = columns[at];
          const text = fields[at] ?? null;
          if (column) row[column.name] = text === null ? null : column.parse(text);
        }
      } catch (error) {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      }
      this.#rows.push(row);
    }

    handleCommandComplete({ text }: { readonly text: string }): void {
      if (this.#after) this.#after = undefined;
      else {
        this.#tag = text;
        if (!this.#columns) this.#learn([]);
      }
    }

    handleError(error: Error): void {
      const { name } = this.#statement;
      // Failed before the server had said what it brings: nobody knows whether it is prepared.
      if (!this.#known.get(name)?.columns) this.#known.delete(name);
      this.#settle.reject(error);
    }

    handleReadyForQuery(): void {
      const rows = this.#rows;
      if (this.#failure) this.#settle.reject(this.#failure);
      else if (this.#tag.startsWith('SELECT')) this.#settle.resolve({ rows });
      else this.#settle.resolve({ rows, numAffectedRows: BigInt(/\d+$/.exec(this.#tag)?.[0] ?? 0) });
    }

    #learn(columns: readonly Column[]): void {
      this.#columns = columns;
      this.#known.set(this.#statement.name, { columns });
    }
  }

  return {
    async run(client, statement, after) {
      try {
        return await new Promise((resolve, reject) => {
          client.query(new Run(statement, after, { resolve, reject }));
        });
      } catch (error) {
        // The stack of whoever waits for it: its own leads to the socket.
        if (error instanceof Error) Error.captureStackTrace(error);
        throw error;
      }
    },
    isPrepared: ({ connection }, { name }) => knownOn(connection).get(name)?.columns !== undefined,
  };
}

const toText = (value: Bindable): string | null => (typeof value === 'bigint' ? String(value) : value);
