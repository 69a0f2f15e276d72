// Passwords: which are taken (NIST SP 800-63B-4 3.1.1.2: length in code points, no composition rules, a blocklist that
// looks at the whole password) and how they are kept (Argon2id with a pepper that is not in the database).
import { availableParallelism } from 'node:os';
import { hash as argon2Hash, verify as argon2Verify, parseOptions } from '@node-rs/argon2';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { createPool } from '../base/pool.ts';
import type { Random } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import { isListed, readBlocklist } from './blocklist.ts';

export interface StoredPassword {
  /** PHC string: scheme, cost, salt, hash. */
  readonly hash: string;
  /** The key whose pepper went in: the PHC string does not hold it. */
  readonly keyId: string;
}

export type PasswordRefusal =
  | 'password-missing'
  | 'password-short'
  | 'password-long'
  | 'password-common'
  | 'password-named';

export interface Passwords {
  /**
   * Whether `password` may be chosen. `names`: the user ID and the addresses, none of which may make up all of it.
   * `atLeast`: the shortest for whom the setting is too short.
   */
  check(
    password: string,
    context: { readonly names: readonly string[]; readonly atLeast?: number },
  ): Outcome<{ readonly normalised: string }, PasswordRefusal>;
  /**
   * Of a use case that hashes or verifies, one that begins in its turn, and throws `busy` where too many wait: whoever waits or
   * is refused has had nothing read, counted or spent, the same for everyone (D5).
   */
  bounded<Request, T>(useCase: (request: Request) => Promise<T>): (request: Request) => Promise<T>;
  /** What to store of a password that `check` took. */
  hash(normalised: string): Promise<StoredPassword>;
  /**
   * Exactly one Argon2id, whether or not there is an account with a password (D5). False where the key has gone whose
   * pepper went in.
   */
  verify(password: string, stored: StoredPassword | undefined): Promise<boolean>;
  /** Whether to hash again at the next sign-in: made at another cost or with an older pepper. */
  isOutdated(stored: StoredPassword): boolean;
}

export const passwordMaxLength = 256;
/** Decomposed letters have up to four units for the one that NFC makes of them. What is longer is refused unread. */
const readMaxUnits = 4 * passwordMaxLength;

/**
 * Use cases that are begun for each hash at a time: while one hashes, others read and write. All that wait would stand before
 * every page in the line for the database's connections.
 */
export const begunPerHash = 4;

/** Hashes that are given back together while others wait: what comes after a hash finds no cache warm, after others it does. */
const givenTogether = 4;

/** What one Argon2id takes. */
export interface PasswordCost {
  /** KiB. */
  readonly memoryCost: number;
  /** Passes. */
  readonly timeCost: number;
}

/** OWASP's minimum: 19 MiB, two passes, one lane. */
const owaspCost: PasswordCost = { memoryCost: 19_456, timeCost: 2 };
const parallelism = 1;
const saltBytes = 16;
const hashBytes = 32;

function unpadded(bytes: number): string {
  return Buffer.alloc(bytes).toString('base64').replace(/=+$/, '');
}

export interface PasswordsNeeds {
  readonly keys: Keys;
  readonly random: Random;
  readonly minLength: number;
  readonly siteName: string;
  /** How many processes share the cores of this machine. */
  readonly processes?: number | undefined;
  /** Hashes at a time. They run on libuv's four threads, of which files and name look-ups need one. */
  readonly concurrency?: number;
  /** How many may wait: some two seconds' worth. */
  readonly queueMax?: number;
  /** Less only in a test. */
  readonly cost?: PasswordCost | undefined;
}

export function createPasswords({
  keys,
  random,
  minLength,
  siteName,
  processes = 1,
  concurrency = Math.max(1, Math.min(Math.floor(availableParallelism() / processes), 3)),
  queueMax = 64 * concurrency,
  cost: { memoryCost, timeCost } = owaspCost,
}: PasswordsNeeds): Passwords {
  const cost = { memoryCost, timeCost, parallelism };
  /** Compared where there is no password: nobody's, since no input is known to give this hash. */
  const noPassword = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${unpadded(saltBytes)}$${unpadded(hashBytes)}`;
  const begun = createPool({ concurrency: begunPerHash * concurrency, queueMax, of: 'hashes' });
  const hashing = createPool({ concurrency, queueMax: Infinity, together: givenTogether, of: 'hashes' });

  const isCommon = (password: string): boolean => isListed(readBlocklist(), password) || /^(.)\1*$/su.test(password);

  return {
    check(password, { names, atLeast = 0 }) {
      if (password === '') return refuse('password-missing');
      if (password.length > readMaxUnits) return refuse('password-long');
      const normalised = password.normalize('NFC');
      const length = Array.from(normalised).length;
      if (length > passwordMaxLength) return refuse('password-long');
      if (length < Math.max(minLength, atLeast)) return refuse('password-short');
      if (isCommon(normalised)) return refuse('password-common');
      if (isMadeOfNames(normalised, [siteName, ...names])) return refuse('password-named');
      return accept({ normalised });
    },

    bounded: (useCase) => (request) => begun(() => useCase(request)),

    async hash(normalised) {
      const secret = keys.derive('password');
      if (secret === undefined) throw new Error('the current key has gone');
      const salt = random.bytes(saltBytes);
      const hash = await hashing(() => argon2Hash(normalised, { ...cost, outputLen: hashBytes, salt, secret }));
      return { hash, keyId: keys.currentId };
    },

    async verify(password, stored) {
      const pepper = stored && keys.derive('password', stored.keyId);
      const isReadable = password.length <= readMaxUnits;
      const candidate = isReadable ? password.normalize('NFC') : '';
      const hash = stored && pepper ? stored.hash : noPassword;
      const secret = pepper ?? keys.derive('password') ?? Buffer.alloc(hashBytes);
      const isRight = await hashing(() => argon2Verify(hash, candidate, { secret }));
      return isRight && isReadable && pepper !== undefined;
    },

    isOutdated({ hash, keyId }) {
      const made = parseOptions(hash);
      const isCost =
        made.memoryCost === cost.memoryCost &&
        made.timeCost === cost.timeCost &&
        made.parallelism === cost.parallelism &&
        hash.startsWith('$argon2id$');
      return keyId !== keys.currentId || !isCost;
    },
  };
}

/**
 * Whether nothing but names is left of a password once digits and signs are taken away: "lucia1234567890",
 * "Lucia-Lucia-Lucia!", "cornershop2026cornershop". A passphrase that merely contains a name is fine.
 */
function isMadeOfNames(password: string, names: readonly string[]): boolean {
  return [/[^\p{L}\p{M}\p{N}]+/gu, /[^\p{L}\p{M}]+/gu].some((signs) => {
    const bare = (text: string) => text.replace(signs, '').toLowerCase();
    const parts = names
      .flatMap((name) => [bare(name), ...name.split(signs).map(bare)])
      .filter(({ length }) => length > 2);
    return isMadeOf(bare(password), new Set(parts));
  });
}

/** Whether `text` is one or more `parts` in a row. A table of the places reached: a pattern could take exponential time. */
function isMadeOf(text: string, parts: ReadonlySet<string>): boolean {
  const reached = new Set([0]);
  for (let at = 0; at < text.length; at++) {
    if (!reached.has(at)) continue;
    for (const part of parts) if (text.startsWith(part, at)) reached.add(at + part.length);
  }
  return text.length > 0 && reached.has(text.length);
}
