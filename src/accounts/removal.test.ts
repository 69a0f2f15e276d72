import { expect, it } from 'vitest';
import { hourMs } from '../base/clock.ts';
import { removalFreeAt } from './removal.ts';

const changedAt = 1_800_000_000_000;

it('an account whose password was never changed is free to remove what it likes', () => {
  expect(removalFreeAt({ resetAt: null, passwordChangedAt: null })).toBe(0);
});

it('a reset keeps every address and factor for 72 hours', () => {
  expect(removalFreeAt({ resetAt: changedAt, passwordChangedAt: changedAt })).toBe(changedAt + 72 * hourMs);
});

it('a change by somebody signed in does so too, and does not shorten the wait after a reset', () => {
  expect(removalFreeAt({ resetAt: null, passwordChangedAt: changedAt })).toBe(changedAt + 72 * hourMs);
  expect(removalFreeAt({ resetAt: changedAt, passwordChangedAt: changedAt + 1 })).toBe(changedAt + 1 + 72 * hourMs);
});
