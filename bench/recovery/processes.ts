// The processes of a measurement: a server on a core of its own, what it is told and answers, and what it takes.
import { type ChildProcess, execFile, fork, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** CPU in ms. `main`: of the thread that runs the code, which does not hash. */
export interface Cpu {
  readonly all: number;
  readonly main: number;
}

/** `server`: one core, from its first moment, so that it hashes one at a time as on a machine of one; `beside`: the other. */
export type Core = 'server' | 'beside';

const canPin = availableParallelism() > 1 && process.platform === 'linux';

/** Where this process runs, which is the client, and what it starts from now on, but for what has a core of its own. */
export async function runOn(cores: 'beside' | 'both'): Promise<void> {
  const list = cores === 'both' ? '0,1' : '1';
  if (canPin) await promisify(execFile)('taskset', ['-a', '-p', '-c', list, String(process.pid)]);
}

/** Starts it, and waits until it says that it is ready. */
export async function start(script: string, args: readonly string[], core: Core, cwd: string): Promise<ChildProcess> {
  const pinned: ForkOptions = canPin
    ? { execPath: 'taskset', execArgv: ['-c', core === 'server' ? '0' : '1', process.execPath, ...process.execArgv] }
    : {};
  const child = fork(script, args, { ...pinned, cwd, env: { ...process.env, NODE_ENV: 'production' } });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${script} ended before it was ready`);
  });
  await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  return child;
}

export async function tell(child: ChildProcess, name: string, times = 0): Promise<unknown> {
  child.send([name, times]);
  const [[, answer]] = await once(child, 'message');
  return answer;
}

export async function cpuOf(child: ChildProcess): Promise<Cpu> {
  const answer = await tell(child, 'cpu');
  const has = (part: keyof Cpu) => Number(Object(answer)[part]);
  return { all: has('all'), main: has('main') };
}

/** Resident memory of one process in MB: what it is now, and the most that it was. */
export async function residentMb(pid: number): Promise<{ readonly now: number; readonly most: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const megabytes = (line: RegExp) => Number(line.exec(status)?.[1] ?? Number.NaN) / 1_024;
  return { now: megabytes(/VmRSS:\s+(\d+)/), most: megabytes(/VmHWM:\s+(\d+)/) };
}

/** From the start of the process to its first word, and its memory once nobody has come for a while. */
export async function measureStart(script: string, args: readonly string[], cwd: string, idleMs: number) {
  const startedAt = performance.now();
  const child = await start(script, args, 'server', cwd);
  const readyMs = performance.now() - startedAt;
  await sleep(idleMs);
  const { now: idleMb } = await residentMb(child.pid ?? 0);
  await tell(child, 'stop');
  return { readyMs, idleMb };
}

/** So many at a time, in order. */
export async function inTurns<T, R>(atOnce: number, items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [at, item] of waiting) results[at] = await act(item);
    }),
  );
  return results;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? Number.NaN;
