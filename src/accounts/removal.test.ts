import { expect, it } from 'vitest';
import { hourMs } from '../base/clock.ts';
import { removalFreeAt } from './removal.ts';

it('an account that was never reset is free to remove what it likes', () => {
  expect(removalFreeAt({ resetAt: null })).toBe(0);
});

it('a reset keeps every address and factor for 72 hours', () => {
  const resetAt = 1_800_000_000_000;
  expect(removalFreeAt({ resetAt })).toBe(resetAt + 72 * hourMs);
});
