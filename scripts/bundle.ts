// The code that runs without this checkout: all of src/ and what it depends on, in a few files, as Node loads hundreds of small
// ones three times as slowly. Parts that a command loads when it needs them stay files of their own. What the code reads
// beside itself lies where it lies in the source.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');

export const commandFile = 'src/main.js';

/** Of Node alone. The client is for browsers too, and has neither Node nor any package in it. */
const forNode = { index: 'src/index.ts', kit: 'src/testing/kit.ts', main: 'src/cli/main.js' };
const forAll = { client: 'src/client/client.ts' };

/** What the code reads beside itself. */
const data = [
  'src/accounts/blocklist.txt.gz',
  'src/accounts/blocklist.LICENSE.md',
  'src/database/migrations',
  'src/human-check/voice',
];

export interface Bundled {
  /** The folders of the packages whose code is in the bundle. */
  readonly packages: readonly string[];
}

/**
 * Writes it into `target`, beside whatever is there. What is there already stays as it is, so that nobody who runs it meets half
 * a file.
 */
export async function bundle(target: string): Promise<Bundled> {
  const made = await Promise.all([
    build({
      ...shared,
      entryPoints: forNode,
      outdir: join(target, 'src'),
      platform: 'node',
      banner: { js: requireHere },
    }),
    build({ ...shared, entryPoints: forAll, outdir: join(target, 'src'), platform: 'neutral' }),
  ]);
  const files = made.flatMap(({ outputFiles }) => outputFiles);
  for (const { path, contents } of files) {
    if (existsSync(path) && readFileSync(path).equals(contents)) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, contents);
    renameSync(`${path}.new`, path);
  }
  const kept = new Set(files.map(({ path }) => basename(path)));
  for (const name of readdirSync(join(target, 'src')))
    if (name.endsWith('.js') && !kept.has(name)) rmSync(join(target, 'src', name));
  chmodSync(join(target, commandFile), 0o755);
  for (const path of data) cpSync(join(root, path), join(target, path), { recursive: true });
  // Not by way of the source's folder: a server that runs from there may be reading it.
  execFileSync(process.execPath, [join(root, 'scripts/build-browser.ts'), join(target, 'src/browser/built')]);
  return { packages: packagesIn(made.map(({ metafile }) => metafile)) };
}

/** From here on each file of the source reads beside where it would lie, not beside the file that it is bundled in. */
const inPlace: Plugin = {
  name: 'in-place',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const place = relative(source, path);
      const text = readFileSync(path, 'utf8');
      if (place.startsWith('..') || !text.includes('import.meta.url')) return undefined;
      const url = `new URL(${JSON.stringify(`./${place.replaceAll('\\', '/')}`)}, import.meta.url)`;
      return { contents: text.replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
};

/** zod says what is wrong in fifty languages. Ours says it in its own words. */
const oneLanguage: Plugin = {
  name: 'one-language',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/locales\/index\.js$/ }, ({ resolveDir }) => ({
      path: join(resolveDir, '../locales/en.js'),
    }));
  },
};

/** Of packages that are not written as modules of today. */
const requireHere =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

const shared = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'node24',
  conditions: ['rekey-source', 'module'],
  // A native module, and the demo, which comes with the source: it brings a shop, a mail server and a mailbox.
  external: ['@node-rs/argon2', './demo.ts'],
  // A stack trace names the functions as they are, in lines as they are.
  minify: false,
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  write: false,
  plugins: [inPlace, oneLanguage],
} as const satisfies BuildOptions;

function packagesIn(metafiles: readonly Metafile[]): string[] {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) =>
      Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
    ),
  );
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []);
  return [...new Set(folders)].toSorted().map((folder) => join(root, folder));
}
