import { expect, it } from 'vitest';
import { decodeWav, encodeWav } from './wav.ts';

it('is a file of one channel, 8 bits and 8 kHz, byte for byte', () => {
  expect(encodeWav([0, 1, -1, 0.5]).toString('latin1')).toBe(
    'RIFF\x28\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x04\0\0\0\x80\xff\x01\xc0',
  );
});

it('says whose voice it is, in a chunk that ends with a zero and has an even length', () => {
  const sound = encodeWav([0, 0]);
  for (const [credit, text] of [
    ['Ann', 'Ann\0'],
    ['Anna', 'Anna\0\0'],
  ] as const) {
    const file = encodeWav([0, 0], credit);
    const info = `LIST${String.fromCharCode(12 + text.length)}\0\0\0INFOICOP${String.fromCharCode(text.length)}\0\0\0${text}`;
    expect(file.subarray(sound.length).toString('latin1')).toBe(info);
    expect(file.readUInt32LE(4)).toBe(file.length - 8);
  }
});

it('is loudest at the ends of its range and no sample turns round there', () => {
  const file = encodeWav([2, -2, 1.004, -1.1]);
  expect([...file.subarray(44)]).toEqual([255, 0, 255, 0]);
});

it('fills up an odd number of samples, with silence that is none of them', () => {
  const file = encodeWav([1, 1, 1]);
  expect([...file.subarray(40)]).toEqual([3, 0, 0, 0, 255, 255, 255, 128]);
  expect(file.readUInt32LE(4)).toBe(file.length - 8);
  expect(decodeWav(file)).toHaveLength(3);
});

it('is read back as it was made', () => {
  const samples = [0, 1, -1, 0.5, -0.25];
  const read = decodeWav(encodeWav(samples, 'Ann'));
  expect(Array.from(read, (sample) => Math.round(4 * sample) / 4)).toEqual(samples);
  expect(read[1]).toBe(1);
});
