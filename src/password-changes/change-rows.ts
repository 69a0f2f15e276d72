// The rows of password changes and of their notices, and their statements.
import { sql } from 'kysely';
import type { Database, Transaction } from '../database/database.ts';
import { statement, type Values } from '../database/statement.ts';
import type { NoticesTable, PasswordChangesTable } from '../database/tables.ts';
import { maxNoticeTries } from '../proofs/notice-number.ts';
import { inBatches } from '../database/batches.ts';

export type PasswordChange = Readonly<PasswordChangesTable>;
export type Notice = Readonly<NoticesTable>;
export type NoticeOfChange = Notice & Pick<PasswordChange, 'account_id' | 'changed_at'>;

export const insertChange = statement((tx, change: Values<PasswordChange>) =>
  tx.insertInto('password_changes').values(change),
).send;

export const findChange = (db: Database, id: string): Promise<PasswordChange | undefined> =>
  db.read.selectFrom('password_changes').selectAll().where('id', '=', id).executeTakeFirst();

/** Of several at once the first marks it. `undefined`: it was stopped before. */
export const markStopped = (
  tx: Transaction,
  id: string,
  { now, isSuspended }: { now: number; isSuspended: boolean },
): Promise<PasswordChange | undefined> =>
  tx
    .updateTable('password_changes')
    .set({ stopped_at: now, suspended_at: isSuspended ? now : null })
    .where('id', '=', id)
    .where('stopped_at', 'is', null)
    .returningAll()
    .executeTakeFirst();

/** A retry of the mail finds the row that its first try made. */
export async function keepNotice(tx: Transaction, notice: Notice): Promise<void> {
  await tx
    .insertInto('notices')
    .values(notice)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

export const findNotice = (db: Database, id: string): Promise<Notice | undefined> =>
  db.read.selectFrom('notices').selectAll().where('id', '=', id).executeTakeFirst();

/** `hashes`: of the link's token under every live key. */
export const findNoticeOfLink = (db: Database, hashes: readonly string[]): Promise<NoticeOfChange | undefined> =>
  db.read
    .selectFrom('notices')
    .innerJoin('password_changes', 'password_changes.id', 'notices.change_id')
    .selectAll('notices')
    .select(['password_changes.account_id', 'password_changes.changed_at'])
    .where('notices.stop_hash', 'in', hashes)
    .executeTakeFirst();

/** Takes one of the notice's tries, before anything is compared. `undefined`: none is left, or its time is over. */
export const takeNoticeTry = (tx: Transaction, id: string, now: number): Promise<Notice | undefined> =>
  tx
    .updateTable('notices')
    .set({ tries: sql<number>`tries + 1` })
    .where('id', '=', id)
    .where('tries', '<', maxNoticeTries)
    .where('expires_at', '>', now)
    .returningAll()
    .executeTakeFirst();

/** What was mailed to these addresses undoes nothing any more. */
export async function endNotices(tx: Transaction, addressIds: readonly string[], now: number): Promise<void> {
  if (addressIds.length === 0) return;
  await tx
    .updateTable('notices')
    .set({ expires_at: now })
    .where('address_id', 'in', addressIds)
    .where('expires_at', '>', now)
    .execute();
}

/** Deletes the changes made before `before`, and their notices. */
export const deleteChanges = (db: Database, before: number): Promise<void> =>
  inBatches(db, async (tx, most) => {
    const old = await tx
      .selectFrom('password_changes')
      .select('id')
      .where('changed_at', '<', before)
      .limit(most)
      .execute();
    const ids = old.map(({ id }) => id);
    if (ids.length === 0) return 0;
    await tx.deleteFrom('notices').where('change_id', 'in', ids).execute();
    await tx.deleteFrom('password_changes').where('id', 'in', ids).execute();
    return ids.length;
  });
