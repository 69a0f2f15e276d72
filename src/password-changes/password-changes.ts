// A change of password, whoever makes it: what it sets, what ends with it and whom it is told to (D10), in the one
// transaction of its caller. And its undoing, "This was not me" from the notice (D11): the same ends, and the password
// that this change set, never another, signs nobody in any more.
import type { Account, AccountDirectory, DirectoryAddress } from '../accounts/directory.ts';
import { newcomersAfter } from '../accounts/removal.ts';
import type { PasswordTries } from '../accounts/password-tries.ts';
import type { StoredPassword } from '../accounts/passwords.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { createOrderedIds, type Random } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import { storedLocale } from '../i18n/translate.ts';
import type { Limits } from '../limits/limits.ts';
import type { Outbox } from '../mail/outbox.ts';
import type { Authenticator } from '../proofs/authenticator.ts';
import { isCode, linkHashes, takeBrowserTry } from '../proofs/email-code.ts';
import { readNumber } from '../proofs/notice-number.ts';
import type { Refusal } from '../refusals.ts';
import type { Devices } from '../sessions/devices.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { AddressNotices } from './address-notices.ts';
import {
  deleteChanges,
  endNotices,
  findNoticeOfLink,
  insertChange,
  markStopped,
  takeNoticeTry,
} from './change-rows.ts';
import { noticeLifeMs } from './policy.ts';

/** Ends the recoveries that could still lead into the account, and all codes and links that were mailed for it. */
export type EndRecoveries = (
  tx: Transaction,
  ended: {
    readonly accountId: string;
    readonly mailboxHashes: readonly string[];
    /** The recovery that makes the change: it goes on, its codes and links end. */
    readonly keptId: string | null;
    readonly source: string;
  },
) => Promise<void>;

export interface PasswordChangesNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly outbox: Outbox;
  readonly limits: Limits;
  readonly directory: AccountDirectory;
  readonly passwordTries: PasswordTries;
  readonly sessions: Sessions;
  readonly devices: Devices;
  readonly authenticator: Pick<Authenticator, 'dropSetUp' | 'removeAddedAfter' | 'dropSpareCodesAfter'>;
  readonly addressNotices: AddressNotices;
  readonly endRecoveries: EndRecoveries;
  readonly site: string;
}

/** Whom a change of password is undone for, and since when the address that says so counts. */
export interface Undoing {
  readonly account: Pick<Account, 'id' | 'locale'>;
  readonly addresses: readonly DirectoryAddress[];
  readonly changeId: string;
  readonly changedAt: number;
  /** Which password: the one that this change set, or also what was set after it, as nobody else could set one. */
  readonly suspends: 'its-own' | 'its-own-and-later';
  readonly confirmedAt: number;
  readonly source: string;
}

export interface Change {
  /** Whose: notices are in its language, whoever's page made the change. */
  readonly account: Pick<Account, 'id' | 'locale'>;
  readonly password: StoredPassword;
  /** The recovery that makes it, what was typed at its start, and after when (UTC epoch ms) what came goes; `null`: the signed-in owner makes it. */
  readonly recovery: {
    readonly id: string;
    readonly typed: string;
    readonly newAfter: number;
  } | null;
  /** `caller`: whoever makes it tells the addresses in words of its own, and decides about the second factor. */
  readonly finishedBy?: 'change' | 'caller';
  /** The device of the browser that makes it, which goes on being known. */
  readonly keptDeviceId?: string;
  /** The confirmed addresses of the account: each gets a notice. */
  readonly addresses: readonly DirectoryAddress[];
  /** Keyed hash of the network. */
  readonly source: string;
}

/** What was new, and went with a change through an older address. */
export interface Dropped {
  readonly changeId: string;
  readonly addresses: number;
  readonly isFactorRemoved: boolean;
}

export interface Disowned {
  /** False: another change has set the password since, and that one stays. */
  readonly isSuspended: boolean;
  /** Where the notice went, and so where a recovery can begin; gone where the address was dropped meanwhile. */
  readonly address: string | undefined;
}

export interface PasswordChanges {
  /** The caller has held the account first (`directory.hold`). */
  make(tx: Transaction, change: Change): Promise<Dropped>;
  /** The same ends as those of a change, and the password suspended. The caller has held the account. */
  undo(tx: Transaction, undoing: Undoing): Promise<{ readonly isSuspended: boolean }>;
  /** Whether the token is that of a notice, however old. */
  isNotice(token: string): Promise<boolean>;
  isNoticeLive(token: string): Promise<boolean>;
  /**
   * "This was not me", with the number of the notice typed under its link. What ends, ends once for each change: a second
   * notice of it, or the same again, gets the same answer and signs out nobody who came in since.
   */
  disown(request: {
    readonly token: string;
    readonly typed: string;
    /** A handle that the browser keeps. */
    readonly browser: string;
    readonly source: string;
  }): Promise<Outcome<Disowned, Refusal>>;
  /** Deletes changes made before `before` (UTC epoch ms), with their notices. */
  forget(before: number): Promise<void>;
}

export function createPasswordChanges(needs: PasswordChangesNeeds): PasswordChanges {
  const { db, keys, clock, random, audit, outbox, limits, directory } = needs;
  const { passwordTries, sessions, devices, authenticator, addressNotices, endRecoveries, site } = needs;

  const nextId = createOrderedIds(random);

  /** Everything older than this moment that could still lead into the account. */
  async function endAll(
    tx: Transaction,
    ended: Pick<Change, 'addresses' | 'source'> & {
      accountId: string;
      subjectId: string;
      keptId: string | null;
      keptDeviceId?: string | undefined;
      typed: string | null;
    },
  ): Promise<void> {
    const { accountId, addresses, source, subjectId, keptId, keptDeviceId, typed } = ended;
    const mailboxHashes = addresses.flatMap(({ key }) => keys.hashes('mailbox', site, key));
    const [sessionsEnded] = await Promise.all([
      sessions.endAll(tx, accountId),
      devices.endAll(tx, accountId, keptDeviceId),
      authenticator.dropSetUp(tx, accountId),
      passwordTries.clear(tx, { accountId, typed }),
      endRecoveries(tx, { accountId, mailboxHashes, keptId, source }),
    ]);
    if (sessionsEnded > 0)
      await audit.append(tx, { event: 'session_ended', subjectId, accountId, source, facts: { sessionsEnded } });
  }

  async function tellFactorRemoved(
    tx: Transaction,
    { account, addresses, source }: Pick<Change, 'account' | 'addresses' | 'source'>,
  ): Promise<void> {
    await audit.append(tx, { event: 'authenticator.removed', accountId: account.id, source });
    for (const { id } of addresses) {
      await outbox.enqueue(tx, {
        kind: 'authenticator-removed',
        subjectId: account.id,
        addressId: id,
        locale: storedLocale(account.locale),
        expiresAt: clock.now() + noticeLifeMs,
      });
    }
  }

  /** Addresses and an app that are newer than `after`, or wait to be confirmed; each address that stays is told, and each that goes. */
  async function dropNewcomers(
    tx: Transaction,
    {
      after,
      finishedBy,
      what,
      ...change
    }: Pick<Change, 'account' | 'addresses' | 'source' | 'finishedBy'> & { after: number; what: 'dropped' | 'undone' },
  ) {
    const accountId = change.account.id;
    const [dropped, isFactorRemoved] = await Promise.all([
      directory.dropNewcomers(tx, { accountId, after }),
      finishedBy !== 'caller' && authenticator.removeAddedAfter(tx, { accountId, after }),
    ]);
    const droppedIds = dropped.map(({ id }) => id);
    const addresses = change.addresses.filter(({ id }) => !droppedIds.includes(id));
    await endNotices(tx, droppedIds, clock.now());
    for (const address of dropped)
      await addressNotices.tell(tx, { ...change, what, address, told: [...addresses, address] });
    if (isFactorRemoved) await tellFactorRemoved(tx, { ...change, addresses });
    return { addresses, addressesDropped: dropped.length, isFactorRemoved };
  }

  const undo: PasswordChanges['undo'] = async (tx, undoing) => {
    const { account, addresses, changeId, changedAt, suspends, confirmedAt, source } = undoing;
    const accountId = account.id;
    const isSuspended = await directory.suspendPassword(tx, {
      accountId,
      ...(suspends === 'its-own' ? { changeId } : { setSince: changedAt }),
    });
    if (await markStopped(tx, changeId, { now: clock.now(), isSuspended })) {
      await endAll(tx, { accountId, addresses, source, subjectId: changeId, keptId: null, typed: null });
      const after = newcomersAfter({ confirmedAt }, changedAt);
      const newcomers = { account, addresses, after, source, what: 'undone' } as const;
      const { addressesDropped, isFactorRemoved } = await dropNewcomers(tx, newcomers);
      await authenticator.dropSpareCodesAfter(tx, { accountId, after: changedAt });
      const facts = {
        addressesDropped,
        isSuspended: isSuspended ? 1 : 0,
        isFactorRemoved: isFactorRemoved ? 1 : 0,
      };
      await audit.append(tx, { event: 'password.disowned', subjectId: changeId, accountId, source, facts });
    }
    return { isSuspended };
  };

  return {
    undo,

    async make(tx, { account, password, recovery, addresses, source, keptDeviceId, finishedBy = 'change' }) {
      const accountId = account.id;
      const now = clock.now();
      const changeId = nextId(now);
      const recoveryId = recovery?.id ?? null;
      const by = recovery === null ? 'owner' : 'reset';
      const change = {
        id: changeId,
        site,
        account_id: accountId,
        recovery_id: recoveryId,
        changed_at: now,
        stopped_at: null,
        suspended_at: null,
      };
      const subjectId = recoveryId ?? changeId;
      const typed = recovery?.typed ?? null;
      const changing = Promise.all([
        directory.setPassword(tx, { accountId, ...password, changeId, by }),
        insertChange(tx, change),
        endAll(tx, { accountId, addresses, source, subjectId, keptId: recoveryId, keptDeviceId, typed }),
      ]);
      // Who is signed in has proved no address: nothing is newer than now.
      const after = recovery?.newAfter ?? now;
      const [left] = await Promise.all([
        dropNewcomers(tx, { account, addresses, after, source, finishedBy, what: 'dropped' }),
        changing,
      ]);
      for (const { id } of finishedBy === 'change' ? left.addresses : []) {
        await outbox.enqueue(tx, {
          kind: 'password-changed',
          subjectId: changeId,
          addressId: id,
          locale: storedLocale(account.locale),
          expiresAt: now + noticeLifeMs,
        });
      }
      return { changeId, addresses: left.addressesDropped, isFactorRemoved: left.isFactorRemoved };
    },

    isNotice: async (token) => (await findNoticeOfLink(db, linkHashes(keys, token))) !== undefined,

    async isNoticeLive(token) {
      const notice = await findNoticeOfLink(db, linkHashes(keys, token));
      return notice !== undefined && clock.now() < notice.expires_at;
    },

    async disown({ token, typed, browser, source }) {
      // Looked up before it is counted: made-up tokens leave no counters behind.
      const found = await findNoticeOfLink(db, linkHashes(keys, token));
      if (!found || clock.now() >= found.expires_at) return refuse('link-over');
      const read = readNumber(typed);
      if (!read.ok) return read;
      const within = await takeBrowserTry({ keys, limits }, { token, browser });
      if (!within.ok) return within;
      const { account_id: accountId, change_id: changeId, changed_at } = found;
      const account = await directory.find(accountId);
      if (!account) return refuse('link-over');
      const addresses = await directory.addressesOf(accountId);
      return db.write(async (tx) => {
        const notice = await takeNoticeTry(tx, found.id, clock.now());
        if (!notice) return refuse('link-over');
        if (!isCode(keys, notice.number_hash, notice.id, read.number)) {
          await audit.append(tx, { event: 'notice.number_wrong', subjectId: changeId, accountId, source });
          return refuse('number-wrong');
        }
        await directory.hold(tx, accountId);
        const confirmedAt = notice.address_confirmed_at;
        const { isSuspended } = await undo(tx, {
          account,
          addresses,
          changeId,
          changedAt: changed_at,
          suspends: 'its-own',
          confirmedAt,
          source,
        });
        const address = addresses.find(({ id }) => id === notice.address_id)?.address;
        return accept({ isSuspended, address });
      });
    },

    forget: (before) => deleteChanges(db, before),
  };
}
