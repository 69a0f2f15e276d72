import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hourMs } from '../base/clock.ts';
import { addressFreeAt, newcomersAfter, removalFreeAt } from './removal.ts';

const changedAt = 1_800_000_000_000;
const waitMs = 72 * hourMs;
const untouched = { resetAt: null, passwordChangedAt: null };

describe('a factor', () => {
  it('of an account whose password was never changed is free to go', () => {
    expect(removalFreeAt(untouched)).toBe(0);
  });

  it('stays for 72 hours after a reset', () => {
    expect(removalFreeAt({ resetAt: changedAt, passwordChangedAt: changedAt })).toBe(changedAt + waitMs);
  });

  it('stays so after a change by somebody signed in too, which does not shorten the wait after a reset', () => {
    expect(removalFreeAt({ resetAt: null, passwordChangedAt: changedAt })).toBe(changedAt + waitMs);
    expect(removalFreeAt({ resetAt: changedAt, passwordChangedAt: changedAt + 1 })).toBe(changedAt + 1 + waitMs);
  });
});

describe('an address', () => {
  const old = { confirmedAt: 1, noticesOnlySince: null };
  const added = { confirmedAt: changedAt, noticesOnlySince: null };

  it('stays for 72 hours after another was added, and that other may go at once', () => {
    expect(addressFreeAt(old, untouched, [old, added], changedAt)).toBe(changedAt + waitMs);
    expect(addressFreeAt(added, untouched, [old, added], changedAt + waitMs - 1)).toBe(0);
  });

  it('is no newcomer after 72 hours, nor as the first of its account, and waits like a factor then', () => {
    const reset = { resetAt: changedAt, passwordChangedAt: changedAt };
    expect(addressFreeAt(added, reset, [old, added], changedAt + waitMs)).toBe(changedAt + waitMs);
    expect(addressFreeAt(added, reset, [added, added], changedAt)).toBe(changedAt + waitMs);
  });
});

describe('an address that a release set aside', () => {
  it('stays for thirty days, and is like any other then', () => {
    const aside = { confirmedAt: 1, noticesOnlySince: changedAt };
    const contact = { confirmedAt: changedAt, noticesOnlySince: null };
    const until = changedAt + 30 * 24 * hourMs;
    expect(addressFreeAt(aside, untouched, [aside, contact], changedAt)).toBe(until);
    expect(addressFreeAt(aside, untouched, [aside, contact], until - 1)).toBe(until);
    expect(addressFreeAt(aside, untouched, [aside, contact], until)).toBe(changedAt + waitMs);
  });
});

describe('a newcomer', () => {
  it('is what was added in the last 72 hours and after the address that proves it', () => {
    expect(newcomersAfter({ confirmedAt: 1 }, changedAt)).toBe(changedAt - waitMs);
    expect(newcomersAfter({ confirmedAt: changedAt - 1 }, changedAt)).toBe(changedAt - 1);
  });

  it('never takes away what is as old as it is', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (confirmedAt, olderBy, now) => {
        expect(confirmedAt - olderBy > newcomersAfter({ confirmedAt }, now)).toBe(false);
      }),
    );
  });
});
