// The kinds of tests: those that need nothing but Node, those on a real PostgreSQL too, and those in a real Chromium.
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Counts the hashes of a library, and so has its modules to itself. */
const mocking = 'src/accounts/passwords.test.ts';

/** Apps are on SQLite, and all of them on PostgreSQL where this says so. */
const engineSetup = process.env['REKEY_TEST_ENGINE'] === 'postgres' ? ['test/postgres.ts'] : [];

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
  mocking,
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
    projects: [
      {
        extends: true,
        test: {
          name: 'engines',
          isolate: false,
          include: ['test/{contracts,lifetimes,races}/**/*.test.ts'],
          globalSetup: ['test/servers.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          // No module keeps anything between tests, so files share them: it saves a third of the time.
          isolate: false,
          globalSetup: ['test/bundled-command.ts', ...engineSetup],
          exclude: [...configDefaults.exclude, mocking],
          include: [
            '{src,examples,scripts,attack}/**/*.test.ts',
            'test/*.test.ts',
            'test/{journeys,attacks}/**/*.test.ts',
          ],
        },
      },
      { extends: true, test: { name: 'mocking', include: [mocking] } },
      {
        extends: true,
        test: {
          name: 'pages',
          // Files share a browser too.
          isolate: false,
          globalSetup: engineSetup,
          // A browser on a machine that others use too: what fails three times in a row is broken.
          retry: 2,
          include: ['test/pages/**/*.test.ts'],
          testTimeout: 60_000,
          // A page is waited for as long as a busy machine may need; what comes sooner goes on at once.
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
