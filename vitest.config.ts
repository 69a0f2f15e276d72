// Three kinds of tests: those that need nothing but Node, those on a real PostgreSQL too, and those in a real Chromium.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Adopters get dist/; our own tests and examples run the source.
  ssr: { resolve: { conditions: ['rekey-source'] } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Journeys of many steps, on a machine that does other things too.
          testTimeout: 20_000,
          include: ['{src,examples,scripts}/**/*.test.ts', 'test/*.test.ts', 'test/journeys/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'engines',
          include: ['test/contracts/**/*.test.ts', 'test/races/**/*.test.ts'],
          globalSetup: ['test/postgres.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'pages',
          include: ['test/pages/**/*.test.ts'],
          testTimeout: 30_000,
          // Half of the time is the browser's own, so that two files at once pay even on two cores.
          maxWorkers: 2,
          // A page is waited for as long as a busy machine may need; what comes sooner goes on at once.
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
