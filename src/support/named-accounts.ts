// The accounts that have the identifier which somebody typed to say whose account it is, whether or not a recovery can open them.
import type { AccountDirectory } from '../accounts/directory.ts';
import { readIdentifier } from '../accounts/identifiers.ts';

export interface AccountOfName {
  readonly id: string;
  readonly userId: string;
}

export async function accountsNamed(
  directory: Pick<AccountDirectory, 'findForRecovery'>,
  typed: string,
): Promise<AccountOfName[]> {
  const identifier = readIdentifier(typed);
  if (!identifier.ok) return [];
  const { accounts, others } = await directory.findForRecovery(identifier);
  return [
    ...accounts.map(({ id, userId }) => ({ id, userId })),
    ...others.map(({ userId, address }) => ({ id: address.accountId, userId })),
  ];
}
