import * as fc from 'fast-check';
import { Secret } from 'otpauth';
import { anyCharacter } from '../testing/characters.ts';
import { describe, expect, it } from 'vitest';
import { systemRandom } from '../base/random.ts';
import {
  codeAt,
  newSecret,
  newSpareCode,
  readProofCode,
  readSecondCode,
  stepMs,
  stepOf,
  stepsOfPair,
  uriOf,
} from './totp.ts';

/** RFC 6238, appendix B: the secret of its SHA-1 vectors, and their last six digits. */
const secret = Secret.fromUTF8('12345678901234567890').base32;

describe('a code of the app', () => {
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
  ])('is what RFC 6238 says at %i s', (seconds, code) => {
    expect(stepOf(secret, code, seconds * 1_000)).toBe(Math.floor(seconds / 30));
  });

  it('belongs to its step from one step before to one after, and to none beyond', () => {
    const step = Math.floor(1_234_567_890 / 30);
    const at = (steps: number, ms = 0) => stepOf(secret, '005924', (step + steps) * stepMs + ms);
    expect([at(-1), at(0), at(1), at(1, stepMs - 1)]).toEqual([step, step, step, step]);
    expect([at(-1, -1), at(2), at(20), at(-20)]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it.each(['', '0', '00592', '0059240', 'abcdef', ' 005924'])('that reads %j is none', (code) =>
    expect(stepOf(secret, code, 1_234_567_890_000)).toBeUndefined(),
  );

  it('of a secret that cannot be read is none', () => expect(stepOf('', '005924', 1_234_567_890_000)).toBeUndefined());
});

describe('what was typed', () => {
  const read = (typed: string) => {
    const result = readSecondCode(typed);
    return result.ok ? `${result.code.kind} ${result.code.code}` : result.reason;
  };
  it.each([
    ['123456', 'app 123456'],
    [' 123 456\n', 'app 123456'],
    ['123-456', 'app 123456'],
    ['１２３４５６', 'app 123456'],
    ['acdef-ghjkm', 'spare ACDEFGHJKM'],
    ['ACDEF–GHJKM', 'spare ACDEFGHJKM'],
    ['ACDEFGHJKM', 'spare ACDEFGHJKM'],
    ['3467934679', 'spare 3467934679'],
    ['', 'second-missing'],
    [' \t', 'second-missing'],
    ['12345', 'second-shape'],
    ['1234567', 'second-shape'],
    ['12345678', 'second-shape'],
    ['ACDEF-GHJK', 'second-shape'],
    ['ACDEF-GHJKO', 'second-shape'],
    ['٠١٢٣٤٥', 'second-shape'],
    ['1'.repeat(1_000), 'second-shape'],
  ])('%j is %s', (typed, result) => expect(read(typed)).toBe(result));

  it('is read or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (typed) => {
        expect(read(typed)).toMatch(/^(app \d{6}|spare [A-Z\d]{10}|second-missing|second-shape)$/);
      }),
    );
  });
});

it('a new secret has 160 bits, another one each time', () => {
  const [one, other] = [newSecret(systemRandom), newSecret(systemRandom)];
  expect(Secret.fromBase32(one).bytes).toHaveLength(20);
  expect(one).not.toBe(other);
});

it('a new spare code is one that can be typed, another one each time', () => {
  const codes = Array.from({ length: 200 }, () => newSpareCode(systemRandom));
  expect(new Set(codes).size).toBe(200);
  for (const code of codes) expect(readSecondCode(code)).toEqual({ ok: true, code: { kind: 'spare', code } });
});

it('the address in the picture names site and person, whatever signs are in their names', () => {
  const url = new URL(uriOf(secret, { issuer: 'Corner & Shop: größte', label: 'lucía' }));
  expect([url.protocol, url.host]).toEqual(['otpauth:', 'totp']);
  expect(url.searchParams.get('secret')).toBe(secret);
  expect(url.searchParams.get('issuer')).toBe('Corner & Shop: größte');
  expect(decodeURIComponent(url.pathname)).toContain('lucía');
  expect([url.searchParams.get('digits'), url.searchParams.get('period')]).toEqual(['6', '30']);
});

describe('what a case takes as a code of the second factor', () => {
  it.each([
    ['123456 654321', { ok: true, code: { kind: 'pair', code: '123456654321' } }],
    ['１２３４５６-654321', { ok: true, code: { kind: 'pair', code: '123456654321' } }],
    ['acdef-ghjkm', { ok: true, code: { kind: 'spare', code: 'ACDEFGHJKM' } }],
    ['123456', { ok: false, reason: 'proof-code-one' }],
    [' ', { ok: false, reason: 'proof-code-missing' }],
    ['12345678', { ok: false, reason: 'proof-code-shape' }],
    ['1'.repeat(13), { ok: false, reason: 'proof-code-shape' }],
    ['1 '.repeat(80), { ok: false, reason: 'proof-code-shape' }],
  ])('%j is %j', (typed, read) => {
    expect(readProofCode(typed)).toEqual(read);
  });

  it('two codes in a row, the first of them up to two minutes old', () => {
    const secret = newSecret(systemRandom);
    const at = 1_800_000_000_000;
    const step = at / stepMs;
    const pair = codeAt(secret, at) + codeAt(secret, at + stepMs);
    for (const steps of [0, 1, 4])
      expect(stepsOfPair(secret, pair, at + steps * stepMs)).toEqual({ first: step, last: step + 1 });
    for (const steps of [-1, 5]) expect(stepsOfPair(secret, pair, at + steps * stepMs)).toBeUndefined();
    expect(stepsOfPair(secret, codeAt(secret, at) + codeAt(secret, at), at)).toBeUndefined();
  });
});
