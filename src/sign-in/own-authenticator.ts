// What a signed-in person does with the authenticator app of the own account: set it up, make new spare codes, take it
// away. Each asks for the password again; what weakens the account asks for a code too, and waits after a reset (D10).
import type { Account, AccountDirectory } from '../accounts/directory.ts';
import { removalFreeAt } from '../accounts/removal.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Keys } from '../base/secret.ts';
import type { Settings } from '../config/settings.ts';
import type { Database, Transaction } from '../database/database.ts';
import { storedLocale } from '../i18n/translate.ts';
import type { Limits } from '../limits/limits.ts';
import type { MailKind, Outbox } from '../mail/outbox.ts';
import { noticeLifeMs } from '../password-changes/policy.ts';
import type { Authenticator, AuthenticatorStatus } from '../proofs/authenticator.ts';
import { readSecondCode, uriOf } from '../proofs/totp.ts';
import type { Refusal } from '../refusals.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { createFactorTries } from './second-factor.ts';
import type { SignIn } from './sign-in.ts';

export interface OwnAuthenticatorNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly outbox: Outbox;
  readonly limits: Limits;
  readonly directory: AccountDirectory;
  readonly authenticator: Authenticator;
  readonly sessions: Pick<Sessions, 'hold'>;
  readonly settings: Settings;
  readonly site: string;
}

/** Who asks: the account of a live session. */
export interface Asking {
  readonly account: Account;
  readonly sessionId: string;
  readonly source: string;
}

export interface OwnAuthenticator {
  statusOf(accountId: string): Promise<AuthenticatorStatus>;
  /** Begins to set it up: the QR code can be seen in this session for a while. */
  begin(asking: Asking & { password: string }): Promise<Outcome<unknown, Refusal>>;
  /** What to scan or to type; `undefined` where this session sets up nothing. */
  setUpOf(asking: Pick<Asking, 'account' | 'sessionId'>): Promise<{ secret: string; uri: string } | undefined>;
  /** Switches it on with a first code of the app, and shows the spare codes, once. */
  finish(asking: Asking & { typed: string }): Promise<Outcome<{ spareCodes: readonly string[] }, Refusal>>;
  renewSpareCodes(
    asking: Asking & { password: string; typed: string },
  ): Promise<Outcome<{ spareCodes: readonly string[] }, Refusal>>;
  remove(asking: Asking & { password: string; typed: string }): Promise<Outcome<unknown, Refusal>>;
}

export function createOwnAuthenticator(needs: OwnAuthenticatorNeeds & Pick<SignIn, 'provePassword'>): OwnAuthenticator {
  const { db, clock, audit, outbox, directory, authenticator, sessions, settings, provePassword } = needs;
  const tries = createFactorTries(needs);

  /** To every address, in the language of the account, in the transaction of what it tells. */
  async function notify(tx: Transaction, kind: MailKind, { id, locale }: Account, addressIds: readonly string[]) {
    for (const addressId of addressIds) {
      await outbox.enqueue(tx, {
        kind,
        subjectId: id,
        addressId,
        locale: storedLocale(locale),
        expiresAt: clock.now() + noticeLifeMs,
      });
    }
  }

  /** In the name of a live session. A reset ends it: what was begun before, but comes after, changes nothing (D10). */
  const change = <T extends object>(
    { account, sessionId }: Pick<Asking, 'account' | 'sessionId'>,
    act: (tx: Transaction) => Promise<Outcome<T, Refusal>>,
  ): Promise<Outcome<T, Refusal>> =>
    db.write(async (tx) => {
      // The account first, as whoever resets it holds it first too.
      await directory.hold(tx, account.id);
      return (await sessions.hold(tx, sessionId)) ? act(tx) : refuse('signed-out');
    });

  const addressIdsOf = async ({ id }: Account) => (await directory.addressesOf(id)).map((address) => address.id);

  /** The password again and a code; `act` runs in the transaction that spends the code. */
  async function withBoth<T extends object>(
    { account, sessionId, source, password, typed }: Asking & { password: string; typed: string },
    act: (tx: Transaction) => Promise<T>,
  ): Promise<Outcome<T, Refusal>> {
    const read = readSecondCode(typed);
    const proved = await provePassword({ accountId: account.id, password, source });
    if (!proved.ok) return proved;
    if (!read.ok) return read;
    const changeOnce = async (tx: Transaction): Promise<Outcome<T, Refusal>> => {
      if (await authenticator.prove(tx, { accountId: account.id, code: read.code })) return accept(await act(tx));
      await audit.append(tx, {
        event: 'second_factor.wrong',
        accountId: account.id,
        source,
        facts: { by: read.code.kind },
      });
      return refuse('second-wrong');
    };
    return tries.spend(account.id, () => change({ account, sessionId }, changeOnce));
  }

  return {
    statusOf: authenticator.statusOf,

    async begin({ account, sessionId, source, password }) {
      const proved = await provePassword({ accountId: account.id, password, source });
      if (!proved.ok) return proved;
      if ((await authenticator.statusOf(account.id)).isOn) return refuse('authenticator-over');
      return change({ account, sessionId }, async (tx) => {
        await authenticator.beginSetUp(tx, { accountId: account.id, sessionId });
        return accept();
      });
    },

    async setUpOf({ account, sessionId }) {
      const secret = await authenticator.setUpOf({ accountId: account.id, sessionId });
      return secret === undefined
        ? undefined
        : { secret, uri: uriOf(secret, { issuer: settings.siteName, label: account.userId }) };
    },

    async finish({ account, sessionId, source, typed }) {
      const read = readSecondCode(typed);
      if (!read.ok) return read;
      const addressIds = await addressIdsOf(account);
      if ((await authenticator.setUpOf({ accountId: account.id, sessionId })) === undefined)
        return refuse('authenticator-over');
      return change({ account, sessionId }, async (tx) => {
        const spareCodes = await authenticator.finishSetUp(tx, {
          accountId: account.id,
          sessionId,
          code: read.code.code,
        });
        if (!spareCodes) return refuse('second-wrong');
        await audit.append(tx, { event: 'authenticator.added', accountId: account.id, source });
        await notify(tx, 'authenticator-added', account, addressIds);
        return accept({ spareCodes });
      });
    },

    renewSpareCodes: (asking) =>
      withBoth(asking, async (tx) => {
        const { account, source } = asking;
        await audit.append(tx, { event: 'authenticator.spare_codes_renewed', accountId: account.id, source });
        return { spareCodes: await authenticator.renewSpareCodes(tx, account.id) };
      }),

    async remove(asking) {
      const { account, source } = asking;
      const freeAt = removalFreeAt(account);
      const now = clock.now();
      if (now < freeAt) return refuse('removal-later', freeAt - now);
      const addressIds = await addressIdsOf(account);
      return withBoth(asking, async (tx) => {
        await authenticator.remove(tx, account.id);
        await audit.append(tx, { event: 'authenticator.removed', accountId: account.id, source });
        await notify(tx, 'authenticator-removed', account, addressIds);
        return {};
      });
    },
  };
}
