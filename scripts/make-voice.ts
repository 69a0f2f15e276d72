// Writes src/human-check/voice/: the digits 0 to 9 as spoken in each language, one WAV file each (8 bit, 8 kHz). They are
// cut from recordings that Debian carries, fetched by apt-get, so it runs on Debian alone. What they are and under which
// licence: src/human-check/voice/LICENSE.md.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeWav, rateHz } from '../src/human-check/wav.ts';

const version = '1.6.1-1';
const recordings = { en: 'en_US_f_Allison', es: 'es_MX_f_Allison' };
const target = fileURLToPath(new URL('../src/human-check/voice/', import.meta.url));

/** What is quieter than this part of the loudest 5 ms is silence; so much is kept around what is not, for soft beginnings. */
const silence = 0.008;
const windowSamples = rateHz / 200;
const keptSamples = rateHz / 40;
/** All digits are equally loud: mean power while there is speech, of 1. */
const loudness = 0.2;
const mostRaised = 6;

const folder = mkdtempSync(join(tmpdir(), 'voice-'));
try {
  for (const [language, voice] of Object.entries(recordings)) {
    const name = `asterisk-core-sounds-${language}-wav`;
    execFileSync('apt-get', ['download', '-qq', `${name}=${version}`], { cwd: folder, stdio: 'inherit' });
    execFileSync('dpkg-deb', ['-x', `${name}_${version}_all.deb`, '.'], { cwd: folder, stdio: 'inherit' });
    for (let digit = 0; digit <= 9; digit += 1) {
      const recorded = readRecording(join(folder, `usr/share/asterisk/sounds/${voice}/digits/${digit}.wav`));
      const clip = level(trim(recorded));
      writeFileSync(join(target, `${language}-${digit}.wav`), encodeWav(clip));
      console.log(`${language} ${digit}: ${(clip.length / rateHz).toFixed(2)} s`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** 16 bit, mono, 8 kHz. */
function readRecording(path: string): number[] {
  const file = readFileSync(path);
  const start = file.indexOf('data') + 8;
  const end = Math.min(file.length, start + file.readUInt32LE(start - 4));
  return Array.from({ length: (end - start) >> 1 }, (_, at) => file.readInt16LE(start + 2 * at) / 32_768);
}

function power(samples: readonly number[]): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

function windowsOf(samples: readonly number[]): number[] {
  const count = Math.floor(samples.length / windowSamples);
  return Array.from({ length: count }, (_, at) => power(samples.slice(at * windowSamples, (at + 1) * windowSamples)));
}

function trim(samples: readonly number[]): number[] {
  const windows = windowsOf(samples);
  const isSpeech = (level: number) => level > silence * Math.max(...windows);
  const from = Math.max(0, windows.findIndex(isSpeech) * windowSamples - keptSamples);
  const to = Math.min(samples.length, (windows.findLastIndex(isSpeech) + 1) * windowSamples + keptSamples);
  return samples.slice(from, to);
}

/**
 * As loud as the others, and no louder than the format holds; the ends fade, so that nothing clicks. An s or an f is a
 * fiftieth of a vowel here, and would drown in any murmur: what is quiet is raised, the quieter the more.
 */
function level(samples: readonly number[]): number[] {
  const windows = windowsOf(samples);
  const loudest = Math.max(...windows);
  const raised = samples.map((sample, at) => {
    const around = windows.slice(Math.max(0, Math.floor(at / windowSamples) - 1), Math.floor(at / windowSamples) + 2);
    const isQuiet = Math.max(silence * loudest, ...around);
    return sample * Math.min(mostRaised, Math.sqrt(loudest / isQuiet));
  });
  const speech = power(windowsOf(raised).filter((each) => each > 0.2 * Math.max(...windowsOf(raised))));
  const peak = raised.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const gain = Math.min(loudness / speech, 0.98 / peak);
  return raised.map((sample, at) => {
    const fade = Math.min(1, at / windowSamples, (samples.length - 1 - at) / windowSamples);
    return sample * gain * fade;
  });
}
