// Whom a release is told to: every address of the account, with "This was not me", at the opening of a case about it, at
// its approval, its release and its end. The opening is told by a timer and never by a request, so that nothing about it
// says whether there is an account (D5), and at most once a day; the others are never held back (D13).
import type { Account, AccountDirectory, DirectoryAddress } from '../accounts/directory.ts';
import type { Log } from '../base/log.ts';
import { createBackOff, passOver } from '../base/pass.ts';
import type { Database, Transaction } from '../database/database.ts';
import { storedLocale } from '../i18n/translate.ts';
import type { Limits } from '../limits/limits.ts';
import type { Entry, Outbox } from '../mail/outbox.ts';
import { makeNotice } from '../proofs/notice-number.ts';
import { accountsNamed } from '../support/named-accounts.ts';
import type { MovesNeeds, ReleaseMoves } from './moves.ts';
import { closingHoldMs, releaseNoticeLifeMs, undoLifeMs } from './policy.ts';
import {
  deleteNotices,
  findNotice,
  findRelease,
  findStep,
  keepNotice,
  markTold,
  type ReleaseStep,
  type Untold,
  untoldContacts,
} from './release-rows.ts';

/** What is told of. */
export const toldEvents = ['told', 'approved', 'released', 'spent', 'closing-approved', 'closing-closed'] as const;
export type ToldEvent = (typeof toldEvents)[number];

/** What a notice says. `stopToken` goes into its link, `number` is what has to be typed there. Times in UTC epoch ms. */
export interface ReleaseNoticeMail {
  readonly what: ToldEvent;
  readonly address: string;
  readonly userId: string;
  readonly at: number;
  /** The end of the hold; `null`: there is none. */
  readonly holdEndsAt: number | null;
  /** The second step of signing in goes with it, or went. */
  readonly isFactorSetAside: boolean;
  readonly stopToken: string;
  readonly number: string;
  /** How long what was done can be undone; `null`: nothing was done yet. */
  readonly undoMs: number | null;
}

/** Whoever has the account: read before a transaction begins, which awaits nothing else. */
export interface Owner {
  readonly account: Pick<Account, 'id' | 'locale' | 'state' | 'createdAt'>;
  /** All that are confirmed. */
  readonly addresses: readonly DirectoryAddress[];
}

export interface ReleaseNotices {
  ownerOf(accountId: string): Promise<Owner | undefined>;
  /** Has every address of the account told of the step. */
  tell(
    tx: Transaction,
    step: ReleaseStep,
    owner: Pick<Owner, 'addresses'> & { readonly account: Pick<Account, 'locale'> },
  ): Promise<void>;
  /** One pass of the worker: of cases whose contact was just confirmed. */
  tellOpenings(): Promise<void>;
  /** The notice when the worker takes it up; the same at a retry. `undefined`: it is of no use any more. */
  prepare(entry: Pick<Entry, 'id' | 'subjectId' | 'addressId'>): Promise<ReleaseNoticeMail | undefined>;
  forget(before: number): Promise<void>;
}

export interface NoticesNeeds extends MovesNeeds {
  readonly db: Database;
  readonly log: Log;
  readonly directory: AccountDirectory;
  readonly outbox: Outbox;
  readonly limits: Limits;
}

const toldAtOnce = 50;

export function createReleaseNotices(needs: NoticesNeeds, moves: ReleaseMoves): ReleaseNotices {
  const { db, log, keys, clock, directory, outbox, limits, site } = needs;

  const backOff = createBackOff(clock);

  const ownerOf: ReleaseNotices['ownerOf'] = async (accountId) => {
    const account = await directory.find(accountId);
    return account && { account, addresses: await directory.addressesOf(accountId) };
  };

  const tell: ReleaseNotices['tell'] = async (tx, step, { account, addresses }) => {
    for (const { id: addressId } of addresses) {
      await outbox.enqueue(tx, {
        kind: 'release-notice',
        subjectId: step.id,
        addressId,
        locale: storedLocale(account.locale),
        expiresAt: step.at + releaseNoticeLifeMs,
      });
    }
  };

  async function ownersOf(typed: string): Promise<Owner[]> {
    const named = await accountsNamed(directory, typed);
    return (await Promise.all(named.map(({ id }) => ownerOf(id)))).flatMap((owner) => owner ?? []);
  }

  async function tellOpening(untold: Untold): Promise<void> {
    const { caseId, identifier_sealed } = untold;
    const owners = await ownersOf(keys.open(identifier_sealed) ?? '');
    await db.write(async (tx) => {
      if (!(await markTold(tx, untold, clock.now()))) return;
      for (const owner of owners) {
        const accountId = owner.account.id;
        const of = { caseId, accountId, releaseId: null };
        const step = await moves.note(tx, of, { event: 'told', audit: 'release.told' });
        if ((await limits.take('release-told', keys.hash('identifier', site, 'account', accountId), tx)).ok)
          await tell(tx, step, owner);
      }
    });
  }

  return {
    ownerOf,
    tell,

    async tellOpenings() {
      const due = await untoldContacts(db.read, { most: toldAtOnce, but: backOff.waiting() });
      const telling = (untold: Untold) => backOff.trying(untold.contactId, () => tellOpening(untold));
      await passOver(due, telling, { log, job: 'openings', of: ({ caseId }) => ({ case: caseId }) });
    },

    async prepare({ id, subjectId, addressId }) {
      const step = await findStep(db.read, subjectId);
      const what = toldEvents.find((event) => event === step?.event);
      const account = step && (await directory.find(step.account_id));
      const address = await directory.findAddress(addressId ?? '');
      if (!step || what === undefined || !account || address?.accountId !== account.id) return undefined;
      const release = step.release_id === null ? undefined : await findRelease(db.read, step.release_id);
      // A retry keeps the key of the first try: that mail may have arrived too.
      const keyId = (await findNotice(db.read, id))?.key_id ?? keys.currentId;
      const made = makeNotice(keys, { noticeId: id, keyId });
      if (!made) return undefined;
      await db.write((tx) =>
        keepNotice(tx, {
          id,
          site,
          step_id: step.id,
          account_id: account.id,
          address_id: address.id,
          address_confirmed_at: address.confirmedAt,
          ...made.kept,
          created_at: clock.now(),
        }),
      );
      const holdEndsAt =
        what === 'closing-approved'
          ? step.at + closingHoldMs
          : what === 'approved'
            ? (release?.hold_ends_at ?? null)
            : null;
      const { stopToken, number } = made;
      const isFactorSetAside = step.factor === 'young' || step.factor === 'lost';
      const { userId } = account;
      const facts = { what, address: address.address, userId, at: step.at, holdEndsAt, isFactorSetAside };
      const undoMs = what === 'spent' || what === 'closing-closed' ? undoLifeMs : null;
      return { ...facts, stopToken, number, undoMs };
    },

    forget: (before) => deleteNotices(db, before),
  };
}
