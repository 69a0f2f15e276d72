// The accounts that have the identifier which somebody typed to say whose account it is, whether or not a recovery can open them.
import { type AccountDirectory, maxNamed } from '../accounts/directory.ts';
import { readIdentifier } from '../accounts/identifiers.ts';

export interface AccountOfName {
  readonly id: string;
  readonly userId: string;
}

export interface AccountsOfName {
  /** The first `maxNamed`. */
  readonly named: readonly AccountOfName[];
  readonly areMore: boolean;
}

export async function findAccountsNamed(
  directory: Pick<AccountDirectory, 'findNamed'>,
  typed: string,
): Promise<AccountsOfName> {
  const identifier = readIdentifier(typed);
  const found = identifier.ok ? await directory.findNamed(identifier) : [];
  return { named: found.slice(0, maxNamed), areMore: found.length > maxNamed };
}

export const accountsNamed = async (
  directory: Pick<AccountDirectory, 'findNamed'>,
  typed: string,
): Promise<readonly AccountOfName[]> => (await findAccountsNamed(directory, typed)).named;
