// Sound as a WAV file that every browser plays: one channel, 8 bits a sample, 8 kHz, as a telephone has it.

export const rateHz = 8_000;
const headerBytes = 44;

/** `samples` from -1 to 1. `credit` says whose voice it is, in the file itself: in its INFO chunk, as `ICOP`. */
export function encodeWav(samples: ArrayLike<number>, credit = ''): Buffer {
  const data = Buffer.alloc(samples.length + (samples.length % 2), 128);
  for (let at = 0; at < samples.length; at += 1)
    data[at] = Math.max(0, Math.min(255, Math.round(128 + 127 * (samples[at] ?? 0))));
  const header = Buffer.alloc(headerBytes);
  const info = credit === '' ? Buffer.alloc(0) : infoChunk(credit);
  header.write('RIFF', 0);
  header.writeUInt32LE(headerBytes - 8 + data.length + info.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rateHz, 24);
  header.writeUInt32LE(rateHz, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, data, info]);
}

function infoChunk(credit: string): Buffer {
  // Ends with a zero, and has an even length.
  const text = Buffer.alloc((credit.length + 2) & ~1);
  text.write(credit);
  const head = Buffer.alloc(20);
  head.write('LIST', 0);
  head.writeUInt32LE(12 + text.length, 4);
  head.write('INFOICOP', 8);
  head.writeUInt32LE(text.length, 16);
  return Buffer.concat([head, text]);
}

/** The samples of a file that `encodeWav` made, from -1 to 1. */
export function decodeWav(file: Buffer): Float32Array {
  const samples = new Float32Array(file.readUInt32LE(headerBytes - 4));
  // Filled in place: `Float32Array.from` takes five times as long.
  for (let at = 0; at < samples.length; at += 1) samples[at] = ((file[headerBytes + at] ?? 128) - 128) / 127;
  return samples;
}
