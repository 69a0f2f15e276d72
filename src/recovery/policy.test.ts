import { describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../base/clock.ts';
import { codeDigits, countAsk, guards, maxMailsAskedPerHour, mayMail, type RecoveryFacts } from './policy.ts';
import { resendWaitMs } from '../proofs/email-code.ts';

const now = 1_800_000_000_000;
const facts: RecoveryFacts = {
  expires_at: now + dayMs,
  password_until: null,
  mails_asked: 0,
  mails_asked_since: now,
  mail_asked_at: null,
  release_id: null,
};

describe('a recovery', () => {
  it('is live until it expires, and not at that moment', () => {
    expect(guards.isLive({ ...facts, expires_at: now + 1 }, now)).toBeUndefined();
    expect(guards.isLive({ ...facts, expires_at: now }, now)).toEqual({ ok: false, reason: 'recovery-over' });
  });

  it('takes a new password until its proof is old, and never without one', () => {
    expect(guards.isProofFresh({ ...facts, password_until: now + 1 }, now)).toBeUndefined();
    expect(guards.isProofFresh({ ...facts, password_until: now }, now)).toMatchObject({ reason: 'recovery-over' });
    expect(guards.isProofFresh(facts, now)).toMatchObject({ reason: 'recovery-over' });
    expect(guards.isProofFresh({ ...facts, password_until: now + 1, expires_at: now }, now)).toBeDefined();
  });
});

describe('asking for mail', () => {
  const ask = (from: RecoveryFacts, at: number) => guards.mayAskMail(from, at);

  it('is refused within a minute of the last, and told how long', () => {
    const asked = { ...facts, ...countAsk(facts, now) };
    expect(ask(asked, now)).toEqual({ ok: false, reason: 'resend-soon', retryAfterMs: resendWaitMs });
    expect(ask(asked, now + resendWaitMs - 1)).toMatchObject({ reason: 'resend-soon', retryAfterMs: 1 });
    expect(ask(asked, now + resendWaitMs)).toBeUndefined();
  });

  it('is refused beyond three in an hour, and told how long; the second hour allows three again', () => {
    let asked = facts;
    let at = now;
    const askAll = () => {
      for (let times = 0; times < maxMailsAskedPerHour; times += 1) {
        at += resendWaitMs;
        expect(ask(asked, at)).toBeUndefined();
        asked = { ...asked, ...countAsk(asked, at) };
      }
    };
    askAll();
    at = now + hourMs - 1;
    expect(ask(asked, at)).toEqual({ ok: false, reason: 'resend-capped', retryAfterMs: 1 });
    at = now + hourMs;
    askAll();
    expect(ask(asked, at + resendWaitMs)).toMatchObject({ reason: 'resend-capped' });
  });

  it('is over with the recovery, whatever else would be said', () => {
    const asked = { ...facts, ...countAsk(facts, now), expires_at: now };
    expect(ask(asked, now)).toMatchObject({ reason: 'recovery-over' });
  });
});

describe('a mailbox', () => {
  const sent = (...minutesAgo: number[]) => minutesAgo.map((minutes) => now - minutes * minuteMs);

  it('gets three mails in any hour', () => {
    expect(mayMail(sent(59, 30), now)).toBe(true);
    expect(mayMail(sent(59, 30, 1), now)).toBe(false);
    expect(mayMail(sent(60, 30, 1), now)).toBe(true);
  });

  it('gets six mails in any 24 hours', () => {
    const spread = [1_439, 1_200, 900, 600, 300];
    expect(mayMail(sent(...spread), now)).toBe(true);
    expect(mayMail(sent(...spread, 120), now)).toBe(false);
    expect(mayMail(sent(1_440, 1_200, 900, 600, 300, 120), now)).toBe(true);
  });
});

describe('wrong codes in a row', () => {
  it.each([
    [0, 8],
    [9, 8],
    [10, 12],
    [1_000, 12],
  ])('%i make codes of %i digits', (wrong, digits) => {
    expect(codeDigits(wrong)).toBe(digits);
  });
});
