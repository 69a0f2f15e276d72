// Six spoken digits, for whoever cannot see the letters: a WAV of clips that were made beforehand (voice/LICENSE.md), one
// after another, with gaps, pace and a murmur that differ each time. Like the letters they come from a keyed stream over
// the nonce alone. A recogniser hears them as people do: the limits bound it, not the murmur.
import { readFileSync } from 'node:fs';
import type { Locale } from '../i18n/translate.ts';
import { createKeyedStream, type KeyedStream, textOf } from './keyed-stream.ts';
import { decodeWav, encodeWav, rateHz } from './wav.ts';

const digits = '0123456789';
const digitCount = 6;
const lengthMs = 7_300;
/** A screen reader that has just said what was pressed gets time to end. */
const leadMs = 400;
const perMs = rateHz / 1_000;

/** What the licence of the recordings asks for, in every file that is made of them. */
const credit =
  'Voice: Allison Smith. CC BY-SA 3.0, https://creativecommons.org/licenses/by-sa/3.0/ Changed: cut, mixed, with noise.';

/** The right digits for a nonce. */
export const digitsOf = (key: Buffer, nonce: string): string =>
  textOf(createKeyedStream(key, nonce), digits, digitCount);

/** The digits for a nonce, spoken. Always as long, so that the length tells nothing: 58 KB. */
export function speakDigits(key: Buffer, nonce: string, locale: Locale): Buffer {
  const stream = createKeyedStream(key, nonce);
  const said: readonly Spoken[] = Array.from(textOf(stream, digits, digitCount), (digit) => ({
    clip: clipOf(locale, digit),
    pace: stream.between(1, 1.08),
    gain: stream.between(0.75, 1),
  }));
  const weights = said.map(() => stream.between(0.7, 1.3));
  const speech = said.reduce((sum, spoken) => sum + samplesOf(spoken), 0);
  // What is left for the gaps, the one after the last digit too.
  const silence = (lengthMs - leadMs) * perMs - speech;
  const share = silence / weights.reduce((sum, weight) => sum + weight, 0);

  const sound = new Float32Array(lengthMs * perMs);
  murmur(sound, stream, locale);
  let from = leadMs * perMs;
  said.forEach((spoken, place) => {
    mix(sound, Math.round(from), spoken);
    from += samplesOf(spoken) + share * (weights[place] ?? 0);
  });
  return encodeWav(sound, credit);
}

interface Spoken {
  readonly clip: Float32Array;
  /** Above 1 it is spoken faster, and a little higher. */
  readonly pace: number;
  readonly gain: number;
}

const samplesOf = ({ clip, pace }: Spoken): number => Math.ceil(clip.length / pace);

function mix(sound: Float32Array, from: number, spoken: Spoken): void {
  const { clip, pace, gain } = spoken;
  const length = Math.min(samplesOf(spoken), sound.length - from);
  for (let at = 0; at < length; at += 1) {
    const place = Math.floor(at * pace);
    const part = at * pace - place;
    const sample = (clip[place] ?? 0) * (1 - part) + (clip[place + 1] ?? 0) * part;
    sound[from + at] = (sound[from + at] ?? 0) + gain * sample;
  }
}

/** Speech that says nothing (digits backwards, slowly and quietly) over a soft hiss, from end to end. */
function murmur(sound: Float32Array, stream: KeyedStream, locale: Locale): void {
  for (let from = 0; from < sound.length; ) {
    const clip = clipOf(locale, textOf(stream, digits, 1)).toReversed();
    const spoken = { clip, pace: stream.between(0.75, 0.95), gain: stream.between(0.03, 0.07) };
    mix(sound, from, spoken);
    from += Math.round(samplesOf(spoken) * stream.between(0.6, 0.9));
  }
  const next = noise(stream);
  let held = 0;
  for (let at = 0; at < sound.length; at += 1) {
    held = 0.7 * held + 0.3 * next();
    sound[at] = (sound[at] ?? 0) + 0.025 * held;
  }
}

/** Numbers from -1 to 1 (xorshift): noise has to be cheap, and nothing is hidden in it. */
function noise(stream: KeyedStream): () => number {
  let state = 1 + Math.round(stream.between(0, 2 ** 31));
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}

const clips = new Map<string, Float32Array>();

/** Read when it is first asked for. */
function clipOf(locale: Locale, digit: string): Float32Array {
  const name = `${locale}-${digit}.wav`;
  const known = clips.get(name);
  if (known) return known;
  const clip = decodeWav(readFileSync(new URL(`voice/${name}`, import.meta.url)));
  clips.set(name, clip);
  return clip;
}
