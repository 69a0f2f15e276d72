// The grant of a release: a link to the confirmed contact, mailed once the hold is over, that opens with the case code, which
// was shown at the opening of the case and never mailed. It opens the page for a new password once, in one browser.
import type { AccountDirectory } from '../accounts/directory.ts';
import { readAddress } from '../accounts/identifiers.ts';
import { type Outcome, refuse } from '../base/outcome.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { Locale } from '../i18n/translate.ts';
import type { Limits } from '../limits/limits.ts';
import type { Entry } from '../mail/outbox.ts';
import type { AddressNotices } from '../password-changes/address-notices.ts';
import type { Authenticator } from '../proofs/authenticator.ts';
import { deriveLinkToken, linkHash, linkHashes, takeBrowserTry } from '../proofs/email-code.ts';
import type { RecoveryUseCases } from '../recovery/recovery.ts';
import type { ReleasePort } from '../recovery/released.ts';
import type { Refusal } from '../refusals.ts';
import { findCaseById, findContactById } from '../support/case-rows.ts';
import { readCaseCode } from '../support/case-number.ts';
import type { MovesNeeds, ReleaseMoves } from './moves.ts';
import type { ReleaseNotices } from './notices.ts';
import { factorFate, maxGrantTries } from './policy.ts';
import {
  accountMadeAt,
  findRelease,
  findReleaseOfGrant,
  keepGrant,
  moveRelease,
  takeGrantTry,
} from './release-rows.ts';

interface GrantMail {
  readonly address: string;
  readonly token: string;
  readonly expiresAt: number;
  /** Of the case whose code the link asks for. */
  readonly number: string;
}

/** Recovery's port, as far as a grant goes: the contact becomes an address of the account, and the older ones get notices alone. */
export interface Grants extends Pick<ReleasePort, 'hold' | 'spend'> {
  /** The mail with the link, when the worker takes it up; the same at a retry. `undefined`: the grant is over. */
  prepare(entry: Pick<Entry, 'id' | 'subjectId'>): Promise<GrantMail | undefined>;
  isLive(token: string): Promise<boolean>;
  /** Opens the page for a new password in this browser: `handle` is that of the recovery. */
  open(request: {
    readonly token: string;
    /** The case code as typed. */
    readonly typed: string;
    readonly browser: string;
    readonly source: string;
    readonly locale: Locale;
  }): Promise<Outcome<{ readonly handle: string }, Refusal>>;
}

export interface GrantsNeeds extends MovesNeeds {
  readonly db: Database;
  readonly directory: AccountDirectory;
  readonly limits: Limits;
  readonly addressNotices: Pick<AddressNotices, 'tell'>;
  readonly authenticator: Pick<Authenticator, 'addedAt' | 'setAside'>;
  readonly openReleased: RecoveryUseCases['openReleased'];
}

export function createGrants(needs: GrantsNeeds, moves: ReleaseMoves, notices: ReleaseNotices): Grants {
  const { db, keys, clock, audit, directory, limits, addressNotices, authenticator, openReleased } = needs;

  const contactOf = async (reader: Transaction, contactId: string) => {
    const contact = await findContactById(reader, contactId);
    return contact && keys.open(contact.address_sealed);
  };

  return {
    async prepare({ id, subjectId }) {
      const release = await findRelease(db.read, subjectId);
      const contact = release && (await contactOf(db.read, release.contact_id));
      const of = release && (await findCaseById(db.read, release.case_id));
      if (!release || !of || contact === undefined) return undefined;
      // A retry keeps the key of the first try: that mail may have arrived too.
      const keyId = release.grant_key_id ?? keys.currentId;
      const token = deriveLinkToken(keys, 'grant', id, keyId);
      if (token === undefined) return undefined;
      const grant = { grant_hash: linkHash(keys, token), grant_key_id: keyId };
      const kept = await db.write((tx) => keepGrant(tx, release.id, grant));
      return kept && { address: contact, token, expiresAt: kept.due_at, number: of.number };
    },

    async isLive(token) {
      const release = await findReleaseOfGrant(db.read, linkHashes(keys, token));
      return release?.state === 'released' && clock.now() < release.due_at && release.grant_tries < maxGrantTries;
    },

    async open({ token, typed, browser, source, locale }) {
      // Looked up before it is counted: made-up tokens leave no counters behind.
      const found = await findReleaseOfGrant(db.read, linkHashes(keys, token));
      if (!found) return refuse('link-over');
      const read = readCaseCode(typed);
      if (!read.ok) return read;
      const within = await takeBrowserTry({ keys, limits }, { token, browser });
      if (!within.ok) return within;
      const account = await directory.find(found.account_id);
      if (account?.state !== 'active') return refuse('link-over');
      return db.write(async (tx) => {
        await directory.hold(tx, account.id);
        const tried = await takeGrantTry(tx, found.id, clock.now());
        const of = tried && (await findCaseById(tx, tried.case_id));
        if (!tried || !of) return refuse('link-over');
        if (!keys.matches('case-code', of.code_hash, of.number, read.code)) {
          const facts = { tries: tried.grant_tries };
          await audit.append(tx, {
            event: 'release.code_wrong',
            subjectId: tried.id,
            accountId: account.id,
            source,
            facts,
          });
          if (tried.grant_tries >= maxGrantTries) await moves.move(tx, tried, { event: 'time-over' }, { source });
          return refuse(tried.grant_tries >= maxGrantTries ? 'link-over' : 'grant-code-wrong');
        }
        const opened = await moves.move(tx, tried, { event: 'opened' }, { source });
        if (!opened.ok) return refuse('link-over');
        return openReleased(tx, { account, releaseId: tried.id, source, locale });
      });
    },

    async hold(tx, releaseId) {
      const release = await findRelease(tx, releaseId);
      if (release?.state !== 'opened' || clock.now() >= release.due_at) return undefined;
      // Deleted with the words of its case: then there is no address to give the account to.
      if ((await contactOf(tx, release.contact_id)) === undefined) return undefined;
      const held = await moveRelease(tx, release, {});
      return held && { proposedAt: held.proposed_at };
    },

    async spend(tx, { releaseId, changeId, account, addresses, source }) {
      const release = await findRelease(tx, releaseId);
      const of = release && (await findCaseById(tx, release.case_id));
      const factor =
        of &&
        factorFate(await authenticator.addedAt(tx, account.id), {
          kind: of.kind,
          openedAt: of.created_at,
          accountCreatedAt: await accountMadeAt(tx, account.id),
        });
      const moved = factor && (await moves.move(tx, release, { event: 'password-set', changeId }, { factor, source }));
      if (!moved?.ok) throw new Error('a release that was held could not be spent');
      const isFactorRemoved = factor === 'young' || factor === 'lost';
      if (isFactorRemoved) {
        await authenticator.setAside(tx, { accountId: account.id, by: releaseId });
        await audit.append(tx, {
          event: 'authenticator.set_aside',
          subjectId: releaseId,
          accountId: account.id,
          source,
        });
      }
      await notices.tell(tx, moved.step, { account, addresses });
      const contact = readAddress((await contactOf(tx, release?.contact_id ?? '')) ?? '');
      await directory.setAside(tx, { accountId: account.id, now: clock.now() });
      if (!contact.ok) throw new Error('a contact that was confirmed is no address');
      const { address, key } = contact;
      const added = await directory.addAddress(tx, { accountId: account.id, address, key });
      if (!added.ok || addresses.some((each) => each.key === key)) return { isFactorRemoved };
      const isNew = { id: added.addressId, address };
      // On the record; the older addresses have been told by the notice of the release.
      await addressNotices.tell(tx, { what: 'added', account, address: isNew, told: [], source });
      return { isFactorRemoved };
    },
  };
}
