// The number printed in a notice of a change and in no address: whoever types it under the notice's link has that mail
// before their eyes (D9, D11). Six digits are enough, for the link alone is 128 bits that nobody guesses.
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Keys } from '../base/secret.ts';
import { deriveCode } from './email-code.ts';

export const numberDigits = 6;
export const maxNoticeTries = 20;

const maxTypedLength = 200;

/** What was typed or pasted, as bare digits. Anything that is not six of them is refused before a try is spent. */
export function readNumber(typed: string): Outcome<{ number: string }, 'number-missing' | 'number-shape'> {
  if (typed.trim() === '') return refuse('number-missing');
  if (typed.length > maxTypedLength) return refuse('number-shape');
  const number = typed.replace(/[\uFF10-\uFF19]/g, (digit) => String(digit.charCodeAt(0) - 0xff10)).replace(/\D/g, '');
  return number.length === numberDigits ? accept({ number }) : refuse('number-shape');
}

/** `undefined`: the key that made it is no longer live. The same at every retry of the mail. */
export const deriveNumber = (
  keys: Keys,
  { noticeId, keyId }: { noticeId: string; keyId: string },
): string | undefined =>
  deriveCode(keys, { subjectId: noticeId, generation: 0, random: 'notice', keyId, digits: numberDigits });
