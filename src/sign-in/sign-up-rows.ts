// The rows of a pending sign-up and their statements.
import type { Database, Transaction } from '../database/database.ts';
import type { SignUpsTable } from '../database/tables.ts';
import { maxTries } from '../proofs/email-code.ts';
import { given, oneTry } from '../proofs/typed-address.ts';

export type SignUpRow = Readonly<SignUpsTable>;

export const insertSignUp = (tx: Transaction, row: SignUpRow) => tx.insertInto('sign_ups').values(row).execute();

export const findSignUp = (db: Database, handleHashes: readonly string[]): Promise<SignUpRow | undefined> =>
  db.read.selectFrom('sign_ups').selectAll().where('handle_hash', 'in', handleHashes).executeTakeFirst();

export const findSignUpOfLink = (db: Database, linkHashes: readonly string[]): Promise<SignUpRow | undefined> =>
  db.read.selectFrom('sign_ups').selectAll().where('link_hash', 'in', linkHashes).executeTakeFirst();

/** Takes one of the tries, before anything is compared. */
export const takeSignUpTry = (tx: Transaction, id: string): Promise<SignUpRow | undefined> =>
  tx
    .updateTable('sign_ups')
    .set(oneTry)
    .where('id', '=', id)
    .where('step', '=', 'code')
    .where('tries', '<', maxTries)
    .returningAll()
    .executeTakeFirst();

export const moveSignUp = (
  tx: Transaction,
  from: SignUpRow,
  changes: Partial<Omit<SignUpRow, 'id' | 'site' | 'version' | 'created_at'>>,
): Promise<SignUpRow | undefined> =>
  tx
    .updateTable('sign_ups')
    .set({ ...changes, version: from.version + 1 })
    .where('id', '=', from.id)
    .where('version', '=', from.version)
    .returningAll()
    .executeTakeFirst();

export const giveCode = (tx: Transaction, id: string, codeRandom: string): Promise<SignUpRow | undefined> =>
  tx
    .updateTable('sign_ups')
    .set(given(codeRandom))
    .where('id', '=', id)
    .where('step', '=', 'code')
    .returningAll()
    .executeTakeFirst();
