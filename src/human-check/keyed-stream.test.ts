import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { createKeyedStream, textOf } from './keyed-stream.ts';

const key = Buffer.alloc(32, 3);
const nonce = 'nonce 12';
/** Three blocks of the same HMAC: what every node makes of this nonce. */
const bytes = Buffer.concat([0, 1, 2].map((block) => createHmac('sha256', key).update(`${nonce}/${block}`).digest()));

it('is the HMAC of the nonce, block after block without a gap', () => {
  const stream = createKeyedStream(key, nonce);
  expect(Buffer.from(bytes.map(() => stream.below(256)))).toEqual(bytes);
});

it('leaves out what would make one number likelier than another', () => {
  const stream = createKeyedStream(key, nonce);
  // Of 256 numbers 200 fall evenly on a hundred; the last of these and the first of the others are among them here.
  expect([...bytes]).toEqual(expect.arrayContaining([199, 200]));
  const fair = [...bytes].filter((byte) => byte < 200);
  expect(fair.map(() => stream.below(100))).toEqual(fair.map((byte) => byte % 100));
});

it('spreads over a range in 65,536 steps, both ends included', () => {
  const stream = createKeyedStream(key, nonce);
  const steps = Array.from({ length: 48 }, (_, at) => bytes.readUInt16BE(2 * at));
  expect(steps.map(() => stream.between(0, 65_535))).toEqual(steps);
  const again = createKeyedStream(key, nonce);
  for (const step of steps) expect(again.between(-2, 6)).toBeCloseTo(-2 + (8 * step) / 65_535, 10);
});

it('makes a text of an alphabet', () => {
  expect(textOf(createKeyedStream(key, nonce), 'ab', 8)).toBe(
    Array.from(bytes.subarray(0, 8), (byte) => 'ab'[byte % 2]).join(''),
  );
});
