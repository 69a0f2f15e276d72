import { describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs, secondMs } from '../base/clock.ts';
import { begunRecovery, type Recovery } from './recovery-rows.ts';
import { standingOf } from './standing.ts';

const now = 1_800_000_000_000;
const begun = begunRecovery({
  id: 'id',
  site: 'shop',
  handle_hash: 'hash',
  identifier_sealed: 'sealed',
  mailbox_hash: 'mailbox',
  address_id: 'address',
  account_id: 'account',
  locale: 'en',
  return_to: null,
  created_at: now,
  expires_at: now + dayMs,
});
const asked: Recovery = {
  ...begun,
  step: 'code',
  mail_asked_at: now,
  code_expires_at: now + 30 * minuteMs,
  tries: 2,
};

describe('where a recovery stands', () => {
  it('is told with every time that remains, and the tries that are left', () => {
    expect(standingOf(begun, now)).toMatchObject({ step: 'method', lifeMs: dayMs, codeLifeMs: 0, triesLeft: 5 });
    expect(standingOf(asked, now + 10 * secondMs)).toEqual({
      step: 'code',
      lifeMs: dayMs - 10 * secondMs,
      codeLifeMs: 30 * minuteMs - 10 * secondMs,
      resendInMs: 50 * secondMs,
      offerSupportInMs: 110 * secondMs,
      triesLeft: 3,
      passwordLifeMs: 0,
      why: 'time',
    });
    const proven = { ...asked, step: 'password', password_until: now + hourMs, expires_at: now + hourMs };
    expect(standingOf(proven, now + minuteMs)).toMatchObject({ step: 'password', passwordLifeMs: 59 * minuteMs });
  });

  it('is over from the moment its time is, with no time below zero, unless it is done', () => {
    expect(standingOf(asked, now + dayMs - 1)).toMatchObject({ step: 'code', lifeMs: 1 });
    const late = standingOf(asked, now + 2 * dayMs);
    expect(late).toMatchObject({ step: 'over', why: 'time', lifeMs: 0, codeLifeMs: 0, resendInMs: 0 });
    expect(late.offerSupportInMs).toBe(0);
    expect(standingOf(asked, now + dayMs).step).toBe('over');
    expect(standingOf({ ...asked, step: 'done' }, now + 2 * dayMs).step).toBe('done');
    expect(standingOf({ ...asked, step: 'of a later version' }, now).step).toBe('over');
  });

  it('is the same for a decoy', () => {
    const decoy = { ...asked, address_id: null, account_id: null };
    for (const at of [now, now + hourMs, now + dayMs]) expect(standingOf(decoy, at)).toEqual(standingOf(asked, at));
  });

  it('tells why it ended only where everybody may know', () => {
    const why = (end_reason: string) => standingOf({ ...asked, step: 'over', end_reason }, now).why;
    expect(['tries-used', 'reset-elsewhere', 'stopped', 'address-removed'].map(why)).toEqual([
      'tries-used',
      'reset-elsewhere',
      'time',
      'time',
    ]);
  });
});
