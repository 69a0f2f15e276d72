// The queueing of bench/scale/queue.ts against what formulas know.
import { describe, expect, it } from 'vitest';
import { erlangWaitMs, type Queue, simulate } from '../bench/scale/queue.ts';

const people = 400_000;
const cases: readonly Omit<Queue, 'service'>[] = [
  { servers: 1, arrivals: 30, serviceMs: 20 },
  { servers: 2, arrivals: 80, serviceMs: 20 },
  { servers: 8, arrivals: 340, serviceMs: 20 },
  { servers: 64, arrivals: 2_900, serviceMs: 20 },
];

describe('the simulation of a queue', () => {
  it.each(cases)('agrees with Erlang C for $servers servers', (queue) => {
    const { meanMs, busy } = simulate({ ...queue, service: 'at-random' }, people, 1);
    const expected = erlangWaitMs(queue);
    expect(Math.abs(meanMs - expected) / expected).toBeLessThan(0.08);
    expect(busy).toBeCloseTo((queue.arrivals * queue.serviceMs) / 1_000 / queue.servers, 1);
  });

  it('waits half as long where service always takes the same (Pollaczek and Khinchine, one server)', () => {
    const queue = { servers: 1, arrivals: 40, serviceMs: 20 };
    const { meanMs } = simulate({ ...queue, service: 'always-the-same' }, people, 2);
    expect(Math.abs(meanMs - erlangWaitMs(queue) / 2) / meanMs).toBeLessThan(0.08);
  });

  it('knows M/M/1 by heart, and that an overloaded one never ends', () => {
    // load / (1 - load) times the service: 0.8 / 0.2 * 20 ms.
    expect(erlangWaitMs({ servers: 1, arrivals: 40, serviceMs: 20 })).toBeCloseTo(80, 6);
    expect(erlangWaitMs({ servers: 2, arrivals: 100, serviceMs: 20 })).toBe(Number.POSITIVE_INFINITY);
  });
});
