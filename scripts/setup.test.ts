import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const made: string[] = [];
afterEach(() => Promise.all(made.splice(0).map((path) => rm(path, { recursive: true }))));

interface Checkout {
  /** Body of a shell script that stands for npm; without it there is no npm. */
  readonly npm?: string;
}

/** A checkout with setup.mjs, one locked package and, as `biome`, a command that shows what it was called with. */
async function makeCheckout({ npm }: Checkout) {
  const root = await mkdtemp(join(tmpdir(), 'setup-'));
  made.push(root);
  const program = async (path: string, body: string) => {
    await writeFile(join(root, path), `#!/bin/sh\n${body}\n`);
    await chmod(join(root, path), 0o755);
  };
  for (const folder of ['scripts', 'bin', 'node_modules/.bin']) await mkdir(join(root, folder), { recursive: true });
  await copyFile(fileURLToPath(new URL('setup.mjs', import.meta.url)), join(root, 'scripts/setup.mjs'));
  const lock = {
    packages: { '': {}, 'node_modules/a': { integrity: 'x' }, 'node_modules/b': { integrity: 'y', optional: true } },
  };
  await writeFile(join(root, 'package-lock.json'), JSON.stringify(lock));
  if (npm !== undefined) await program('bin/npm', npm);
  await program('node_modules/.bin/biome', 'echo "biome $*"; exit 7');
  const run = (...args: string[]) =>
    new Promise<{ code: unknown; output: string }>((resolve) => {
      const env = { PATH: join(root, 'bin') };
      execFile(process.execPath, [join(root, 'scripts/setup.mjs'), ...args], { env }, (fault, stdout, stderr) =>
        resolve({ code: fault?.code ?? 0, output: stdout + stderr }),
      );
    });
  const install = () => writeFile(join(root, 'node_modules/.package-lock.json'), JSON.stringify(lock));
  return { run, install };
}

describe('setup', () => {
  it('names its commands to someone who mistypes one', async () => {
    const { run } = await makeCheckout({});
    const { code, output } = await run('strat');
    expect(code).toBe(1);
    expect(output).toContain('There is no command strat');
    expect(output).toContain('  start ');
  });

  it('says so when npm is missing', async () => {
    const { run } = await makeCheckout({});
    const { code, output } = await run('format');
    expect(code).toBe(1);
    expect(output).toContain('npm is not on the path');
  });

  it('says so when the registry cannot be reached, and shows what npm said', async () => {
    const { run } = await makeCheckout({ npm: 'echo "npm error code ENOTFOUND" >&2; exit 1' });
    const { code, output } = await run('format');
    expect(code).toBe(1);
    expect(output).toContain('The package registry cannot be reached.');
    expect(output).toContain('npm error code ENOTFOUND');
  });

  it('shows progress and nothing of npm when the install works, then answers the exit code of the command', async () => {
    const { run } = await makeCheckout({ npm: 'echo "added 1 package"' });
    const { code, output } = await run('format');
    expect(code).toBe(7);
    expect(output).toMatch(/Installing packages … \d+ s, done/);
    expect(output).not.toContain('added 1 package');
    expect(output).toContain('biome format --write .');
  });

  it('installs nothing when all but optional packages are there', async () => {
    const { run, install } = await makeCheckout({ npm: 'exit 1' });
    await install();
    const { code, output } = await run('format');
    expect(code).toBe(7);
    expect(output).not.toContain('Installing');
  });
});
