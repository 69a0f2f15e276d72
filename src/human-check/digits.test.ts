import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../config/settings.ts';
import type { Locale } from '../i18n/translate.ts';
import { digitsOf, speakDigits } from './digits.ts';
import { decodeWav, rateHz } from './wav.ts';

const key = Buffer.alloc(32, 5);
const languages = settingsSchema.shape.languages.parse(undefined);
const nonces = Array.from({ length: 8 }, (_, at) => `nonce ${at}`);

const made = new Map<Locale, readonly Buffer[]>();
/** One for each nonce, mixed when they are first asked for. */
function soundsIn(language: Locale): readonly Buffer[] {
  const sounds = made.get(language) ?? nonces.map((nonce) => speakDigits(key, nonce, language));
  made.set(language, sounds);
  return sounds;
}

describe('the digits', () => {
  it('are six, the same each time, and others with another key or nonce', () => {
    expect(digitsOf(key, 'nonce')).toMatch(/^\d{6}$/);
    expect(digitsOf(key, 'nonce')).toBe(digitsOf(key, 'nonce'));
    const all = [digitsOf(key, 'nonce'), digitsOf(key, 'other'), digitsOf(Buffer.alloc(32, 6), 'nonce')];
    expect(new Set(all).size).toBe(3);
  });

  it('are all equally likely', () => {
    const counts = new Map<string, number>();
    for (let at = 0; at < 2_000; at += 1)
      for (const digit of digitsOf(key, `n${at}`)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
    expect(counts.size).toBe(10);
    // 1,200 each; five standard deviations are 164.
    for (const count of counts.values()) expect(Math.abs(count - 1_200)).toBeLessThan(164);
  });
});

describe('the sound', () => {
  it('has a clip for every digit in every language', () => {
    const clips = readdirSync(new URL('voice/', import.meta.url)).filter((name) => name.endsWith('.wav'));
    const wanted = languages.flatMap((language) => Array.from('0123456789', (digit) => `${language}-${digit}.wav`));
    expect(clips.toSorted()).toEqual(wanted.toSorted());
  });

  // Two mixes of the same digits, laid over each other, would tell speech from murmur. Whoever changes the mix writes the new
  // hash here, and knows that nodes of two versions make two sounds of a challenge until all are new.
  it.each([
    ['en', '33e839fb92f46585016bea4bd39f7012e3d0d5cd297c16f1c4733fdc670be9ed'],
    ['es', '803aed9e22651c918e8bab6199f009d93a060a870fbbeeb0d4bed9ee1c85d0e2'],
  ] as const)('in %s is the same each time it is asked for, on every node', (language, golden) => {
    const hash = createHash('sha256');
    for (const file of soundsIn(language)) hash.update(file);
    expect(hash.digest('hex')).toBe(golden);
  });

  it.each(languages)('in %s is an 8-bit WAV at 8 kHz of at most 60 KB, always of one length', (language) => {
    const files = soundsIn(language);
    expect(new Set(files.map(({ length }) => length)).size).toBe(1);
    for (const file of files) {
      expect(file.length).toBeLessThanOrEqual(60_000);
      expect([file.toString('ascii', 0, 4), file.toString('ascii', 8, 16)]).toEqual(['RIFF', 'WAVEfmt ']);
      const [format, channels, bits] = [20, 22, 34].map((at) => file.readUInt16LE(at));
      expect([format, channels, file.readUInt32LE(24), bits]).toEqual([1, 1, rateHz, 8]);
      expect(file.readUInt32LE(4)).toBe(file.length - 8);
      expect(file.includes('CC BY-SA 3.0')).toBe(true);
    }
  });

  it.each(languages)('in %s holds six words that can be told apart, none of them cut off or distorted', (language) => {
    for (const file of soundsIn(language)) {
      const samples = decodeWav(file);
      expect(samples.filter((sample) => Math.abs(sample) >= 1).length).toBe(0);
      const words = wordsIn(samples);
      expect(words).toHaveLength(6);
      // A screen reader may still be speaking; and there is time after the last word, or it would sound cut off.
      expect(words[0]).toBeGreaterThanOrEqual(0.4 * rateHz);
      expect(powersOf(samples.slice(-0.1 * rateHz), 0.1 * rateHz)[0]).toBeLessThan(0.03);
    }
  });

  it.each(languages)(
    'in %s has a murmur from end to end, quieter than any word, so that no gap is silence',
    (language) => {
      for (const file of soundsIn(language)) {
        const powers = powersOf(decodeWav(file), 0.1 * rateHz);
        expect(Math.min(...powers)).toBeGreaterThan(0.002);
        expect(Math.max(...powers)).toBeGreaterThan(10 * Math.min(...powers));
      }
    },
  );

  it('of the same digits differs with the nonce', () => {
    const seen = new Map<string, string>();
    for (let at = 0; ; at += 1) {
      const digits = digitsOf(key, `n${at}`).slice(0, 1);
      const other = seen.get(digits);
      if (other === undefined) seen.set(digits, `n${at}`);
      else return expect(speakDigits(key, other, 'en').equals(speakDigits(key, `n${at}`, 'en'))).toBe(false);
    }
  });
});

/** The root mean square of each piece of so many samples. */
function powersOf(samples: Float32Array, step: number): number[] {
  return Array.from({ length: Math.floor(samples.length / step) }, (_, at) => {
    const piece = samples.slice(at * step, (at + 1) * step);
    return Math.sqrt(piece.reduce((sum, sample) => sum + sample * sample, 0) / step);
  });
}

/** Where it is loud for 80 ms or more, with 0.12 s of quiet between. */
function wordsIn(samples: Float32Array): number[] {
  const step = rateHz / 100;
  const words: number[] = [];
  let [since, quiet] = [-1, 0];
  for (const [index, power] of powersOf(samples, step).entries()) {
    const at = index * step;
    if (power > 0.03) {
      if (since < 0) since = at;
      quiet = 0;
    } else if (since >= 0 && ++quiet > 12) {
      if (at - quiet * step - since >= 8 * step) words.push(since);
      since = -1;
    }
  }
  return words;
}
