import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chanceOfGuessing } from './chance.ts';

describe('the chance of guessing a mailed code', () => {
  it('is that of D3 for one account: 30 tries a day, the first 15 of them at 1 in 10^8', () => {
    const chance = chanceOfGuessing({ networks: 1_000, accounts: 1 }, 30);
    expect(chance).toMatchObject({ shortCodeTries: 15, triesADay: 30, triesInARow: 100 });
    expect(chance.inADay).toBeCloseTo(15e-8 + 15e-12, 12);
    expect(chance.inAYear.quiet).toBeCloseTo(15e-8 + 85e-12, 12);
    expect(chance.inAYear.worst).toBeCloseTo(365 * 15e-8, 8);
  });

  it('is bounded by what the networks can try', () => {
    const chance = chanceOfGuessing({ networks: 1, accounts: 1_000_000 }, 30);
    expect(chance.networkTriesADay).toBe(1_440);
    expect(chance.inADay).toBeCloseTo(1_440e-8, 9);
  });

  it.each([
    [5, 15],
    [60, 15],
    [61, 30],
    [90, 30],
    [1_440, 30],
  ])('a code that lives %i minutes leaves %i tries at short codes', (minutes, tries) => {
    expect(chanceOfGuessing({ networks: 1, accounts: 1 }, minutes).shortCodeTries).toBe(tries);
  });

  it('grows with networks, accounts and time, and is never more than certain', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 100_000_000 }),
        fc.integer({ min: 5, max: 1_440 }),
        (networks, accounts, minutes) => {
          const { inADay, inAYear } = chanceOfGuessing({ networks, accounts }, minutes);
          const more = chanceOfGuessing({ networks: networks + 1, accounts: accounts + 1 }, minutes);
          expect(inADay).toBeGreaterThan(0);
          expect(more.inADay).toBeGreaterThanOrEqual(inADay);
          expect(inAYear.worst).toBeGreaterThanOrEqual(inAYear.quiet);
          expect(inAYear.quiet).toBeGreaterThanOrEqual(inADay);
          expect(inAYear.worst).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
