// Numbers from HMAC-SHA-256(key, nonce and block number), without end and the same each time: what a challenge asks for is
// never in the challenge, only in what the key makes of its nonce.
import { createHmac } from 'node:crypto';

export interface KeyedStream {
  /** Uniform in 0..bound-1, by rejection; `bound` is at most 256. */
  below(bound: number): number;
  /** Anywhere between, in 65,536 steps. */
  between(low: number, high: number): number;
}

export function createKeyedStream(key: Buffer, nonce: string): KeyedStream {
  let block = Buffer.alloc(0);
  let blocks = 0;
  let at = 0;
  const byte = (): number => {
    if (at === block.length) {
      block = createHmac('sha256', key).update(`${nonce}/${blocks}`).digest();
      blocks += 1;
      at = 0;
    }
    at += 1;
    return block[at - 1] ?? 0;
  };
  return {
    below(bound) {
      for (;;) {
        const value = byte();
        if (value < 256 - (256 % bound)) return value % bound;
      }
    },
    between: (low, high) => low + ((high - low) * (byte() * 256 + byte())) / 65_535,
  };
}

/** So many characters of an alphabet, each as likely as any other. */
export const textOf = (stream: KeyedStream, alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet.charAt(stream.below(alphabet.length))).join('');
