// The figures of the desk, pure: from what was counted in groups to what a lead reads. Nothing in them says how quick an agent
// is at approving: who is measured by that approves too quickly.
import { dayMs, hourMs } from '../base/clock.ts';

export const figureDays = [7, 30, 90] as const;
export type FigureDays = (typeof figureDays)[number];

/** How many of something took this many steps of `stepMs`. */
export interface Step {
  readonly step: number;
  readonly count: number;
}

/** Durations are counted in groups of this length. */
export const stepMs = 600_000;

/** How many on a day; days since 1970, UTC. */
export interface OnDay {
  readonly day: number;
  readonly count: number;
}

/** What one agent approved, and what became of it. */
export interface OfAgent {
  readonly name: string;
  readonly approvals: number;
  readonly vetoed: number;
  /** Undone after the account was given: it went to somebody it did not belong to. */
  readonly provedFalse: number;
}

export interface Counted {
  readonly opened: readonly OnDay[];
  readonly answered: readonly OnDay[];
  readonly decided: readonly OnDay[];
  readonly answerSteps: readonly Step[];
  readonly decisionSteps: readonly Step[];
  /** First answers within what was promised. */
  readonly answeredInTime: number;
  readonly reopened: number;
  /** Cases whose account was given to their person though the desk had decided otherwise first: a "no" that proved wrong. */
  readonly reversed: number;
  /** What was promised passed in these days, and nobody has answered. */
  readonly overdue: number;
  readonly agents: readonly OfAgent[];
}

export interface Duration {
  /** To ten minutes; `undefined`: there was none. */
  readonly medianMs: number | undefined;
  /** Nine of ten were no longer. */
  readonly mostMs: number | undefined;
  readonly ranges: readonly { readonly range: RangeName; readonly count: number }[];
}

export interface Figures {
  readonly days: readonly {
    readonly day: number;
    readonly opened: number;
    readonly answered: number;
    readonly decided: number;
  }[];
  readonly opened: number;
  readonly answered: number;
  readonly decided: number;
  readonly answeredInTime: number;
  readonly reopened: number;
  readonly reversed: number;
  readonly overdue: number;
  /** The share answered within the promise, of what was answered or is overdue; `undefined`: there was neither. */
  readonly inTimeShare: number | undefined;
  readonly approved: number;
  readonly vetoed: number;
  readonly provedFalse: number;
  readonly answer: Duration;
  readonly decision: Duration;
  /** In the order of their names: it is no contest. */
  readonly agents: readonly OfAgent[];
}

export const rangeNames = ['1h', '4h', '8h', '24h', '48h', 'longer'] as const;
export type RangeName = (typeof rangeNames)[number];

/** Each range ends before this. */
const rangeEnds: Readonly<Record<RangeName, number>> = {
  '1h': hourMs,
  '4h': 4 * hourMs,
  '8h': 8 * hourMs,
  '24h': dayMs,
  '48h': 2 * dayMs,
  longer: Number.POSITIVE_INFINITY,
};

const sum = (groups: readonly { readonly count: number }[]) => groups.reduce((all, { count }) => all + count, 0);

/** The least value that this share of all does not exceed (nearest rank). */
function quantile(steps: readonly Step[], share: number): number | undefined {
  const rank = Math.ceil(sum(steps) * share);
  let seen = 0;
  for (const { step, count } of steps.toSorted((a, b) => a.step - b.step)) {
    seen += count;
    if (seen >= rank) return step * stepMs;
  }
  return undefined;
}

function durationOf(steps: readonly Step[]): Duration {
  const rangeOf = (step: number) => rangeNames.find((name) => step * stepMs < rangeEnds[name]);
  return {
    medianMs: quantile(steps, 0.5),
    mostMs: quantile(steps, 0.9),
    ranges: rangeNames.map((range) => ({ range, count: sum(steps.filter(({ step }) => rangeOf(step) === range)) })),
  };
}

/** The first of so many days, today the last of them; days since 1970, UTC. */
export const firstDayOf = (days: FigureDays, now: number): number => Math.floor(now / dayMs) - days + 1;

export function figuresOf(
  counted: Counted,
  { days, now }: { readonly days: FigureDays; readonly now: number },
): Figures {
  const first = firstDayOf(days, now);
  const on = (groups: readonly OnDay[], day: number) => sum(groups.filter((group) => group.day === day));
  const total = (of: (agent: OfAgent) => number) => counted.agents.reduce((all, agent) => all + of(agent), 0);
  const due = sum(counted.answered) + counted.overdue;
  return {
    days: Array.from({ length: days }, (_, at) => ({
      day: first + at,
      opened: on(counted.opened, first + at),
      answered: on(counted.answered, first + at),
      decided: on(counted.decided, first + at),
    })),
    opened: sum(counted.opened),
    answered: sum(counted.answered),
    decided: sum(counted.decided),
    answeredInTime: counted.answeredInTime,
    reopened: counted.reopened,
    reversed: counted.reversed,
    overdue: counted.overdue,
    inTimeShare: due === 0 ? undefined : counted.answeredInTime / due,
    approved: total(({ approvals }) => approvals),
    vetoed: total(({ vetoed }) => vetoed),
    provedFalse: total(({ provedFalse }) => provedFalse),
    answer: durationOf(counted.answerSteps),
    decision: durationOf(counted.decisionSteps),
    agents: counted.agents.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** One line a figure: day, name, agent, value. Spreadsheets run what begins like a formula, so nothing does. */
export function figuresInCsv(figures: Figures): string {
  const cell = (value: string | number) => {
    const text = String(value);
    const inert = /^[=+\-@\t\r]/.test(text) && typeof value === 'string' ? `'${text}` : text;
    return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
  };
  const minutes = (ms: number | undefined) => (ms === undefined ? '' : Math.round(ms / 60_000));
  const lines: (readonly (string | number)[])[] = [['day', 'figure', 'agent', 'value']];
  for (const { day, opened, answered, decided } of figures.days) {
    const date = new Date(day * dayMs).toISOString().slice(0, 10);
    lines.push([date, 'opened', '', opened], [date, 'answered', '', answered], [date, 'decided', '', decided]);
  }
  for (const name of [
    'answeredInTime',
    'overdue',
    'reopened',
    'reversed',
    'approved',
    'vetoed',
    'provedFalse',
  ] as const)
    lines.push(['', inSnakeCase(name), '', figures[name]]);
  for (const [name, { medianMs, mostMs, ranges }] of [
    ['first_answer', figures.answer],
    ['decision', figures.decision],
  ] as const) {
    lines.push(['', `${name}_median_minutes`, '', minutes(medianMs)], ['', `${name}_p90_minutes`, '', minutes(mostMs)]);
    for (const { range, count } of ranges) lines.push(['', `${name}_${range}`, '', count]);
  }
  for (const { name, approvals, vetoed, provedFalse } of figures.agents)
    lines.push(
      ['', 'approved', name, approvals],
      ['', 'vetoed', name, vetoed],
      ['', 'proved_false', name, provedFalse],
    );
  return `${lines.map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`;
}

const inSnakeCase = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
