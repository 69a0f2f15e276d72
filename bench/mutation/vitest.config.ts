// The tests that judge a mutant. What costs least begins: most mutants are killed there, and the first test that kills one
// is the last that runs.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { keepWorker } from './kept-worker.ts';

class UnitsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => (moduleId.includes('/src/') ? 0 : 1);
    // oxlint-disable-next-line no-array-sort -- it is vitest's, and changes nothing
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

const tests = (process.env['MUTATION_TESTS'] ?? '').split(' ');

export default defineConfig({
  plugins: [keepWorker()],
  ssr: { resolve: { conditions: ['rekey-source'] } },
  test: {
    isolate: false,
    globalSetup: ['test/servers.ts'],
    sequence: { sequencer: UnitsFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: tests,
  },
});
