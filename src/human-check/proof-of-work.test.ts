import { describe, expect, it } from 'vitest';
import { createWork, derive, isWorkDone } from './proof-of-work.ts';

const nonce = 'a nonce';
const randomOf = (value: number) => ({
  bytes: () => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  },
});
const textOf = (counter: number) => derive(nonce, counter);
/** What a browser tries. */
const texts = Array.from({ length: 100 }, (_, counter) => textOf(counter));

describe('the work', () => {
  it.each([0, 57, 99])('is found by trying counters, here %i', (counter) => {
    const work = createWork(randomOf(counter), nonce, 50);
    expect(work.upTo).toBe(100);
    const found = texts.filter((text) => text.startsWith(work.prefix));
    expect(found).toEqual([texts[counter]]);
    expect(isWorkDone(work, found[0] ?? '')).toBe(true);
  });

  it('is never asked for beyond twice its mean', () => {
    const work = createWork(randomOf(0xffff_ffff), nonce, 50);
    expect(isWorkDone(work, textOf(0xffff_ffff % 100))).toBe(true);
  });

  it('is refused when the rest of the derivation is guessed, missing, or for another nonce', () => {
    const work = createWork(randomOf(7), nonce, 50);
    for (const answer of ['', work.prefix, work.prefix.padEnd(64, '0'), `${textOf(7)}0`, textOf(7).toUpperCase()])
      expect(isWorkDone(work, answer)).toBe(false);
    expect(isWorkDone(createWork(randomOf(7), 'another', 50), textOf(7))).toBe(false);
    expect(isWorkDone({ ...work, proof: '' }, '')).toBe(false);
  });
});
