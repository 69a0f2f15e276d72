// Draws the table of src/recovery/flow.ts as a diagram and as a table, and puts both into docs/flow.md, between its two
// marks: run it after changing the flow. test/promises.test.ts compares the two.
import { readFileSync, writeFileSync } from 'node:fs';
import { flow, steps, type Transition } from '../src/recovery/flow.ts';

const file = new URL('../docs/flow.md', import.meta.url);
const begin = '<!-- drawn by scripts/draw-flow.ts -->';
const end = '<!-- end of the drawing -->';

interface Arrow extends Transition {
  readonly from: string;
  readonly event: string;
}

const arrows: readonly Arrow[] = Object.entries(flow).flatMap(([from, row]) =>
  Object.entries(row).map(([event, transition]: [string, Transition]) => ({ from, event, ...transition })),
);
const lastSteps = steps.filter((step) => !arrows.some(({ from }) => from === step));

const diagram = [
  '```mermaid',
  'stateDiagram-v2',
  `  [*] --> ${steps[0]}: started`,
  ...arrows.map(({ from, event, to }) => `  ${from} --> ${to}: ${event}`),
  ...lastSteps.map((step) => `  ${step} --> [*]`),
  '```',
];

const table = [
  '| Step | Event | Next step | Guard | Audit event |',
  '|---|---|---|---|---|',
  ...arrows.map(
    ({ from, event, to, guard, audit }) => `| \`${from}\` | \`${event}\` | \`${to}\` | \`${guard}\` | \`${audit}\` |`,
  ),
];

/** `page` with the drawing of today's flow between its marks. */
export function withDrawing(page: string): string {
  const [before, after] = [page.indexOf(begin), page.indexOf(end)];
  if (before < 0 || after < before) throw new Error('docs/flow.md has lost the marks around its drawing');
  const drawing = [begin, '', ...diagram, '', ...table, '', ''].join('\n');
  return `${page.slice(0, before)}${drawing}${page.slice(after)}`;
}

if (import.meta.main) writeFileSync(file, withDrawing(readFileSync(file, 'utf8')));
