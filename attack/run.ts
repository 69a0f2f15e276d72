// `npm run attack [name...]`: the attacks against an app of their own. Exit code 1 where one gets through or does not end.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Problem } from '../src/base/problem.ts';
import { startProgress } from '../src/cli/progress.ts';
import { createLane, createProcessLane, runInLanes } from './lanes.ts';
import { countOf, isWithstood, type Result, tableOf } from './runner.ts';
import { chosenScenarios, scenarios } from './scenarios.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const help = `npm run attack -- [name or number...] [--json] [--small]
  --json   print JSON, for scripts
  --small  as the tests run them, in seconds

${scenarios.map(({ number, name, title }) => `  ${String(number).padStart(2)} ${name.padEnd(24)} ${title}`).join('\n')}`;

/** More would wait for the longest attack, which takes as long as all others, and disturb its times. */
const mostLanes = 2;

async function runAll(): Promise<readonly Result[]> {
  const chosen = chosenScenarios(positionals);
  const size = values.small ? 'small' : 'full';
  const count = Math.min(mostLanes, availableParallelism(), chosen.length);
  const lanes = count === 1 ? [createLane(size)] : Array.from({ length: count }, () => createProcessLane(size));
  const progress = await startProgress(countOf(chosen));
  try {
    return await runInLanes(chosen, {
      lanes,
      onBegin: (running, done) =>
        progress.show(running.map(({ number, name }) => `${number} ${name}`).join(', '), done / chosen.length),
    });
  } finally {
    progress.end('done');
  }
}

try {
  if (values.help) console.log(help);
  else {
    const results = await runAll();
    console.log(values.json ? JSON.stringify({ attacks: results }) : tableOf(results));
    process.exitCode = isWithstood(results) ? 0 : 1;
  }
} catch (fault) {
  if (!(fault instanceof Problem)) throw fault;
  console.error(fault.detail);
  process.exitCode = 2;
}
