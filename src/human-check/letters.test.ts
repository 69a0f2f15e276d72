import { createHash } from 'node:crypto';
import { crc32, inflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alphabet, drawLetters, lettersOf, normaliseLetters } from './letters.ts';

const key = Buffer.alloc(32, 7);

let drawn: readonly Buffer[] | undefined;
/** A hundred, drawn when they are first asked for. */
const pictures = (): readonly Buffer[] =>
  (drawn ??= Array.from({ length: 100 }, (_, at) => drawLetters(key, `nonce-${at}`)));

/** The rows of pixels in our own PNGs, as they are before they are packed. */
const rowsIn = (png: Buffer): Buffer => inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)));

/** The places of the black pixels, row by row. */
function blackIn(png: Buffer): number[] {
  const rows = rowsIn(png);
  const black: number[] = [];
  for (let at = 0; at < 200 * 70; at += 1) {
    const [x, y] = [at % 200, Math.floor(at / 200)];
    const grey = ((rows[y * 51 + 1 + (x >> 2)] ?? 0) >> (6 - 2 * (x & 3))) & 3;
    if (grey === 0) black.push(at);
  }
  return black;
}

describe('the letters', () => {
  it('are five of the alphabet, each as likely as the others', () => {
    const counts = new Map<string, number>();
    const texts = Array.from({ length: 1_500 }, (_, at) => lettersOf(key, `many-${at}`));
    const shape = new RegExp(`^[${alphabet}]{5}$`);
    expect(texts.filter((text) => !shape.test(text))).toEqual([]);
    for (const letter of texts.join('')) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    const even = (1_500 * 5) / alphabet.length;
    expect(counts.size).toBe(alphabet.length);
    for (const count of counts.values()) expect(Math.abs(count - even)).toBeLessThan(0.2 * even);
  });

  it('differ under another key', () => {
    expect(lettersOf(key, 'nonce')).not.toBe(lettersOf(Buffer.alloc(32, 8), 'nonce'));
  });

  it('are compared without case, spaces and dashes, and in full width', () => {
    expect(normaliseLetters(' ac-e hｊ\n')).toBe('ACEHJ');
    fc.assert(
      fc.property(fc.string(), (typed) => normaliseLetters(normaliseLetters(typed)) === normaliseLetters(typed)),
    );
  });
});

describe('the picture', () => {
  // Two drawings of the same letters, laid over each other, would show what is noise. Whoever changes the drawing writes the
  // new hash here, and knows that nodes of two versions draw two pictures of a challenge until all are new.
  it('is the same each time it is asked for, on every node', () => {
    expect(drawLetters(key, 'nonce').equals(drawLetters(key, 'nonce'))).toBe(true);
    const nonces = Array.from({ length: 24 }, (_, at) => `nonce-${at}`);
    expect(new Set(nonces.flatMap((nonce) => Array.from(lettersOf(key, nonce)))).size).toBe(alphabet.length);
    const hash = createHash('sha256');
    for (const nonce of nonces) hash.update(rowsIn(drawLetters(key, nonce)));
    expect(hash.digest('hex')).toBe('af7fc2cd95a9564fdfe44bd3c6ba68ed198daded9a277f1c2e97f5a2abca9803');
  });

  it('is a PNG of 200 x 70 in 2-bit grey without metadata, of at most 1.5 KB', () => {
    for (const png of pictures()) {
      const types = ['IHDR', 'IDAT', 'IEND'].map((type) => png.indexOf(type));
      // A browser shows nothing of a picture with a wrong sum.
      const sums = types.map((at) => {
        const end = at + 4 + png.readUInt32BE(at - 4);
        return png.readUInt32BE(end) === crc32(png.subarray(at, end));
      });
      const packedBytes = png.readUInt32BE(33);
      expect({
        isShort: png.length <= 1_500,
        signature: png.toString('latin1', 0, 8),
        shape: [png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]],
        types,
        sizeBytes: png.length,
        rowsBytes: rowsIn(png).length,
        sums,
      }).toEqual({
        isShort: true,
        signature: '\u0089PNG\r\n\u001a\n',
        shape: [200, 70, 2, 0],
        types: [12, 37, 41 + packedBytes + 8],
        sizeBytes: 41 + packedBytes + 16,
        rowsBytes: 70 * 51,
        sums: [true, true, true],
      });
    }
  });

  it('has black letters on white, inside its edges', () => {
    for (const png of pictures()) {
      const black = blackIn(png);
      expect(black.length).toBeGreaterThan(900);
      expect(black.length).toBeLessThan(5_000);
      const columns = black.map((at) => at % 200);
      expect([Math.min(...columns) > 0, Math.max(...columns) < 199]).toEqual([true, true]);
      expect([Math.min(...black) >= 200, Math.max(...black) < 200 * 69]).toEqual([true, true]);
    }
  });

  it('has arcs from end to end that no threshold parts from the letters', () => {
    for (const png of pictures().slice(0, 50)) {
      const dark = new Set(blackIn(png).map((at) => at % 200));
      expect(dark.size).toBeGreaterThan(190);
    }
  });

  it('does not tell by its length which letters it holds', () => {
    const lengths = new Set(pictures().map(({ length }) => length));
    expect(lengths.size).toBeGreaterThan(50);
  });
});
