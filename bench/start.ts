// How long `npm start` takes in an installed checkout until it answers with its first page, and how much memory it holds
// when nobody has come for ten seconds. Goals: 3 s, 180 MB. The same for `rekey serve` of the built package with an empty
// SQLite, until it says that it is ready: 0.4 s, 110 MB; Node by itself is printed beside it, as no start can be quicker.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { commandFile } from '../scripts/bundle.ts';

const goals = { startMs: 3_000, idleMegabytes: 180 };
const serveGoals = { startMs: 400, idleMegabytes: 110 };
const runs = 5;
const root = fileURLToPath(new URL('..', import.meta.url));

/** Resident memory in MB of the process and of all that it started. */
async function residentOf(pid: number): Promise<number> {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(threads.map((id) => readFile(`/proc/${pid}/task/${id}/children`, 'utf8')));
  const children = lists.flatMap((list) => list.trim().split(' ')).filter((id) => id !== '');
  const below = await Promise.all(children.map((id) => residentOf(Number(id))));
  return Number(kilobytes) / 1_024 + below.reduce((sum, each) => sum + each, 0);
}

async function measure(isReset: boolean, data: string): Promise<{ startMs: number; idleMegabytes: number }> {
  const startedAt = performance.now();
  const args = ['start', '--', '--port', '0', '--data', data, ...(isReset ? ['--reset'] : [])];
  const demo = spawn('npm', args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  if (demo.pid === undefined) throw new Error('npm does not start');
  try {
    let said = '';
    let origin: string | undefined;
    for await (const chunk of demo.stdout.setEncoding('utf8')) {
      said += String(chunk);
      origin = /Shop\s+(http:\S+)/.exec(said)?.[1];
      if (origin !== undefined) break;
    }
    if (origin === undefined) throw new Error(`the demo did not open: ${said}`);
    const answer = await fetch(new URL('/recover', origin));
    await answer.text();
    const startMs = Math.round(performance.now() - startedAt);
    await sleep(10_000);
    // npm and setup.mjs wait around the demo: what counts is the process that serves.
    const idleMegabytes = Math.round(await residentOf(await lastBelow(demo.pid)));
    return { startMs, idleMegabytes };
  } finally {
    const ended = new Promise((resolve) => demo.once('exit', resolve));
    process.kill(-demo.pid, 'SIGINT');
    await ended;
  }
}

/** Follows the only child of each process to the one that has none. */
async function lastBelow(pid: number): Promise<number> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim();
  return children === '' ? pid : lastBelow(Number(children.split(' ')[0]));
}

/** What a registry would carry, beside the packages that the checkout has installed; gives the command in it. */
async function buildPackage(folder: string): Promise<string> {
  execFileSync(process.execPath, [join(root, 'scripts/build.ts'), folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, commandFile);
}

/** From the start of the process to the line that says it is ready. */
async function measureServe(main: string, database: string): Promise<{ startMs: number; idleMegabytes: number }> {
  const settings = {
    REKEY_DATABASE: `sqlite:${database}`,
    REKEY_KEYS: 'k1:Zr7mO2uYxq0Jt3fVbKcW9sLhEiNpGdTa5X8vQyRkB4o=',
    REKEY_ORIGIN: 'http://127.0.0.1:4400',
    REKEY_SMTP: 'smtp://127.0.0.1:2525',
    REKEY_SITE_NAME: 'Corner Shop',
    REKEY_SENDER_ADDRESS: 'help@shop.example',
  };
  const startedAt = performance.now();
  const server = spawn(process.execPath, [main, 'serve', '--port', '0'], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let said = '';
    for await (const chunk of server.stdout.setEncoding('utf8')) {
      said += String(chunk);
      if (said.includes('"msg":"ready"')) break;
    }
    const startMs = Math.round(performance.now() - startedAt);
    await sleep(10_000);
    return { startMs, idleMegabytes: Math.round(await residentOf(server.pid ?? 0)) };
  } finally {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
  }
}

const data = await mkdtemp(join(tmpdir(), 'bench-start-'));
const rows: { start: string; startMs: number; idleMegabytes: number }[] = [];
for (let run = 0; run < runs; run += 1) {
  rows.push({ start: run === 0 ? 'fresh' : 'again', ...(await measure(run === 0, data)) });
}
const main = await buildPackage(join(data, 'package'));
const served: typeof rows = [];
for (let run = 0; run < runs; run += 1) {
  const database = join(data, `serve-${run}.db`);
  served.push({ start: 'serve, empty database', ...(await measureServe(main, database)) });
}
await rm(data, { recursive: true });

/** Of this machine: a process that loads what the server cannot be without, and ends. */
function measureFloor(): number {
  const floor = "await Promise.all(['http', 'sqlite', 'crypto', 'zlib'].map((name) => import(`node:${name}`)))";
  const startedAt = performance.now();
  execFileSync(process.execPath, ['--input-type=module', '--eval', floor]);
  return Math.round(performance.now() - startedAt);
}
const floors = Array.from({ length: runs }, measureFloor).toSorted((a, b) => a - b);

console.table([...rows, ...served]);
console.log(`Node alone, with the modules of its own that a server needs: ${floors[Math.floor(runs / 2)]} ms`);
const misses = (row: (typeof rows)[number], goal: typeof goals) =>
  row.startMs > goal.startMs || row.idleMegabytes > goal.idleMegabytes;
const isMissed = rows.some((row) => misses(row, goals)) || served.some((row) => misses(row, serveGoals));
process.exitCode = isMissed ? 1 : 0;
