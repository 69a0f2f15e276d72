// The second step of a sign-in (D4): after a right password the code of the authenticator app, or a spare code. Five tries
// for each password and twenty a day for the account, counted before they are compared; only then a session.
import type { AccountDirectory } from '../accounts/directory.ts';
import type { Audit } from '../audit/audit.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Keys } from '../base/secret.ts';
import type { Database } from '../database/database.ts';
import type { Limits } from '../limits/limits.ts';
import type { Authenticator } from '../proofs/authenticator.ts';
import { readSecondCode } from '../proofs/totp.ts';
import type { Refusal } from '../refusals.ts';
import type { ShownDevice } from '../sessions/devices.ts';
import { maxSecondTries, type SecondSteps } from '../sessions/second-steps.ts';
import type { Enter, Entered } from './entrance.ts';

export interface SecondFactorDependencies {
  readonly db: Database;
  readonly keys: Keys;
  readonly audit: Audit;
  readonly limits: Limits;
  readonly directory: AccountDirectory;
  readonly authenticator: Authenticator;
  readonly secondSteps: SecondSteps;
  readonly enter: Enter;
  readonly site: string;
}

export interface SecondFactor {
  /** For whom this browser's sign-in waits; `undefined`: none does. */
  waitingFor(handle: string | undefined): Promise<{ readonly userId: string } | undefined>;
  enterCode(request: {
    handle: string | undefined;
    typed: string;
    device: ShownDevice;
    source: string;
  }): Promise<Outcome<Entered & { returnTo: string | null }, Refusal>>;
}

export function createSecondFactor(dependencies: SecondFactorDependencies): SecondFactor {
  const { db, audit, directory, authenticator, secondSteps, enter } = dependencies;
  const tries = createFactorTries(dependencies);

  const find = async (handle: string | undefined) => {
    const step = await secondSteps.find(handle);
    const account = step && (await directory.find(step.account_id));
    return account?.state === 'active' ? { step, account } : undefined;
  };

  return {
    async waitingFor(handle) {
      const found = await find(handle);
      return found && { userId: found.account.userId };
    },

    async enterCode({ handle, typed, device, source }) {
      const found = await find(handle);
      if (!found?.step) return refuse('second-over');
      const { step, account } = found;
      const read = readSecondCode(typed);
      if (!read.ok) return read;
      const within = await tries.take(account.id);
      if (!within.ok) return within;
      const entered = await db.write(async (tx): Promise<Outcome<Entered, Refusal>> => {
        const tried = await secondSteps.takeTry(tx, step.id);
        if (!tried) return refuse('second-over');
        const facts = { by: read.code.kind };
        const isRight = await authenticator.prove(tx, { accountId: account.id, code: read.code });
        if (isRight && (await secondSteps.end(tx, step.id))) {
          const session = await enter(tx, { accountId: account.id, device, source });
          await audit.append(tx, {
            event: 'authn_login_success',
            subjectId: session.id,
            accountId: account.id,
            source,
            facts,
          });
          return accept(session);
        }
        await audit.append(tx, {
          event: 'second_factor.wrong',
          subjectId: step.id,
          accountId: account.id,
          source,
          facts,
        });
        if (tried.tries < maxSecondTries) return refuse('second-wrong');
        await secondSteps.end(tx, step.id);
        return refuse('second-tries');
      });
      if (!entered.ok) return entered;
      await tries.giveBack(account.id);
      return accept({ ...entered, returnTo: step.return_to });
    },
  };
}

export interface FactorTries {
  /** One of the day's, before the code is compared. */
  take(accountId: string): Promise<Outcome<unknown, 'second-later'>>;
  /** After a right one. */
  giveBack(accountId: string): Promise<void>;
}

/** The tries of an account's second factor in a day, wherever its codes are typed. */
export function createFactorTries({
  keys,
  limits,
  site,
}: Pick<SecondFactorDependencies, 'keys' | 'limits' | 'site'>): FactorTries {
  const who = (accountId: string) => keys.hash('second-step', site, 'tries', accountId);
  return {
    async take(accountId) {
      const within = await limits.take('second-factor', who(accountId));
      return within.ok ? within : refuse('second-later', within.retryAfterMs);
    },
    giveBack: (accountId) => limits.giveBack('second-factor', who(accountId)),
  };
}
