// The scripts and styles of the pages: built beforehand, read once, named by their content so that they can be kept for
// ever, and served compressed.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { constants, brotliCompressSync, gzipSync } from 'node:zlib';
import type { Settings } from '../config/settings.ts';

interface Asset {
  readonly type: string;
  readonly plain: Buffer;
}

export interface Assets {
  /** `page.css` -> `page.<hash>.css`. */
  nameOf(name: string): string;
  serve(file: string, acceptEncoding: string | undefined): Response | undefined;
}

const folder = new URL('../browser/built/', import.meta.url);
const types: Record<string, string> = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };

export function createAssets(settings: Settings): Assets {
  const assets = new Map<string, Asset>();
  const names = new Map<string, string>();
  // The brand stands in the style sheet, as pages carry no inline style.
  const brand = `:root{--brand:${settings.brandColour};--radius:${settings.cornerRadiusPx}px}`;

  for (const name of readdirSync(folder)) {
    const extension = name.slice(name.lastIndexOf('.') + 1);
    const type = types[extension];
    if (type === undefined) continue;
    const built = readFileSync(new URL(name, folder));
    const plain = name === 'page.css' ? Buffer.concat([Buffer.from(brand), built]) : built;
    const hash = createHash('sha256').update(plain).digest('base64url').slice(0, 10);
    const file = `${name.slice(0, -extension.length)}${hash}.${extension}`;
    names.set(name, file);
    assets.set(file, { type, plain });
  }

  return {
    nameOf(name) {
      const file = names.get(name);
      if (file === undefined)
        throw new Error(`${name} is not built. npm start and npm test do that, or scripts/build-browser.ts.`);
      return file;
    },

    serve(file, acceptEncoding = '') {
      const asset = assets.get(file);
      if (!asset) return undefined;
      const encoding = acceptEncoding.includes('br') ? 'br' : acceptEncoding.includes('gzip') ? 'gzip' : undefined;
      const body = encoding === undefined ? asset.plain : compressed(file, asset, encoding);
      return new Response(new Uint8Array(body), {
        headers: {
          'content-type': asset.type,
          'cache-control': 'public, max-age=31536000, immutable',
          vary: 'accept-encoding',
          ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
        },
      });
    },
  };
}

/** Made when they are first asked for: at start they would cost a tenth of a second. The name of a file tells its content. */
const made = new Map<string, Buffer>();

function compressed(file: string, { plain }: Asset, encoding: 'br' | 'gzip'): Buffer {
  const name = `${file}.${encoding}`;
  const bytes = made.get(name) ?? compress[encoding](plain);
  made.set(name, bytes);
  return bytes;
}

const compress = {
  gzip: (plain: Buffer): Buffer => gzipSync(plain, { level: 9 }),
  br: (plain: Buffer): Buffer => brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
};
