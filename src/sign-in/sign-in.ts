// Signing in by password, and out. Every try runs exactly one Argon2id and the same statements, whoever it names (D5);
// nothing that a recovery does or fails to do changes the way in by password (D4).
import type { Account, AccountDirectory } from '../accounts/directory.ts';
import { readIdentifier } from '../accounts/identifiers.ts';
import type { Passwords } from '../accounts/passwords.ts';
import type { Audit } from '../audit/audit.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Database } from '../database/database.ts';
import type { Limits } from '../limits/limits.ts';
import type { Refusal } from '../refusals.ts';
import type { Sessions } from '../sessions/sessions.ts';

export interface SignInDependencies {
  readonly db: Database;
  readonly audit: Audit;
  readonly limits: Limits;
  readonly directory: AccountDirectory;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
}

export interface SignIn {
  /** A new session, or the one refusal that all failures share. `expiresAt`: UTC epoch ms. */
  signIn(request: {
    typed: string;
    password: string;
    source: string;
  }): Promise<Outcome<{ token: string; expiresAt: number }, Refusal>>;
  signOut(token: string, source: string): Promise<void>;
  /** The account of a live session; none while the account is disabled. */
  accountOf(token: string): Promise<Account | undefined>;
}

export function createSignIn({ db, audit, limits, directory, passwords, sessions }: SignInDependencies): SignIn {
  return {
    async signIn({ typed, password, source }) {
      if (typed.trim() === '') return refuse('identifier-missing');
      if (password === '') return refuse('password-missing');
      const within = await limits.look('sign-in-wrong', source);
      if (!within.ok) return within;
      const read = readIdentifier(typed);
      const account = read.ok ? await directory.findForSignIn(read) : undefined;
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
          const session = await sessions.begin(tx, account.id);
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
      await db.write(async (tx) => {
        await directory.countWrongPassword(tx, account?.id ?? '');
        await audit.append(tx, { event: 'authn_login_fail', accountId: account?.id ?? null, source });
      });
      const counted = await limits.take('sign-in-wrong', source);
      return counted.ok ? refuse('sign-in-failed') : counted;
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
