import { assert, integer, property } from 'fast-check';
import { expect, it } from 'vitest';
import { correctOffset } from './clock.ts';

const hour = 3_600_000;
const moment = integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });
const way = integer({ min: 0, max: 30_000 });

it('after one measurement the time is wrong by no more than half of the way there and back', () => {
  assert(
    property(moment, integer({ min: -hour, max: hour }), way, way, (sentAt, real, there, back) => {
      const measured = { sentAt, toldAt: sentAt + there + real, receivedAt: sentAt + there + back };
      expect(Math.abs(correctOffset(0, measured) - real)).toBeLessThanOrEqual(there + back);
      expect(correctOffset(24 * hour, measured)).toBeCloseTo(real + (there - back) / 2, -1);
    }),
  );
});

it('an offset that a measurement does not show to be wrong stays, so that time does not jitter', () => {
  assert(
    property(moment, integer({ min: -hour, max: hour }), way, way, (sentAt, real, there, back) => {
      const measured = { sentAt, toldAt: sentAt + there + real, receivedAt: sentAt + there + back };
      expect(correctOffset(real, measured)).toBe(real);
    }),
  );
});
