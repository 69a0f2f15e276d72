// What is measured of the human check, each part in a process of its own: `npm run bench human-check` takes all of them,
// `npm run bench -- human-check costs` one.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const parts = ['chromium', 'costs', 'double-spend', 'letters', 'opens', 'price'] as const;

const [wanted, ...more] = process.argv.slice(2);
const chosen = parts.filter((part) => wanted === undefined || part === wanted);
if (chosen.length === 0) {
  console.error(`Without a name all are measured, or one of: ${parts.join(', ')}.`);
  process.exitCode = 1;
}
for (const part of chosen) {
  console.log(`\n${part}`);
  const file = fileURLToPath(new URL(`human-check/${part}.ts`, import.meta.url));
  const { status } = spawnSync(process.execPath, [...process.execArgv, file, ...more], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
