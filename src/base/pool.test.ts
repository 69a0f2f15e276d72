import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { secondMs } from './clock.ts';
import { createPool } from './pool.ts';
import { Problem } from './problem.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] }));
afterEach(() => void vi.useRealTimers());

const lasting = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms));

it('tells whoever finds no place when to come again: one after another, and nobody later than half a minute', async () => {
  const pool = createPool({ concurrency: 1, queueMax: 0, of: 'tests' });
  for (let times = 0; times < 30; times += 1) {
    const done = pool(lasting(secondMs));
    await vi.advanceTimersByTimeAsync(secondMs);
    await done;
  }
  void pool(lasting(60 * secondMs));
  const told = await Promise.all(
    Array.from({ length: 100 }, () =>
      pool(async () => 0).catch((fault: unknown) => (fault instanceof Problem ? (fault.retryAfterMs ?? 0) : 0)),
    ),
  );
  const [first = 0, second = 0] = told;
  expect(first).toBe(3 * secondMs);
  // Which is what one takes here.
  expect(second - first).toBeGreaterThan(0.9 * secondMs);
  expect(Math.min(...told)).toBe(3 * secondMs);
  expect(Math.max(...told)).toBeLessThanOrEqual(30 * secondMs);
  // They are spread over all that time, and not together at its end.
  for (const each of new Set(told.map((ms) => Math.floor(ms / secondMs))))
    expect(told.filter((ms) => Math.floor(ms / secondMs) === each).length).toBeLessThan(10);
});

it('gives back together what ends while others wait, and keeps nobody for whom none waits', async () => {
  const pool = createPool({ concurrency: 1, queueMax: Infinity, together: 3, of: 'tests' });
  const endsAt = async (count: number) => {
    const startedAt = performance.now();
    const ends = Array.from({ length: count }, async (_, at) => {
      // What fails is given back as what does not.
      const work =
        at % 2 === 0 ? lasting(secondMs) : () => lasting(secondMs)().then(() => Promise.reject(new Error('no')));
      await pool(work).catch(() => {});
      return Math.round((performance.now() - startedAt) / secondMs);
    });
    await vi.advanceTimersByTimeAsync(count * secondMs);
    return Promise.all(ends);
  };
  expect(await endsAt(1)).toEqual([1]);
  expect(await endsAt(2)).toEqual([1, 2]);
  expect(await endsAt(3)).toEqual([2, 2, 3]);
  expect(await endsAt(8)).toEqual([3, 3, 3, 6, 6, 6, 7, 8]);
});
