// `rekey human-check scores`: what the points of slides tell of those who go on to the code. It only reads.
import { countScores, type ScoreCount } from '../recovery/check-scores.ts';
import { type SiteOptions, withSite } from './site.ts';

export async function printScores(options: SiteOptions & { readonly json: boolean }): Promise<void> {
  const scores = await withSite(options, ({ db, site, clock }) => countScores(db, { site, now: clock.now() }));
  if (options.json) {
    console.log(JSON.stringify({ scores }));
    return;
  }
  if (scores.length === 0) {
    console.log('No recovery with a human check is over yet.');
    return;
  }
  const lines = [['Policy', 'Way', 'Points', 'Recoveries', 'Proved the code'], ...scores.map(cellsOf)];
  const widths = [0, 1, 2, 3, 4].map((at) => Math.max(...lines.map((cells) => cells[at]?.length ?? 0)));
  for (const cells of lines)
    console.log(
      cells
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

const cellsOf = ({ policy, mode, score, recoveries, proved }: ScoreCount): string[] => [
  policy,
  mode,
  score === null ? '-' : String(score),
  String(recoveries),
  `${proved} (${Math.round((100 * proved) / recoveries)} %)`,
];
