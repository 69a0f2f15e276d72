// What stands in deploy/ names what there is: settings, commands, files, paths. With REKEY_TEST_DEPLOY=1 it is also held against the
// schemas, taken by the proxies, and run: the Dockerfile line by line in folders of their own, and the topology as processes.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startTopology } from '../../scripts/run-nodes.ts';
import { isSecret, settingNames, variableOf } from '../../src/config/settings.ts';
import { routes } from '../../src/http/routes.ts';
import { createTestPostgres } from '../../src/testing/databases.ts';
import { askFor } from '../ask.ts';
import { startValkey } from '../valkey.ts';
import { production } from '../journeys/command-line.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string) => readFileSync(join(root, 'deploy', name), 'utf8');
const texts = readdirSync(join(root, 'deploy')).map((name) => [name, read(name)] as const);
const all = texts.map(([, text]) => text).join('\n');

describe('deploy/', () => {
  it('sets variables that there are, and every one that has to be set where a container starts', () => {
    const known = new Set([
      ...settingNames.map(variableOf),
      ...settingNames.filter(isSecret).map((name) => `${variableOf(name)}_FILE`),
      'REKEY_CONFIG',
      'REKEY_HOST',
      'REKEY_PORT',
    ]);
    const named = new Set(all.match(/\bREKEY_[A-Z_]+[A-Z]\b/g));
    expect(named.size).toBeGreaterThan(8);
    expect([...named].filter((name) => !known.has(name))).toEqual([]);
    for (const file of ['compose.yaml', 'kubernetes.yaml'])
      for (const name of [
        'ORIGIN',
        'SITE_NAME',
        'SENDER_ADDRESS',
        'TRUSTED_PROXIES',
        'KEYS_FILE',
        'SMTP_FILE',
        'DATABASE_FILE',
      ])
        expect([file, read(file)]).toEqual([file, expect.stringContaining(`REKEY_${name}: `)]);
  });

  it('asks for routes and copies files that there are', () => {
    const paths = Object.values(routes).map(({ path }) => path);
    const asked = [...all.matchAll(/(\/health\/\w+)/g)].map(([, path = '']) => path);
    expect(new Set(asked)).toEqual(new Set(['/health/live', '/health/ready']));
    expect(asked.filter((path) => !paths.some((known) => known === path))).toEqual([]);
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, list = '']) =>
      list.split(' '),
    );
    expect(copied).toContain('package-lock.json');
    // The Node that the tests run on, and the package beside ours that ours asks for.
    const pinned = (name: string) => Object(JSON.parse(readFileSync(join(root, name), 'utf8')));
    const { optionalDependencies } = pinned('scripts/node/package.json');
    const { peerDependencies } = pinned('package.json');
    const nodes = read('Dockerfile').match(/(?<=^FROM node:)[\d.]+/gm);
    expect(new Set(nodes)).toEqual(new Set(Object.values(optionalDependencies)));
    expect(read('Dockerfile')).toContain(` iovalkey@${peerDependencies.iovalkey}\n`);
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('lets no container write, be root, gain rights or take the addresses of services for settings', () => {
    const compose = read('compose.yaml');
    for (const line of ['read_only: true', 'cap_drop: [ALL]', 'no-new-privileges:true', 'deploy: { replicas: 3 }'])
      expect(compose).toContain(line);
    const kubernetes = read('kubernetes.yaml');
    const pods = kubernetes.match(/^ {10}automountServiceAccountToken: false$/gm)?.length ?? 0;
    expect(pods).toBe(3);
    expect(kubernetes.match(/^ {10}enableServiceLinks: false$/gm)).toHaveLength(pods);
    for (const name of ['person', 'nothing', 'secrets'])
      expect(kubernetes.match(new RegExp(`[&*]${name}$`, 'gm'))).toHaveLength(pods);
    for (const line of [
      'runAsNonRoot: true',
      'readOnlyRootFilesystem: true',
      'drop: [ALL]',
      'allowPrivilegeEscalation: false',
    ])
      expect(kubernetes).toContain(line);
    expect(read('Dockerfile')).toMatch(/^USER 10001:10001$/m);
    // What stands for a secret is none.
    expect(kubernetes.match(/^ {6}(keys|smtp|database): PUT-IN-/gm)).toHaveLength(3);
  });
});

describe.skipIf(!process.env['REKEY_TEST_DEPLOY'])('deploy/, at length', () => {
  it('is taken by schemas, proxies and systemd, where they are installed', { timeout: 300_000 }, async () => {
    await run('npm', ['ci', '--prefix', 'scripts/check-deploy', '--ignore-scripts'], { cwd: root });
    const { stdout } = await run(process.execPath, ['scripts/check-deploy/check.mjs'], { cwd: root });
    expect(stdout.match(/^(ok|left out): /gm)).toHaveLength(6);
    expect(stdout).toContain('ok: Dockerfile');
    expect(stdout).toContain('ok: compose.yaml');
    expect(stdout).toContain('ok: kubernetes.yaml');
  });

  it('the Dockerfile, line by line, makes what starts, is well and stops, without a right to write', {
    timeout: 400_000,
  }, async () => {
    const place = await mkdtemp(join(tmpdir(), 'image-'));
    const test = await createTestPostgres(await askFor('postgres'));
    const valkey = await startValkey();
    try {
      const { disk, env, healthCheck, entryPoint, command } = await follow(read('Dockerfile'), place);
      const { stdout } = await run('du', ['-sm', join(disk, 'app')]);
      expect(Number.parseInt(stdout)).toBeLessThan(60);

      const { REKEY_KEYS, REKEY_SMTP, ...open } = production;
      const secrets = { REKEY_KEYS, REKEY_SMTP, REKEY_DATABASE: test.address };
      for (const [name, secret] of Object.entries(secrets)) await writeFile(join(place, name), secret);
      await run('chmod', ['-R', 'a+rX', place]);
      const options = {
        ...(process.getuid?.() === 0 && { uid: 10_001, gid: 10_001 }),
        cwd: '/',
        env: {
          ...env,
          ...open,
          ...Object.fromEntries(Object.keys(secrets).map((name) => [`${name}_FILE`, join(place, name)])),
          ...(valkey && { REKEY_VALKEY: valkey.url }),
          HOME: '/',
          REKEY_HOST: '127.0.0.1',
          REKEY_PORT: '0',
        },
      };
      expect([entryPoint[0], healthCheck[0]]).toEqual(['node', 'node']);
      const child = spawn(process.execPath, [...entryPoint.slice(1), ...command], {
        ...options,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'exit');
      const ready = new Promise<string>((tell) => {
        createInterface(child.stdout).on('line', (line) => {
          const { address } = Object(JSON.parse(line));
          if (typeof address === 'string') tell(new URL(address).port);
        });
      });
      const port = await Promise.race([ready, ended.then(() => '0')]);
      const askHealth = async () => {
        const asking = spawn(process.execPath, healthCheck.slice(1), {
          ...options,
          env: { ...options.env, REKEY_PORT: port },
          stdio: 'ignore',
        });
        return once(asking, 'exit');
      };
      expect(await askHealth()).toEqual([0, null]);
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      expect(await askHealth()).toEqual([1, null]);
    } finally {
      await valkey?.stop();
      await test.remove();
      await rm(place, { recursive: true });
    }
  });

  it('three nodes, a worker and a proxy on one PostgreSQL are one site', { timeout: 120_000 }, async () => {
    const test = await createTestPostgres(await askFor('postgres'));
    const { address, nodes, stop } = await startTopology(test.address);
    try {
      const answers = await Promise.all(nodes.map(() => fetch(`${address}/recover`)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(new Set(answers.map(({ headers }) => headers.get('x-node')))).toEqual(new Set(nodes));
      expect((await fetch(`${nodes[0]}/health/live`)).status).toBe(200);
    } finally {
      await stop();
      await test.remove();
    }
  });
});

/** Each instruction as Docker would, on a checkout without what is left out of it; a folder of `place` is the disk of each stage. */
async function follow(dockerfile: string, place: string) {
  const checkout = join(place, 'checkout');
  await mkdir(checkout);
  await run('sh', ['-c', `git archive HEAD | tar --extract --directory ${checkout}`], { cwd: root });
  const disks = new Map<string, string>();
  const env: Record<string, string> = {};
  const lists: Record<string, readonly string[]> = {};
  let [disk, folder] = ['', ''];
  const onDisk = (text: string) =>
    text.replaceAll(/(?<![\w/.])\/(build|package|app|tmp)\b/g, (path) => join(disk, path));
  for (const [, instruction = '', rest = ''] of dockerfile.matchAll(/^([A-Z]+) (.+)$/gm)) {
    switch (instruction) {
      case 'FROM':
        disk = folder = await mkdtemp(join(place, 'disk-'));
        await mkdir(join(disk, 'tmp'));
        disks.set(/ AS (\w+)$/.exec(rest)?.[1] ?? '', disk);
        break;
      case 'WORKDIR':
        folder = onDisk(rest);
        await mkdir(folder);
        break;
      case 'COPY': {
        const [, stage, list = ''] = /^(?:--from=(\w+) )?(.+)$/.exec(rest) ?? [];
        const source = stage === undefined ? checkout : (disks.get(stage) ?? '');
        const paths = list.split(' ');
        const target = resolve(folder, onDisk(paths.pop() ?? ''));
        for (const path of paths) {
          const isFolder = (await stat(join(source, path))).isDirectory();
          // Of a folder, what is in it.
          await cp(join(source, path), isFolder ? target : join(target, path), { recursive: true });
        }
        break;
      }
      case 'RUN':
        await run('sh', ['-c', onDisk(rest)], { cwd: folder, maxBuffer: 64 * 1_024 ** 2 });
        break;
      case 'ENV':
        Object.assign(env, Object.fromEntries(rest.split(' ').map((pair) => pair.split('='))));
        break;
      case 'HEALTHCHECK':
      case 'ENTRYPOINT':
      case 'CMD': {
        const words: unknown = JSON.parse(onDisk(rest.slice(rest.indexOf('['))));
        lists[instruction] = Array.isArray(words) ? words.map(String) : [];
        break;
      }
      default:
        expect(['USER', 'EXPOSE']).toContain(instruction);
    }
  }
  const { HEALTHCHECK: healthCheck = [], ENTRYPOINT: entryPoint = [], CMD: command = [] } = lists;
  return { disk, env, healthCheck, entryPoint, command };
}
