// The notice of a change when the worker takes it up: its link and its number are made, handed to the mail and kept only
// as keyed hashes. No cap and no silence holds it back (D11).
import type { AccountDirectory } from '../accounts/directory.ts';
import type { Clock } from '../base/clock.ts';
import type { Keys } from '../base/secret.ts';
import type { Database } from '../database/database.ts';
import type { Entry } from '../mail/outbox.ts';
import { makeNotice } from '../proofs/notice-number.ts';
import { findChange, findNotice, keepNotice } from './change-rows.ts';
import { noticeLifeMs } from './policy.ts';

/** What a notice says. `stopToken` goes into its link, `number` is what has to be typed there. Times in UTC epoch ms. */
export interface NoticeMail {
  readonly send: true;
  readonly address: string;
  readonly userId: string;
  readonly changedAt: number;
  readonly stopToken: string;
  readonly number: string;
}

export interface NoticesNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly directory: AccountDirectory;
  readonly site: string;
}

/** Called again at a retry, it gives the same mail. */
export type PrepareNotice = (
  entry: Pick<Entry, 'id' | 'subjectId' | 'addressId'>,
) => Promise<NoticeMail | { readonly send: false; readonly reason: 'over' }>;

export const createPrepareNotice =
  ({ db, keys, clock, directory, site }: NoticesNeeds): PrepareNotice =>
  async ({ id, subjectId, addressId }) => {
    const over = { send: false, reason: 'over' } as const;
    const change = await findChange(db, subjectId);
    const account = change && (await directory.find(change.account_id));
    const address = await directory.findAddress(addressId ?? '');
    if (!account || !address) return over;
    // A retry keeps the key of the first try: that mail may have arrived too.
    const keyId = (await findNotice(db, id))?.key_id ?? keys.currentId;
    const made = makeNotice(keys, { noticeId: id, keyId });
    if (!made) return over;
    const now = clock.now();
    await db.write((tx) =>
      keepNotice(tx, {
        id,
        site,
        change_id: change.id,
        address_id: address.id,
        address_confirmed_at: address.confirmedAt,
        ...made.kept,
        created_at: now,
        expires_at: now + noticeLifeMs,
      }),
    );
    return {
      send: true,
      address: address.address,
      userId: account.userId,
      changedAt: change.changed_at,
      stopToken: made.stopToken,
      number: made.number,
    };
  };
