// What a signed-in person sees and does about the own account besides addresses: where it is signed in, and what happened.
import type { Account, AccountDirectory, DirectoryAddress } from '../accounts/directory.ts';
import type { Audit } from '../audit/audit.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Database } from '../database/database.ts';
import type { Authenticator, AuthenticatorStatus } from '../proofs/authenticator.ts';
import type { Refusal } from '../refusals.ts';
import type { Devices } from '../sessions/devices.ts';
import type { EndedSessions, ListedSession, Sessions } from '../sessions/sessions.ts';
import { type Activity, activityOf, toldEvents } from './activity.ts';
import { type Addresses, type AddressesNeeds, createAddresses, type SignedIn } from './addresses.ts';

export { type Activity, type ActivityName, activityNames } from './activity.ts';
export type { SignedIn } from './addresses.ts';

export interface OwnAccountNeeds extends AddressesNeeds {
  readonly db: Database;
  readonly audit: Audit;
  readonly directory: AccountDirectory;
  readonly sessions: Sessions;
  readonly devices: Devices;
  readonly authenticator: Pick<Authenticator, 'statusOf'>;
}

/** A session in the list. */
export type OwnSession = ListedSession & { readonly isThis: boolean };

export interface Overview {
  readonly account: Account;
  /** The confirmed ones, the one confirmed first at the head. */
  readonly addresses: readonly DirectoryAddress[];
  readonly sessions: readonly OwnSession[];
  readonly authenticator: AuthenticatorStatus;
  /** What happened lately that its owner should know of, newest first. */
  readonly activity: readonly Activity[];
}

export interface OwnAccount {
  readonly addresses: Addresses;
  /** The live sessions, this one at the head. */
  sessionsOf(who: SignedIn): Promise<readonly OwnSession[]>;
  /** Ends one other session, or all others (`null`), and forgets their browsers. One that is over already is no fault. */
  endSessions(
    who: SignedIn,
    form: { sessionId: string | null; password: string; source: string },
  ): Promise<Outcome<{ ended: number }, Refusal>>;
  /** All that the account page tells. */
  overviewOf(who: SignedIn): Promise<Overview>;
}

const shownEvents = 10;

export function createOwnAccount(needs: OwnAccountNeeds): OwnAccount {
  const { db, audit, directory, sessions, devices, authenticator, provePassword } = needs;

  const addresses = createAddresses(needs);

  const sessionsOf: OwnAccount['sessionsOf'] = async ({ account, sessionId }) => {
    const all = await sessions.listOf(account.id);
    const marked = all.map((session) => ({ ...session, isThis: session.id === sessionId }));
    return marked.toSorted((a, b) => Number(b.isThis) - Number(a.isThis));
  };

  return {
    addresses,

    sessionsOf,

    async endSessions({ account, sessionId: own }, { sessionId, password, source }) {
      const proved = await provePassword({ accountId: account.id, password, source });
      if (!proved.ok) return proved;
      const which: EndedSessions = {
        accountId: account.id,
        ...(sessionId === null ? { allBut: own } : { only: sessionId }),
      };
      return db.write(async (tx) => {
        // Of two that end each other at once, one is left.
        await directory.hold(tx, account.id);
        if (!(await sessions.hold(tx, own))) return refuse('signed-out');
        const ended = await sessions.endSome(tx, which);
        await devices.endSome(
          tx,
          ended.flatMap(({ deviceId }) => deviceId ?? []),
        );
        for (const { id } of ended) {
          await audit.append(tx, {
            event: 'session_ended',
            subjectId: id,
            accountId: account.id,
            source,
            facts: { by: 'owner' },
          });
        }
        return accept({ ended: ended.length });
      });
    },

    overviewOf: async (who) => ({
      account: who.account,
      addresses: await addresses.of(who),
      sessions: await sessionsOf(who),
      authenticator: await authenticator.statusOf(who.account.id),
      activity: activityOf(await audit.eventsOf(who.account.id, toldEvents, shownEvents)),
    }),
  };
}
