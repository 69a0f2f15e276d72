// Statements that Kysely builds and compiles once, at their first use; after that only their values change. Building one
// costs more than running it (docs/decisions/047-statements-compiled-once.md).
import { type Compilable, type Expression, sql } from 'kysely';
import type { Transaction } from './database.ts';
import { type Compiled, runnerOf } from './dialect.ts';

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
  const compiled = { sqlite: new Map<string, Compiled>(), postgres: new Map<string, Compiled>() };

  const buildWith = (db: Transaction, values: Given<V>, standIn: (value: unknown) => unknown): Compilable<Row> =>
    // Of the shape of the values, with an expression for each: that is what V is.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    build(db, standInsFor(values, standIn) as V);

  function compile(db: Transaction, values: Given<V>, leaves: readonly unknown[]): Compiled {
    const places = leaves.map((_, at): Place => ({ at }));
    const left = places.values();
    const query = buildWith(db, values, () => left.next().value).compile();
    if (places.some((place) => !query.parameters.includes(place)))
      throw new Error(`a value that is not bound decides what this says: ${query.sql}`);
    return query;
  }

  async function execute(db: Transaction, values: Given<V>): Promise<Row[]> {
    const runner = runnerOf(db);
    // Somebody looks on through a plugin of Kysely, and sees this like every other query.
    if (!runner) return (await db.executeQuery(buildWith(db, values, (value) => value))).rows;
    const leaves: unknown[] = [];
    const shape = collect(values, leaves);
    const known = compiled[runner.engine].get(shape);
    const { sql: text, query, parameters } = known ?? compile(db, values, leaves);
    if (!known) compiled[runner.engine].set(shape, { sql: text, query, parameters });
    const bound = parameters.map((parameter) => (isPlace(parameter) ? leaves[parameter.at] : parameter));
    const { rows } = await runner.run({ sql: text, query, parameters: bound });
    // The row type is what the builder promised when it was compiled.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return rows as Row[];
  }

  return {
    execute,
    executeTakeFirst: async (db, values) => (await execute(db, values))[0],
  };
}

const isPlace = (parameter: unknown): parameter is Place => typeof parameter === 'object' && parameter !== null;

/** Collects what is to be bound, in order, and tells its shape. */
function collect(values: object, leaves: unknown[]): string {
  let shape = '';
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'object' && value !== null) shape += `${name}(${collect(value, leaves)})`;
    else {
      leaves.push(value);
      shape += `${name},`;
    }
  }
  return shape;
}

/** The values with an expression in the place of each, made of what `standIn` gives for it, in the order of `collect`. */
function standInsFor(value: unknown, standIn: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => standInsFor(each, standIn));
  if (typeof value !== 'object' || value === null) return sql.val(standIn(value));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, standInsFor(inner, standIn)]));
}
