// `npm run attack [name...]`: the attacks against an app of their own. Exit code 1 where one gets through or does not end.
import { parseArgs } from 'node:util';
import { Problem } from '../src/base/problem.ts';
import { startProgress } from '../src/cli/progress.ts';
import { createOwnTargets } from './own-target.ts';
import { countOf, isWithstood, type Result, runScenario, tableOf } from './runner.ts';
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

async function runAll(): Promise<readonly Result[]> {
  const chosen = chosenScenarios(positionals);
  const targets = createOwnTargets({ size: values.small ? 'small' : 'full' });
  const progress = await startProgress(countOf(chosen));
  const results: Result[] = [];
  try {
    for (const [at, scenario] of chosen.entries()) {
      progress.show(`${scenario.number} ${scenario.name}`, at / chosen.length);
      results.push(await runScenario(scenario, targets));
    }
  } finally {
    progress.end(`${countOf(results)} done`);
    await targets.close();
  }
  return results;
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
