// Statements that Kysely builds and compiles once, at their first use; after that only their values change. Building one
// costs more than running it (docs/decisions/047-statements-compiled-once.md).
import { createHash } from 'node:crypto';
import { type Compilable, type Expression, type QueryResult, sql } from 'kysely';
import type { Transaction } from './database.ts';
import { type Compiled, type Runner, runnerOf } from './dialect.ts';

/** A value that is bound when the statement runs. While it is built there is only its place, so nothing can depend on it. */
export type Value<T> = Expression<T>;
export type Values<Row> = { readonly [Column in keyof Row]: Value<Exclude<Row[Column], undefined>> };

/** What is given when it runs for what it was built with. */
type Given<V> = { readonly [Name in keyof V]: GivenFor<V[Name]> };
type GivenFor<V> =
  V extends Expression<infer T> ? T : V extends readonly (infer Each)[] ? readonly GivenFor<Each>[] : Given<V>;

export interface Statement<V, Row> {
  execute(db: Transaction, values: Given<V>): Promise<Row[]>;
  executeTakeFirst(db: Transaction, values: Given<V>): Promise<Row | undefined>;
  /**
   * For a write whose answer nobody needs: what follows in its transaction follows it, on PostgreSQL without waiting for it.
   * Where it fails, the transaction does.
   */
  send(tx: Transaction, values: Given<V>): Promise<void>;
}

/** What was compiled for one shape of the values. */
interface Shaped extends Compiled {
  readonly names: readonly string[];
  readonly name: string;
}

/** The place of a value among the parameters: of the one at `at`, in the order of `collect`. */
interface Place {
  readonly at: number;
}

/**
 * `build` runs once for each shape of its values: which of them there are, and how long a list is. Of what it does with
 * them only that they are bound is left: a statement in which one of them is missing throws.
 */
export function statement<V extends object, Row>(
  build: (db: Transaction, values: V) => Compilable<Row>,
): Statement<V, Row> {
  const compiled: Record<Runner['engine'], Shaped[]> = { sqlite: [], postgres: [] };

  const buildWith = (db: Transaction, values: Given<V>, standIn: (value: unknown) => unknown): Compilable<Row> =>
    // Of the shape of the values, with an expression for each: that is what V is.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    build(db, standInsFor(values, standIn) as V);

  function compile(db: Transaction, values: Given<V>, names: readonly string[], count: number): Shaped {
    const places = Array.from({ length: count }, (_, at): Place => ({ at }));
    const left = places.values();
    const made = buildWith(db, values, () => left.next().value).compile();
    if (places.some((place) => !made.parameters.includes(place)))
      throw new Error(`a value that is not bound decides what this says: ${made.sql}`);
    return { names, name: nameOf(made.sql), sql: made.sql, query: made.query, parameters: made.parameters };
  }

  /** Somebody looks on through a plugin of Kysely, and sees this like every other query. */
  const rowsSeen = async (db: Transaction, values: Given<V>): Promise<Row[]> =>
    (await db.executeQuery(buildWith(db, values, (value) => value))).rows;

  function bind(db: Transaction, runner: Runner, values: Given<V>): Compiled {
    const names: string[] = [];
    const leaves: unknown[] = [];
    collect(values, names, leaves);
    const known = compiled[runner.engine];
    let shaped = known.find((each) => isSame(each.names, names));
    if (!shaped) known.push((shaped = compile(db, values, names, leaves.length)));
    const { name, sql: text, query, parameters } = shaped;
    const bound = parameters.map((parameter) => (isPlace(parameter) ? leaves[parameter.at] : parameter));
    return { name, sql: text, query, parameters: bound };
  }

  function rowsOf(db: Transaction, values: Given<V>): Row[] | Promise<Row[]> {
    const runner = runnerOf(db);
    if (!runner) return rowsSeen(db, values);
    const result = runner.run(bind(db, runner, values));
    // The row type is what the builder promised when it was compiled.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const rowsIn = ({ rows }: QueryResult<unknown>) => rows as Row[];
    return result instanceof Promise ? result.then(rowsIn) : rowsIn(result);
  }

  return {
    execute: async (db, values) => rowsOf(db, values),
    async send(tx, values) {
      const runner = runnerOf(tx);
      if (runner) runner.send(bind(tx, runner, values));
      else await rowsSeen(tx, values);
    },
    async executeTakeFirst(db, values) {
      const rows = rowsOf(db, values);
      return (rows instanceof Promise ? await rows : rows)[0];
    },
  };
}

/** By its words: where nodes share connections, none may run what another has prepared under the same name. */
const nameOf = (text: string): string => `rekey_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;

const isPlace = (parameter: unknown): parameter is Place => typeof parameter === 'object' && parameter !== null;

/** Collects what is to be bound, in order, and the names that tell its shape. */
function collect(values: object, names: string[], leaves: unknown[]): void {
  const inner: readonly unknown[] = Object.values(values);
  for (const [at, name] of Object.keys(values).entries()) {
    const value = inner[at];
    names.push(name);
    if (typeof value === 'object' && value !== null) {
      names.push('(');
      collect(value, names, leaves);
      names.push(')');
    } else leaves.push(value);
  }
}

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((name, at) => name === others[at]);

/** The values with an expression in the place of each, made of what `standIn` gives for it, in the order of `collect`. */
function standInsFor(value: unknown, standIn: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => standInsFor(each, standIn));
  if (typeof value !== 'object' || value === null) return sql.val(standIn(value));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, standInsFor(inner, standIn)]));
}
