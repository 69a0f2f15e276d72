// Work that a browser does while the person reads: find the counter whose derivation starts with a given prefix. It sets
// a price per pass and tells nothing about who paid. One derivation to issue, one hash to verify.
import { hash, pbkdf2Sync } from 'node:crypto';
import type { Random } from '../base/random.ts';

export const iterations = 1_000;
const keyBytes = 32;
const prefixBytes = 16;

export interface Work {
  /** Counters run from 0 up to here, this one excluded. */
  readonly upTo: number;
  /** First 16 bytes of the derivation to be found, in hex. */
  readonly prefix: string;
  /**
   * SHA-256 of the whole derivation, in base64url: how it is known again without a derivation. It needs no key, as whoever has
   * it and the prefix still lacks 16 random bytes; and it is signed with the challenge, so it is of this nonce alone.
   */
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
export function createWork(random: Random, nonce: string, derivations: number): Work {
  const upTo = 2 * derivations;
  // The remainder of 32 bits favours low counters by less than 1 in 70,000: of no use to anyone.
  const found = derive(nonce, random.bytes(4).readUInt32BE() % upTo);
  return {
    upTo,
    prefix: found.slice(0, 2 * prefixBytes),
    proof: proofOf(found),
  };
}

/** Whether `answer` is the derivation that was asked for, in hex. What it is compared with is no secret. */
export const isWorkDone = ({ proof }: Work, answer: string): boolean => proofOf(answer) === proof;

const proofOf = (derivation: string): string => hash('sha256', derivation, 'base64url');
