// The one source of chance: a CSPRNG, passed in so that tests can fix it.
import { randomBytes } from 'node:crypto';

export interface Random {
  /** `length` bytes from a cryptographically secure generator. */
  bytes(length: number): Buffer;
}

const drawnAtOnce = 4_096;

export const systemRandom: Random = createSystemRandom();

/** One call of the generator for many small draws, as it costs more than what it gives. Each byte is given out once. */
function createSystemRandom(): Random {
  let drawn = Buffer.alloc(0);
  return {
    bytes(length) {
      if (length > drawn.length) drawn = randomBytes(Math.max(length, drawnAtOnce));
      const given = Buffer.from(drawn.subarray(0, length));
      drawn.fill(0, 0, length);
      drawn = drawn.subarray(length);
      return given;
    },
  };
}

/**
 * Ids that sort by their time (UTC epoch ms), and within one by their turn in this process. Rows that are written together
 * lie together in the index, so that a commit changes a page of it and not one for each row.
 */
export function createOrderedIds(random: Random): (now: number) => string {
  let last = { at: 0, count: 0 };
  return (now) => {
    last = { at: now, count: now === last.at ? last.count + 1 : 0 };
    return `${now.toString(36).padStart(9, '0')}${last.count.toString(36).padStart(4, '0')}${randomToken(random)}`;
  };
}

/** An unguessable value: 128 bits, base64url, 22 characters (ASVS 5.0 11.5.1: a UUID does not qualify). */
export const randomToken = (random: Random): string => random.bytes(16).toString('base64url');
