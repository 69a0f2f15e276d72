// The rows of an address that waits for its code, and the end of what was told of those that came and went.
import type { Database, Transaction } from '../database/database.ts';
import type { AddressClaimsTable } from '../database/tables.ts';
import { maxTries } from '../proofs/email-code.ts';
import { given, oneTry } from '../proofs/typed-address.ts';
import { deleteOver } from '../database/batches.ts';

export type ClaimRow = Readonly<AddressClaimsTable>;

/** Before when claims expired and changes were made: UTC epoch ms. */
export interface OldAddresses {
  readonly claims: number;
  readonly changes: number;
}

/** One a session: another takes its place, with a code and tries of its own. */
export const putClaim = (tx: Transaction, row: ClaimRow) =>
  tx
    .insertInto('address_claims')
    .values(row)
    .onConflict((conflict) => conflict.column('session_id').doUpdateSet(row))
    .execute();

export const findClaim = (db: Database, sessionId: string): Promise<ClaimRow | undefined> =>
  db.read.selectFrom('address_claims').selectAll().where('session_id', '=', sessionId).executeTakeFirst();

export const readClaim = (db: Database, id: string): Promise<ClaimRow | undefined> =>
  db.read.selectFrom('address_claims').selectAll().where('id', '=', id).executeTakeFirst();

export const moveClaim = (
  tx: Transaction,
  from: ClaimRow,
  changes: Partial<Pick<ClaimRow, 'code_random' | 'code_key_id' | 'code_expires_at' | 'mail_asked_at'>>,
): Promise<ClaimRow | undefined> =>
  tx
    .updateTable('address_claims')
    .set({ ...changes, version: from.version + 1 })
    .where('id', '=', from.id)
    .where('version', '=', from.version)
    .returningAll()
    .executeTakeFirst();

/** Takes one of the tries, before anything is compared. `undefined`: none is left, or it was spent or given up. */
export const takeClaimTry = (tx: Transaction, id: string): Promise<ClaimRow | undefined> =>
  tx
    .updateTable('address_claims')
    .set(oneTry)
    .where('id', '=', id)
    .where('tries', '<', maxTries)
    .returningAll()
    .executeTakeFirst();

/** Ends it: its code was right, or its tries are used up. In the transaction that took the try, so it is there. */
export const deleteClaim = (tx: Transaction, id: string) =>
  tx.deleteFrom('address_claims').where('id', '=', id).execute();

export const giveClaimCode = (tx: Transaction, id: string, codeRandom: string): Promise<ClaimRow | undefined> =>
  tx.updateTable('address_claims').set(given(codeRandom)).where('id', '=', id).returningAll().executeTakeFirst();

export async function deleteOld(db: Database, { claims, changes }: OldAddresses): Promise<void> {
  await deleteOver(db, 'address_claims', (row) => row('expires_at', '<', claims));
  await deleteOver(db, 'address_changes', (row) => row('changed_at', '<', changes));
}
