import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeys } from '../base/secret.ts';
import { anyCharacter } from '../testing/characters.ts';
import {
  codeHash,
  deriveCode,
  deriveLinkToken,
  isCode,
  linkHash,
  linkHashes,
  readCode,
  type CodeFacts,
} from './email-code.ts';

const keyOf = (id: string, fill: number) => ({ id, secret: Buffer.alloc(32, fill) });
const keys = createKeys([keyOf('a', 1)]);
const facts: CodeFacts = { subjectId: 'r1', generation: 1, random: 'x'.repeat(22), keyId: 'a', digits: 8 };

describe('a typed code', () => {
  it.each([
    ['12345678', '12345678'],
    [' 1234 5678\r\n', '12345678'],
    ['1234-5678', '12345678'],
    ['1234\u00a05678', '12345678'],
    ['\u200b12345678\ufeff', '12345678'],
    ['１２３４５６７８', '12345678'],
    ['Verification code: 1234 5678', '12345678'],
    ['1234 5678 9012', '123456789012'],
    ['00000000', '00000000'],
  ])('%j is read as %s', (typed, code) => expect(readCode(typed)).toEqual({ ok: true, code }));

  it.each(['', '   ', '\n'])('%j is missing', (typed) => {
    expect(readCode(typed)).toEqual({ ok: false, reason: 'code-missing' });
  });

  it.each([
    '1234567',
    '123456789',
    '1234567890123',
    'code',
    '٣٤٥٦٧٨٩٠',
    '1'.repeat(10_000),
    `12345678${' '.repeat(200)}`,
  ])('%j has no shape of a code', (typed) => expect(readCode(typed)).toEqual({ ok: false, reason: 'code-shape' }));

  it('of any text is read or refused, and what is read is 8 or 12 digits', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 300 }), (typed) => {
        const read = readCode(typed);
        if (read.ok) expect(read.code).toMatch(/^(\d{8}|\d{12})$/);
      }),
    );
  });
});

describe('the digits', () => {
  it('are the same for the same facts', () => {
    expect(deriveCode(keys, facts)).toBe(deriveCode(keys, { ...facts }));
    expect(deriveCode(keys, facts)).toMatch(/^\d{8}$/);
    expect(deriveCode(keys, { ...facts, digits: 12 })).toMatch(/^\d{12}$/);
  });

  it.each([{ subjectId: 'r2' }, { generation: 2 }, { random: 'y'.repeat(22) }])('are others for %o', (other) =>
    expect(deriveCode(keys, { ...facts, ...other })).not.toBe(deriveCode(keys, facts)),
  );

  it('live on while their key does, and go with it', () => {
    const rotated = createKeys([keyOf('b', 2), keyOf('a', 1)]);
    expect(deriveCode(rotated, facts)).toBe(deriveCode(keys, facts));
    expect(deriveCode(createKeys([keyOf('b', 2)]), facts)).toBeUndefined();
  });

  it('are uniform: of 2,000 codes each digit stands about as often in each place, and few meet', () => {
    const counts = Array.from({ length: 8 }, () => Array.from({ length: 10 }, () => 0));
    const seen = new Set<string>();
    for (let generation = 0; generation < 2_000; generation += 1) {
      const code = deriveCode(keys, { ...facts, generation }) ?? '';
      seen.add(code);
      for (const [place, digit] of Array.from(code).entries()) {
        const row = counts[place] ?? [];
        row[Number(digit)] = (row[Number(digit)] ?? 0) + 1;
      }
    }
    // Chi-squared with 9 degrees of freedom: above 33.7 once in 10,000 places.
    for (const row of counts) {
      const chi = row.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
      expect(chi).toBeLessThan(33.7);
    }
    // By the birthday bound one time in fifty two of 2,000 meet among 10^8.
    expect(seen.size).toBeGreaterThan(2_000 - 4);
  });
});

describe('the hash of a code', () => {
  it('fits its recovery and its digits alone, and holds neither', () => {
    const hash = codeHash(keys, 'r1', '12345678');
    expect(isCode(keys, hash, 'r1', '12345678')).toBe(true);
    expect(isCode(keys, hash, 'r1', '12345679')).toBe(false);
    expect(isCode(keys, hash, 'r2', '12345678')).toBe(false);
    expect(isCode(createKeys([keyOf('a', 2)]), hash, 'r1', '12345678')).toBe(false);
    expect(hash).not.toContain('12345678');
  });
});

describe('a link token', () => {
  it('is 128 bits, the same at every retry, and another for each mail and purpose', () => {
    const token = deriveLinkToken(keys, 'continue', 'm1', 'a');
    expect(token).toMatch(/^[\w-]{22}$/);
    expect(deriveLinkToken(keys, 'continue', 'm1', 'a')).toBe(token);
    expect(deriveLinkToken(keys, 'stop', 'm1', 'a')).not.toBe(token);
    expect(deriveLinkToken(keys, 'continue', 'm2', 'a')).not.toBe(token);
    expect(deriveLinkToken(keys, 'continue', 'm1', 'gone')).toBeUndefined();
  });

  it('is found again after the keys have rotated', () => {
    const rotated = createKeys([keyOf('b', 2), keyOf('a', 1)]);
    expect(linkHashes(rotated, 'token')).toContain(linkHash(keys, 'token'));
  });
});
