// The rows of a recovery and their statements. `move` is the only way a recovery changes step: guarded by the version
// that was read, so of sixteen at once one wins.
import { sql } from 'kysely';
import type { Database, Transaction } from '../database/database.ts';
import type { MailedCodesTable, RecoveriesTable } from '../database/tables.ts';
import { maxTries } from '../proofs/email-code.ts';
import { maxLinkTries } from './policy.ts';

export type Recovery = Readonly<RecoveriesTable>;
export type MailedCode = Readonly<MailedCodesTable>;

export const insertRecovery = (tx: Transaction, recovery: Recovery) =>
  tx.insertInto('recoveries').values(recovery).execute();

/** `handleHashes`: the browser's handle under every live key. */
export const findRecovery = (db: Database, handleHashes: readonly string[]): Promise<Recovery | undefined> =>
  db.read.selectFrom('recoveries').selectAll().where('handle_hash', 'in', handleHashes).executeTakeFirst();

const findBy =
  (column: 'continue_hash' | 'stop_hash') =>
  (db: Database, hashes: readonly string[]): Promise<MailedCode | undefined> =>
    db.read.selectFrom('mailed_codes').selectAll().where(column, 'in', hashes).executeTakeFirst();

export const findLink = findBy('continue_hash');
export const findStop = findBy('stop_hash');

export const findRecoveryById = (db: Database, id: string): Promise<Recovery | undefined> =>
  db.read.selectFrom('recoveries').selectAll().where('id', '=', id).executeTakeFirst();

export const findRecoveryOfLink = (db: Database, continueHashes: readonly string[]): Promise<Recovery | undefined> =>
  db.read
    .selectFrom('recoveries')
    .innerJoin('mailed_codes', 'mailed_codes.recovery_id', 'recoveries.id')
    .selectAll('recoveries')
    .where('mailed_codes.continue_hash', 'in', continueHashes)
    .executeTakeFirst();

/** Leaves the recovery as it looks from outside, with nothing in it any more. */
export const makeDecoy = (tx: Transaction, id: string) =>
  tx
    .updateTable('recoveries')
    .set({
      account_id: null,
      address_id: null,
      check_mode: null,
      check_score: null,
      check_policy: null,
      version: sql<number>`version + 1`,
    })
    .where('id', '=', id)
    .execute();

/** Moves the recovery on from the version that was read. `undefined`: somebody else moved it first. */
export const moveRecovery = (
  tx: Transaction,
  from: Recovery,
  changes: Partial<Omit<Recovery, 'id' | 'site' | 'version' | 'created_at'>>,
): Promise<Recovery | undefined> =>
  tx
    .updateTable('recoveries')
    .set({ ...changes, version: from.version + 1 })
    .where('id', '=', from.id)
    .where('version', '=', from.version)
    .returningAll()
    .executeTakeFirst();

/** Takes one of the tries, before anything is compared. `undefined`: none is left, or the recovery has moved on. */
export const takeTry = (tx: Transaction, id: string): Promise<Recovery | undefined> =>
  tx
    .updateTable('recoveries')
    .set({ tries: sql<number>`tries + 1`, version: sql<number>`version + 1` })
    .where('id', '=', id)
    .where('step', '=', 'code')
    .where('tries', '<', maxTries)
    .returningAll()
    .executeTakeFirst();

/** Takes one of the link's tries, before anything is compared. Both links of a mail share them. */
const takeTryOf = (tx: Transaction, column: 'continue_hash' | 'stop_hash', hashes: readonly string[], now: number) =>
  tx
    .updateTable('mailed_codes')
    .set({ link_tries: sql<number>`link_tries + 1` })
    .where(column, 'in', hashes)
    .where('link_tries', '<', maxLinkTries)
    .where('link_expires_at', '>', now)
    .returningAll();

export const takeLinkTry = (tx: Transaction, hashes: readonly string[], now: number): Promise<MailedCode | undefined> =>
  takeTryOf(tx, 'continue_hash', hashes, now).where('ended_at', 'is', null).executeTakeFirst();

/** Also of a mail whose code was spent: whoever spent it may be stopped until the new password is set. */
export const takeStopTry = (tx: Transaction, hashes: readonly string[], now: number): Promise<MailedCode | undefined> =>
  takeTryOf(tx, 'stop_hash', hashes, now).executeTakeFirst();

/**
 * Holds the recovery until the end of the transaction in which a mail for it is made: whoever ends it at the same moment
 * comes before, and no mail is made, or after, and ends that mail too. False: there is nothing to mail for any more.
 */
export async function holdForMail(tx: Transaction, { id, code_generation }: Recovery): Promise<boolean> {
  const held = await tx
    .updateTable('recoveries')
    .set({ version: sql<number>`version` })
    .where('id', '=', id)
    .where('step', '=', 'code')
    .where('code_generation', '=', code_generation)
    .where('address_id', 'is not', null)
    .returning('id')
    .executeTakeFirst();
  return held !== undefined;
}

export const insertMailedCode = (tx: Transaction, mailed: MailedCode) =>
  tx.insertInto('mailed_codes').values(mailed).execute();

/** The mailed codes that may still be typed for this generation of the recovery's code. */
export const typableCodes = (tx: Transaction, recovery: Recovery): Promise<MailedCode[]> =>
  tx
    .selectFrom('mailed_codes')
    .selectAll()
    .where('recovery_id', '=', recovery.id)
    .where('generation', '=', recovery.code_generation)
    .where('typing_ended_at', 'is', null)
    .where('ended_at', 'is', null)
    .execute();

/** Spends every code and link that was mailed for the recovery. */
export const spendMailedCodes = (tx: Transaction, recoveryId: string, now: number) =>
  tx
    .updateTable('mailed_codes')
    .set({ ended_at: now })
    .where('recovery_id', '=', recoveryId)
    .where('ended_at', 'is', null)
    .execute();

/**
 * Ends what else could still lead into the account: recoveries of it, and recoveries of a mailbox of its own that have
 * not chosen an account yet, and every code and link that was mailed for them or for the one kept. One that is not proven becomes a decoy, so that its page goes on answering like any other
 * (D5). The proven ones are returned, held, for the caller to end.
 */
export async function endOtherRecoveries(
  tx: Transaction,
  {
    accountId,
    mailboxHashes,
    keptId,
  }: { readonly accountId: string; readonly mailboxHashes: readonly string[]; readonly keptId: string | null },
  now: number,
): Promise<readonly Recovery[]> {
  const others = tx
    .selectFrom('recoveries')
    .select('id')
    .where('id', '<>', keptId ?? '')
    .where('step', '<>', 'done')
    .where((other) =>
      other.or([
        other('account_id', '=', accountId),
        other.and([
          other('account_id', 'is', null),
          other('mailbox_hash', 'in', mailboxHashes.length > 0 ? mailboxHashes : ['']),
        ]),
      ]),
    );
  // Held first, so that none of them moves on between two of the statements that follow.
  await tx.updateTable('recoveries').set({ version: sql<number>`version + 1` }).where('id', 'in', others).execute();
  await tx
    .updateTable('mailed_codes')
    .set({ ended_at: now })
    .where('ended_at', 'is', null)
    .where((code) => code.or([code('recovery_id', '=', keptId ?? ''), code('recovery_id', 'in', others)]))
    .execute();
  const proven = await tx
    .selectFrom('recoveries')
    .selectAll()
    .where('id', 'in', others)
    .where('step', 'in', provenSteps)
    .execute();
  await tx
    .updateTable('recoveries')
    .set({ account_id: null, address_id: null })
    .where('id', 'in', others)
    .where('step', 'in', ['method', 'code'])
    .execute();
  return proven;
}

const provenSteps = ['account', 'password'];

/** Whose recoveries: of a mailbox and, where one is known, of the account, whatever mailbox they go through. */
export interface Whose {
  readonly mailboxHash: string;
  readonly accountId: string | null;
}

const provenOf = (reader: Transaction, { mailboxHash, accountId }: Whose) =>
  reader
    .selectFrom('recoveries')
    .selectAll()
    .where('step', 'in', provenSteps)
    .where((recovery) =>
      recovery.or([
        recovery('mailbox_hash', '=', mailboxHash),
        ...(accountId === null ? [] : [recovery('account_id', '=', accountId)]),
      ]),
    );

/** The recoveries that were proven and have set no password yet. */
export const findProven = (db: Database, whose: Whose): Promise<Recovery[]> => provenOf(db.read, whose).execute();

/** The same, held until the end of the transaction. */
export async function holdProven(tx: Transaction, whose: Whose): Promise<Recovery[]> {
  const ids = provenOf(tx, whose).clearSelect().select('id');
  await tx.updateTable('recoveries').set({ version: sql<number>`version` }).where('id', 'in', ids).execute();
  return provenOf(tx, whose).execute();
}

/** Holds one recovery until the end of the transaction, as it is. */
export const holdRecovery = (tx: Transaction, id: string) =>
  tx.updateTable('recoveries').set({ version: sql<number>`version` }).where('id', '=', id).execute();

/** No code that was mailed until `now` can be typed any more, and no recovery mail goes to the mailbox until `until`. */
export async function silence(
  tx: Transaction,
  { mailboxHash, accountId }: Whose,
  { now, until }: { now: number; until: number },
): Promise<void> {
  // First, as a mail being made holds this row: its code is then seen by the next statement.
  await tx
    .updateTable('mailboxes')
    .set({ silent_until: until, used_at: now })
    .where('mailbox_hash', '=', mailboxHash)
    .execute();
  const ofAccount = tx
    .selectFrom('recoveries')
    .select('id')
    .where('account_id', '=', accountId ?? '');
  await tx
    .updateTable('mailed_codes')
    .set({ typing_ended_at: now })
    .where((code) => code.or([code('mailbox_hash', '=', mailboxHash), code('recovery_id', 'in', ofAccount)]))
    .where('typing_ended_at', 'is', null)
    .execute();
}

export const endSilence = (tx: Transaction, mailboxHash: string) =>
  tx.updateTable('mailboxes').set({ silent_until: 0 }).where('mailbox_hash', '=', mailboxHash).execute();

/**
 * Counts a code against a mailbox as wrong before it is compared, so that those at once cannot pass the ceiling together;
 * returns how many there were before it. Codes that no mail was sent for do not count (D3).
 */
export async function countWrongCode(tx: Transaction, recovery: Recovery): Promise<number> {
  const row = await tx
    .updateTable('mailboxes')
    .set({ wrong_in_a_row: sql<number>`wrong_in_a_row + 1` })
    .where('mailbox_hash', '=', recovery.mailbox_hash)
    .where((has) =>
      has.exists(
        has
          .selectFrom('mailed_codes')
          .select('mailed_codes.id')
          .where('mailed_codes.recovery_id', '=', recovery.id)
          .where('mailed_codes.generation', '=', recovery.code_generation),
      ),
    )
    .returning('wrong_in_a_row')
    .executeTakeFirst();
  return row ? row.wrong_in_a_row - 1 : 0;
}

export const clearWrongCodes = (tx: Transaction, mailboxHash: string) =>
  tx.updateTable('mailboxes').set({ wrong_in_a_row: 0 }).where('mailbox_hash', '=', mailboxHash).execute();

export async function wrongCodesInARow(tx: Transaction, mailboxHash: string): Promise<number> {
  const row = await tx
    .selectFrom('mailboxes')
    .select('wrong_in_a_row')
    .where('mailbox_hash', '=', mailboxHash)
    .executeTakeFirst();
  return row?.wrong_in_a_row ?? 0;
}

/** What is over: UTC epoch ms, for each rule of retention. */
export interface RecoveriesOver {
  readonly codes: number;
  readonly mails: number;
  readonly recoveries: number;
  readonly mailboxes: number;
}

/** Deletes what was over before these times; a case keeps the recovery that it came from. */
export async function deleteRecoveries(tx: Transaction, before: RecoveriesOver): Promise<void> {
  await tx
    .updateTable('recoveries')
    .set({ code_random: null })
    .where('expires_at', '<', before.codes)
    .where('code_random', 'is not', null)
    .execute();
  await tx.deleteFrom('mailed_codes').where('created_at', '<', before.mails).execute();
  await tx
    .deleteFrom('recoveries')
    .where('expires_at', '<', before.recoveries)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('cases').select('cases.id').whereRef('cases.recovery_id', '=', 'recoveries.id'))),
    )
    .execute();
  await tx
    .deleteFrom('mailboxes')
    .where('used_at', '<', before.mailboxes)
    .where('silent_until', '<', before.mailboxes)
    .where('wrong_in_a_row', '=', 0)
    .execute();
}
