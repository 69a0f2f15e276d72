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
  | { readonly kind: 'spare'; readonly code: string };

/**
 * The code of the app or a spare code, from the same field: spaces, dashes, small letters and full-width digits are
 * forgiven. What is neither is refused before a try is spent.
 */
export function readSecondCode(typed: string): Outcome<{ code: SecondCode }, 'second-missing' | 'second-shape'> {
  if (typed.trim() === '') return refuse('second-missing');
  if (typed.length > longestTyped) return refuse('second-shape');
  const bare = typed
    .normalize('NFKC')
    .replace(/[\s\p{Pd}]/gu, '')
    .toUpperCase();
  if (bare.length === digits && /^\d+$/.test(bare)) return accept({ code: { kind: 'app', code: bare } });
  const isSpare = bare.length === spareLength && Array.from(bare).every((sign) => spareAlphabet.includes(sign));
  return isSpare ? accept({ code: { kind: 'spare', code: bare } }) : refuse('second-shape');
}

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

/** A random spare code, by rejection sampling. */
export function newSpareCode(random: Random): string {
  let code = '';
  while (code.length < spareLength) {
    const [byte = 255] = random.bytes(1);
    if (byte < 240) code += spareAlphabet[byte % spareAlphabet.length] ?? '';
  }
  return code;
}
