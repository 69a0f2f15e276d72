// Signing in by password, and out. Every try runs exactly one Argon2id and the same statements, whoever it names (D5);
// nothing that a recovery does or fails to do changes the way in by password (D4).
import type { Account, AccountDirectory } from '../accounts/directory.ts';
import { readIdentifier } from '../accounts/identifiers.ts';
import { maxWrongPasswords, type PasswordTries } from '../accounts/password-tries.ts';
import type { Passwords } from '../accounts/passwords.ts';
import type { Audit } from '../audit/audit.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Database } from '../database/database.ts';
import type { Limits } from '../limits/limits.ts';
import type { Refusal } from '../refusals.ts';
import type { ShownDevice } from '../sessions/devices.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Enter, Entered } from './entrance.ts';

export interface SignInDependencies {
  readonly db: Database;
  readonly audit: Audit;
  readonly limits: Limits;
  readonly directory: AccountDirectory;
  readonly passwords: Passwords;
  readonly passwordTries: PasswordTries;
  readonly enter: Enter;
  readonly sessions: Sessions;
}

export interface SignIn {
  /** A new session, or the one refusal that all failures share. `expiresAt`: UTC epoch ms. */
  signIn(request: {
    typed: string;
    password: string;
    device: ShownDevice;
    source: string;
  }): Promise<Outcome<Entered, Refusal>>;
  /**
   * For a form of a signed-in person that asks for the password again. Wrong ones count as those at the sign-in do; once
   * there are too many in a row, as many an hour are compared as a remembered device has.
   */
  provePassword(request: { accountId: string; password: string; source: string }): Promise<Outcome<unknown, Refusal>>;
  signOut(token: string, source: string): Promise<void>;
  /** The account of a live session; none while the account is disabled. */
  accountOf(token: string): Promise<Account | undefined>;
}

export function createSignIn({
  db,
  audit,
  limits,
  directory,
  passwords,
  passwordTries,
  enter,
  sessions,
}: SignInDependencies): SignIn {
  return {
    async signIn({ typed, password, device, source }) {
      if (typed.trim() === '') return refuse('identifier-missing');
      if (password === '') return refuse('password-missing');
      const within = await limits.look('sign-in-wrong', source);
      if (!within.ok) return within;
      const read = readIdentifier(typed);
      const account = read.ok ? await directory.findForSignIn(read) : undefined;
      await passwordTries.take(passwordTries.subjectOf({ accountId: account?.id, typed }));
      const isRight = await passwords.verify(password, account?.password);
      if (account && isRight) {
        const renewed = passwords.isOutdated(account.password)
          ? await passwords.hash(password.normalize('NFC'))
          : undefined;
        const entered = await db.write(async (tx) => {
          const isStillRight = await directory.acceptPassword(tx, {
            accountId: account.id,
            password: account.password,
          });
          if (!isStillRight) return undefined;
          if (renewed) await directory.renewHash(tx, { accountId: account.id, from: account.password, to: renewed });
          await passwordTries.clear(tx, account.id);
          const session = await enter(tx, { accountId: account.id, device, source });
          await audit.append(tx, {
            event: 'authn_login_success',
            subjectId: session.id,
            accountId: account.id,
            source,
          });
          return session;
        });
        if (entered) return accept(entered);
      }
      await db.write((tx) => audit.append(tx, { event: 'authn_login_fail', accountId: account?.id ?? null, source }));
      const counted = await limits.take('sign-in-wrong', source);
      return counted.ok ? refuse('sign-in-failed') : counted;
    },

    async provePassword({ accountId, password, source }) {
      if (password === '') return refuse('password-missing');
      const account = await directory.find(accountId);
      const read = readIdentifier(account?.userId ?? '');
      const owner = read.ok ? await directory.findForSignIn(read) : undefined;
      const subject = passwordTries.subjectOf({ accountId, typed: '' });
      if ((await passwordTries.take(subject)) > maxWrongPasswords) {
        const within = await limits.take('sign-in-device', subject);
        if (!within.ok) return refuse('password-later', within.retryAfterMs);
      }
      const isRight = (await passwords.verify(password, owner?.password)) && owner?.id === accountId;
      await db.write(async (tx) => {
        if (isRight) await passwordTries.clear(tx, accountId);
        else await audit.append(tx, { event: 'authn_login_fail', accountId, source, facts: { at: 'password again' } });
      });
      return isRight ? accept() : refuse('password-wrong');
    },

    async signOut(token, source) {
      await db.write(async (tx) => {
        const ended = await sessions.end(tx, token);
        if (ended)
          await audit.append(tx, { event: 'session_ended', subjectId: ended.id, accountId: ended.accountId, source });
      });
    },

    async accountOf(token) {
      const session = await sessions.find(token);
      const account = session && (await directory.find(session.accountId));
      return account?.state === 'active' ? account : undefined;
    },
  };
}
