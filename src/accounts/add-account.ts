// An account added from outside, without a sign-up: by the site that mounts us, the command line, an import.
import type { Database } from '../database/database.ts';
import type { Locale } from '../i18n/translate.ts';
import type { AccountDirectory, GivenState } from './directory.ts';
import { readAddress, readUserId } from './identifiers.ts';
import type { Passwords } from './passwords.ts';

export interface AddedAccount {
  readonly userId: string;
  /** Confirmed; recovery mail goes to them. The first is the one that counts where the person types the user ID. */
  readonly addresses: readonly string[];
  /** `null`: a provider signs it in, or it was brought in without one and its owner makes one by recovering it. */
  readonly password: string | null;
  readonly locale: Locale;
  /** The name on the button of the company that signs it in, such as "Example". */
  readonly provider?: string | null;
  /** `disabled`: it exists, and neither signs in nor recovers. Active where nothing is said. */
  readonly state?: GivenState;
  /** Addresses that nobody has confirmed: they receive no recovery mail and end with a reset. */
  readonly unconfirmedAddresses?: readonly string[];
}

export interface AddAccountNeeds {
  readonly db: Database;
  readonly directory: AccountDirectory;
  readonly passwords: Passwords;
}

/** Adds it; `false` when its user ID is taken. Throws for what no sign-up would take. */
export async function addAccount(
  { userId, addresses, password, locale, provider = null, state = 'active', unconfirmedAddresses = [] }: AddedAccount,
  { db, directory, passwords }: AddAccountNeeds,
): Promise<boolean> {
  const named = readUserId(userId);
  if (!named.ok) throw new Error(`the user ID ${userId} cannot be used`);
  const read = (isConfirmed: 'confirmed' | 'claimed') => (text: string) => {
    const address = readAddress(text);
    if (!address.ok) throw new Error(`${text} is no address that mail goes to`);
    return { address: address.address, key: address.key, isConfirmed: isConfirmed === 'confirmed' };
  };
  if (provider !== null && !isProviderName(provider)) throw new Error(`the provider of ${userId} has no name to show`);
  const all = [...addresses.map(read('confirmed')), ...unconfirmedAddresses.map(read('claimed'))];
  if ((await directory.findForSignIn({ kind: 'user-id', typed: named.userId, key: named.key })) !== undefined)
    return false;
  const names = [named.userId, ...addresses];
  const hashed = password === null ? null : await hash(password, { userId, names, passwords });
  const created = await db.write((tx) =>
    directory.create(tx, { userId: named.userId, locale, password: hashed, addresses: all, provider, state }),
  );
  return created.ok;
}

async function hash(
  password: string,
  { userId, names, passwords }: { userId: string; names: readonly string[]; passwords: Passwords },
) {
  const checked = passwords.check(password, { names });
  if (!checked.ok) throw new Error(`the password of ${userId} is refused: ${checked.reason}`);
  return passwords.hash(checked.normalised);
}

/** People read it in a mail: one line, and not a long one. */
export const isProviderName = (name: string): boolean =>
  /^[^\p{C}\p{Zl}\p{Zp}]{1,60}$/u.test(name) && name.trim() === name;
