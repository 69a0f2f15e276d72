// Bundles src/browser/*.ts and *.css into src/browser/built/, or the folder that is named: one minified file for each, with
// the same name.
// A relative `import()` stays a request of its own, so that a page loads words and puzzles only when it needs them.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const folder = fileURLToPath(new URL('../src/browser', import.meta.url));
const builtFolder = process.argv[2] ?? join(folder, 'built');

const entries = readdirSync(folder)
  .filter((name) => /\.(ts|css)$/.test(name) && !/\.(test|d)\.ts$/.test(name))
  .map((name) => join(folder, name));

const separateImports: Plugin = {
  name: 'separate-imports',
  setup(build) {
    build.onResolve({ filter: /^\.\// }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${basename(path, '.ts')}.js`, external: true } : undefined,
    );
  },
};

mkdirSync(builtFolder, { recursive: true });
const { metafile } = await build({
  entryPoints: entries,
  outdir: builtFolder,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [separateImports],
  metafile: true,
});
const made = Object.keys(metafile.outputs).map((path) => basename(path));

// What has no source any more must not be served.
for (const name of readdirSync(builtFolder)) if (!made.includes(name)) rmSync(join(builtFolder, name));
