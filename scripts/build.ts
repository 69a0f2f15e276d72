// Builds the package that goes to a registry: `npm run build`, or `node scripts/build.ts FOLDER` for another place than
// dist/. Holds what its doors reach and nothing else; the same source makes the same bytes. `npm pack ./dist` packs it.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, commandFile } from './bundle.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = resolve(process.argv[2] ?? join(root, 'dist'));

const papers = ['LICENSE', 'NOTICE', 'CHANGELOG.md'];
const licences = 'THIRD-PARTY-LICENSES.txt';
/** Where the types of each door begin. */
const typed = { '.': 'src/index', './client': 'src/client/client', './testing': 'src/testing/kit' };

const read = (path: string) => readFileSync(path, 'utf8');

/** `npm run check` checks the types: here they are only written, and of them only what the doors reach by their imports. */
function writeTypes(): void {
  // Several checkers would each work out the same types.
  const options = ['--outDir', target, '--noCheck', '--checkers', '1'];
  execFileSync('tsc', ['-p', join(root, 'tsconfig.build.json'), ...options], { stdio: 'inherit', cwd: root });
  const reached = new Set(Object.values(typed).map((door) => `${door}.d.ts`));
  for (const path of reached) {
    // Set iteration goes on to what is added meanwhile.
    for (const [, specifier = ''] of read(join(target, path)).matchAll(
      /\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g,
    )) {
      const file = posix.join(posix.dirname(path), specifier);
      if (!file.endsWith('.json')) reached.add(file.replace(/(\.d)?\.[jt]s$/, '.d.ts'));
    }
  }
  for (const path of readdirSync(target, { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.d.ts') && !reached.has(path)) rmSync(join(target, path));
  }
  removeEmptyFolders(target);
}

function removeEmptyFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}

function copyPapers(): void {
  for (const path of papers) cpSync(join(root, path), join(target, path));
}

/** Whose code is in the bundle, and under which terms. */
function writeLicences(packages: readonly string[]): void {
  const texts = packages.map((folder) => {
    const { name, version, license } = JSON.parse(read(join(folder, 'package.json')));
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)(\.|$)/i.test(file));
    const terms = files.toSorted().map((file) => read(join(folder, file)).trim());
    return [`${name} ${version} (${license})`, ...terms].join('\n\n');
  });
  const head = 'The files in src/ hold code of the packages below, each under its own terms.';
  writeFileSync(join(target, licences), `${[head, ...texts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
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

/**
 * Without Node itself, scripts and development packages: an adopter's npm must not find ours. It depends on what is not in the
 * bundle: native code, and what the types are made of.
 */
function writeManifest(): void {
  const { name, version, description, license, type, engines, dependencies, peerDependencies, peerDependenciesMeta } =
    JSON.parse(read(join(root, 'package.json')));
  const code = readdirSync(join(target, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(d\.ts|js)$/.test(path) && !path.startsWith(join('browser', 'built')))
    .map((path) => read(join(target, 'src', path)))
    .join('\n');
  const isNamed = (each: string) => new RegExp(`\\b(?:from|import\\()\\s*['"]${each}['"/]`).test(code);
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
        Object.entries(typed).map(([door, file]) => [
          door,
          { types: `./${file}.d.ts`, default: `./src/${basename(file)}.js` },
        ]),
      ),
      './package.json': './package.json',
    },
    files: ['src', 'docs', licences, ...papers],
    dependencies: Object.fromEntries(Object.entries(dependencies).filter(([each]) => isNamed(each))),
    // What an operator adds who wants it.
    peerDependencies,
    peerDependenciesMeta,
  };
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

rmSync(target, { recursive: true, force: true });
writeTypes();
const { packages } = await bundle(target);
copyPapers();
writeLicences(packages);
writeDocs();
writeManifest();
