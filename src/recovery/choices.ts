// Whom the code of a recovery may open now: pure, from the recovery and from what the directory found for its identifier.
import type { DirectoryAccount, DirectoryAddress, FoundAccounts, OtherAccount } from '../accounts/directory.ts';
import type { Identifier } from '../accounts/identifiers.ts';
import type { Recovery } from './recovery-rows.ts';

/** Whom the code of a recovery opens, and who else is on its mailbox. */
export interface Choices {
  /** `address`: what proved it; `null`: the grant of a release did. */
  readonly accounts: readonly (Omit<DirectoryAccount, 'address'> & { readonly address: DirectoryAddress | null })[];
  /** Named where a choice is made, so that nobody looks for theirs in vain: a provider signs them in. */
  readonly provided: readonly OtherAccount[];
}

/** Of those found for its identifier now, whom the recovery's code opens: addresses and accounts may have changed. */
export function choicesAmong(recovery: Recovery, { kind }: Identifier, found: FoundAccounts): Choices {
  const { address_id, account_id } = recovery;
  const accounts = found.accounts.filter(
    ({ id, address }) =>
      address_id !== null &&
      // A user ID says nothing about the address that the code went to: it must still be the one of the account.
      (kind === 'email' || address.id === address_id) &&
      (account_id === null || account_id === id),
  );
  return { accounts, provided: accounts.length === 0 ? [] : found.others.filter(({ provider }) => provider !== null) };
}
