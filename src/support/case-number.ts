// The number and the code of a case: how they are made, shown and read back. People copy them by hand and read them out.
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Random } from '../base/random.ts';

export const numberLength = 9;
export const caseCodeLength = 16;

/** Without 0/O, 1/I/L, 2/Z, 5/S, 8/B and U: read out on the phone without slips. 24 characters: a byte below 240 picks evenly. */
const alphabet = 'ACDEFGHJKMNPQRTVWXY34679';

const maxTypedLength = 200;

/** Letters that look like one of ours on another keyboard, and the one of ours that they can only mean. */
const lookAlikes: Readonly<Record<string, string>> = {
  U: 'V',
  // Greek
  Α: 'A',
  Ε: 'E',
  Η: 'H',
  Κ: 'K',
  Μ: 'M',
  Ν: 'N',
  Ρ: 'P',
  Τ: 'T',
  Υ: 'Y',
  Χ: 'X',
  // Cyrillic
  А: 'A',
  С: 'C',
  Е: 'E',
  З: '3',
  Н: 'H',
  К: 'K',
  М: 'M',
  Р: 'P',
  Т: 'T',
  У: 'Y',
  Х: 'X',
};

export function randomText(random: Random, length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random.bytes(length)) {
      if (byte < 240 && text.length < length) text += alphabet[byte % alphabet.length] ?? '';
    }
  }
  return text;
}

/** Nine characters, whatever spaces, dashes, lower case and look-alikes they were typed with. */
export function readCaseNumber(typed: string): Outcome<{ number: string }, 'case-number-shape'> {
  const number = read(typed, numberLength);
  return number === undefined ? refuse('case-number-shape') : accept({ number });
}

/** The same for the sixteen of a case code. */
export function readCaseCode(typed: string): Outcome<{ code: string }, 'case-code-shape'> {
  const code = read(typed, caseCodeLength);
  return code === undefined ? refuse('case-code-shape') : accept({ code });
}

function read(typed: string, length: number): string | undefined {
  if (typed.length > maxTypedLength) return undefined;
  const plain = typed
    .replace(/[\uFF10-\uFF5A]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/[\s\p{Pd}\p{Cf}._:/]/gu, '')
    .toUpperCase();
  const meant = Array.from(plain, (character) => lookAlikes[character] ?? character);
  return meant.length === length && meant.every((character) => alphabet.includes(character))
    ? meant.join('')
    : undefined;
}

/** `ACD EFG HJK`. */
export const inGroupsOfThree = (number: string): string => number.replace(/(.{3})(?=.)/g, '$1 ');
/** `ACDE FGHJ KMNP QRTV`. */
export const inGroupsOfFour = (code: string): string => code.replace(/(.{4})(?=.)/g, '$1 ');
