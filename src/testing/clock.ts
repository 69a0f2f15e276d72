// A clock that stands still until a test moves it.
import type { Clock } from '../base/clock.ts';

export interface FakeClock extends Clock {
  /** Moves it on, and never back: time does not. Throws for what is no whole number of milliseconds. */
  advance(ms: number): void;
}

/** `now`: UTC epoch ms. */
export function createFakeClock(now = Date.UTC(2027, 0, 15, 9)): FakeClock {
  // Anything else would be stored as no time at all, and be noticed far from here.
  if (!isWhole(now)) throw new RangeError(`now is UTC epoch milliseconds, such as Date.UTC(2030, 0, 1), not ${now}`);
  let at = now;
  return {
    now: () => at,
    advance(ms) {
      if (!isWhole(ms) || !isWhole(at + ms))
        throw new RangeError(`a clock advances by whole milliseconds, not by ${ms}`);
      at += ms;
    },
  };
}

const isWhole = (ms: number): boolean => Number.isSafeInteger(ms) && ms >= 0;
