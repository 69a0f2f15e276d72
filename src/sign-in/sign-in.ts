// Signing in by password, and out. Every try that is compared runs exactly one Argon2id and the same statements, whoever
// it names (D5); nothing that a recovery does or fails to do changes the way in by password (D4). Wrong passwords raise
// the human check and refuse nobody; too many in a row leave the password to the browsers that know the account.
import type { Account, AccountDirectory, SignInAccount } from '../accounts/directory.ts';
import { readIdentifier } from '../accounts/identifiers.ts';
import { maxWrongPasswords, type PasswordTries } from '../accounts/password-tries.ts';
import type { Passwords } from '../accounts/passwords.ts';
import type { Audit } from '../audit/audit.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Keys } from '../base/secret.ts';
import type { Database } from '../database/database.ts';
import type { HumanCheck } from '../human-check/check.ts';
import { type Level, levelForSignIn } from '../human-check/ladder.ts';
import type { Limits } from '../limits/limits.ts';
import type { Authenticator } from '../proofs/authenticator.ts';
import type { Refusal } from '../refusals.ts';
import type { Devices, ShownDevice } from '../sessions/devices.ts';
import type { SecondSteps } from '../sessions/second-steps.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Enter, Entered } from './entrance.ts';

export interface SignInNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly audit: Audit;
  readonly limits: Limits;
  readonly directory: AccountDirectory;
  readonly passwords: Passwords;
  readonly passwordTries: PasswordTries;
  readonly devices: Devices;
  readonly sessions: Sessions;
  readonly humanCheck: HumanCheck;
  readonly authenticator: Authenticator;
  readonly secondSteps: SecondSteps;
  readonly enter: Enter;
  readonly site: string;
}

/** A session, or a handle for the second step: nothing else is given to a browser before it is done. */
export type SignedIn =
  | (Entered & { readonly next: 'session' })
  | { readonly next: 'second-step'; readonly handle: string; readonly expiresAt: number };

export interface SignIn {
  /** What comes after a right password, or one refusal that all wrong ones share. */
  signIn(request: {
    typed: string;
    password: string;
    checkHandle: string;
    device: ShownDevice;
    source: string;
    returnTo: string | null;
  }): Promise<Outcome<SignedIn, Refusal>>;
  /** Whether the next sign-in with this identifier, from this network, has to bring a human check. */
  needsCheck(request: { typed: string; source: string }): Promise<boolean>;
  /**
   * For a form of a signed-in person that asks for the password again. Wrong ones count as those at the sign-in do; once
   * there are too many in a row, as many an hour are compared as a remembered device has.
   */
  provePassword(request: { accountId: string; password: string; source: string }): Promise<Outcome<unknown, Refusal>>;
  signOut(token: string, source: string): Promise<void>;
  /** The account of a live session; none while the account is disabled. */
  accountOf(token: string): Promise<Account | undefined>;
  /** The same, with the session's id. */
  signedIn(token: string): Promise<{ readonly account: Account; readonly sessionId: string } | undefined>;
}

/** How often a right password is compared that was hashed anew meanwhile. */
const comparesMax = 3;

export function createSignIn(needs: SignInNeeds): SignIn {
  const { db, keys, audit, limits, directory, passwords, passwordTries, devices, sessions, humanCheck } = needs;
  const { authenticator, secondSteps, enter, site } = needs;

  /** What the price depends on: the network, and what was typed. Never the account, or its other names would show. */
  function countersOf(typed: string, source: string) {
    const read = readIdentifier(typed);
    const identifierHash = keys.hash('identifier', site, ...(read.ok ? [read.kind, read.key] : ['unreadable', typed]));
    const both = [
      ['sign-in-identifier', identifierHash],
      ['sign-in-source', source],
    ] as const;
    return {
      async count() {
        const [ofIdentifier, ofSource] = await Promise.all([limits.count(...both[0]), limits.count(...both[1])]);
        return { ofIdentifier, ofSource };
      },
      /** Counted as wrong before anything is compared, so that parallel tries pay too; tells how many were before. */
      async take() {
        const [ofIdentifier, ofSource] = await limits.hitBoth(...both);
        return { ofIdentifier: ofIdentifier - 1, ofSource: ofSource - 1 };
      },
      giveBack: () => limits.giveBackBoth(...both),
    };
  }

  async function spendCheck(handle: string, least: Level) {
    const level = await humanCheck.levelNeeded(least);
    return db.write((tx) => humanCheck.spend(tx, { handle, purpose: 'sign-in' }, level));
  }

  /**
   * Compares, once: exactly one Argon2id, whoever it is for. `against`: the account's password, unless there were too many
   * wrong ones. `undefined`: it was wrong; `moved`: it was right, and is no longer
   * what is stored.
   */
  async function compare(
    account: SignInAccount | undefined,
    request: {
      readonly typed: string;
      readonly password: string;
      readonly against: SignInAccount['password'] | undefined;
      readonly device: ShownDevice;
      readonly source: string;
      readonly returnTo: string | null;
    },
  ): Promise<SignedIn | 'moved' | undefined> {
    const { typed, password, against, device, source, returnTo } = request;
    const isRight = await passwords.verify(password, against);
    if (account && isRight) {
      const renewed = passwords.isOutdated(account.password)
        ? await passwords.hash(password.normalize('NFC'))
        : undefined;
      const next = await db.write(async (tx): Promise<SignedIn | 'moved'> => {
        const isStillRight = await directory.acceptPassword(tx, {
          accountId: account.id,
          password: account.password,
        });
        if (!isStillRight) return 'moved';
        if (renewed) await directory.renewHash(tx, { accountId: account.id, from: account.password, to: renewed });
        await passwordTries.clear(tx, { accountId: account.id, typed });
        if (await authenticator.isOn(tx, account.id)) {
          await audit.append(tx, { event: 'second_factor.asked', accountId: account.id, source });
          return { next: 'second-step', ...(await secondSteps.begin(tx, { accountId: account.id, returnTo })) };
        }
        const session = await enter(tx, { accountId: account.id, device, source });
        await audit.append(tx, { event: 'authn_login_success', subjectId: session.id, accountId: account.id, source });
        return { next: 'session', ...session };
      });
      return next;
    }
    await noteFailed(account?.id, source);
    return undefined;
  }

  const noteFailed = (accountId: string | undefined, source: string) =>
    db.write((tx) => audit.append(tx, { event: 'authn_login_fail', accountId: accountId ?? null, source }));

  const signedIn: SignIn['signedIn'] = async (token) => {
    const session = await sessions.find(token);
    const account = session && (await directory.find(session.accountId));
    return session && account && { account, sessionId: session.id };
  };

  return {
    signIn: passwords.bounded(async ({ typed, password, checkHandle, device, source, returnTo }) => {
      if (typed.trim() === '') return refuse('identifier-missing');
      if (password === '') return refuse('password-missing');
      const read = readIdentifier(typed);
      const account = read.ok ? await directory.findForSignIn(read) : undefined;
      const tried = passwordTries.tried({ accountId: account?.id, typed });
      const [remembered, before] = await Promise.all([
        devices.find(device.token, account?.id ?? ''),
        passwordTries.count(tried),
      ]);
      // Before it costs a check that would be for nothing.
      if (before.ofName >= maxWrongPasswords && !remembered) return refuse('password-recover');

      const counters = countersOf(typed, source);
      const least = levelForSignIn(await counters.take());
      const checked = least === undefined ? accept() : await spendCheck(checkHandle, least);
      if (!checked.ok) {
        await counters.giveBack();
        return checked;
      }
      const wrong = await passwordTries.take(tried);
      if (wrong.ofName > maxWrongPasswords && !remembered) return refuse('password-recover');
      // The account's own count, which its other names fed, shows to the browsers that know the account and to nobody else.
      const isOver = Math.max(wrong.ofName, wrong.ofAccount) > maxWrongPasswords;
      if (isOver && remembered) {
        const within = await limits.take('sign-in-device', remembered.id);
        if (!within.ok) return refuse('password-later', within.retryAfterMs);
      }
      const against = isOver && !remembered ? undefined : account?.password;

      try {
        const given = { typed, password, device, source, returnTo };
        let next = await compare(account, { ...given, against });
        // Set anew since it was read, or only hashed anew by a sign-in beside this one: it is for the one in force to say.
        for (let goes = 1; next === 'moved' && goes < comparesMax && read.ok; goes += 1) {
          const now = await directory.findForSignIn(read);
          next = await compare(now, { ...given, against: now?.password });
        }
        if (next === 'moved') await noteFailed(account?.id, source);
        if (!next || next === 'moved') return refuse('sign-in-failed');
        await counters.giveBack();
        return accept(next);
      } catch (fault) {
        // A fault of ours counts against nobody.
        await Promise.allSettled([counters.giveBack(), passwordTries.giveBack(tried)]);
        throw fault;
      }
    }),

    needsCheck: async ({ typed, source }) => levelForSignIn(await countersOf(typed, source).count()) !== undefined,

    provePassword: passwords.bounded(async ({ accountId, password, source }) => {
      if (password === '') return refuse('password-missing');
      const account = await directory.find(accountId);
      const read = readIdentifier(account?.userId ?? '');
      const owner = read.ok ? await directory.findForSignIn(read) : undefined;
      const tried = passwordTries.tried({ accountId, typed: null });
      if ((await passwordTries.take(tried)).ofAccount > maxWrongPasswords) {
        const within = await limits.take('sign-in-device', tried.account);
        if (!within.ok) return refuse('password-later', within.retryAfterMs);
      }
      try {
        const isRight = (await passwords.verify(password, owner?.password)) && owner?.id === accountId;
        await db.write(async (tx) => {
          if (isRight) await passwordTries.clear(tx, { accountId, typed: null });
          else
            await audit.append(tx, { event: 'authn_login_fail', accountId, source, facts: { at: 'password again' } });
        });
        return isRight ? accept() : refuse('password-wrong');
      } catch (fault) {
        await Promise.allSettled([passwordTries.giveBack(tried)]);
        throw fault;
      }
    }),

    async signOut(token, source) {
      if (token === '') return;
      await db.write(async (tx) => {
        const ended = await sessions.end(tx, token);
        if (ended)
          await audit.append(tx, { event: 'session_ended', subjectId: ended.id, accountId: ended.accountId, source });
      });
    },

    signedIn,
    accountOf: async (token) => (await signedIn(token))?.account,
  };
}
