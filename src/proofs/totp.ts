// The codes of a second factor, pure: how what was typed is read, and which 30 seconds a code of the app belongs to.
// TOTP as in RFC 6238, with what every app can do: SHA-1, 6 digits, steps of 30 s.
import { Secret, TOTP } from 'otpauth';
import { secondMs } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Random } from '../base/random.ts';

export const stepMs = 30 * secondMs;
/** Steps before and after the one that is running: clocks differ, and typing takes a while. */
const window = 1;
const digits = 6;
/** RFC 4226 §4: 160 bits. */
const secretBytes = 20;

/** No letter or digit that is taken for another. */
const spareAlphabet = 'ACDEFGHJKMNPQRTVWXY34679';
export const spareLength = 10;
const longestTyped = 100;

export type SecondCode =
  | { readonly kind: 'app'; readonly code: string }
  /** Two codes that the app showed one after the other: no number of strangers guesses them. */
  | { readonly kind: 'pair'; readonly code: string }
  | { readonly kind: 'spare'; readonly code: string };

/**
 * The code of the app or a spare code, from the same field: spaces, dashes, small letters and full-width digits are
 * forgiven. What is neither is refused before a try is spent.
 */
export function readSecondCode(typed: string): Outcome<{ code: SecondCode }, 'second-missing' | 'second-shape'> {
  if (typed.trim() === '') return refuse('second-missing');
  const bare = bareOf(typed);
  if (isDigits(bare, digits)) return accept({ code: { kind: 'app', code: bare } });
  return isSpare(bare) ? accept({ code: { kind: 'spare', code: bare } }) : refuse('second-shape');
}

/** The same for a case, where no password comes first: two codes of the app, one after the other, or a spare code. */
export function readProofCode(
  typed: string,
): Outcome<{ code: SecondCode }, 'proof-code-missing' | 'proof-code-one' | 'proof-code-shape'> {
  if (typed.trim() === '') return refuse('proof-code-missing');
  const bare = bareOf(typed);
  if (isDigits(bare, 2 * digits)) return accept({ code: { kind: 'pair', code: bare } });
  if (isDigits(bare, digits)) return refuse('proof-code-one');
  return isSpare(bare) ? accept({ code: { kind: 'spare', code: bare } }) : refuse('proof-code-shape');
}

/** Empty where it is too long to be any code. */
const bareOf = (typed: string): string =>
  typed.length > longestTyped
    ? ''
    : typed
        .normalize('NFKC')
        .replace(/[\s\p{Pd}]/gu, '')
        .toUpperCase();
const isDigits = (bare: string, length: number) => bare.length === length && /^\d+$/.test(bare);
const isSpare = (bare: string) =>
  bare.length === spareLength && Array.from(bare).every((sign) => spareAlphabet.includes(sign));

/** A new secret, base32 as apps take it. */
export const newSecret = (random: Random): string =>
  new Secret({ buffer: new Uint8Array(random.bytes(secretBytes)).buffer }).base32;

const totpOf = (secret: string, names: { readonly issuer?: string; readonly label?: string } = {}) =>
  new TOTP({ ...names, secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits, period: stepMs / secondMs });

/** The address that the QR code holds, and that opens an app on a phone. */
export const uriOf = (secret: string, { issuer, label }: { readonly issuer: string; readonly label: string }): string =>
  totpOf(secret, { issuer, label }).toString();

/** What the app shows at a time: for the demo, which has no phone. `at`: UTC epoch ms. */
export const codeAt = (secret: string, at: number): string => totpOf(secret).generate({ timestamp: at });

/** The number of the step whose code this is; `undefined` outside the window. `now`: UTC epoch ms. */
export function stepOf(secret: string, code: string, now: number): number | undefined {
  const delta = totpOf(secret).validate({ token: code, timestamp: now, window });
  return delta === null ? undefined : Math.floor(now / stepMs) + delta;
}

/** Steps that the first of two codes may lie back: whoever types both has waited for the second. */
const pairWindow = 4;

/** The steps of two codes that follow each other; `undefined`: they do not, or it is too long ago. `now`: UTC epoch ms. */
export function stepsOfPair(
  secret: string,
  pair: string,
  now: number,
): { readonly first: number; readonly last: number } | undefined {
  const totp = totpOf(secret);
  const isOf = (token: string, step: number) => totp.validate({ token, timestamp: step * stepMs, window: 0 }) !== null;
  const current = Math.floor(now / stepMs);
  for (let first = current; first >= current - pairWindow; first -= 1)
    if (isOf(pair.slice(0, digits), first) && isOf(pair.slice(digits), first + 1)) return { first, last: first + 1 };
  return undefined;
}

/** A random spare code, by rejection sampling. */
export function newSpareCode(random: Random): string {
  let code = '';
  while (code.length < spareLength) {
    const [byte = 255] = random.bytes(1);
    if (byte < 240) code += spareAlphabet[byte % spareAlphabet.length] ?? '';
  }
  return code;
}
