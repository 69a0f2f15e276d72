// A write inside a write would wait for itself for ever on the one writer of SQLite, and for a second connection on
// PostgreSQL: it is refused at once on both.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database } from './database.ts';

export function refuseNesting(write: Database['write']): Database['write'] {
  const surrounding = new AsyncLocalStorage<{ isOpen: boolean }>();
  return async (work) => {
    if (surrounding.getStore()?.isOpen) throw new Error('a write inside a write: hand the transaction on instead');
    return write((tx) => {
      // Whatever `work` leaves running afterwards (a timer, a worker) inherits this too, and may write again by then.
      const own = { isOpen: true };
      return surrounding.run(own, async () => {
        try {
          return await work(tx);
        } finally {
          own.isOpen = false;
        }
      });
    });
  };
}
