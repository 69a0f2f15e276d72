import { describe, expect, it } from 'vitest';
import { areaUnderCurve, meanOf, welch, withoutSlowest } from './statistics.ts';

// Student's sleep data (1908), as R's `sleep`: t.test gives t = -1.8608, wilcox.test W = 25.5 of 100 pairs.
const drug = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
const other = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

describe('the statistics of times', () => {
  it('are those that are known for known data', () => {
    expect(welch(drug, other)).toBeCloseTo(1.8608, 4);
    expect(areaUnderCurve(drug, other)).toBeCloseTo(1 - 0.255, 10);
    expect(meanOf(drug)).toBeCloseTo(0.75, 10);
  });

  it('tell nothing apart that is the same, and everything that is apart', () => {
    expect([areaUnderCurve([1, 1, 1], [1, 1]), welch([1, 1], [1, 1])]).toEqual([0.5, 0]);
    expect([areaUnderCurve([1, 2], [3, 4]), areaUnderCurve([3, 4], [1, 2])]).toEqual([1, 0]);
    expect(welch([1, 1], [2, 2])).toBe(Number.POSITIVE_INFINITY);
  });

  it('leave out the slowest hundredth and nothing else', () => {
    const times = Array.from({ length: 200 }, (_, at) => at);
    expect(withoutSlowest(times)).toEqual(times.slice(0, 198));
  });
});
