// Drags that were accepted, known again for a day: a copy, also one that was shifted, is no hand's. Kept is a keyed hash of
// a drag's sketch and an hour; nothing says whose it was, and the drag cannot be made of it again.
import { type Clock, dayMs, hourMs } from '../base/clock.ts';
import type { Keys } from '../base/secret.ts';
import type { Transaction } from '../database/database.ts';

export interface Sketches {
  /** True for the first of a day that brings this sketch, in the caller's transaction: of sixteen at once, for one. */
  claim(tx: Transaction, sketch: string): Promise<boolean>;
}

export function createSketches({
  keys,
  clock,
  site,
}: {
  readonly keys: Keys;
  readonly clock: Clock;
  readonly site: string;
}): Sketches {
  return {
    async claim(tx, sketch) {
      // Under every live key, or a change of keys would let each drag of the day before in once more. In order, so that two
      // nodes whose lists differ never wait for each other.
      const hashes = keys.hashes('sketch', site, sketch).toSorted();
      const now = clock.now();
      // The moment itself would tell which check it was.
      const expires_at = Math.ceil((now + dayMs) / hourMs) * hourMs;
      const claimed = await tx
        .insertInto('slide_sketches')
        .values(hashes.map((sketch_hash) => ({ sketch_hash, site, expires_at })))
        .onConflict((conflict) =>
          conflict.column('sketch_hash').doUpdateSet({ expires_at }).where('slide_sketches.expires_at', '<=', now),
        )
        .returning('sketch_hash')
        .execute();
      return claimed.length === hashes.length;
    },
  };
}
