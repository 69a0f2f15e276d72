// What is over is deleted a few hundred rows at a time, each time in a transaction of its own: whoever else writes waits for
// one batch at most, however much there is.
import { type Expression, type ExpressionBuilder, expressionBuilder, sql, type SqlBool } from 'kysely';
import type { Database, Transaction } from './database.ts';
import { primaryKeys, type Tables } from './tables.ts';

export const rowsInBatch = 500;

/** Runs `step`, which changes up to `most` rows and tells how many it did, until it finds no full batch any more. */
export async function inBatches(
  db: Database,
  step: (tx: Transaction, most: number) => Promise<number | bigint>,
): Promise<void> {
  while ((await db.write((tx) => step(tx, rowsInBatch))) >= rowsInBatch);
}

type Cleared = { [Table in keyof Tables]: (typeof primaryKeys)[Table] extends 'own' ? never : Table }[keyof Tables];

/** Deletes the rows of `table` that are over. */
export const deleteOver = <Table extends Cleared>(
  db: Database,
  table: Table,
  isOver: (row: ExpressionBuilder<Tables, Table>) => Expression<SqlBool>,
): Promise<void> =>
  inBatches(db, async (tx, most) => {
    const columns: readonly string[] = primaryKeys[table];
    const key = sql.join(columns.map((column) => sql.ref(column)));
    const over = isOver(expressionBuilder<Tables, Table>());
    const { numAffectedRows = 0n } = await sql`DELETE FROM ${sql.table(table)} WHERE (${key}) IN
      (SELECT ${key} FROM ${sql.table(table)} WHERE ${over} LIMIT ${sql.lit(most)})`.execute(tx);
    return numAffectedRows;
  });

/** Empties what the codes of those that are over were made of. `empty`: what stands for none. */
export const emptyCodes = <Table extends 'recoveries' | 'case_contacts'>(
  db: Database,
  table: Table,
  empty: Tables[Table]['code_random'],
  isOver: (row: ExpressionBuilder<Tables, Table>) => Expression<SqlBool>,
): Promise<void> =>
  inBatches(db, async (tx, most) => {
    const over = isOver(expressionBuilder<Tables, Table>());
    const { numAffectedRows = 0n } = await sql`UPDATE ${sql.table(table)} SET code_random = ${empty} WHERE id IN
      (SELECT id FROM ${sql.table(table)} WHERE ${over} LIMIT ${sql.lit(most)})`.execute(tx);
    return numAffectedRows;
  });
