// The accounts that have the identifier which somebody typed to say whose account it is, whether or not a recovery can open them.
import type { AccountDirectory } from '../accounts/directory.ts';
import { readIdentifier } from '../accounts/identifiers.ts';

export interface AccountOfName {
  readonly id: string;
  readonly userId: string;
}

export async function accountsNamed(
  directory: Pick<AccountDirectory, 'findNamed'>,
  typed: string,
): Promise<readonly AccountOfName[]> {
  const identifier = readIdentifier(typed);
  return identifier.ok ? directory.findNamed(identifier) : [];
}
