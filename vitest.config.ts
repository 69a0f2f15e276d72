// The kinds of tests: those that need nothing but Node and what it starts, and those in a real Chromium.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What takes longest begins first, so that nobody waits for it at the end: what is short fills the gaps. A project in one piece,
 * as a worker that goes from one to the next loads everything anew.
 */
const longest = [
  '/test/pages/every-page',
  '/test/pages/',
  '/test/races/',
  '/test/lifetimes/',
  '/test/contracts/',
  '/test/package.test.ts',
  '/test/attacks/',
  '/test/journeys/',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex((part) => moduleId.includes(part));
      return at === -1 ? longest.length : at;
    };
    // oxlint-disable-next-line no-array-sort -- it is vitest's, and changes nothing
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  // Adopters get dist/; our own tests and examples run the source.
  ssr: { resolve: { conditions: ['rekey-source'] } },
  test: {
    // Much of the time is spent waiting for a database, a mail server, a browser or a process: three at once keep two cores busy,
    // and a fourth only gets in their way (464 s instead of 434).
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Journeys of many steps, on a machine that does other things too.
    testTimeout: 60_000,
    // None but where CI asks for one: a developer sees at once what fails now and then.
    retry: Number(process.env['REKEY_TEST_RETRIES'] ?? 0),
    // An app and its database to begin with.
    hookTimeout: 60_000,
    // Each server once, and only where a test asks for it.
    globalSetup: ['test/servers.ts'],
    // No module keeps anything between tests, so files share them, and those of pages a browser: it saves a third of the time.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: [
            '{src,examples,scripts,attack}/**/*.test.ts',
            'test/*.test.ts',
            'test/{attacks,contracts,journeys,lifetimes,races}/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'pages',
          // A browser on a machine that others use too: what fails three times in a row is broken.
          retry: 2,
          include: ['test/pages/**/*.test.ts'],
          // A page is waited for as long as a busy machine may need; what comes sooner goes on at once.
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
