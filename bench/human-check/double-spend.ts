// One answer posted by fifty at once to two nodes, and the pass that it made spent by fifty at once, again and again, on both
// engines: how many rounds made one pass of each, no more and no less.
import { fileURLToPath } from 'node:url';
import { systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createHumanCheck } from '../../src/human-check/check.ts';
import { plainWaitMs } from '../../src/human-check/ladder.ts';
import { createDatabaseCounter } from '../../src/limits/counter.ts';
import { createLimits } from '../../src/limits/limits.ts';
import { createFakeClock } from '../../src/testing/clock.ts';
import { createTestPostgres, createTestSqlite, type TestDatabase } from '../../src/testing/databases.ts';
import { startPostgres } from '../../test/postgres.ts';

export const atOnce = 50;

export interface Rounds {
  readonly rounds: number;
  /** Rounds in which exactly one of the answers passed. */
  readonly passedOnce: number;
  /** Rounds in which exactly one of the spends did. */
  readonly spentOnce: number;
}

/** `address`: opened once more, as by another node. */
export async function doubleSpend(
  { db, address }: Pick<TestDatabase, 'db' | 'address'>,
  rounds: number,
): Promise<Rounds> {
  const clock = createFakeClock();
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const other = await openDatabase(address, { log });
  const node = (of: Database) => {
    const keys = createKeys([{ id: 'bench', secret: Buffer.alloc(32, 9) }]);
    const limits = createLimits({ counter: createDatabaseCounter({ db: of, clock }) });
    const parts = { db: of, keys, clock, random: systemRandom, limits };
    return { db: of, check: createHumanCheck({ ...parts, site: 'bench', mode: 'on', alwaysLetters: false }) };
  };
  const [first, second] = [node(db), node(other)];
  const posts = Array.from({ length: atOnce }, (_, at) => (at % 2 === 0 ? first : second));
  let [passedOnce, spentOnce] = [0, 0];
  try {
    for (let round = 0; round < rounds; round += 1) {
      const asker = { handle: `handle-${round}`, purpose: 'recovery', source: `source-${round}` } as const;
      const begun = await first.check.issuePlainWait(asker);
      if (!begun.ok) throw new Error(begun.reason);
      clock.advance(plainWaitMs);
      const { challenge } = begun.task;
      const answered = await Promise.all(posts.map(({ check }) => check.answer(asker, { challenge, mode: 'wait' })));
      const passed = answered.filter((each) => each.ok && each.judged.outcome === 'passed').length;
      const spends = posts.map((post) => post.db.write((tx) => post.check.spend(tx, asker, 3)));
      const spent = (await Promise.all(spends)).filter(({ ok }) => ok).length;
      passedOnce += passed === 1 ? 1 : 0;
      spentOnce += spent === 1 ? 1 : 0;
    }
  } finally {
    await other.close();
  }
  return { rounds, passedOnce, spentOnce };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rounds = 1_000;
  const postgres = await startPostgres();
  const engines = { SQLite: createTestSqlite, PostgreSQL: () => createTestPostgres(postgres.url) };
  for (const [engine, createDatabase] of Object.entries(engines)) {
    const testing = await createDatabase();
    const { passedOnce, spentOnce } = await doubleSpend(testing, rounds);
    await testing.remove();
    console.log(
      `${engine}: of ${rounds} rounds of ${atOnce} at once, ${passedOnce} with one pass, ${spentOnce} with one spend`,
    );
    if (passedOnce !== rounds || spentOnce !== rounds) process.exitCode = 1;
  }
  await postgres.stop();
}
