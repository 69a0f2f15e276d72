// A clock that stands still until a test moves it.
import type { Clock } from '../base/clock.ts';

export interface FakeClock extends Clock {
  advance(ms: number): void;
}

/** `now`: UTC epoch ms. */
export function createFakeClock(now = Date.UTC(2027, 0, 15, 9)): FakeClock {
  let at = now;
  return {
    now: () => at,
    advance(ms) {
      at += ms;
    },
  };
}
