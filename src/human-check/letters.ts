// The picture of five letters: a 2-bit grey PNG of 200 x 70, drawn from our own strokes. Text and distortion come from a
// keyed stream over the nonce alone, so nothing about the answer is in the challenge, and one challenge has one picture.
// Pixels, never vectors: an SVG hands its answer over. A trained network reads these; the limits bound it, not the noise.
import { crc32, deflateSync } from 'node:zlib';
import { createKeyedStream, type KeyedStream, textOf } from './keyed-stream.ts';

/** Letters alone, as the page says, and no two that look alike: no O beside D, no F beside E, no V beside Y. */
export const alphabet = 'ACDEHJKLMNPRTWXYZ';
const length = 5;
const [width, height] = [200, 70];

/** Strokes in a box of 100 x 100; `~` marks a curve, rounded when drawn. */
const glyphs: Readonly<Record<string, string>> = {
  A: '0,100 50,0 100,100/19,66 81,66',
  C: '~96,18 76,0 40,0 4,22 4,78 40,100 76,100 96,82',
  D: '8,100 8,0/~8,0 44,0 96,8 96,92 44,100 8,100',
  E: '92,0 8,0 8,100 92,100/8,49 80,49',
  H: '6,0 6,100/94,0 94,100/6,50 94,50',
  J: '~78,0 78,60 78,100 36,104 10,92 8,70',
  K: '8,0 8,100/94,0 8,58/38,40 98,100',
  L: '10,0 10,100 92,100',
  M: '4,100 4,0 50,62 96,0 96,100',
  N: '8,100 8,0 92,100 92,0',
  P: '8,100 8,0/~8,0 62,0 96,8 96,50 62,56 8,56',
  R: '8,100 8,0/~8,0 62,0 96,8 96,48 62,54 8,54/50,54 98,100',
  T: '0,0 100,0/50,0 50,100',
  W: '0,0 24,100 50,30 76,100 100,0',
  X: '4,0 96,100/96,0 4,100',
  Y: '2,0 50,50 98,0/50,50 50,100',
  Z: '4,0 94,0 4,100 96,100',
};

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The right letters for a nonce. */
export const lettersOf = (key: Buffer, nonce: string): string =>
  textOf(createKeyedStream(key, nonce), alphabet, length);

/** What a person typed, as it is compared: capitals, no spaces or dashes, wide forms folded. */
export const normaliseLetters = (typed: string): string => typed.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();

/** The picture for a nonce, as a PNG file. */
export function drawLetters(key: Buffer, nonce: string): Buffer {
  const stream = createKeyedStream(key, nonce);
  const text = textOf(stream, alphabet, length);
  const canvas = createCanvas();
  drawNoise(canvas, stream);
  const wave = { height: stream.between(1, 3), length: stream.between(45, 80), phase: stream.between(0, 6.28) };
  Array.from(text).forEach((letter, place) => {
    const bend = createBend(stream, place);
    const thick = stream.between(2.1, 2.7);
    for (const stroke of (glyphs[letter] ?? '').split('/')) {
      const path = readStroke(stroke).map((point) => {
        const { x, y } = bend(point);
        return { x, y: y + wave.height * Math.sin((x / wave.length) * 6.28 + wave.phase) };
      });
      drawPath(canvas, path, thick);
    }
  });
  return encodePng(canvas);
}

/** Puts a glyph's box in its place in the picture: a little turned, leaning, wider or taller than the one before. */
function createBend(stream: KeyedStream, place: number): (point: Point) => Point {
  const turn = stream.between(-0.2, 0.2);
  const lean = stream.between(-0.18, 0.18);
  const wide = stream.between(0.2, 0.26);
  const tall = stream.between(0.34, 0.42);
  const middle = { x: 24 + place * 38 + stream.between(-2.5, 2.5), y: height / 2 + stream.between(-4, 4) };
  return ({ x, y }) => {
    const up = (y - 50) * tall;
    const along = (x - 50) * wide - up * lean;
    return {
      x: middle.x + along * Math.cos(turn) - up * Math.sin(turn),
      y: middle.y + along * Math.sin(turn) + up * Math.cos(turn),
    };
  };
}

/**
 * Two thin arcs through the letters, as dark as they are: pale ones go with a threshold. They join what a plain segmenter
 * would cut apart, and are too thin to hide a letter.
 */
function drawNoise(canvas: Canvas, stream: KeyedStream): void {
  for (let arc = 0; arc < 2; arc += 1) {
    const [from, to] = [stream.between(12, height - 12), stream.between(12, height - 12)];
    const bow = stream.between(-26, 26);
    const within = (y: number) => Math.max(3, Math.min(height - 3, y));
    const path = Array.from({ length: 17 }, (_, at) => {
      const part = at / 16;
      return { x: 3 + part * (width - 6), y: within(from + (to - from) * part + bow * Math.sin(Math.PI * part)) };
    });
    drawPath(canvas, path, 0.8);
  }
}

function readStroke(stroke: string): readonly Point[] {
  const points = stroke
    .replace('~', '')
    .split(' ')
    .map((pair) => {
      const [x = 0, y = 0] = pair.split(',').map(Number);
      return { x, y };
    });
  return stroke.startsWith('~') ? roundCorners(roundCorners(points)) : points;
}

/** Cuts each corner at a quarter and three quarters; the ends stay (Chaikin). */
function roundCorners(points: readonly Point[]): Point[] {
  const cut = points.slice(1).flatMap((to, at) => {
    const from = points[at] ?? to;
    const towards = (part: number) => ({ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part });
    return [towards(0.25), towards(0.75)];
  });
  return [...points.slice(0, 1), ...cut, ...points.slice(-1)];
}

/** Grey per pixel: 0 black to 3 white. */
type Canvas = Uint8Array;

const createCanvas = (): Canvas => new Uint8Array(width * height).fill(3);

/** Draws black lines with round ends. */
function drawPath(canvas: Canvas, path: readonly Point[], radius: number): void {
  path.slice(1).forEach((to, at) => drawLine(canvas, path[at] ?? to, to, radius));
}

function drawLine(canvas: Canvas, from: Point, to: Point, radius: number): void {
  const reach = radius + 1;
  const [left, right] = [
    Math.max(0, Math.floor(Math.min(from.x, to.x) - reach)),
    Math.min(width - 1, Math.max(from.x, to.x) + reach),
  ];
  const [top, bottom] = [
    Math.max(0, Math.floor(Math.min(from.y, to.y) - reach)),
    Math.min(height - 1, Math.max(from.y, to.y) + reach),
  ];
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const squared = dx * dx + dy * dy || 1;
  for (let y = top; y <= bottom; y += 1) {
    for (let x = left; x <= right; x += 1) {
      const part = Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / squared));
      const away = Math.hypot(x - from.x - part * dx, y - from.y - part * dy);
      const grey = Math.round(3 * Math.min(1, Math.max(0, away - radius + 0.5)));
      const at = y * width + x;
      if (grey < (canvas[at] ?? 0)) canvas[at] = grey;
    }
  }
}

/** PNG (RFC 2083): grey, 2 bits a pixel, no metadata. */
function encodePng(canvas: Canvas): Buffer {
  const rowBytes = width / 4;
  const rows = Buffer.alloc((rowBytes + 1) * height);
  for (let at = 0; at < canvas.length; at += 1) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const place = y * (rowBytes + 1) + 1 + (x >> 2);
    rows[place] = (rows[place] ?? 0) | ((canvas[at] ?? 0) << (6 - 2 * (x & 3)));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([2, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, sum]);
}
