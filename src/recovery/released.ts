// A recovery that no mailed code began but the grant of a release: it opens the page for a new password and nothing else,
// once, for one account. Releases are built on recoveries, so what a recovery asks of them is a port.
import type { Account, DirectoryAddress } from '../accounts/directory.ts';
import { accept, type Outcome } from '../base/outcome.ts';
import { randomToken } from '../base/random.ts';
import type { Transaction } from '../database/database.ts';
import type { Locale } from '../i18n/translate.ts';
import type { Refusal } from '../refusals.ts';
import type { Moves, MovesNeeds } from './moves.ts';
import { proofLifeMs } from './policy.ts';
import { begunRecovery, insertRecovery, type Recovery } from './recovery-rows.ts';

export interface ReleasePort {
  /** Holds an opened release until the end of the transaction. `undefined`: it was stopped, or its time is over. */
  hold(tx: Transaction, releaseId: string): Promise<{ readonly proposedAt: number } | undefined>;
  spend(
    tx: Transaction,
    spent: {
      readonly releaseId: string;
      readonly changeId: string;
      readonly account: Pick<Account, 'id' | 'locale'>;
      /** All that were confirmed until now. */
      readonly addresses: readonly DirectoryAddress[];
      readonly source: string;
    },
  ): Promise<{ readonly isFactorRemoved: boolean }>;
  /** Whoever has the account recovered it by a way of their own. */
  comesIn(
    tx: Transaction,
    of: { readonly accountId: string; readonly source: string; readonly addressConfirmedAt: number },
  ): Promise<void>;
}

export interface Released {
  /** The recovery at its last step; `handle` is for the browser that typed the case code. */
  openReleased(
    tx: Transaction,
    grant: {
      readonly account: Pick<Account, 'id' | 'userId'>;
      readonly releaseId: string;
      readonly source: string;
      readonly locale: Locale;
    },
  ): Promise<Outcome<{ readonly handle: string }, Refusal>>;
  /** Ends it, wherever its browser is. */
  endReleased(tx: Transaction, releaseId: string, source: string): Promise<void>;
}

export function createReleased({
  keys,
  clock,
  random,
  site,
  moves,
}: MovesNeeds & { readonly site: string; readonly moves: Moves }): Released {
  return {
    async openReleased(tx, { account, releaseId, source, locale }) {
      const now = clock.now();
      const handle = randomToken(random);
      const begun: Recovery = {
        ...begunRecovery({
          id: randomToken(random),
          site,
          handle_hash: keys.hash('recovery-handle', handle),
          identifier_sealed: keys.seal(account.userId),
          mailbox_hash: '',
          address_id: null,
          account_id: account.id,
          locale,
          return_to: null,
          created_at: now,
          expires_at: now + proofLifeMs,
        }),
        proven_at: now,
        password_until: now + proofLifeMs,
        release_id: releaseId,
      };
      await insertRecovery(tx, begun);
      const moved = await moves.move(tx, begun, 'released', {}, { source });
      return moved.ok ? accept({ handle }) : moved;
    },

    async endReleased(tx, releaseId, source) {
      const open = await tx
        .selectFrom('recoveries')
        .selectAll()
        .where('release_id', '=', releaseId)
        .where('step', '=', 'password')
        .execute();
      for (const recovery of open) {
        const ended = { end_reason: 'stopped', ended_at: clock.now() };
        await moves.move(tx, recovery, 'stopped', ended, { source, facts: { reason: 'stopped' } });
      }
    },
  };
}
