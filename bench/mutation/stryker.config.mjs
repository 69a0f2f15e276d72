// What Stryker changes, and how it asks the tests about it. bench/mutation.ts starts it.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const work = join(tmpdir(), 'rekey-mutation');

export default {
  mutate: [process.env.MUTATED, '!src/**/*.test.ts'],
  plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
  testRunner: 'vitest',
  vitest: { configFile: 'bench/mutation/vitest.config.ts', related: false },
  coverageAnalysis: process.env.MUTATION_COVERAGE ?? 'perTest',
  concurrency: Number(process.env.MUTATION_CONCURRENCY ?? 2),
  // A mutant that hangs is killed by it; a slow machine kills none.
  timeoutMS: 30_000,
  timeoutFactor: 3,
  // Node strips the types: nothing reads it, and this TypeScript has no interface that Stryker could read it by.
  tsconfigFile: 'none',
  tempDirName: work,
  ignorePatterns: ['/docs', '/dist', '/bench/peers', '/scripts/node'],
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: process.env.MUTATION_REPORT ?? join(work, 'report.json') },
};
