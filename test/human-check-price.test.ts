// What a pass costs by each way (bench/human-check/price.ts): the cheapest way sets the strength of the check.
import { describe, expect, it } from 'vitest';
import { passBy, passesAnHour, ways } from '../bench/human-check/price.ts';
import { hourMs } from '../src/base/clock.ts';
import { limits } from '../src/limits/limits.ts';

const levels = [0, 1, 2, 3] as const;

describe('a pass', () => {
  it.each(['key', 'click'] as const)('by %s costs more work and time than a drag, and never letters', (way) => {
    for (const level of levels) {
      const [pass, drag] = [passBy(way, level), passBy('drag', level)];
      expect(pass.derivations).toBeGreaterThan(drag.derivations);
      expect(pass.leastMs).toBeGreaterThan(drag.leastMs);
      expect(pass.pictures).toBe(0);
    }
  });

  it('by any way costs no less at a higher level', () => {
    for (const way of ways) {
      const passes = levels.map((level) => passBy(way, level));
      for (const price of ['derivations', 'leastMs'] as const)
        expect(passes.map((pass) => pass[price])).toEqual(passes.map((pass) => pass[price]).toSorted((a, b) => a - b));
    }
  });

  it('by letters or without script asks for no work: there the limits are the price, half as many as for others', () => {
    const most = (limits['check-plain'].max * hourMs) / limits['check-plain'].windowMs;
    for (const way of ['letters', 'digits', 'wait, no script', 'letters, no script'] as const) {
      const pass = passBy(way, 0);
      expect([pass.derivations, passesAnHour(pass)]).toEqual([0, most]);
    }
    expect(2 * limits['check-plain'].max).toBe(limits['check-answer'].max);
  });
});
