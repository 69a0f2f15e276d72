// What the figures are counted from: one walk through an index for each, grouped by the database.
import { sql } from 'kysely';
import { dayMs } from '../base/clock.ts';
import type { Database } from '../database/database.ts';
import { type Counted, type OfAgent, type OnDay, type Step, stepMs } from './figures.ts';

export async function countFigures(
  db: Database,
  { site, since }: { readonly site: string; readonly since: number },
): Promise<
  Omit<Counted, 'agents'> & { readonly agents: readonly (Omit<OfAgent, 'name'> & { readonly id: string })[] }
> {
  type Moment = 'created_at' | 'answered_at' | 'decided_at';
  const cases = (moment: Moment | 'reopened_at') =>
    db.read.selectFrom('cases').where('site', '=', site).where(moment, '>=', since);
  const count = sql<number | string>`COUNT(*)`.as('count');
  const byDay = async (moment: Moment): Promise<OnDay[]> => {
    const rows = await cases(moment)
      .select([sql<number>`${sql.ref(moment)} / ${sql.lit(dayMs)}`.as('day'), count])
      .groupBy('day')
      .execute();
    return rows.map((row) => ({ day: row.day, count: Number(row.count) }));
  };
  const bySteps = async (moment: 'answered_at' | 'decided_at'): Promise<Step[]> => {
    const rows = await cases(moment)
      .select([sql<number>`(${sql.ref(moment)} - created_at) / ${sql.lit(stepMs)}`.as('step'), count])
      .groupBy('step')
      .execute();
    return rows.map((row) => ({ step: row.step, count: Number(row.count) }));
  };
  const countOf = async (query: ReturnType<typeof cases>): Promise<number> =>
    Number((await query.select(count).executeTakeFirstOrThrow()).count);

  const times = (condition: ReturnType<typeof sql<boolean>>) =>
    sql<number | string>`SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END)`;
  const approvals = db.read
    .selectFrom('releases')
    .select('approved_by as id')
    .select([
      times(sql`approved_at >= ${since}`).as('approvals'),
      times(sql`vetoed_at >= ${since}`).as('vetoed'),
      times(sql`undone_at >= ${since}`).as('provedFalse'),
    ])
    .where('site', '=', site)
    .where('approved_by', 'is not', null)
    .groupBy('approved_by')
    .execute();

  const [opened, answered, decided, answerSteps, decisionSteps, answeredInTime, reopened, agents] = await Promise.all([
    byDay('created_at'),
    byDay('answered_at'),
    byDay('decided_at'),
    bySteps('answered_at'),
    bySteps('decided_at'),
    countOf(cases('answered_at').whereRef('answered_at', '<=', 'promised_at')),
    countOf(cases('reopened_at')),
    approvals,
  ]);
  return {
    opened,
    answered,
    decided,
    answerSteps,
    decisionSteps,
    answeredInTime,
    reopened,
    agents: agents
      .map(({ id, ...of }) => ({
        id: id ?? '',
        approvals: Number(of.approvals),
        vetoed: Number(of.vetoed),
        provedFalse: Number(of.provedFalse),
      }))
      .filter(({ approvals: approved, vetoed, provedFalse }) => approved + vetoed + provedFalse > 0),
  };
}
