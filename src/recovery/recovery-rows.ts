// The rows of a recovery and their statements. `move` is the only way a recovery changes step: guarded by the version
// that was read, so of sixteen at once one wins.
import { type ExpressionBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../database/database.ts';
import { statement, type Value, type Values } from '../database/statement.ts';
import type { MailedCodesTable, RecoveriesTable, Tables } from '../database/tables.ts';
import { maxTries } from '../proofs/email-code.ts';
import { maxLinkTries, typingRestsAfterWrong } from './policy.ts';
import { deleteOver, emptyCodes } from '../database/batches.ts';

export type Recovery = Readonly<RecoveriesTable>;
export type MailedCode = Readonly<MailedCodesTable>;

/** A recovery before anything is asked or proved in it. */
export const begunRecovery = (
  begun: Pick<
    Recovery,
    | 'id'
    | 'site'
    | 'handle_hash'
    | 'identifier_sealed'
    | 'mailbox_hash'
    | 'address_id'
    | 'account_id'
    | 'locale'
    | 'return_to'
    | 'created_at'
    | 'expires_at'
  >,
): Recovery => ({
  ...begun,
  step: 'method',
  version: 1,
  tries: 0,
  mails_asked: 0,
  mails_asked_since: begun.created_at,
  mail_asked_at: null,
  code_generation: 0,
  code_digits: 8,
  code_random: null,
  code_key_id: null,
  code_expires_at: null,
  proven_at: null,
  password_until: null,
  end_reason: null,
  ended_at: null,
  check_mode: null,
  check_score: null,
  check_policy: null,
  release_id: null,
});

export const insertRecovery = statement((tx, recovery: Values<Recovery>) =>
  tx.insertInto('recoveries').values(recovery),
).send;

/** `handleHashes`: the browser's handle under every live key. */
export const findRecovery = statement((db, { handleHashes }: { handleHashes: readonly Value<string>[] }) =>
  db.selectFrom('recoveries').selectAll().where('handle_hash', 'in', handleHashes),
).executeTakeFirst;

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

export type Changes = Partial<Omit<Recovery, 'id' | 'site' | 'version' | 'created_at'>>;

/** Moves the recovery on from the version that was read. `undefined`: somebody else moved it first. */
export async function moveRecovery(tx: Transaction, from: Recovery, changes: Changes): Promise<Recovery | undefined> {
  const { id, version } = from;
  const moved = await move.executeTakeFirst(tx, { id, version, changes });
  return moved && movedFrom(from, changes);
}

/** The same of one that `tx` holds, as it wrote or locked it: it is still that version, so its answer need not be waited for. */
export async function moveHeldRecovery(tx: Transaction, held: Recovery, changes: Changes): Promise<Recovery> {
  const { id, version } = held;
  await move.send(tx, { id, version, changes });
  return movedFrom(held, changes);
}

/** Whatever changes a row makes it a new version, so all else is as it was read: it need not be read again. */
const movedFrom = (from: Recovery, changes: Changes): Recovery => ({ ...from, ...changes, version: from.version + 1 });

const move = statement(
  (tx, { id, version, changes }: { id: Value<string>; version: Value<number>; changes: Values<Changes> }) =>
    tx
      .updateTable('recoveries')
      .set({ ...changes, version: sql<number>`version + 1` })
      .where('id', '=', id)
      .where('version', '=', version)
      .returning('id'),
);

/**
 * Takes one of the tries, before anything is compared, and returns the recovery as it then is. `undefined`: none is left, or
 * the recovery has moved on.
 */
export async function takeTry(tx: Transaction, read: Recovery): Promise<Recovery | undefined> {
  const { id } = read;
  const taken = await oneMoreTry.executeTakeFirst(tx, { id });
  if (taken && taken.version !== read.version + 1) return heldRecovery.executeTakeFirst(tx, { id });
  return taken && { ...read, ...taken };
}

const oneMoreTry = statement((tx, { id }: { id: Value<string> }) =>
  tx
    .updateTable('recoveries')
    .set({ tries: sql<number>`tries + 1`, version: sql<number>`version + 1` })
    .where('id', '=', id)
    .where('step', '=', 'code')
    .where('tries', '<', maxTries)
    .returning(['tries', 'version']),
);

/** Of whoever was refused before anything was compared, in the transaction that took it. */
export const giveBackTry = statement((tx, { id }: { id: Value<string> }) =>
  tx
    .updateTable('recoveries')
    .set({ tries: sql<number>`tries - 1`, version: sql<number>`version + 1` })
    .where('id', '=', id),
).send;

const heldRecovery = statement((tx, { id }: { id: Value<string> }) =>
  tx.selectFrom('recoveries').selectAll().where('id', '=', id),
);

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

/** A generation of a recovery's code. */
interface Generation {
  readonly recoveryId: Value<string>;
  readonly generation: Value<number>;
}

/** The mailed codes that may still be typed for the recovery's code of today. */
export const typableCodes = statement((tx, { recoveryId }: { recoveryId: Value<string> }) =>
  tx
    .selectFrom('mailed_codes')
    .select('code_hash')
    .where('recovery_id', '=', recoveryId)
    .where((code) =>
      code(
        'generation',
        '=',
        code.selectFrom('recoveries').select('code_generation').where('recoveries.id', '=', recoveryId),
      ),
    )
    .where('typing_ended_at', 'is', null)
    .where('ended_at', 'is', null),
).execute;

/** Spends every code and link that was mailed for the recovery. */
export const spendMailedCodes = statement(
  (tx, { recoveryId, now }: { recoveryId: Value<string>; now: Value<number> }) =>
    tx
      .updateTable('mailed_codes')
      .set({ ended_at: now })
      .where('recovery_id', '=', recoveryId)
      .where('ended_at', 'is', null),
).send;

/**
 * Ends what else could still lead into the account: recoveries of it, and recoveries of a mailbox of its own that have
 * not chosen an account yet, and every code and link that was mailed for them or for the one kept. One that is not proven becomes a decoy, so that its page goes on answering like any other
 * (D5). The proven ones are returned, held, for the caller to end. The one of a release is not among them: only an objection
 * ends that, by how long whoever objects has been known.
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
  const ended = {
    accountId,
    mailboxHashes: mailboxHashes.length > 0 ? mailboxHashes : [''],
    keptId: keptId ?? '',
  };
  // Held first, so that none of them moves on before the rest is written; one that has just moved is judged as it is then.
  // Strangers may have begun any number of them: none is named, and only the few that a code proved are read.
  const held = await holdOthers.execute(tx, ended);
  // What was mailed for the kept one was spent when it proved it.
  if (held.length === 0) return [];
  await endMailedCodes.send(tx, { ...ended, now });
  if (held.some(({ step }) => !provenSteps.includes(step))) await makeDecoys.send(tx, ended);
  return held.some(({ step }) => provenSteps.includes(step)) ? provenOthers.execute(tx, ended) : [];
}

const provenSteps = ['account', 'password'];

interface Ended {
  readonly accountId: Value<string>;
  readonly mailboxHashes: readonly Value<string>[];
  readonly keptId: Value<string>;
}

/** Not what was made a decoy before: it leads nowhere, and is found by its mailbox for as long as it is kept. */
const isOther =
  ({ accountId, mailboxHashes, keptId }: Ended) =>
  (other: ExpressionBuilder<Tables, 'recoveries'>) =>
    other.and([
      other('recoveries.id', '<>', keptId),
      other('step', '<>', 'done'),
      other('release_id', 'is', null),
      other.or([
        other('account_id', '=', accountId),
        other.and([
          other('account_id', 'is', null),
          other('address_id', 'is not', null),
          other('mailbox_hash', 'in', mailboxHashes),
        ]),
      ]),
    ]);

const holdOthers = statement((tx, ended: Ended) =>
  tx.updateTable('recoveries').set({ version: sql<number>`version + 1` }).where(isOther(ended)).returning('step'),
);

const endMailedCodes = statement((tx, { now, ...ended }: Ended & { readonly now: Value<number> }) =>
  tx
    .updateTable('mailed_codes')
    .set({ ended_at: now })
    .where('ended_at', 'is', null)
    .where((code) =>
      code(
        'recovery_id',
        'in',
        code
          .selectFrom('recoveries')
          .select('recoveries.id')
          .where((each) => each.or([each('recoveries.id', '=', ended.keptId), isOther(ended)(each)])),
      ),
    ),
);

const makeDecoys = statement((tx, ended: Ended) =>
  tx
    .updateTable('recoveries')
    .set({ account_id: null, address_id: null })
    .where('step', 'in', ['method', 'code'])
    .where(isOther(ended)),
);

const provenOthers = statement((tx, ended: Ended) =>
  tx.selectFrom('recoveries').selectAll().where('step', 'in', provenSteps).where(isOther(ended)),
);

/** Whose recoveries: of a mailbox and, where one is known, of the account, whatever mailbox they go through. */
export interface Whose {
  readonly mailboxHash: string;
  readonly accountId: string | null;
}

/** Of those that a mailed code proved. */
const provenOf = (reader: Transaction, { mailboxHash, accountId }: Whose) =>
  reader
    .selectFrom('recoveries')
    .selectAll()
    .where('step', 'in', provenSteps)
    .where('release_id', 'is', null)
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
 * Counts a code against its mailbox and decides whether it counts as right, in one statement, so that those at once cannot
 * pass the ceiling together: one that is the mailed code, below the ceiling, ends the wrong ones in a row, any other is one
 * more. Codes that no mail was sent for do not count (D3).
 */
export async function countCode(
  tx: Transaction,
  { id: recoveryId, code_generation: generation, mailbox_hash: mailboxHash }: Recovery,
  code: 'mailed' | 'other',
): Promise<boolean> {
  const isMailed = code === 'mailed' ? 1 : 0;
  const row = await oneMoreCode.executeTakeFirst(tx, { recoveryId, generation, mailboxHash, isMailed });
  return code === 'mailed' && (row?.wrong_in_a_row ?? 0) === 0;
}

const oneMoreCode = statement(
  (
    tx,
    {
      recoveryId,
      generation,
      mailboxHash,
      isMailed,
    }: Generation & { readonly mailboxHash: Value<string>; readonly isMailed: Value<number> },
  ) =>
    tx
      .updateTable('mailboxes')
      .set({
        wrong_in_a_row: sql<number>`CASE WHEN ${isMailed} = 1 AND wrong_in_a_row < ${sql.lit(typingRestsAfterWrong)} THEN 0 ELSE wrong_in_a_row + 1 END`,
      })
      .where('mailbox_hash', '=', mailboxHash)
      .where((has) =>
        has.exists(
          has
            .selectFrom('mailed_codes')
            .select('mailed_codes.id')
            .where('mailed_codes.recovery_id', '=', recoveryId)
            .where('mailed_codes.generation', '=', generation),
        ),
      )
      .returning('wrong_in_a_row'),
);

export const clearWrongCodes = statement((tx, { mailboxHash }: { mailboxHash: Value<string> }) =>
  tx.updateTable('mailboxes').set({ wrong_in_a_row: 0 }).where('mailbox_hash', '=', mailboxHash),
).send;

export async function wrongCodesInARow(tx: Transaction, mailboxHash: string): Promise<number> {
  return (await wrongCodes.executeTakeFirst(tx, { mailboxHash }))?.wrong_in_a_row ?? 0;
}

const wrongCodes = statement((tx, { mailboxHash }: { mailboxHash: Value<string> }) =>
  tx.selectFrom('mailboxes').select('wrong_in_a_row').where('mailbox_hash', '=', mailboxHash),
);

/** What is over: UTC epoch ms, for each rule of retention. */
export interface RecoveriesOver {
  readonly codes: number;
  readonly mails: number;
  readonly recoveries: number;
  readonly mailboxes: number;
}

/** Deletes what was over before these times; a case keeps the recovery that it came from. */
export async function deleteRecoveries(db: Database, before: RecoveriesOver): Promise<void> {
  await emptyCodes(db, 'recoveries', null, (row) =>
    row.and([row('expires_at', '<', before.codes), row('code_random', 'is not', null)]),
  );
  await deleteOver(db, 'mailed_codes', (row) => row('created_at', '<', before.mails));
  await deleteOver(db, 'recoveries', (row) =>
    row.and([
      row('expires_at', '<', before.recoveries),
      row.not(
        row.exists(row.selectFrom('cases').select('cases.id').whereRef('cases.recovery_id', '=', 'recoveries.id')),
      ),
    ]),
  );
  await deleteOver(db, 'mailboxes', (row) =>
    row.and([
      row('used_at', '<', before.mailboxes),
      row('silent_until', '<', before.mailboxes),
      row('wrong_in_a_row', '=', 0),
    ]),
  );
}
