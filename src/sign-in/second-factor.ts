// The second step of a sign-in (D4): after a right password the code of the authenticator app, or a spare code. Five tries
// for each password and twenty a day for the account, counted before they are compared; only then a session.
import type { AccountDirectory } from '../accounts/directory.ts';
import type { Audit } from '../audit/audit.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { Limits } from '../limits/limits.ts';
import type { Authenticator } from '../proofs/authenticator.ts';
import { readSecondCode } from '../proofs/totp.ts';
import type { Refusal } from '../refusals.ts';
import type { ShownDevice } from '../sessions/devices.ts';
import { maxSecondTries, type SecondSteps } from '../sessions/second-steps.ts';
import type { Enter, Entered } from './entrance.ts';

export interface SecondFactorNeeds {
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

export function createSecondFactor(needs: SecondFactorNeeds): SecondFactor {
  const { db, audit, directory, authenticator, secondSteps, enter } = needs;
  const tries = createFactorTries(needs);

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
      const enterOnce = async (tx: Transaction): Promise<Outcome<Entered, Refusal>> => {
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
      };
      const entered = await tries.spend(account.id, () => db.write(enterOnce));
      return entered.ok ? accept({ ...entered, returnTo: step.return_to }) : entered;
    },
  };
}

export interface FactorTries {
  /** Takes one of the day's, compares, and gives it back unless the code was wrong: a fault of ours counts against nobody. */
  spend<T extends object>(accountId: string, compare: () => Promise<Outcome<T, Refusal>>): Promise<Outcome<T, Refusal>>;
}

/** The tries of an account's second factor in a day, wherever its codes are typed. */
export function createFactorTries({
  keys,
  limits,
  site,
}: Pick<SecondFactorNeeds, 'keys' | 'limits' | 'site'>): FactorTries {
  const who = (accountId: string) => keys.hash('second-step', site, 'tries', accountId);
  return {
    async spend(accountId, compare) {
      const within = await limits.take('second-factor', who(accountId));
      if (!within.ok) return refuse('second-later', within.retryAfterMs);
      let isWrong = false;
      try {
        const compared = await compare();
        isWrong = !compared.ok && compared.reason !== 'signed-out';
        return compared;
      } finally {
        if (!isWrong) await limits.giveBack('second-factor', who(accountId));
      }
    },
  };
}
