// What stands in deploy/ names what there is: settings, commands, files, paths. With REKEY_TEST_DEPLOY=1 it is also held against the
// schemas, taken by the proxies, and run: the steps of the Dockerfile in folders of their own, and the topology as processes.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startTopology } from '../../scripts/run-nodes.ts';
import { isSecret, settingNames, variableOf } from '../../src/config/settings.ts';
import { routes } from '../../src/http/routes.ts';
import { createTestPostgres } from '../../src/testing/databases.ts';
import { askFor } from '../ask.ts';

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
    expect(stdout.match(/^(ok|left out): /gm)).toHaveLength(5);
    expect(stdout).toContain('ok: compose.yaml');
    expect(stdout).toContain('ok: kubernetes.yaml');
  });

  it('the steps of the Dockerfile make what starts, without a right to write', { timeout: 300_000 }, async () => {
    const place = await mkdtemp(join(tmpdir(), 'image-'));
    const inPlace = (command: string) =>
      command.replaceAll(/(?<![\w/])\/(build|package|app|tmp)\b/g, (_, folder: string) => join(place, folder));
    await run('git', ['clone', '-q', root, join(place, 'build')]);
    await run('mkdir', [join(place, 'tmp')]);
    const docker = read('Dockerfile');
    for (const [, command = ''] of docker.matchAll(/^RUN (.+)$/gm))
      await run('sh', ['-c', inPlace(command)], { cwd: join(place, 'build'), maxBuffer: 64 * 1_024 ** 2 });
    const entry: unknown = JSON.parse(inPlace(/^ENTRYPOINT (.+)$/m.exec(docker)?.[1] ?? ''));
    const [, script = ''] = Array.isArray(entry) ? entry.map(String) : [];
    await run('chmod', ['-R', 'a+rX', place]);
    const person = process.getuid?.() === 0 ? { uid: 10_001, gid: 10_001 } : {};
    const child = spawn(process.execPath, [script, '--version'], {
      ...person,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
    const { stdout } = await run('du', ['-sm', join(place, 'app')]);
    expect(Number.parseInt(stdout)).toBeLessThan(60);
    await rm(place, { recursive: true });
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
