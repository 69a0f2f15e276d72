// Work that a browser does while the person reads: find the counter whose derivation starts with a given prefix. It sets
// a price per pass and tells nothing about who paid. One derivation to issue, one HMAC to verify.
import { pbkdf2Sync } from 'node:crypto';
import type { Random } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';

export const iterations = 1_000;
const keyBytes = 32;
const prefixBytes = 16;

export interface Work {
  /** Counters run from 0 up to here, this one excluded. */
  readonly upTo: number;
  /** First 16 bytes of the derivation to be found, in hex. */
  readonly prefix: string;
  /** Keyed hash of the whole derivation: how it is known again without a derivation. */
  readonly proof: string;
}

/** PBKDF2-SHA-256, in hex. The counter is the salt, so that a browser imports the nonce as a key only once. */
export function derive(nonce: string, counter: number): string {
  const salt = Buffer.alloc(4);
  salt.writeUInt32BE(counter);
  return pbkdf2Sync(nonce, salt, iterations, keyBytes, 'sha256').toString('hex');
}

/**
 * Costs `derivations` on average and twice as many at most: the counter is anywhere in [0, 2N). In [N, 2N] whoever
 * starts at N would pay half of N.
 */
export function createWork({ keys, random }: { keys: Keys; random: Random }, nonce: string, derivations: number): Work {
  const upTo = 2 * derivations;
  // The remainder of 32 bits favours low counters by less than 1 in 70,000: of no use to anyone.
  const found = derive(nonce, random.bytes(4).readUInt32BE() % upTo);
  return {
    upTo,
    prefix: found.slice(0, 2 * prefixBytes),
    proof: keys.hash('work', nonce, found),
  };
}

/** Whether `answer` is the derivation that was asked for, in hex. */
export const isWorkDone = (keys: Keys, nonce: string, { proof }: Work, answer: string): boolean =>
  keys.matches('work', proof, nonce, answer);
