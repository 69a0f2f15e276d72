// The points of the slides before recoveries, beside what became of these: a histogram without a trace or a person in it.
// Where those who prove the code had as many points as those who do not, the rules behind the points tell nothing.
import type { Database } from '../database/database.ts';

/** Recoveries that are over or proved, of one policy, way and number of points. */
export interface ScoreCount {
  readonly policy: string;
  /** How the check was passed in the end. */
  readonly mode: string;
  /** `null`: nothing was dragged. */
  readonly score: number | null;
  readonly recoveries: number;
  /** Of these, how many went on to prove the code. */
  readonly proved: number;
}

export const countScores = (db: Database, { site, now }: { site: string; now: number }): Promise<ScoreCount[]> =>
  db.read
    .selectFrom('recoveries')
    .select(({ fn }) => [
      'check_policy as policy',
      'check_mode as mode',
      'check_score as score',
      fn.countAll<number>().as('recoveries'),
      fn.count<number>('proven_at').as('proved'),
    ])
    .where('site', '=', site)
    .where('check_mode', 'is not', null)
    // One that is still open may go on yet.
    .where(({ eb, or }) =>
      or([eb('proven_at', 'is not', null), eb('ended_at', 'is not', null), eb('expires_at', '<=', now)]),
    )
    .groupBy(['check_policy', 'check_mode', 'check_score'])
    .orderBy('check_policy')
    .orderBy('check_mode')
    // Each engine has its own place for what is null.
    .orderBy(({ fn, lit }) => fn.coalesce('check_score', lit(-1)))
    // A check that was spent has both.
    .$narrowType<{ policy: string; mode: string }>()
    .execute();
