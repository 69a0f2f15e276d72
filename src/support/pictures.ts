// Reads what somebody sent as a picture and makes it anew: only PNG and JPEG, no larger than the operator says, in pixels too, and
// nothing of the file itself is kept but what it shows. Where no pictures are taken, the library is not looked for.
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { createPool } from '../base/pool.ts';
import { Problem } from '../base/problem.ts';

/** Makes a JPEG of it, without what the file said besides. Throws the problem `busy` where too many wait. */
export type ReadPicture = (
  bytes: Uint8Array,
) => Promise<Outcome<{ readonly jpeg: Uint8Array }, 'picture-kind' | 'picture-pixels'>>;

/** More than a phone's camera takes by itself. A file of some kB may hold as many, at 8 bytes of memory each. */
const maxPixels = 25_000_000;
/** One at a time takes up to 200 MB, and one of the threads that hash passwords too. Beyond so many waiting it is `busy`. */
const bounds = { concurrency: 1, queueMax: 4, of: 'pictures' };
/** The longer side of what is kept: enough to read a letter. */
const keptSide = 2_000;
const readSeconds = 10;

/** What is used of the package sharp, which is here only where an operator added it. */
interface Pipeline {
  rotate(): Pipeline;
  flatten(options: { readonly background: string }): Pipeline;
  resize(options: {
    readonly width: number;
    readonly height: number;
    readonly fit: 'inside';
    readonly withoutEnlargement: true;
  }): Pipeline;
  jpeg(options: { readonly quality: number }): Pipeline;
  timeout(options: { readonly seconds: number }): Pipeline;
  toBuffer(): Promise<Uint8Array>;
}
interface Sharp {
  (input: Uint8Array, options: { readonly limitInputPixels: number; readonly failOn: 'truncated' }): Pipeline;
  block(which: { readonly operation: readonly string[] }): void;
  unblock(which: { readonly operation: readonly string[] }): void;
}
const isSharp = (found: unknown): found is Sharp =>
  typeof found === 'function' && 'block' in found && 'unblock' in found;

const library = 'sharp';
/** The version that is tested, also in the package's optional peers. */
const libraryVersion = '0.35.5';

/** `undefined`: no pictures are taken. Throws a problem that says what to do where they are and the library is not there. */
export async function loadPictureReader({
  casePictureKb,
}: {
  readonly casePictureKb: number;
}): Promise<ReadPicture | undefined> {
  if (casePictureKb === 0) return undefined;
  const loaded: unknown = await import(library).then(
    (found: { readonly default?: unknown }) => found.default,
    () => undefined,
  );
  if (!isSharp(loaded))
    throw new Problem(
      'settings-unusable',
      `casePictureKb takes pictures, and reading them takes the package ${library}: npm install ${library}@${libraryVersion}, or set it to 0.`,
    );
  // Of all that it can read, only what is taken.
  loaded.block({ operation: ['VipsForeignLoad'] });
  loaded.unblock({ operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer'] });
  return createPictureReader(loaded);
}

const beginnings: readonly (readonly number[])[] = [
  [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  [0xff, 0xd8, 0xff],
];

function createPictureReader(sharp: Sharp): ReadPicture {
  const pool = createPool(bounds);

  async function read(bytes: Uint8Array): ReturnType<ReadPicture> {
    try {
      const jpeg = await sharp(bytes, { limitInputPixels: maxPixels, failOn: 'truncated' })
        .rotate()
        .flatten({ background: '#ffffff' })
        .resize({ width: keptSide, height: keptSide, fit: 'inside', withoutEnlargement: true })
        .jpeg({ quality: 82 })
        .timeout({ seconds: readSeconds })
        .toBuffer();
      return accept({ jpeg });
    } catch (error) {
      // Whatever somebody sent, it is theirs: the library throws for all that it cannot read.
      return refuse(String(error).includes('pixel limit') ? 'picture-pixels' : 'picture-kind');
    }
  }

  return async (bytes) =>
    beginnings.some((beginning) => beginning.every((byte, at) => bytes[at] === byte))
      ? pool(() => read(bytes))
      : refuse('picture-kind');
}
