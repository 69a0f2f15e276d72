// Who reads the letters without eyes: a stock recogniser (Tesseract), and a comparison with pictures that the attacker drew
// with this very code, which is public. What they read is printed as measured; only Tesseract has a ceiling.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { alphabet, drawLetters, lettersOf, normaliseLetters } from '../../src/human-check/letters.ts';

const count = 500;
const ceiling = 0.01;
const [width, height] = [200, 70];
const key = Buffer.alloc(32, 7);
const foreignKey = Buffer.alloc(32, 8);

/** 0 black to 3 white, of our own 2-bit PNG. */
function pixelsOf(png: Buffer): Uint8Array {
  const size = png.readUInt32BE(33);
  const rows = inflateSync(png.subarray(41, 41 + size));
  return Uint8Array.from({ length: width * height }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return ((rows[y * (width / 4 + 1) + 1 + (x >> 2)] ?? 0) >> (6 - 2 * (x & 3))) & 3;
  });
}

/**
 * Only what is at least three pixels thick in every direction: the letters stay, and the arcs over them go (opening, the first
 * thing that any manual of image processing advises).
 */
function withoutThinLines(pixels: Uint8Array): Uint8Array {
  const thick = new Uint8Array(pixels.length).fill(3);
  const block = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => dy * width + dx));
  for (let at = width + 1; at < pixels.length - width - 1; at += 1) {
    if (block.every((away) => pixels[at + away] === 0)) for (const away of block) thick[at + away] = 0;
  }
  return thick;
}

/** A picture for Tesseract as its manuals advise: larger, black on white, the arcs gone. PGM. */
function cleaned(pixels: Uint8Array): Buffer {
  const times = 3;
  const [wide, tall] = [width * times, height * times];
  const body = Buffer.alloc(wide * tall, 255);
  for (let at = 0; at < body.length; at += 1) {
    const [x, y] = [Math.floor((at % wide) / times), Math.floor(Math.floor(at / wide) / times)];
    if (pixels[y * width + x] === 0) body[at] = 0;
  }
  return Buffer.concat([Buffer.from(`P5\n${wide} ${tall}\n255\n`), body]);
}

/** What Tesseract reads in each picture. */
async function tesseract(files: readonly string[], folder: string, more: readonly string[]): Promise<string[]> {
  const list = join(folder, 'list.txt');
  await writeFile(list, files.join('\n'));
  const out = join(folder, 'read');
  const { status, error, stderr } = spawnSync('tesseract', [list, out, ...more], {
    encoding: 'utf8',
    env: { ...process.env, OMP_THREAD_LIMIT: '1' },
  });
  if (status !== 0) throw new Error(`tesseract: ${error?.message ?? stderr}`);
  // One page a picture, each ended by a form feed.
  return (await readFile(`${out}.txt`, 'utf8')).split('\f').slice(0, files.length);
}

// A letter stands in a place of 38 px, and is looked for a few px to either side.
const [placeWidth, placeStart, placeStep] = [44, 24, 38];
const [columns, rows] = [16, 16];
const features = columns * rows;

/** One letter's place, cropped to its ink and scaled to 16 x 16: how black each cell is. Turned and bent as it is. */
function cut(pixels: Uint8Array, place: number): Float32Array {
  const from = Math.max(0, placeStart + place * placeStep - placeWidth / 2);
  const to = Math.min(width, from + placeWidth);
  let [left, right, top, bottom] = [to, from, height, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = from; x < to; x += 1) {
      if (pixels[y * width + x] !== 0) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
  }
  const cells = new Float32Array(features);
  const [wide, tall] = [Math.max(1, right - left + 1), Math.max(1, bottom - top + 1)];
  for (let y = top; y <= bottom; y += 1) {
    for (let x = left; x <= right; x += 1) {
      const cell = Math.floor(((y - top) * rows) / tall) * columns + Math.floor(((x - left) * columns) / wide);
      cells[cell] = (cells[cell] ?? 0) + (3 - (pixels[y * width + x] ?? 3));
    }
  }
  const most = Math.max(1, ...cells);
  return cells.map((value) => value / most);
}

interface Known {
  readonly letter: string;
  readonly cells: Float32Array;
}

/** The letter of the nearest of those known. */
function nearest(known: readonly Known[], cells: Float32Array): string {
  let [best, letter] = [Number.POSITIVE_INFINITY, ''];
  for (const one of known) {
    let away = 0;
    for (let at = 0; at < features && away < best; at += 1) away += ((one.cells[at] ?? 0) - (cells[at] ?? 0)) ** 2;
    if (away < best) [best, letter] = [away, one.letter];
  }
  return letter;
}

const places = [0, 1, 2, 3, 4];
const learn = (pictures: number): Known[] =>
  Array.from({ length: pictures }, (_, at) => {
    const pixels = withoutThinLines(pixelsOf(drawLetters(foreignKey, `learnt-${at}`)));
    const text = lettersOf(foreignKey, `learnt-${at}`);
    return places.map((place) => ({ letter: text.charAt(place), cells: cut(pixels, place) }));
  }).flat();

const pictures = Array.from({ length: count }, (_, at) => {
  const png = drawLetters(key, `read-${at}`);
  return { png, pixels: withoutThinLines(pixelsOf(png)), text: lettersOf(key, `read-${at}`) };
});

interface Row {
  readonly reader: string;
  readonly firstTry: string;
  readonly letters: string;
  readonly goal: string;
}
const shares: Row[] = [];
const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
let isMet = true;

function tell(reader: string, read: readonly string[], most?: number): void {
  const typed = read.map(normaliseLetters);
  const whole = pictures.filter(({ text }, at) => typed[at] === text).length / count;
  const single = pictures.reduce(
    (sum, { text }, at) => sum + places.filter((place) => typed[at]?.charAt(place) === text.charAt(place)).length,
    0,
  );
  if (most !== undefined && whole > most) isMet = false;
  shares.push({
    reader,
    firstTry: percent(whole),
    letters: percent(single / (count * places.length)),
    goal: most === undefined ? '' : `<= ${percent(most)}`,
  });
}

const folder = await mkdtemp(join(tmpdir(), 'bench-letters-'));
try {
  const files = (name: string) => pictures.map((_, at) => join(folder, `${name}-${at}.png`));
  await Promise.all(files('as-sent').map((file, at) => writeFile(file, pictures[at]?.png ?? '')));
  await Promise.all(
    files('clean').map((file, at) => writeFile(file, cleaned(pictures[at]?.pixels ?? new Uint8Array()))),
  );
  const oneWord = ['--psm', '8'];
  const known = ['-c', `tessedit_char_whitelist=${alphabet}`];
  tell('Tesseract, as sent', await tesseract(files('as-sent'), folder, []), ceiling);
  tell('Tesseract, told that it is one word', await tesseract(files('as-sent'), folder, oneWord));
  tell('Tesseract, one word of these letters', await tesseract(files('as-sent'), folder, [...oneWord, ...known]));
  tell(
    'Tesseract, one word of these letters, arcs removed, enlarged',
    await tesseract(files('clean'), folder, [...oneWord, ...known]),
  );
} finally {
  await rm(folder, { recursive: true });
}
for (const learnt of [100, 1_000, 4_000]) {
  const known = learn(learnt);
  tell(
    `nearest of the letters of ${learnt.toLocaleString('en')} pictures`,
    pictures.map(({ pixels }) => places.map((place) => nearest(known, cut(pixels, place))).join('')),
  );
}
console.table(shares);
process.exitCode = isMet ? 0 : 1;
