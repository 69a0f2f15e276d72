// The number printed in a notice of a change and in no address: whoever types it under the notice's link has that mail
// before their eyes (D9, D11). Six digits are enough, for the link alone is 128 bits that nobody guesses.
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Keys } from '../base/secret.ts';
import { codeHash, deriveCode, deriveLinkToken, linkHash } from './email-code.ts';

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

/** What goes into the mail of a notice, and what of it is kept. */
export interface NoticeSecrets {
  /** Of the link "This was not me". */
  readonly stopToken: string;
  readonly number: string;
  readonly kept: {
    readonly stop_hash: string;
    readonly number_hash: string;
    readonly key_id: string;
    readonly tries: number;
  };
}

/** `keyId`: of the first try of the mail, which may have arrived too. `undefined`: that key is no longer live. */
export function makeNotice(
  keys: Keys,
  { noticeId, keyId }: { readonly noticeId: string; readonly keyId: string },
): NoticeSecrets | undefined {
  const stopToken = deriveLinkToken(keys, 'stop', noticeId, keyId);
  const number = deriveNumber(keys, { noticeId, keyId });
  if (stopToken === undefined || number === undefined) return undefined;
  const hashes = { stop_hash: linkHash(keys, stopToken), number_hash: codeHash(keys, noticeId, number) };
  return { stopToken, number, kept: { ...hashes, key_id: keyId, tries: 0 } };
}
