// The addresses of a signed-in person: up to three, each confirmed by a code that is mailed there and typed in the session
// that asked for it. To add and to remove takes the password again; both are told to the other addresses.
import { type Account, type AccountDirectory, type DirectoryAddress, maxAddresses } from '../accounts/directory.ts';
import { readAddress } from '../accounts/identifiers.ts';
import { addressFreeAt } from '../accounts/removal.ts';
import type { Audit } from '../audit/audit.ts';
import { type Clock, dayMs } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import { type Locale, storedLocale } from '../i18n/translate.ts';
import type { Limits } from '../limits/limits.ts';
import type { Entry, Outbox } from '../mail/outbox.ts';
import { maxTries } from '../proofs/email-code.ts';
import type { TypedAddressCodes } from '../proofs/typed-address.ts';
import type { AddressNotices } from '../password-changes/address-notices.ts';
import type { Refusal } from '../refusals.ts';
import type { Sessions } from '../sessions/sessions.ts';
import {
  type ClaimRow,
  deleteClaim,
  deleteOld,
  findClaim,
  giveClaimCode,
  moveClaim,
  type OldAddresses,
  putClaim,
  readClaim,
  takeClaimTry,
} from './address-rows.ts';

/** Whose browser this is. */
export interface SignedIn {
  readonly account: Account;
  readonly sessionId: string;
}

/** An address that waits for its code in this session. Times in UTC epoch ms. */
export interface Claim {
  readonly address: string;
  readonly codeExpiresAt: number;
  readonly mailAskedAt: number;
}

export interface AddressesNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly outbox: Outbox;
  readonly limits: Limits;
  readonly directory: AccountDirectory;
  readonly sessions: Sessions;
  readonly addressNotices: AddressNotices;
  readonly addressCodes: TypedAddressCodes;
  readonly site: string;
  /** Of sign-in: asks for the password again. */
  readonly provePassword: (request: {
    accountId: string;
    password: string;
    source: string;
  }) => Promise<Outcome<unknown, Refusal>>;
  /** Of recovery: what was mailed to the address opens nothing any more. */
  readonly endRecoveriesThrough: (tx: Transaction, address: DirectoryAddress, source: string) => Promise<void>;
}

export interface Addresses {
  /** The confirmed ones, the one confirmed first at the head. */
  of(who: SignedIn): Promise<readonly DirectoryAddress[]>;
  claimOf(who: SignedIn): Promise<Claim | undefined>;
  /** Has a code mailed to a further address. Who else has it is told to nobody. */
  claim(
    who: SignedIn,
    form: { typed: string; password: string; source: string; locale: Locale },
  ): Promise<Outcome<unknown, Refusal>>;
  /** The mail once more: the same code while it lives, a new one once it has expired. Tries are not given back. */
  askAgain(who: SignedIn): Promise<Outcome<unknown, Refusal>>;
  /** The mailed code: the address counts from now on. */
  confirm(who: SignedIn, form: { typed: string; source: string }): Promise<Outcome<unknown, Refusal>>;
  /** Why this one cannot be removed now, if so. */
  mayRemove(who: SignedIn, addressId: string): Promise<Outcome<{ address: DirectoryAddress }, Refusal>>;
  remove(
    who: SignedIn,
    form: { addressId: string; password: string; source: string },
  ): Promise<Outcome<unknown, Refusal>>;
  /** What the worker mails to a typed address, within what it may receive (D8). `undefined`: over, or too many. */
  prepareCode(
    entry: Pick<Entry, 'subjectId' | 'isRetry'>,
  ): Promise<{ address: string; code: string; expiresAt: number } | undefined>;
  /** Deletes what is older than these times. */
  forget(before: OldAddresses): Promise<void>;
}

const claimLifeMs = dayMs;

export function createAddresses(needs: AddressesNeeds): Addresses {
  const { db, keys, clock, random, audit, outbox, limits, directory, sessions, site } = needs;
  const { addressNotices, addressCodes, provePassword, endRecoveriesThrough } = needs;

  const addressesOf = ({ account }: SignedIn) => directory.addressesOf(account.id);

  async function liveClaim({ sessionId }: SignedIn): Promise<(ClaimRow & { address: string }) | undefined> {
    const row = await findClaim(db, sessionId);
    const address = row && keys.open(row.address_sealed);
    return row && address !== undefined && clock.now() < row.expires_at ? { ...row, address } : undefined;
  }

  const enqueueCode = (tx: Transaction, row: Pick<ClaimRow, 'id' | 'locale' | 'code_expires_at'>) =>
    outbox.enqueue(tx, {
      kind: 'address-code',
      subjectId: row.id,
      locale: storedLocale(row.locale),
      expiresAt: row.code_expires_at,
    });

  /** False: the session ended meanwhile, by a reset or elsewhere, and nothing may be changed in its name. */
  async function holdAll(tx: Transaction, { account, sessionId }: SignedIn): Promise<boolean> {
    await directory.hold(tx, account.id);
    return sessions.hold(tx, sessionId);
  }

  const mayRemove: Addresses['mayRemove'] = async (who, addressId) => {
    const all = await addressesOf(who);
    const address = all.find(({ id }) => id === addressId);
    if (!address) return refuse('address-gone');
    const isLast = all.every(({ id, noticesOnlySince }) => id === addressId || noticesOnlySince !== null);
    if (isLast) return refuse('address-last');
    const now = clock.now();
    const waitMs = addressFreeAt(address, who.account, all, now) - now;
    return waitMs > 0 ? refuse('removal-later', waitMs) : accept({ address });
  };

  return {
    of: addressesOf,
    mayRemove,

    async claimOf(who) {
      const row = await liveClaim(who);
      return row && { address: row.address, codeExpiresAt: row.code_expires_at, mailAskedAt: row.mail_asked_at };
    },

    async claim(who, { typed, password, source, locale }) {
      const read = readAddress(typed);
      if (!read.ok) return read;
      const own = await addressesOf(who);
      const counting = own.filter(({ noticesOnlySince }) => noticesOnlySince === null);
      if (counting.some(({ key }) => key === read.key)) return refuse('address-own');
      if (counting.length >= maxAddresses) return refuse('addresses-full');
      const proved = await provePassword({ accountId: who.account.id, password, source });
      if (!proved.ok) return proved;
      const within = await limits.take('address-add', source);
      if (!within.ok) return within;
      const now = clock.now();
      const row: ClaimRow = {
        id: randomToken(random),
        site,
        session_id: who.sessionId,
        account_id: who.account.id,
        version: 1,
        address_sealed: keys.seal(read.address),
        locale,
        ...addressCodes.begin(),
        expires_at: now + claimLifeMs,
      };
      return db.write(async (tx) => {
        if (!(await holdAll(tx, who))) return refuse('signed-out');
        await putClaim(tx, row);
        await enqueueCode(tx, row);
        await audit.append(tx, { event: 'address.claimed', subjectId: row.id, accountId: row.account_id, source });
        return accept();
      });
    },

    async askAgain(who) {
      const row = await liveClaim(who);
      if (!row) return refuse('address-claim-missing');
      const again = addressCodes.askAgain(row);
      if (!again.ok) return again;
      return db.write(async (tx) => {
        const moved = await moveClaim(tx, row, again.changes);
        if (!moved) return refuse('recovery-moved');
        await enqueueCode(tx, moved);
        return accept();
      });
    },

    async confirm(who, { typed, source }) {
      const row = await liveClaim(who);
      if (!row) return refuse('address-claim-missing');
      const read = await addressCodes.read(row, { typed, source });
      if (!read.ok) return read;
      const added = readAddress(row.address);
      if (!added.ok) return added;
      const told = await addressesOf(who);
      const accountId = who.account.id;
      return db.write(async (tx) => {
        // The account first, as whoever resets it holds it first too.
        if (!(await holdAll(tx, who))) return refuse('signed-out');
        const tried = await takeClaimTry(tx, row.id);
        if (!tried) return refuse('address-claim-missing');
        if (!addressCodes.isRight(tried, read.code)) {
          const isLast = tried.tries >= maxTries;
          if (isLast) await deleteClaim(tx, row.id);
          await audit.append(tx, { event: 'address.code_wrong', subjectId: row.id, accountId, source });
          return refuse(isLast ? 'tries-used' : 'code-wrong');
        }
        await deleteClaim(tx, row.id);
        const { address, key } = added;
        const made = await directory.addAddress(tx, { accountId, address, key });
        if (!made.ok) return made;
        await addressNotices.tell(tx, {
          what: 'added',
          account: who.account,
          address: { id: made.addressId, address },
          told,
          source,
        });
        return accept();
      });
    },

    async remove(who, { addressId, password, source }) {
      const allowed = await mayRemove(who, addressId);
      if (!allowed.ok) return allowed;
      const accountId = who.account.id;
      const proved = await provePassword({ accountId, password, source });
      if (!proved.ok) return proved;
      // The one that goes is told too: it is the owner's own that a stranger would remove.
      const told = await addressesOf(who);
      return db.write(async (tx) => {
        // A reset would have ended the session: that none has begun the wait since is sure from here on.
        if (!(await holdAll(tx, who))) return refuse('signed-out');
        const removed = await directory.removeAddress(tx, { accountId, addressId });
        if (!removed.ok) return removed;
        await endRecoveriesThrough(tx, removed.address, source);
        await addressNotices.tell(tx, {
          what: 'removed',
          account: who.account,
          address: removed.address,
          told,
          source,
        });
        return accept();
      });
    },

    async prepareCode({ subjectId, isRetry }) {
      const row = await readClaim(db, subjectId);
      const read = row && readAddress(keys.open(row.address_sealed) ?? '');
      if (!row || !read?.ok || clock.now() >= row.code_expires_at) return undefined;
      if (!(await addressCodes.mayMail(read.address, { isRetry }))) return undefined;
      const mailed = await db.write((tx) => giveClaimCode(tx, row.id, addressCodes.random()));
      const code = mailed && addressCodes.digits(mailed);
      return mailed && code !== undefined
        ? { address: read.address, code, expiresAt: mailed.code_expires_at }
        : undefined;
    },

    forget: (before) => deleteOld(db, before),
  };
}
