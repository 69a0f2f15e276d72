// How fast `rekey accounts import` takes a CSV file of a million accounts, and how much memory it holds at most. SQLite, all
// columns of a simple site. Goal: 400 MB, whatever the number of rows.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const goalMegabytes = 400;
const rowCount = Number(process.argv[2] ?? 1_000_000);
const main = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

function* lines(): Generator<string> {
  yield 'user_id,email,email2,locale\n';
  for (let at = 0; at < rowCount; at += 1)
    yield `person${at},person${at}@mail${at % 997}.example,${at % 4 ? '' : `p${at}@other.example`},${at % 2 ? 'en' : 'es'}\n`;
}

async function run(database: string, ...args: string[]): Promise<{ stdout: string; peakMegabytes: number }> {
  const settings = {
    REKEY_DATABASE: `sqlite:${database}`,
    REKEY_KEYS: 'k1:Zr7mO2uYxq0Jt3fVbKcW9sLhEiNpGdTa5X8vQyRkB4o=',
  };
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let peakMegabytes = 0;
  const watch = setInterval(() => {
    void readFile(`/proc/${child.pid}/status`, 'utf8').then(
      (status) => (peakMegabytes = Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024)),
      () => {},
    );
  }, 500);
  const stdout = await text(child.stdout);
  clearInterval(watch);
  return { stdout, peakMegabytes };
}

const folder = await mkdtemp(join(tmpdir(), 'bench-import-'));
const file = join(folder, 'accounts.csv');
const database = join(folder, 'rekey.db');
await pipeline(Readable.from(lines()), createWriteStream(file));
await run(database, 'migrate');
const { stdout, peakMegabytes } = await run(database, 'accounts', 'import', file, '--json');
const report: unknown = JSON.parse(stdout);
console.table([{ ...(typeof report === 'object' ? report : {}), faults: undefined, peakMegabytes }]);
await rm(folder, { recursive: true });
process.exitCode = peakMegabytes > goalMegabytes ? 1 : 0;
