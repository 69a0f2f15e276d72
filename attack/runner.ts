// Runs scenarios against a target, one after the other and each within its time, and says of each what came of it. What a
// target does not allow to be tried is said to be so, never that it held.
import { minuteMs } from '../src/base/clock.ts';
import type { SettingsInput } from '../src/config/settings.ts';
import type { Finding, Scenario } from './scenario.ts';
import type { Inside, Outside } from './target.ts';

/** `in part`: what could be tried held, and the rest needs a target of one's own. */
export type Verdict = 'held' | 'broken' | 'in part' | 'not run' | 'unfinished';

export interface Result {
  readonly number: number;
  readonly name: string;
  readonly title: string;
  readonly verdict: Verdict;
  readonly requests: number;
  readonly ms: number;
  /** What does not hold. */
  readonly faults: readonly string[];
  readonly figures: readonly string[];
  /** What was not tried, and why. */
  readonly leftOut: readonly string[];
}

/** Told of the time that is left and of every request. */
export interface Watch {
  readonly signal: AbortSignal;
  readonly onRequest: () => void;
}

export type Targets =
  | { readonly kind: 'outside'; reach(watch: Watch): Promise<Outside> }
  | { readonly kind: 'own'; reach(watch: Watch, settings: Partial<SettingsInput>): Promise<Inside> };

export interface RunOptions {
  /** No scenario takes longer. */
  readonly limitMs?: number;
  /** `stop`: what shows that an attack gets through needs no second proof. */
  readonly atFault?: 'go on' | 'stop';
}

export async function runScenario(
  scenario: Scenario,
  targets: Targets,
  { limitMs = 15 * minuteMs, atFault = 'go on' }: RunOptions = {},
): Promise<Result> {
  const { number, name, title, outside, inside } = scenario;
  const startedAt = performance.now();
  const faults = new Set<string>();
  const figures: string[] = [];
  const leftOut: string[] = [];
  let requests = 0;
  const finding: Finding = {
    expect(holds, otherwise) {
      if (holds) return;
      faults.add(otherwise);
      if (atFault === 'stop') throw new Error(otherwise);
    },
    tell: (figure) => void figures.push(figure),
    leaveOut: (what) => void leftOut.push(what),
  };
  const watch: Watch = { signal: AbortSignal.timeout(limitMs), onRequest: () => void (requests += 1) };

  async function attempt(): Promise<Verdict> {
    if (targets.kind === 'own') {
      const target = await targets.reach(watch, scenario.settings ?? {});
      if (outside) await outside(target, finding);
      if (inside) await inside(target, finding);
      for (const fault of target.faults()) finding.expect(false, `a fault of the target: ${String(fault)}`);
    } else if (outside) {
      await outside(await targets.reach(watch), finding);
      if (inside) finding.leaveOut(needsInside);
    } else {
      finding.leaveOut(`not run from outside: ${needsInside}`);
      return 'not run';
    }
    return faults.size > 0 ? 'broken' : leftOut.length > 0 ? 'in part' : 'held';
  }

  const verdict = await attempt().catch((fault: unknown): Verdict => {
    // What was broken before it went wrong stays broken.
    const isOver = watch.signal.aborted;
    leftOut.push(isOver ? `not done within ${limitMs / 1_000} s` : `went wrong: ${wordsOf(fault)}`);
    return faults.size > 0 ? 'broken' : 'unfinished';
  });
  const ms = Math.round(performance.now() - startedAt);
  return { number, name, title, verdict, requests, ms, faults: [...faults], figures, leftOut };
}

const needsInside = 'the rest needs the mailboxes, the accounts and the clock of a target of your own';

const wordsOf = (fault: unknown): string =>
  fault instanceof Error ? `${fault.message}${fault.cause ? ` (${wordsOf(fault.cause)})` : ''}` : String(fault);

/** Whether nothing is open: nothing broke, and all that was to be run came to its end. */
export const isWithstood = (results: readonly Result[]): boolean =>
  results.every(({ verdict }) => verdict !== 'broken' && verdict !== 'unfinished');

/** "25 attacks". */
export const countOf = ({ length }: readonly unknown[]): string => `${length} attack${length === 1 ? '' : 's'}`;

export function tableOf(results: readonly Result[]): string {
  const rows = results.map((each) => [
    String(each.number).padStart(2),
    each.title,
    each.verdict,
    each.requests.toLocaleString('en'),
    `${(each.ms / 1_000).toFixed(1)} s`,
  ]);
  const all = [['', 'Attack', 'Came to', 'Requests', 'Time'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const details = results.flatMap((each) => [
    ...each.faults.map((fault) => `${each.number} does not hold: ${fault}`),
    ...each.figures.map((figure) => `${each.number}: ${figure}`),
    ...each.leftOut.map((what) => `${each.number}: ${what}`),
  ]);
  const count = (verdict: Verdict) => results.filter((each) => each.verdict === verdict).length;
  const sum = (['held', 'in part', 'broken', 'unfinished', 'not run'] as const)
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${verdict}`)
    .join(', ');
  return [...lines, '', ...details, ...(details.length > 0 ? [''] : []), `${countOf(results)}: ${sum}.`].join('\n');
}
