// Where a measured server keeps its rows: a database of its own on the disk, that waits for it as a site's would.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { openPostgres } from '../../src/database/postgres.ts';
import { onDisk, startPostgres } from '../../test/postgres.ts';
import { runOn } from './processes.ts';

export const engines = ['sqlite', 'postgres'] as const;
export type Engine = (typeof engines)[number];
export const isEngine = (name: string): name is Engine => engines.some((each) => each === name);

export interface Place {
  /** `sqlite:FILE` or `postgres://...` */
  readonly address: string;
  /** What the database's own processes have taken until now. */
  cpuMs(): Promise<number>;
  remove(): Promise<void>;
}

export interface Places {
  open(): Promise<Place>;
  close(): Promise<void>;
}

export async function openPlaces(engine: Engine): Promise<Places> {
  // The client leaves the server's core alone; PostgreSQL's processes run where there is room.
  await runOn('both');
  const server = engine === 'postgres' ? await startPostgres(onDisk) : undefined;
  await runOn('beside');
  if (!server) return { open: placeOnDisk, close: async () => {} };
  let opened = 0;
  return {
    open: () => placeOnPostgres(server.url, `bench_${(opened += 1)}`),
    close: () => server.stop(),
  };
}

async function placeOnDisk(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-recovery-'));
  const address = `sqlite:${join(folder, 'bench.db')}`;
  return { address, cpuMs: async () => 0, remove: () => rm(folder, { recursive: true }) };
}

async function placeOnPostgres(url: string, name: string): Promise<Place> {
  const db = await openPostgres({ url });
  // Empty: what is copied else has the tables of this project already.
  await sql.raw(`CREATE DATABASE ${name} TEMPLATE template0`).execute(db.read);
  const address = new URL(url);
  address.pathname = name;
  const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(db.read);
  const main = (await statOf(rows[0]?.pid ?? 0)).parent;
  return {
    address: address.href,
    /** Of its processes, those that have ended included. */
    async cpuMs() {
      const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
      const stats = await Promise.all(pids.map(statOf));
      const own = stats.filter(({ pid, parent }) => pid === main || parent === main);
      return own.reduce((ms, { pid, ownMs, endedMs }) => ms + ownMs + (pid === main ? endedMs : 0), 0);
    },
    remove: () => db.close(),
  };
}

/** What /proc tells of a process, in the hundredths of a second that it counts in. */
export async function statOf(pid: number) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const parts = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = parts.slice(11, 15);
  return { pid, parent: parts[1] ?? 0, ownMs: 10 * (user + system), endedMs: 10 * (endedUser + endedSystem) };
}
