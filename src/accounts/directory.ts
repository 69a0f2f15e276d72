// The port to the accounts of a site. Adapter: own.ts, over our own tables. The contract is
// test/contracts/account-directory.test.ts.
//
// An address counts only once it is confirmed: what somebody merely claimed receives no recovery mail, opens no account
// and makes no address shared. Known and unknown identifiers cost the same statements (D5). An account can be recovered
// when it is active, has a confirmed address, and a password or no provider that signs it in; every other one looks like none.
import type { Outcome } from '../base/outcome.ts';
import type { Transaction } from '../database/database.ts';
import type { Identifier } from './identifiers.ts';
import type { StoredPassword } from './passwords.ts';

export interface DirectoryAddress {
  readonly id: string;
  readonly accountId: string;
  /** Where mail goes: as it was confirmed, never as somebody typed it later. */
  readonly address: string;
  readonly key: string;
  /** Since when it counts: UTC epoch ms. */
  readonly confirmedAt: number;
  /** Since when it gets notices and opens nothing: the account was released to another address. */
  readonly noticesOnlySince: number | null;
}

/** How many confirmed addresses an account may have. */
export const maxAddresses = 3;

/** How many accounts of one name the desk is told of: whoever has more of them names one by its user ID. */
export const maxNamed = 20;

/** `disabled`: by the site; `closed`: by the support desk, as its owner has died. Nobody gets into either. */
export type AccountState = GivenState | 'closed';
/** How an account may come in. */
export type GivenState = 'active' | 'disabled';

export interface Account {
  readonly id: string;
  readonly userId: string;
  readonly state: AccountState;
  readonly locale: string;
  readonly createdAt: number;
  /** Whether a password could open it; a suspended one counts. */
  readonly hasPassword: boolean;
  /** Who signs it in by a button of their own, in the name that people know. */
  readonly provider: string | null;
  /** When its password was last changed, in whatever way: UTC epoch ms, `null` for never since the account was made. */
  readonly passwordChangedAt: number | null;
  /** When a recovery last set its password. */
  readonly resetAt: number | null;
}

/** An account that can be recovered, with the one address that this recovery's mail goes to. */
export interface DirectoryAccount {
  readonly id: string;
  readonly userId: string;
  readonly locale: string;
  readonly address: DirectoryAddress;
}

/** An account that has the identifier confirmed and that no mailed code opens: for its mailbox alone to learn. */
export interface OtherAccount {
  readonly userId: string;
  readonly address: DirectoryAddress;
  /** Who signs it in, as it has no password; `null`: it is disabled. */
  readonly provider: string | null;
}

export interface FoundAccounts {
  readonly accounts: readonly DirectoryAccount[];
  readonly others: readonly OtherAccount[];
  /** There are accounts of either kind. */
  readonly isKnown: boolean;
}

/** An account that a password opens. */
export interface SignInAccount {
  readonly id: string;
  readonly userId: string;
  readonly locale: string;
  readonly password: StoredPassword;
}

export interface NewAccount {
  /** As `readUserId` took it. */
  readonly userId: string;
  readonly locale: string;
  /** `null` for an account that a provider signs in, or that was brought in without one. */
  readonly password: StoredPassword | null;
  /** As `readAddress` took them. */
  readonly addresses: readonly { readonly address: string; readonly key: string; readonly isConfirmed: boolean }[];
  readonly state?: GivenState;
  /** The name that people know the company by whose button signs them in. */
  readonly provider?: string | null;
}

export interface AccountDirectory {
  /** Throws `directory-unusable` and lists the rows when a user ID holds an `@`: it would never be found (D8). */
  checkAtStart(): Promise<void>;
  /**
   * The accounts that `identifier` can recover. A user ID: at most its own, with the address confirmed first. An email:
   * every one that confirmed it, with that address, in the order in which they were made. `others`: the rest of those
   * that have it confirmed.
   */
  findForRecovery(identifier: Identifier): Promise<FoundAccounts>;
  /**
   * The accounts that have this user ID or this confirmed email, in whatever state and whether or not anything can recover
   * them, in the order in which they were made and no more than one beyond `maxNamed`, which says that there are more: for the
   * desk and for who proves something to it.
   */
  findNamed(identifier: Identifier): Promise<readonly { readonly id: string; readonly userId: string }[]>;
  /** The one active account that a password may open; none for an address that several share, or a suspended password. */
  findForSignIn(identifier: Identifier): Promise<SignInAccount | undefined>;
  find(accountId: string): Promise<Account | undefined>;
  /** A confirmed address of an account in whatever state. */
  findAddress(addressId: string): Promise<DirectoryAddress | undefined>;
  /** Whether a release has set this address aside and no account is recovered by it. `key`: as `readAddress` gives it. */
  isSetAside(key: string): Promise<boolean>;
  /** The confirmed addresses, the one confirmed first at the head. */
  addressesOf(accountId: string): Promise<readonly DirectoryAddress[]>;
  /** Of several at once with one user ID, one is made. */
  create(tx: Transaction, account: NewAccount): Promise<Outcome<{ readonly accountId: string }, 'user-id-taken'>>;
  /**
   * Holds the account until the end of the transaction: what ends everything that leads into it comes one after the other.
   * First, before any row of a recovery is held, so that no two of them wait for each other.
   */
  hold(tx: Transaction, accountId: string): Promise<void>;
  /** Closes an active account to everybody. In a transaction that holds it. */
  close(tx: Transaction, accountId: string): Promise<void>;
  /** Opens again what `close` closed. False: it is no longer closed by that, such as disabled by the site meanwhile. */
  reopen(tx: Transaction, accountId: string): Promise<boolean>;
  /** A new password, set by that change; one that was suspended is gone with it. A reset also sets `resetAt`. */
  setPassword(
    tx: Transaction,
    change: StoredPassword & {
      readonly accountId: string;
      readonly changeId: string;
      readonly by: 'reset' | 'owner';
    },
  ): Promise<void>;
  /**
   * Lets the password sign nobody in until the next one is set; the account can be recovered as before. False, and nothing
   * is done, where it is not the one that this change set (D11), or was set before a moment (UTC epoch ms).
   */
  suspendPassword(
    tx: Transaction,
    which: { readonly accountId: string } & ({ readonly changeId: string } | { readonly setSince: number }),
  ): Promise<boolean>;
  /** The same password at today's cost and key; left alone where it has been changed since it was read. */
  renewHash(
    tx: Transaction,
    renewal: { readonly accountId: string; readonly from: StoredPassword; readonly to: StoredPassword },
  ): Promise<void>;
  /**
   * Before a session begins, in its transaction: whether the password just verified is still the account's. It holds up a
   * reset that runs at the same time, so that either this is false or the reset ends the session.
   */
  acceptPassword(
    tx: Transaction,
    signIn: { readonly accountId: string; readonly password: StoredPassword },
  ): Promise<boolean>;
  /** A further confirmed address; one that was set aside counts again. In a transaction that holds the account. */
  addAddress(
    tx: Transaction,
    added: { readonly accountId: string; readonly address: string; readonly key: string },
  ): Promise<Outcome<{ readonly addressId: string }, 'address-own' | 'addresses-full'>>;
  /** Removes a confirmed address; the last one stays. In a transaction that holds the account. */
  removeAddress(
    tx: Transaction,
    removed: { readonly accountId: string; readonly addressId: string },
  ): Promise<Outcome<{ readonly address: DirectoryAddress }, 'address-gone' | 'address-last'>>;
  /** From `now` on all confirmed addresses get notices alone: no recovery goes through them. */
  setAside(tx: Transaction, of: { readonly accountId: string; readonly now: number }): Promise<void>;
  /** Undoes that: those set aside at `since` or later count again. */
  reinstate(tx: Transaction, of: { readonly accountId: string; readonly since: number }): Promise<void>;
  /**
   * In a transaction that holds the account. Drops what waits to be confirmed (D10) and what was confirmed later than `after`
   * (UTC epoch ms), perhaps by whoever had taken the account over; returns the latter.
   */
  dropNewcomers(
    tx: Transaction,
    addresses: { readonly accountId: string; readonly after: number },
  ): Promise<readonly DirectoryAddress[]>;
}
