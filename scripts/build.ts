// Builds the package that goes to a registry: `npm run build`, or `node scripts/build.ts FOLDER` for another place than
// dist/. Holds what its entries reach and nothing else; the same source makes the same bytes. `npm pack ./dist` packs it.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = resolve(process.argv[2] ?? join(root, 'dist'));

const commandFile = 'src/cli/main.js';
const doors = { '.': 'src/index', './client': 'src/client/client', './testing': 'src/testing/kit' };
/** The demo brings a shop, a mail server and a mailbox: it comes with the source. */
const leftOut = ['src/cli/demo.js', 'src/cli/demo.d.ts'];
/** What the code reads beside itself. */
const data = [
  'src/accounts/blocklist.txt.gz',
  'src/accounts/blocklist.LICENSE.md',
  'src/database/migrations',
  'src/human-check/voice',
];
const papers = ['LICENSE', 'NOTICE', 'CHANGELOG.md'];

const read = (path: string) => readFileSync(path, 'utf8');

/** Every file below `target` that the entries reach by their imports, from the target. */
function reached(entries: readonly string[], fileOf: (specifier: string) => string): Set<string> {
  const found = new Set(entries);
  for (const path of found) {
    // Set iteration goes on to what is added meanwhile.
    for (const [, specifier = ''] of read(join(target, path)).matchAll(
      /\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g,
    )) {
      const file = fileOf(posix.join(posix.dirname(path), specifier));
      if (!leftOut.includes(file)) found.add(file);
    }
  }
  return found;
}

/** `npm run check` checks the types: here they are only taken off. */
function compile(): void {
  rmSync(target, { recursive: true, force: true });
  execFileSync('tsc', ['-p', join(root, 'tsconfig.build.json'), '--outDir', target, '--noCheck'], {
    stdio: 'inherit',
    cwd: root,
  });
  const code = reached([commandFile, ...Object.values(doors).map((door) => `${door}.js`)], (path) => path);
  const types = reached(
    Object.values(doors).map((door) => `${door}.d.ts`),
    (path) => path.replace(/(\.d)?\.[jt]s$/, '.d.ts'),
  );
  const kept = new Set([...code, ...types]);
  for (const path of readdirSync(target, { recursive: true, encoding: 'utf8' })) {
    if (/\.(js|d\.ts|json)$/.test(path) && !kept.has(path)) rmSync(join(target, path));
  }
  removeEmptyFolders(target);
  chmodSync(join(target, commandFile), 0o755);
}

function removeEmptyFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}

function copyData(): void {
  // Not by way of the source's folder: a server that runs from there may be reading it.
  const browserFiles = join(target, 'src/browser/built');
  execFileSync(process.execPath, [join(root, 'scripts/build-browser.ts'), browserFiles], { stdio: 'inherit' });
  for (const path of [...data, ...papers]) cpSync(join(root, path), join(target, path), { recursive: true });
}

/** The docs of a user. A link to what only the source has becomes its words. */
function writeDocs(): void {
  const docs = readdirSync(join(root, 'docs')).filter((name) => /\.(md|svg)$/.test(name));
  mkdirSync(join(target, 'docs'), { recursive: true });
  const pages = ['README.md', 'CHANGELOG.md', ...docs.map((name) => `docs/${name}`)];
  for (const page of pages) copyFileSync(join(root, page), join(target, page));
  for (const page of pages.filter((name) => name.endsWith('.md'))) {
    const text = read(join(target, page)).replace(
      /(!?)\[([^\]]*)\]\((?!\w+:)([^)#]*)[^)]*\)/g,
      (link, picture, words, path) => {
        const isThere = path === '' || existsSync(join(target, dirname(page), path));
        return isThere ? link : picture === '' ? words : '';
      },
    );
    writeFileSync(join(target, page), page === 'README.md' ? withoutCheckout(text) : text);
  }
}

/** Without the sections about what one does in a checkout. */
const withoutCheckout = (readme: string): string =>
  readme
    .split(/^(?=## )/m)
    .filter((section) => !/^## (Try|Test) it\n/.test(section))
    .join('');

/** Without Node itself, scripts and development packages: an adopter's npm must not find ours. */
function writeManifest(): void {
  const { name, version, description, license, type, engines, dependencies } = JSON.parse(
    read(join(root, 'package.json')),
  );
  const manifest = {
    name,
    version,
    description,
    license,
    type,
    engines,
    bin: { rekey: commandFile },
    exports: {
      ...Object.fromEntries(
        Object.entries(doors).map(([door, file]) => [door, { types: `./${file}.d.ts`, default: `./${file}.js` }]),
      ),
      './package.json': './package.json',
    },
    files: ['src', 'attack', 'docs', ...papers],
    dependencies,
  };
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

compile();
copyData();
writeDocs();
writeManifest();
