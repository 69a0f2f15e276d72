// What the figures are counted from. Days that are over do not change any more, so the worker counts each once and keeps the
// sums; only what is newer is counted when somebody looks, one walk through a short part of an index for each figure.
import { sql } from 'kysely';
import { type Clock, dayMs, minuteMs } from '../base/clock.ts';
import type { Database, Transaction } from '../database/database.ts';
import { type Counted, type OfAgent, type OnDay, type Step, stepMs } from './figures.ts';

/** A day is summed up a while after its end: what was written at its last moment has been committed by then. */
const settledMs = 10 * minuteMs;
/** Days that are summed when there are no sums yet: the most that figures look back. */
const firstDays = 90;

type Moment = 'created_at' | 'answered_at' | 'decided_at' | 'reopened_at';

/** Each kept figure, by the moment that puts a case into a day. `time`: it is kept by how long that took since the opening. */
const keptFigures = {
  opened: { moment: 'created_at' },
  answer: { moment: 'answered_at', isTime: true },
  'in-time': { moment: 'answered_at', isWithin: true },
  decision: { moment: 'decided_at', isTime: true },
  reopened: { moment: 'reopened_at' },
} as const satisfies Record<string, { moment: Moment; isTime?: true; isWithin?: true }>;
type KeptFigure = keyof typeof keptFigures;
const isKept = (name: string): name is KeptFigure => Object.hasOwn(keptFigures, name);
const keptNames = Object.keys(keptFigures).filter(isKept);

interface Sum {
  readonly day: number;
  readonly figure: KeptFigure;
  readonly step: number;
  readonly count: number;
}

/** Counts the days from `first` on and before `end`, grouped by day and step. */
async function countDays(
  reader: Transaction,
  { site, first, end }: { readonly site: string; readonly first: number; readonly end: number },
): Promise<Sum[]> {
  const lists = await Promise.all(
    keptNames.map(async (figure): Promise<Sum[]> => {
      const { moment, ...kind } = keptFigures[figure];
      const cases = reader
        .selectFrom('cases')
        .where('site', '=', site)
        .where(moment, '>=', first * dayMs)
        .where(moment, '<', end * dayMs);
      const rows = await ('isWithin' in kind ? cases.whereRef('answered_at', '<=', 'promised_at') : cases)
        .select([
          sql<number>`${sql.ref(moment)} / ${sql.lit(dayMs)}`.as('day'),
          ('isTime' in kind ? sql<number>`(${sql.ref(moment)} - created_at) / ${sql.lit(stepMs)}` : sql<number>`0`).as(
            'step',
          ),
          sql<number | string>`COUNT(*)`.as('count'),
        ])
        .groupBy(['day', 'step'])
        .execute();
      return rows.map((row) => ({ day: row.day, figure, step: row.step, count: Number(row.count) }));
    }),
  );
  return lists.flat();
}

const sumsFrom = (db: Database, site: string, first: number) =>
  db.read.selectFrom('desk_days').where('site', '=', site).where('day', '>=', first);

/** The last day that is summed up. */
async function lastSummed(db: Database, site: string): Promise<number | undefined> {
  const row = await db.read
    .selectFrom('desk_days')
    .select('day')
    .where('site', '=', site)
    .where('figure', '=', 'summed')
    .orderBy('day', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.day;
}

export interface DaySums {
  /** One pass of the worker: sums up the days that are over. */
  sumUp(): Promise<void>;
}

export function createDaySums({
  db,
  clock,
  site,
}: {
  readonly db: Database;
  readonly clock: Clock;
  readonly site: string;
}): DaySums {
  /** The day of the last look: there is nothing to do before the next. */
  let lookedAt = 0;
  return {
    async sumUp() {
      const end = Math.floor((clock.now() - settledMs) / dayMs);
      if (end === lookedAt) return;
      const last = await lastSummed(db, site);
      const first = last === undefined ? end - firstDays : last + 1;
      if (first < end) {
        const sums = await countDays(db.read, { site, first, end });
        await db.write(async (tx) => {
          const mark = { site, day: end - 1, figure: 'summed', step: 0, count: 1 };
          // Of several workers one goes on.
          const isFirst = await tx
            .insertInto('desk_days')
            .values(mark)
            .onConflict((conflict) => conflict.doNothing())
            .returning('day')
            .executeTakeFirst();
          if (!isFirst) return;
          for (let at = 0; at < sums.length; at += 500)
            await tx
              .insertInto('desk_days')
              .values(sums.slice(at, at + 500).map((sum) => ({ site, ...sum })))
              .onConflict((conflict) => conflict.doNothing())
              .execute();
        });
      }
      lookedAt = end;
    },
  };
}

export async function countFigures(
  db: Database,
  {
    site,
    first,
    end,
    now,
  }: { readonly site: string; readonly first: number; readonly end: number; readonly now: number },
): Promise<
  Omit<Counted, 'agents'> & { readonly agents: readonly (Omit<OfAgent, 'name'> & { readonly id: string })[] }
> {
  const since = first * dayMs;
  const total = sql<number | string>`SUM(count)`.as('count');
  const times = (condition: ReturnType<typeof sql<boolean>>) =>
    sql<number | string>`SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END)`;
  const fresh = Math.max(first, ((await lastSummed(db, site)) ?? 0) + 1);
  const [newer, byDay, byStep, agents, reversed, overdue] = await Promise.all([
    countDays(db.read, { site, first: fresh, end }),
    sumsFrom(db, site, first).select(['day', 'figure', total]).groupBy(['day', 'figure']).execute(),
    sumsFrom(db, site, first)
      .where('figure', 'in', ['answer', 'decision'])
      .select(['figure', 'step', total])
      .groupBy(['figure', 'step'])
      .execute(),
    db.read
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
      .execute(),
    db.read
      .selectFrom('releases')
      .innerJoin('cases', 'cases.id', 'releases.case_id')
      .select(sql<number | string>`COUNT(*)`.as('count'))
      .where('releases.site', '=', site)
      .where('releases.spent_at', '>=', since)
      .where('releases.state', '=', 'spent')
      .whereRef('releases.proposed_at', '>', 'cases.decided_at')
      .executeTakeFirstOrThrow(),
    // An answer ends it, so it is no figure of a day that can be kept.
    db.read
      .selectFrom('cases')
      .select(sql<number | string>`COUNT(*)`.as('count'))
      .where('site', '=', site)
      .where('promised_at', '>=', since)
      .where('promised_at', '<=', now)
      .where('answered_at', 'is', null)
      .where('ended_at', 'is', null)
      .executeTakeFirstOrThrow(),
  ]);
  const onDays = (figure: KeptFigure): OnDay[] => [
    ...byDay.filter((sum) => sum.figure === figure).map(({ day, count }) => ({ day, count: Number(count) })),
    ...newer.filter((sum) => sum.figure === figure).map(({ day, count }) => ({ day, count })),
  ];
  const inSteps = (figure: KeptFigure): Step[] => [
    ...byStep.filter((sum) => sum.figure === figure).map(({ step, count }) => ({ step, count: Number(count) })),
    ...newer.filter((sum) => sum.figure === figure).map(({ step, count }) => ({ step, count })),
  ];
  const inAll = (figure: KeptFigure) => onDays(figure).reduce((all, { count }) => all + count, 0);
  return {
    opened: onDays('opened'),
    answered: onDays('answer'),
    decided: onDays('decision'),
    answerSteps: inSteps('answer'),
    decisionSteps: inSteps('decision'),
    answeredInTime: inAll('in-time'),
    reopened: inAll('reopened'),
    reversed: Number(reversed.count),
    overdue: Number(overdue.count),
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
