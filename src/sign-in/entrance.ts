// How every sign-in ends: the browser is remembered and a session begins, with their audit events, in the transaction of
// what proved that it may.
import type { Audit } from '../audit/audit.ts';
import type { Transaction } from '../database/database.ts';
import type { Devices, ShownDevice } from '../sessions/devices.ts';
import type { Sessions } from '../sessions/sessions.ts';

/** `token` and `deviceToken` go into cookies; `expiresAt` of the session: UTC epoch ms. */
export interface Entered {
  readonly id: string;
  readonly token: string;
  readonly expiresAt: number;
  readonly deviceToken: string;
}

export type Enter = (
  tx: Transaction,
  who: {
    readonly accountId: string;
    readonly device: ShownDevice;
    readonly source: string;
    /** The session that this one takes the place of: whoever enters has been known for as long as that and its device. */
    readonly inPlaceOf?: { readonly id: string; readonly deviceId: string | null };
  },
) => Promise<Entered>;

export interface EntranceNeeds {
  /** A sign-in while the account is about to be given to somebody else. */
  readonly comesIn: (
    tx: Transaction,
    of: { readonly accountId: string; readonly sessionId: string; readonly source: string },
  ) => Promise<void>;
  readonly audit: Audit;
  readonly devices: Devices;
  readonly sessions: Sessions;
}

export const createEntrance =
  ({ audit, devices, sessions, comesIn }: EntranceNeeds): Enter =>
  async (tx, { accountId, device, source, inPlaceOf }) => {
    const id = inPlaceOf?.deviceId ?? undefined;
    const known = id === undefined ? undefined : await devices.renew(tx, { id, label: device.label });
    const remembered = known ?? (await devices.remember(tx, { ...device, accountId }));
    if (remembered.isNew)
      await audit.append(tx, { event: 'device.remembered', subjectId: remembered.id, accountId, source });
    const session = await sessions.begin(tx, { accountId, deviceId: remembered.id });
    await comesIn(tx, { accountId, sessionId: inPlaceOf?.id ?? session.id, source });
    return { ...session, deviceToken: remembered.token };
  };
