// What is asked of the database while a test looks: statements and transactions, which no machine changes.
import type { Database } from '../src/database/database.ts';

export interface Asked {
  readonly statements: number;
  readonly commits: number;
}

export interface Counted {
  readonly wrap: (db: Database) => Database;
  /** Since it was asked before. */
  take(): Asked;
}

export function createCounted(): Counted {
  let statements = 0;
  let commits = 0;
  const plugin: Parameters<Database['read']['withPlugin']>[0] = {
    transformQuery({ node }) {
      statements += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return {
    wrap: (db) => ({
      ...db,
      read: db.read.withPlugin(plugin),
      async write(work) {
        const result = await db.write((tx) => work(tx.withPlugin(plugin)));
        commits += 1;
        return result;
      },
    }),
    take() {
      const asked = { statements, commits };
      [statements, commits] = [0, 0];
      return asked;
    },
  };
}
