// The one source of chance: a CSPRNG, passed in so that tests can fix it.
import { randomBytes } from 'node:crypto';

export interface Random {
  /** `length` bytes from a cryptographically secure generator. */
  bytes(length: number): Buffer;
}

export const systemRandom: Random = { bytes: (length) => randomBytes(length) };

/** An unguessable value: 128 bits, base64url, 22 characters (ASVS 5.0 11.5.1: a UUID does not qualify). */
export const randomToken = (random: Random): string => random.bytes(16).toString('base64url');
