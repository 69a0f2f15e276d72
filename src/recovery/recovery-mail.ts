// What becomes of a recovery's mails when the worker takes them up: the caps and the silence of the mailbox are weighed
// here, unseen by the visitor, and the code and both links are made, handed to the mail and kept only as keyed hashes.
import type { AccountDirectory } from '../accounts/directory.ts';
import { addressKey, readIdentifier } from '../accounts/identifiers.ts';
import { type Clock, minuteMs } from '../base/clock.ts';
import type { Keys } from '../base/secret.ts';
import type { Settings } from '../config/settings.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { Limits } from '../limits/limits.ts';
import { takeTypedMail } from '../limits/typed-mail.ts';
import type { Entry } from '../mail/outbox.ts';
import { codeHash, deriveCode, deriveLinkToken, linkHash } from '../proofs/email-code.ts';
import { mayMail } from './policy.ts';
import { holdForMail, insertMailedCode, type Recovery } from './recovery-rows.ts';

export interface RecoveryMailNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly directory: AccountDirectory;
  readonly settings: Settings;
  readonly site: string;
}

export type Withheld = { readonly send: false; readonly reason: 'over' | 'capped' | 'silent' };

/** What a code mail says. `continueToken` and `stopToken` go into its two links. */
export interface CodeMail {
  readonly send: true;
  readonly address: string;
  readonly code: string;
  readonly continueToken: string;
  readonly stopToken: string;
  /** Until when the code can be typed, and until when it counts behind its link: UTC epoch ms. */
  readonly expiresAt: number;
  readonly linkExpiresAt: number;
}

export interface RecoveryMail {
  /** `mailId`: the outbox row's id. Called again at a retry, it gives the same mail and counts nothing twice. */
  prepareCode(mailId: string, recoveryId: string): Promise<CodeMail | Withheld>;
  /** Whether the owner of a mailbox (its keyed hash) asked for silence. */
  isSilent(mailboxHash: string): Promise<boolean>;
  /** The typed address that opens no account, unless it was told so today. `isSetAside`: it had one until a release. */
  prepareNoAccount(
    entry: Pick<Entry, 'subjectId' | 'isRetry'>,
  ): Promise<{ readonly send: true; readonly address: string; readonly isSetAside: boolean } | Withheld>;
  /**
   * The truth to the mailbox of an account that no code opens, within its caps and silence like a code. `providers`: who
   * signs in the accounts on it; none where they are disabled.
   */
  prepareOther(
    entry: Pick<Entry, 'subjectId' | 'addressId' | 'isRetry'>,
  ): Promise<{ readonly send: true; readonly address: string; readonly providers: readonly string[] } | Withheld>;
}

const over: Withheld = { send: false, reason: 'over' };
const maxTimesKept = 6;

export function createRecoveryMail({
  db,
  keys,
  clock,
  limits,
  directory,
  settings,
  site,
}: RecoveryMailNeeds): RecoveryMail {
  const read = (id: string): Promise<Recovery | undefined> =>
    db.read.selectFrom('recoveries').selectAll().where('id', '=', id).executeTakeFirst();

  /** Takes one of the mailbox's mails, unless its caps or its silence forbid it. */
  async function takeMail(tx: Transaction, who: string, now: number): Promise<'capped' | 'silent' | undefined> {
    const mailbox = {
      mailbox_hash: who,
      site,
      version: 0,
      sent_at: '[]',
      silent_until: 0,
      wrong_in_a_row: 0,
      used_at: now,
    };
    // Locks the row, so that two workers with two mails of one mailbox count one after the other.
    const row = await tx
      .insertInto('mailboxes')
      .values(mailbox)
      .onConflict((conflict) =>
        conflict.column('mailbox_hash').doUpdateSet((current) => ({ version: current('mailboxes.version', '+', 1) })),
      )
      .returningAll()
      .executeTakeFirstOrThrow();
    if (now < row.silent_until) return 'silent';
    const sentAt = readTimes(row.sent_at);
    if (!mayMail(sentAt, now)) return 'capped';
    await tx
      .updateTable('mailboxes')
      .set({ sent_at: JSON.stringify([...sentAt, now].slice(-maxTimesKept)), used_at: now })
      .where('mailbox_hash', '=', who)
      .execute();
    return undefined;
  }

  return {
    async isSilent(mailboxHash) {
      const row = await db.read
        .selectFrom('mailboxes')
        .select('silent_until')
        .where('mailbox_hash', '=', mailboxHash)
        .executeTakeFirst();
      return clock.now() < (row?.silent_until ?? 0);
    },

    async prepareCode(mailId, recoveryId) {
      const recovery = await read(recoveryId);
      const address = recovery?.address_id ? await directory.findAddress(recovery.address_id) : undefined;
      if (
        !recovery ||
        !address ||
        recovery.code_random === null ||
        recovery.code_key_id === null ||
        recovery.step !== 'code'
      )
        return over;
      const keyId = recovery.code_key_id;
      const code = deriveCode(keys, {
        subjectId: recovery.id,
        generation: recovery.code_generation,
        random: recovery.code_random,
        keyId,
        digits: recovery.code_digits === 12 ? 12 : 8,
      });
      const continueToken = deriveLinkToken(keys, 'continue', mailId, keyId);
      const stopToken = deriveLinkToken(keys, 'stop', mailId, keyId);
      const now = clock.now();
      const expiresAt = recovery.code_expires_at ?? 0;
      if (code === undefined || continueToken === undefined || stopToken === undefined || now >= expiresAt) return over;
      const planned = await db.write(async (tx): Promise<Pick<CodeMail, 'send' | 'linkExpiresAt'> | Withheld> => {
        if (!(await holdForMail(tx, recovery))) return over;
        const known = await tx
          .selectFrom('mailed_codes')
          .select(['typing_ended_at', 'ended_at', 'link_expires_at'])
          .where('id', '=', mailId)
          .executeTakeFirst();
        // A retry: since the first try its code may have been spent, or its mailbox asked for silence.
        if (known?.ended_at) return over;
        if (known?.typing_ended_at) return { send: false, reason: 'silent' };
        if (known) return { send: true, linkExpiresAt: known.link_expires_at };
        const reason = await takeMail(tx, recovery.mailbox_hash, now);
        if (reason) return { send: false, reason };
        const linkExpiresAt = now + settings.linkLifeMinutes * minuteMs;
        await insertMailedCode(tx, {
          id: mailId,
          site,
          recovery_id: recovery.id,
          generation: recovery.code_generation,
          mailbox_hash: recovery.mailbox_hash,
          code_hash: codeHash(keys, recovery.id, code),
          key_id: keyId,
          continue_hash: linkHash(keys, continueToken),
          stop_hash: linkHash(keys, stopToken),
          link_tries: 0,
          link_expires_at: linkExpiresAt,
          created_at: now,
          typing_ended_at: null,
          ended_at: null,
        });
        return { send: true, linkExpiresAt };
      });
      return planned.send
        ? { ...planned, address: address.address, code, continueToken, stopToken, expiresAt }
        : planned;
    },

    async prepareNoAccount({ subjectId, isRetry }) {
      const recovery = await read(subjectId);
      const address = recovery && keys.open(recovery.identifier_sealed);
      if (!recovery || !address) return over;
      const mailbox = recovery.mailbox_hash;
      // Counted once: the retry of a mail is the same mail.
      const isWithin =
        isRetry ||
        ((await limits.take('mail-no-account', mailbox)).ok && (await takeTypedMail(limits, { mailbox, site })));
      if (!isWithin) return { send: false, reason: 'capped' };
      return { send: true, address, isSetAside: await directory.isSetAside(addressKey(address) ?? address) };
    },

    async prepareOther({ subjectId, addressId, isRetry }) {
      const recovery = await read(subjectId);
      const identifier = readIdentifier((recovery && keys.open(recovery.identifier_sealed)) ?? '');
      if (recovery?.step !== 'code' || !identifier.ok) return over;
      // Looked up anew: meanwhile the account may have got a password, or been opened again.
      const { accounts, others } = await directory.findForRecovery(identifier);
      const to = others.find(({ address }) => address.id === addressId)?.address;
      if (!to || accounts.length > 0) return over;
      const mail = {
        send: true,
        address: to.address,
        providers: [...new Set(others.flatMap(({ provider }) => provider ?? []))],
      } as const;
      // Counted once: the retry of a mail is the same mail.
      if (isRetry) return mail;
      const reason = await db.write((tx) => takeMail(tx, keys.hash('mailbox', site, to.key), clock.now()));
      return reason ? { send: false, reason } : mail;
    },
  };
}

function readTimes(json: string): number[] {
  const times: unknown = JSON.parse(json);
  return Array.isArray(times) ? times.filter((time): time is number => typeof time === 'number') : [];
}
