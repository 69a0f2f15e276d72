// Prepares the checkout, then runs one command of the project: `node scripts/setup.mjs <command> [arguments]`.
// Plain JavaScript for Node 20 and without dependencies: it runs before anything is installed, and works under npm's
// `ignore-scripts`. The command is spawned, so that it finds the Node that was brought in here.
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const oldestNode = [24, 15];
const nodeFolder = join(root, 'scripts/node');
const ownNodeBin = join(nodeFolder, 'node_modules/.bin');

// What runs without the CLI's entry needs the package's name to mean src/.
const source = '--conditions=rekey-source';

/** Each command: what it needs, and the command lines that it runs one after another. */
const commands = {
  start: {
    does: 'the demo: shop, recovery, mailbox (--help shows its options)',
    needs: [builtBrowserFiles],
    runs: (args) => [['node', 'src/cli/main.js', 'demo', ...args]],
  },
  test: {
    does: 'all tests, or those whose path contains the argument',
    needs: [builtBrowserFiles, chromium, valkey, openssl, strace, compiledCode],
    runs: (args) => [['vitest', 'run', ...args]],
  },
  check: {
    does: 'format, lint, types and layers',
    needs: [],
    runs: () => [
      ['biome', 'format', '.'],
      ['oxlint', '--type-aware'],
      // Four checkers, as it has by itself, do much of the work four times.
      ['tsc', '-p', '.', '--checkers', '1'],
      ['node', 'scripts/check-imports.ts'],
    ],
  },
  format: { does: 'formats every file', needs: [], runs: () => [['biome', 'format', '--write', '.']] },
  build: {
    does: 'the package for a registry, into dist/ or the folder that is named',
    needs: [],
    runs: (args) => [['node', 'scripts/build.ts', ...args]],
  },
  attack: {
    does: 'all attacks against an app of its own, or those that are named (--help shows its options)',
    needs: [builtBrowserFiles],
    runs: (args) => [['node', source, 'attack/run.ts', ...args]],
  },
  drill: {
    does: 'nodes, database and mail server that die while people recover (--help shows its options)',
    needs: [builtBrowserFiles, valkey],
    runs: (args) => [['node', source, 'bench/drill.ts', ...args]],
  },
  bench: {
    does: 'all measurements, or the one that is named',
    needs: [builtBrowserFiles, chromium],
    runs: ([name, ...args]) => {
      const names = readdirSync(join(root, 'bench')).flatMap((file) => /^(.+)\.ts$/.exec(file)?.[1] ?? []);
      if (name !== undefined && !names.includes(name)) {
        throw new SetupFault(`Without a name all are run, or one of: ${names.join(', ')}.`);
      }
      return (name === undefined ? names : [name]).map((each) => ['node', source, `bench/${each}.ts`, ...args]);
    },
  },
};

/** Something about this machine that the person can mend: told as one sentence, without a stack. */
class SetupFault extends Error {}

const environment = { ...process.env };
// Windows spells it `Path`; a second key would hide the first.
const pathName = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
const putFirstOnPath = (folder) => {
  environment[pathName] = [folder, environment[pathName]].filter(Boolean).join(delimiter);
};

async function main([name, ...args]) {
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
  if (!command) {
    const list = Object.entries(commands).map(([each, { does }]) => `  ${each.padEnd(8)} ${does}`);
    throw new SetupFault(`There is no command ${name ?? 'without a name'}. There are:\n${list.join('\n')}`);
  }
  putFirstOnPath(join(root, 'node_modules/.bin'));
  await node();
  await packages();
  for (const need of command.needs) await need();
  let exitCode = 0;
  // All of them run even when one fails: `check` is to show every fault at once.
  for (const line of command.runs(args)) exitCode = (await run(line)) || exitCode;
  return exitCode;
}

async function node() {
  if (isNewEnough(process.versions.node)) return;
  const wanted = `Node ${oldestNode.join('.')} or newer`;
  const system = `${process.platform}-${process.arch}`;
  if (system !== 'linux-x64' && system !== 'linux-arm64') {
    throw new SetupFault(`This is Node ${process.versions.node} on ${system}. Install ${wanted}, then try again.`);
  }
  if (!isNewEnough(await versionIn(ownNodeBin))) {
    await step(`Bringing in ${wanted} (once, about 190 MB; this machine has ${process.versions.node})`, () =>
      install(nodeFolder),
    );
  }
  if (!existsSync(join(ownNodeBin, 'node'))) {
    // npm counts an optional package that it could not fetch as a success.
    throw new SetupFault(`${wanted} could not be fetched. Check the connection, or install it, then try again.`);
  }
  // A C library other than glibc installs the same file and cannot start it.
  if (!isNewEnough(await versionIn(ownNodeBin))) {
    throw new SetupFault(`The Node that npm brings does not start on this system. Install ${wanted}, then try again.`);
  }
  putFirstOnPath(ownNodeBin);
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
}

async function versionIn(folder) {
  const file = join(folder, 'node');
  if (!existsSync(file)) return undefined;
  const { code, output } = await capture([file, '--version']);
  return code === 0 ? output.trim().replace(/^v/, '') : undefined;
}

async function packages() {
  if (!isInstalled(root)) await step('Installing packages', () => install(root));
}

/** Whether all that the lockfile asks for is there, in that version: npm writes its own list at the end of an install. */
function isInstalled(folder) {
  const wanted = readPackages(join(folder, 'package-lock.json'));
  const present = readPackages(join(folder, 'node_modules/.package-lock.json'));
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' || (present[path] ? present[path].integrity === entry.integrity : entry.optional === true),
  );
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

async function install(folder) {
  // Every flag is given here: the project's .npmrc does not count for another --prefix, nor against the environment.
  const flags = ['--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--no-progress'];
  const patience = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const { code, output } = await capture(['npm', 'ci', '--prefix', folder, ...flags, ...patience]);
  if (code === 0) return;
  if (code === 'ENOENT') {
    throw new SetupFault('npm is not on the path. It comes with Node: install Node 24 with npm, then try again.');
  }
  throw new SetupFault(`${installFault(output)}\n\nnpm said:\n${firstLines(output)}`);
}

function installFault(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/.test(output)) {
    return 'The package registry cannot be reached. Check the connection (or the proxy settings of npm), then try again.';
  }
  if (/ENOSPC/.test(output)) return 'The disk is full. Make room (about 600 MB), then try again.';
  if (/EACCES|EPERM|EROFS/.test(output)) return 'npm may not write here. Check who owns this folder, then try again.';
  return 'npm could not install the packages.';
}

const firstLines = (text) => text.trim().split('\n').slice(0, 12).join('\n');

async function builtBrowserFiles() {
  const folder = join(root, 'src/browser');
  const built = join(folder, 'built');
  const changedAt = Math.max(...times(folder), statSync(join(root, 'scripts/build-browser.ts')).mtimeMs);
  if (existsSync(built) && changedAt <= Math.min(Number.POSITIVE_INFINITY, ...times(built)) && times(built).length > 0)
    return;
  await step('Building the files for the browser', async () => {
    const { code, output } = await capture(['node', 'scripts/build-browser.ts']);
    if (code !== 0) throw new SetupFault(`The files for the browser could not be built.\n\n${firstLines(output)}`);
  });
}

const times = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map((entry) => statSync(join(folder, entry.name)).mtimeMs);

async function chromium() {
  const set = environment.CHROMIUM_PATH;
  if (set && !existsSync(set)) throw new SetupFault(`CHROMIUM_PATH is ${set}, and there is no such file.`);
  let path = set || onPath('chromium') || onPath('chromium-browser');
  if (!path && mayInstall()) {
    await step('Installing Chromium for the tests (once)', async () => {
      const { code, output } = await aptInstall('chromium');
      if (code !== 0) {
        throw new SetupFault(
          `Chromium could not be installed. Install it by hand, or set CHROMIUM_PATH.\n\n${firstLines(output)}`,
        );
      }
    });
    path = onPath('chromium');
  }
  path ||= await playwrightChromium();
  if (!path) {
    throw new SetupFault(
      'The tests need Chromium: install it (on Debian: sudo apt-get install chromium), or set CHROMIUM_PATH to its file.',
    );
  }
  environment.CHROMIUM_PATH = path;
  if (!set) await chromiumShell();
}

/** Chromium without windows does the pages for a third of the work. Where it cannot be had, the whole browser does. */
async function chromiumShell() {
  const name = 'chromium-headless-shell';
  if (!onPath(name) && mayInstall() && onPath('dpkg-query')) {
    const { code, output: version } = await capture(['dpkg-query', '--show', '--showformat=${Version}', 'chromium']);
    // Beside the browser that is there, in its version; else both anew, as they share their files.
    if (code === 0) {
      await step('Installing the headless shell of Chromium for the tests (once)', async () => {
        const beside = await aptInstall(`${name}=${version.trim()}`);
        if (beside.code !== 0) await aptInstall(name, 'chromium');
      });
    }
  }
  const path = onPath(name);
  if (path) environment.CHROMIUM_SHELL_PATH ||= path;
}

/** A counter store for the tests, small and quick to install; where it cannot be had they say so and go on. */
async function valkey() {
  if (environment.REKEY_TEST_VALKEY_URL || onPath('valkey-server') || onPath('redis-server') || !mayInstall()) return;
  // Debian would start it as a service: at this runlevel it does not.
  environment.RUNLEVEL = '1';
  await step('Installing Redis for the tests (once)', () => aptInstall('redis-server'));
  delete environment.RUNLEVEL;
}

/** Makes the certificate of a test's own server. */
async function openssl() {
  if (onPath('openssl') || !mayInstall()) return;
  await step('Installing OpenSSL for the tests (once)', () => aptInstall('openssl'));
}

/** Shows what a server calls of the system; where it cannot be had the test of it says so. */
async function strace() {
  if (process.platform !== 'linux' || onPath('strace') || !mayInstall()) return;
  await step('Installing strace for the tests (once)', () => aptInstall('strace'));
}

/** Every worker of the tests loads the same packages: what was compiled is kept, which saves a fifth of a start. */
async function compiledCode() {
  environment.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/rekey-compiled');
}

/** Where no package of the system may be installed: the browser that Playwright keeps in the person's own cache. */
async function playwrightChromium() {
  const { output } = await capture(['node', '-p', "require('playwright-core').chromium.executablePath()"]);
  const path = output.trim();
  if (!existsSync(path)) {
    await step('Fetching Chromium for the tests (once)', () => capture(['playwright-core', 'install', 'chromium']));
  }
  return existsSync(path) ? path : undefined;
}

const mayInstall = () => process.getuid?.() === 0 && onPath('apt-get') !== undefined;

async function aptInstall(...packages) {
  const apt = ['apt-get', '-y', '--no-install-recommends', 'install', ...packages];
  environment.DEBIAN_FRONTEND = 'noninteractive';
  const installed = await capture(apt);
  if (installed.code === 0) return installed;
  // A fresh container has no package lists yet.
  await capture(['apt-get', 'update']);
  return capture(apt);
}

function onPath(name) {
  return (environment[pathName] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Shows what is being done and for how long: a running second on a terminal, a line every 10 s in a log. */
async function step(words, work) {
  const startedAt = Date.now();
  const line = () => `${words} … ${Math.round((Date.now() - startedAt) / 1000)} s`;
  const isTerminal = process.stderr.isTTY;
  const show = () => process.stderr.write(isTerminal ? `\r${line()}` : `${line()}\n`);
  show();
  const timer = setInterval(show, isTerminal ? 1_000 : 10_000);
  try {
    await work();
    process.stderr.write(isTerminal ? `\r${line()}, done\n` : `${line()}, done\n`);
  } catch (fault) {
    process.stderr.write('\n');
    throw fault;
  } finally {
    clearInterval(timer);
  }
}

/** Runs without showing anything. `code` is the exit code, or the name of the error that kept it from starting. */
function capture([file, ...args], cwd = root) {
  return new Promise((resolve) => {
    let output = '';
    const child = start(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (fault) => resolve({ code: fault.code, output: String(fault) }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Runs in the person's terminal and answers its exit code. */
function run([file, ...args]) {
  return new Promise((resolve, reject) => {
    const child = start(file, args, { cwd: root, stdio: 'inherit' });
    const forward = (signal) => child.kill(signal);
    process.on('SIGINT', forward).on('SIGTERM', forward);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      resolve(code ?? 128 + (osConstants.signals[signal] ?? 0));
    });
  });
}

const start = (file, args, options) =>
  // On Windows npm and the tools are .cmd files, which only a shell starts.
  spawn(file, args, { env: environment, shell: process.platform === 'win32', ...options });

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (fault) {
  if (!(fault instanceof SetupFault)) throw fault;
  process.stderr.write(`${fault.message}\n`);
  process.exitCode = 1;
}
