import { expect, it } from 'vitest';
import { createOrderedIds, randomToken, systemRandom } from './random.ts';

it('gives each byte once, however much is asked for at a time', () => {
  const tokens = Array.from({ length: 5_000 }, () => randomToken(systemRandom));
  expect(new Set(tokens).size).toBe(tokens.length);
  for (const length of [0, 1, 16, 4_095, 4_096, 4_097, 100_000]) {
    const [one, other] = [systemRandom.bytes(length), systemRandom.bytes(length)];
    expect([one.length, other.length]).toEqual([length, length]);
    if (length >= 16) expect(one.equals(other)).toBe(false);
    // About half of the bits of a long draw are set: none of it is left as it was before it was drawn.
    const ones = one.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    if (length > 4_000) expect(Math.abs(ones / (8 * length) - 0.5)).toBeLessThan(0.03);
  }
});

it('gives what nobody else changes', () => {
  const given = systemRandom.bytes(16);
  const before = Buffer.from(given);
  systemRandom.bytes(16).fill(0);
  expect(given.equals(before)).toBe(true);
});

it('ordered ids sort by their time, within one by their turn, and are no less random', () => {
  const now = Date.UTC(2026, 10, 30);
  const [one, other] = [createOrderedIds(systemRandom), createOrderedIds(systemRandom)];
  const ids = [now - 1, ...Array.from({ length: 100 }, () => now), now + 1, now + 60_000].map(one);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set([...ids, ...ids.map(() => other(now))]).size).toBe(2 * ids.length);
  for (const id of ids) expect(id).toMatch(/^[\da-z]{13}[\w-]{22}$/);
});
