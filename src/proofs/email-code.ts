// The mailed code and the links beside it: how they are made, read and compared.
// A code exists in clear only here and in the mail; the database holds keyed hashes of it (D2).
import { createHmac } from 'node:crypto';
import { secondMs } from '../base/clock.ts';
import type { Keys } from '../base/secret.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Limits } from '../limits/limits.ts';

export type CodeDigits = 8 | 12;

/** How often a code can be tried, and how long until its mail can be asked for again: D2 and D3, for whatever it proves. */
export const maxTries = 5;
export const resendWaitMs = 60 * secondMs;

const maxTypedLength = 200;

/**
 * What a person typed or pasted, as bare digits: white space, dashes, line ends, words around it and full-width digits
 * are forgiven. Anything that is not 8 or 12 digits then is refused before a try is spent; no answer tells which of the two is in force.
 */
export function readCode(typed: string): Outcome<{ code: string }, 'code-missing' | 'code-shape'> {
  if (typed.trim() === '') return refuse('code-missing');
  if (typed.length > maxTypedLength) return refuse('code-shape');
  const code = typed.replace(/[\uFF10-\uFF19]/g, (digit) => String(digit.charCodeAt(0) - 0xff10)).replace(/\D/g, '');
  return code.length === 8 || code.length === 12 ? accept({ code }) : refuse('code-shape');
}

/** What a code is made from. The same facts give the same digits, so a code is never stored and late mail never hurts. */
export interface CodeFacts {
  /** Id of the recovery or sign-up that it proves, or of the notice that it stands in. */
  readonly subjectId: string;
  readonly generation: number;
  /** 128 bits, base64url, from the row. */
  readonly random: string;
  readonly keyId: string;
  readonly digits: CodeDigits | 6;
}

/** The digits, by rejection sampling from HMAC-SHA-256. `undefined`: the key that made it is no longer live. */
export function deriveCode(
  keys: Keys,
  { subjectId, generation, random, keyId, digits }: CodeFacts,
): string | undefined {
  const key = keys.derive('code', keyId);
  if (!key) return undefined;
  let code = '';
  for (let block = 0; code.length < digits; block += 1) {
    const bytes = createHmac('sha256', key)
      .update(JSON.stringify([subjectId, generation, random, block]))
      .digest();
    for (const byte of bytes) {
      // 250 is the largest multiple of 10 in a byte: what lies above would favour the low digits.
      if (byte < 250 && code.length < digits) code += byte % 10;
    }
  }
  return code;
}

/** The keyed hash that a mailed code is stored and compared as. */
export const codeHash = (keys: Keys, subjectId: string, code: string): string =>
  keys.hash('code-hash', subjectId, code);

export const isCode = (keys: Keys, hash: string, subjectId: string, code: string): boolean =>
  keys.matches('code-hash', hash, subjectId, code);

/**
 * The token in a mail's link: 128 bits, derived, so that a retry of the mail carries the same link. `mailId`: of the mail; of
 * the sign-up, whose mails have one link.
 */
export function deriveLinkToken(
  keys: Keys,
  purpose: 'continue' | 'stop' | 'grant' | 'sign-up',
  mailId: string,
  keyId: string,
): string | undefined {
  const key = keys.derive('link', keyId);
  if (!key) return undefined;
  return createHmac('sha256', key)
    .update(JSON.stringify([purpose, mailId]))
    .digest()
    .subarray(0, 16)
    .toString('base64url');
}

export const linkHash = (keys: Keys, token: string): string => keys.hash('link', token);
export const linkHashes = (keys: Keys, token: string): string[] => keys.hashes('link', token);

/**
 * One of the tries that a browser (the handle that it keeps) has under a mail's link. The token is looked up first, so that
 * made-up ones leave no counters behind.
 */
export const takeBrowserTry = (
  { keys, limits }: { readonly keys: Keys; readonly limits: Limits },
  { token, browser }: { readonly token: string; readonly browser: string },
) => limits.take('link-try', keys.hash('link', token, browser));
