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

export async function countScores(db: Database, { site, now }: { site: string; now: number }): Promise<ScoreCount[]> {
  const rows = await db.read
    .selectFrom('recoveries')
    .select(({ fn }) => [
      'check_policy',
      'check_mode',
      'check_score',
      fn.countAll<number | string>().as('recoveries'),
      fn.count<number | string>('proven_at').as('proved'),
    ])
    .where('site', '=', site)
    .where('check_mode', 'is not', null)
    // One that is still open may go on yet.
    .where(({ eb, or }) =>
      or([eb('proven_at', 'is not', null), eb('ended_at', 'is not', null), eb('expires_at', '<=', now)]),
    )
    .groupBy(['check_policy', 'check_mode', 'check_score'])
    .execute();
  const counts = rows.map(({ check_policy, check_mode, check_score, recoveries, proved }) => ({
    policy: check_policy ?? '',
    mode: check_mode ?? '',
    score: check_score,
    recoveries: Number(recoveries),
    proved: Number(proved),
  }));
  const place = ({ policy, mode, score }: ScoreCount) => `${policy} ${mode} ${String(score ?? 0).padStart(3, '0')}`;
  return counts.toSorted((one, other) => (place(one) < place(other) ? -1 : 1));
}
