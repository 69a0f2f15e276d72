// A new password chosen by the signed-in owner (D10): the one in force is asked for again, and everything that a reset ends
// ends too. This browser alone stays signed in, in a session with a new id and a new token.
import type { Account, AccountDirectory } from '../accounts/directory.ts';
import type { Passwords } from '../accounts/passwords.ts';
import type { Audit } from '../audit/audit.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Database } from '../database/database.ts';
import type { PasswordChanges } from '../password-changes/password-changes.ts';
import type { Refusal } from '../refusals.ts';
import type { ShownDevice } from '../sessions/devices.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Enter, Entered } from './entrance.ts';
import type { SignIn } from './sign-in.ts';

export interface ChangePasswordNeeds {
  readonly db: Database;
  readonly audit: Audit;
  readonly directory: AccountDirectory;
  readonly passwords: Passwords;
  readonly passwordChanges: PasswordChanges;
  readonly sessions: Sessions;
  readonly signIn: Pick<SignIn, 'provePassword'>;
  readonly enter: Enter;
}

/** `session`: the token of the session that makes the change. Of several at once in one session, one is made. */
export type ChangePassword = (request: {
  readonly account: Account;
  readonly session: string;
  readonly current: string;
  readonly password: string;
  readonly repeated: string;
  readonly device: ShownDevice;
  readonly source: string;
}) => Promise<Outcome<Entered, Refusal>>;

export function createChangePassword(needs: ChangePasswordNeeds): ChangePassword {
  const { db, audit, directory, passwords, passwordChanges, sessions, signIn, enter } = needs;

  return async ({ account, session, current, password, repeated, device, source }) => {
    const accountId = account.id;
    const addresses = await directory.addressesOf(accountId);
    const names = [account.userId, ...addresses.map(({ address }) => address)];
    // What costs nothing comes first: a slip in the new password spends no try of the one in force.
    const checked = passwords.check(password, { names });
    if (!checked.ok) return checked;
    if (repeated !== password) return refuse('passwords-differ');
    const proved = await signIn.provePassword({ accountId, password: current, source });
    if (!proved.ok) return proved;
    const hashed = await passwords.hash(checked.normalised);
    return db.write(async (tx) => {
      await directory.hold(tx, accountId);
      // Spent, not looked at: another change since the password was proved has ended this session, and nothing is changed.
      const ended = await sessions.end(tx, session);
      if (!ended) return refuse('signed-out');
      await passwordChanges.make(tx, {
        account,
        password: hashed,
        recovery: null,
        addresses,
        source,
        ...(ended.deviceId !== null && { keptDeviceId: ended.deviceId }),
      });
      const entered = await enter(tx, { accountId, device, source, inPlaceOf: ended });
      await audit.append(tx, { event: 'authn_password_change', subjectId: entered.id, accountId, source });
      return accept(entered);
    });
  };
}
