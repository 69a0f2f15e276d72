// How the recoveries of an account end when its password is changed elsewhere (D10): for whoever makes that change.
import type { Transaction } from '../database/database.ts';
import { createMoves, type MovesNeeds } from './moves.ts';
import { endOtherRecoveries } from './recovery-rows.ts';

export function createEndRecoveries(needs: MovesNeeds) {
  const { moveHeld } = createMoves(needs);
  return async (
    tx: Transaction,
    { source, ...ended }: Parameters<typeof endOtherRecoveries>[1] & { readonly source: string },
  ): Promise<void> => {
    const now = needs.clock.now();
    for (const other of await endOtherRecoveries(tx, ended, now)) {
      const over = { end_reason: 'reset-elsewhere', ended_at: now };
      await moveHeld(tx, other, 'reset-elsewhere', over, { source, facts: { reason: 'reset-elsewhere' } });
    }
  };
}
