import { describe, expect, it } from 'vitest';
import { createKeys } from '../base/secret.ts';
import { createWork, derive, isWorkDone } from './proof-of-work.ts';

const keys = createKeys([{ id: 'a', secret: Buffer.alloc(32, 1) }]);
const nonce = Buffer.alloc(16, 5).toString('base64url');
const randomOf = (value: number) => ({
  bytes: () => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  },
});
const textOf = (counter: number) => derive(nonce, counter).toString('base64url');

describe('the work', () => {
  it.each([0, 57, 99])('is found by trying counters, here %i', (counter) => {
    const work = createWork({ keys, random: randomOf(counter) }, nonce, 50);
    expect(work.upTo).toBe(100);
    const found = Array.from({ length: work.upTo }, (_, at) => textOf(at)).filter((text) =>
      text.startsWith(work.prefix.slice(0, 21)),
    );
    expect(found).toEqual([textOf(counter)]);
    expect(isWorkDone(keys, nonce, work, found[0] ?? '')).toBe(true);
  });

  it('is never asked for beyond twice its mean', () => {
    const work = createWork({ keys, random: randomOf(0xffff_ffff) }, nonce, 50);
    expect(isWorkDone(keys, nonce, work, textOf(0xffff_ffff % 100))).toBe(true);
  });

  it('is refused when the rest of the derivation is guessed, missing, or for another nonce', () => {
    const work = createWork({ keys, random: randomOf(7) }, nonce, 50);
    const guessed = Buffer.concat([derive(nonce, 7).subarray(0, 16), Buffer.alloc(16)]).toString('base64url');
    for (const answer of ['', work.prefix, guessed, `${textOf(7)}=`])
      expect(isWorkDone(keys, nonce, work, answer)).toBe(false);
    expect(isWorkDone(keys, Buffer.alloc(16, 6).toString('base64url'), work, textOf(7))).toBe(false);
  });
});
