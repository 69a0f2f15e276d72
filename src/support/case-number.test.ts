import * as fc from 'fast-check';
import { anyCharacter } from '../testing/characters.ts';
import { describe, expect, it } from 'vitest';
import { systemRandom } from '../base/random.ts';
import { inGroupsOfFour, inGroupsOfThree, randomText, readCaseCode, readCaseNumber } from './case-number.ts';

describe('a case number', () => {
  it.each([
    ['as shown', 'ACD EFG HJK'],
    ['in small letters', 'acdefghjk'],
    ['with dashes', 'ACD-EFG-HJK'],
    ['with long dashes, a line end and a tab', ' ACD–EFG—HJK\n\t'],
    ['with spaces that do not break', 'ACD\u00a0EFG\u202fHJK'],
    ['with marks that nobody sees', '\u200eACD\u200bEFG\ufeffHJK'],
    ['in full width', 'ＡＣＤ　ｅｆｇ　ＨＪＫ'],
    ['with a Cyrillic А, С, Е, Н and К', 'АСD ЕFG НJК'],
    ['with a Greek Α, Ε, Η and Κ', 'ΑCD ΕFG ΗJΚ'],
  ])('%s is read', (_, typed) => {
    expect(readCaseNumber(typed)).toEqual({ ok: true, number: 'ACDEFGHJK' });
  });

  it('with a U can only mean a V', () => {
    expect(readCaseNumber('ucd efg hjk')).toEqual({ ok: true, number: 'VCDEFGHJK' });
  });

  it.each([
    '',
    ' ',
    'ACDEFGHJ',
    'ACDEFGHJKM',
    'ACD EFG HJ0',
    'ACD EFG HJS',
    'ACD EFG HJß',
    'A'.repeat(300),
    '😀'.repeat(9),
  ])('%j is none', (typed) => {
    expect(readCaseNumber(typed)).toEqual({ ok: false, reason: 'case-number-shape' });
  });
});

it('what is made is read back, as shown and in small letters', () => {
  fc.assert(
    fc.property(fc.constant(undefined), () => {
      const [number, code] = [randomText(systemRandom, 9), randomText(systemRandom, 16)];
      expect(readCaseNumber(inGroupsOfThree(number))).toEqual({ ok: true, number });
      expect(readCaseCode(inGroupsOfFour(code).toLowerCase())).toEqual({ ok: true, code });
    }),
  );
});

it('reading is total: anything gives the characters of a code or a refusal', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter, maxLength: 40 }), (typed) => {
      const read = readCaseCode(typed);
      if (read.ok) expect(read.code).toMatch(/^[ACDEFGHJKMNPQRTVWXY34679]{16}$/);
      else expect(read.reason).toBe('case-code-shape');
    }),
  );
});
