// Copies all rows of one database into another, empty one, whatever the engines. It goes on where it stood when it was
// killed; nothing serves from the target until both sides were read once more and found the same, row by row.
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { Problem } from '../base/problem.ts';
import type { Database, Transaction } from './database.ts';
import { allowLongWork } from './long.ts';
import { waitForOtherStarts } from './migrate.ts';
import { primaryKeys, tableNames, type Tables } from './tables.ts';

export interface CopiedTable {
  readonly table: string;
  readonly rows: number;
  /** The sum of the SHA-256 of every row, the same on both sides: in hex. */
  readonly checksum: string;
}

export interface Copied {
  readonly tables: readonly CopiedTable[];
  /** Now; the others were there from a run before. */
  readonly rowsCopied: number;
  readonly copyMs: number;
}

export interface CopyNeeds {
  readonly from: Database;
  readonly to: Database;
  /** What the source is called where a half copy is refused: no secret. */
  readonly source: string;
  /** Called between two batches; what it throws stops the copy, which can go on later. */
  readonly onProgress: (doing: 'copying' | 'comparing', table: string, share: number) => void;
  /** Asked once more at the end: what serves from the source by then may write what is not in the copy. */
  readonly refuseInUse: () => Promise<void>;
  /** Rows that are copied in one transaction: fewer only in a test. */
  readonly batchSize?: number;
}

/** A table with rows to copy, and the columns that tell them apart. */
interface Copyable {
  readonly table: keyof Tables;
  readonly key: readonly string[];
}

/** In this order none refers to what is not there yet. */
const copyables: readonly Copyable[] = tableNames.flatMap((table) => {
  const key = primaryKeys[table];
  return key === 'own' ? [] : [{ table, key }];
});

type Row = Readonly<Record<string, string | number | null>>;

/** Throws the problem `copy-refused`, and leaves the target marked as half copied where it has begun. */
export async function copyDatabase({
  from,
  to,
  source,
  onProgress,
  refuseInUse,
  batchSize = 1_000,
}: CopyNeeds): Promise<Copied> {
  const standings = await begin(to, source);
  const totals = await countRows(from);
  const total = [...totals.values()].reduce((sum, count) => sum + count, 0);
  let done = [...standings.values()].reduce((sum, { rows }) => sum + rows, 0);
  const show = (doing: Parameters<typeof onProgress>[0], table: string, rows: number) => {
    done += rows;
    onProgress(doing, table, total === 0 ? 1 : Math.min(1, done / (3 * total)));
  };

  const startedAt = performance.now();
  let rowsCopied = 0;
  for (const { table, key } of copyables) {
    let { lastKey } = standings.get(table) ?? { lastKey: '' };
    for await (const page of pagesOf(from, { table, key }, lastKey, batchSize)) {
      lastKey = await putRows(to, { table, key }, page, lastKey);
      rowsCopied += page.length;
      show('copying', table, page.length);
    }
  }
  const copyMs = performance.now() - startedAt;

  const tables: CopiedTable[] = [];
  for (const { table, key } of copyables) {
    const note = (rows: number) => show('comparing', table, rows);
    const [there, here] = [
      await sumUp(from, { table, key }, batchSize, note),
      await sumUp(to, { table, key }, batchSize, note),
    ];
    if (there.rows !== here.rows || there.checksum !== here.checksum)
      throw new Problem(
        'copy-refused',
        `${table} is not the same on both sides (${there.rows} rows in the source, ${here.rows} in the target): something wrote while it was copied. Stop whatever uses either, and copy again into an empty database.`,
      );
    tables.push({ table, ...there });
  }
  await refuseInUse();
  await to.write((tx) => tx.deleteFrom('copies').execute());
  return { tables, rowsCopied, copyMs };
}

/** Marks an empty target as half copied, or finds out how far an earlier run came. */
async function begin(to: Database, source: string): Promise<Map<string, { rows: number; lastKey: string }>> {
  return to.write(async (tx) => {
    await waitForOtherStarts(tx, to.engine);
    await allowLongWork(tx, to.engine);
    let standing = await tx.selectFrom('copies').selectAll().execute();
    const other = standing.find((row) => row.source !== source);
    if (other)
      throw new Problem(
        'copy-refused',
        `A copy from ${other.source} was begun into this database: go on with that one, or name an empty database.`,
      );
    if (standing.length === 0) {
      await refuseRows(tx);
      standing = copyables.map(({ table }) => ({ table_name: table, source, last_key: '', row_count: 0 }));
      await tx.insertInto('copies').values(standing).execute();
    }
    return new Map(standing.map((row) => [row.table_name, { rows: row.row_count, lastKey: row.last_key }]));
  });
}

async function refuseRows(tx: Transaction): Promise<void> {
  for (const { table } of copyables) {
    const { rows } = await sql`SELECT 1 AS one FROM ${sql.table(table)} LIMIT 1`.execute(tx);
    if (rows.length > 0)
      throw new Problem(
        'copy-refused',
        `The target is not empty: ${table} has rows. Nothing was changed in it; name an empty database.`,
      );
  }
}

/** How far there is to go. */
async function countRows(from: Database): Promise<Map<string, number>> {
  return from.write(async (tx) => {
    await allowLongWork(tx, from.engine);
    const counts = new Map<string, number>();
    for (const { table } of copyables) {
      const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM ${sql.table(table)}`.execute(tx);
      counts.set(table, rows[0]?.count ?? 0);
    }
    return counts;
  });
}

async function* pagesOf(db: Database, { table, key }: Copyable, after: string, size: number): AsyncGenerator<Row[]> {
  const columns = sql.join(key.map((column) => sql.ref(column)));
  let last = after;
  for (;;) {
    const next = last === '' ? sql`` : sql`WHERE (${columns}) > (${sql.join(readKey(last))})`;
    const query = sql<Row>`SELECT * FROM ${sql.table(table)} ${next} ORDER BY ${columns} LIMIT ${sql.lit(size)}`;
    const { rows } = await query.execute(db.read).catch((fault: unknown) => {
      if (!(fault instanceof RangeError)) throw fault;
      throw unfit(table, 'holds a whole number beyond 2^53', last);
    });
    if (rows.length > 0) yield rows;
    const end = rows.at(-1);
    if (!end || rows.length < size) return;
    last = keyOf(end, key);
  }
}

/** The rows and how far that is, in one transaction. Answers the key of the last. */
async function putRows(to: Database, { table, key }: Copyable, page: readonly Row[], lastKey: string): Promise<string> {
  const columns = Object.keys(page[0] ?? {}).toSorted();
  for (const row of page) refuseUnfit(table, row, keyOf(row, key));
  // One value for all: thousands, each with a place of its own in the statement, took twenty times as long.
  const json = JSON.stringify(page);
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const end = page.at(-1);
  const last_key = end ? keyOf(end, key) : lastKey;
  await to
    .write(async (tx) => {
      const moved = await tx
        .updateTable('copies')
        .set((row) => ({ last_key, row_count: row('row_count', '+', page.length) }))
        .where('table_name', '=', table)
        .where('last_key', '=', lastKey)
        .returning('row_count')
        .executeTakeFirst();
      if (!moved)
        throw new Problem('copy-refused', 'Another copy goes on in this target: let that one end, or stop it.');
      await (to.engine === 'postgres'
        ? sql`INSERT INTO ${sql.table(table)} (${names}) SELECT ${names} FROM json_populate_recordset(NULL::${sql.table(table)}, ${json}::json)`
        : sql`INSERT INTO ${sql.table(table)} (${names}) SELECT ${sql.join(columns.map((column) => sql`value ->> ${sql.lit(column)}`))} FROM json_each(${json})`
      ).execute(tx);
    })
    .catch((fault: unknown) => {
      if (fault instanceof Problem) throw fault;
      throw unfit(
        table,
        `has rows that the target does not take (${fault instanceof Error ? fault.message : ''})`,
        lastKey,
      );
    });
  return last_key;
}

/** SQLite keeps whatever it was given, in a column of whatever type: only what both engines hold alike is copied. */
function refuseUnfit(table: string, row: Row, key: string): void {
  for (const [column, value] of Object.entries(row)) {
    if (value === null || Number.isSafeInteger(value)) continue;
    if (typeof value !== 'string')
      throw unfit(`${table}.${column}`, 'holds what is neither text nor a whole number', key);
    if (value.includes('\0')) throw unfit(`${table}.${column}`, 'holds text with U+0000', key);
  }
}

const unfit = (where: string, what: string, key: string) =>
  new Problem(
    'copy-refused',
    `${where} ${what}, at or after the key ${key || '(the first)'}: mend it in the source, then go on.`,
  );

const keyOf = (row: Row, key: readonly string[]): string => JSON.stringify(key.map((column) => row[column]));

function readKey(text: string): unknown[] {
  const values: unknown = JSON.parse(text);
  return Array.isArray(values) ? values : [];
}

const modulus = 2n ** 256n;

/** In no order: engines sort text in their own. */
async function sumUp(db: Database, of: Copyable, size: number, note: (rows: number) => void) {
  let rows = 0;
  let sum = 0n;
  for await (const page of pagesOf(db, of, '', size)) {
    for (const row of page) sum = (sum + BigInt(`0x${sumOf(row)}`)) % modulus;
    rows += page.length;
    note(page.length);
  }
  return { rows, checksum: sum.toString(16).padStart(64, '0') };
}

const sumOf = (row: Row): string => {
  const columns = Object.entries(row).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(columns)).digest('hex');
};
