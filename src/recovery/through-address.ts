// What becomes of recoveries when an address is taken off its account: whatever was mailed there opens nothing any more.
import { sql } from 'kysely';
import type { DirectoryAddress } from '../accounts/directory.ts';
import type { Clock } from '../base/clock.ts';
import type { Keys } from '../base/secret.ts';
import type { Transaction } from '../database/database.ts';
import type { Moves } from './moves.ts';

/**
 * Ends what could lead into the account through the address. One that is not proven becomes a decoy, so that its page goes
 * on answering like any other (D5). Of those that began with an address of several accounts, the ones that this account's
 * mail was made for end too; their owner begins anew.
 */
export type EndThroughAddress = (tx: Transaction, address: DirectoryAddress, source: string) => Promise<void>;

export const createEndThroughAddress =
  ({ keys, clock, site, moves }: { keys: Keys; clock: Clock; site: string; moves: Moves }): EndThroughAddress =>
  async (tx, address, source) => {
    const now = clock.now();
    // Held first, so that none of them moves on between two of the statements that follow.
    const held = await tx
      .updateTable('recoveries')
      .set({ version: sql<number>`version + 1` })
      .where('step', 'not in', ['done', 'over'])
      .where((recovery) =>
        recovery.or([
          recovery('address_id', '=', address.id),
          recovery.and([
            recovery('account_id', '=', address.accountId),
            recovery('mailbox_hash', 'in', keys.hashes('mailbox', site, address.key)),
          ]),
        ]),
      )
      .returningAll()
      .execute();
    if (held.length === 0) return;
    await tx
      .updateTable('mailed_codes')
      .set({ ended_at: now })
      .where('ended_at', 'is', null)
      .where(
        'recovery_id',
        'in',
        held.map(({ id }) => id),
      )
      .execute();
    for (const recovery of held) {
      if (recovery.proven_at === null) {
        await tx
          .updateTable('recoveries')
          .set({ account_id: null, address_id: null })
          .where('id', '=', recovery.id)
          .execute();
      } else {
        const ended = { end_reason: 'address-removed', ended_at: now };
        await moves.move(tx, recovery, 'reset-elsewhere', ended, { source, facts: { reason: 'address-removed' } });
      }
    }
  };
