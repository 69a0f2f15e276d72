// `rekey` in a process of its own, as its user starts it: the bundle, which is what is shipped.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { format } from 'node:util';
import { vi } from 'vitest';
import { runCommand } from '../../src/cli/commands.ts';
import { askFor } from '../ask.ts';

/** What production needs, on an address of this machine. The database has to be named. */
export const production = {
  REKEY_ORIGIN: 'https://shop.site',
  REKEY_SMTP: 'smtps://user:hidden@mail.site',
  REKEY_KEYS: 'k1:Zr7mO2uYxq0Jt3fVbKcW9sLhEiNpGdTa5X8vQyRkB4o=',
  REKEY_SITE_NAME: 'Corner Shop',
  REKEY_SENDER_ADDRESS: 'help@shop.site',
};

type Variables = Readonly<Record<string, string>>;

/** With these variables, and no other that begins with REKEY_. */
const environmentWith = (variables: Variables) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('REKEY_'))),
  ...variables,
});

/** The same, and what Node compiles of `main` goes with it when it is made anew, instead of growing in the user's cache. */
const environmentOf = (main: string, variables: Variables) => ({
  NODE_COMPILE_CACHE: `${main}.compiled`,
  ...environmentWith(variables),
});

export interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

export const rekey = (...args: string[]): Promise<Ended> => rekeyWith({}, ...args);

export const rekeyWith = (variables: Variables, ...args: string[]): Promise<Ended> => typeTo('', variables, ...args);

/** With `typed` on its standard input. */
export async function typeTo(typed: string | Buffer, variables: Variables, ...args: string[]): Promise<Ended> {
  const main = await askFor('command');
  return new Promise((resolve) => {
    const options = { env: environmentOf(main, variables), maxBuffer: 64 * 1_024 * 1_024 };
    const child = execFile(process.execPath, [main, ...args], options, (fault, stdout, stderr) =>
      resolve({ code: fault?.code ?? 0, stdout, stderr }),
    );
    // It may end without reading.
    child.stdin?.on('error', () => {}).end(typed);
  });
}

/**
 * The same command line in this process, for a tenth of the work: for what a command does and says, where starting, standard input
 * and signals are not asked about.
 */
export async function rekeyHere(variables: Variables, ...args: string[]): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  const before = process.env;
  process.env = environmentWith(variables);
  const spies = (['stdout', 'stderr'] as const).flatMap((stream) => [
    vi.spyOn(process[stream], 'write').mockImplementation((chunk: string | Uint8Array, ...more: unknown[]) => {
      said[stream] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      const written = more.at(-1);
      if (typeof written === 'function') written();
      return true;
    }),
    vi.spyOn(console, stream === 'stdout' ? 'log' : 'error').mockImplementation((...words: unknown[]) => {
      said[stream] += `${format(...words)}\n`;
    }),
  ]);
  try {
    const code = await runCommand(args);
    return { code, ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.env = before;
  }
}

export interface Serving {
  readonly process: ChildProcess;
  /** The lines of its log so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  readonly address: string;
  /** Its exit code. */
  readonly exited: Promise<number | null>;
}

/** `rekey serve` once it says that it is ready. */
export const startServing = (variables: Variables, ...args: string[]): Promise<Serving> =>
  startService(variables, ['serve', '--port', '0', ...args], listensAt);

/** The same on one core of the machine, as a container that is limited to one. */
export const startServingOnCore = (core: number, variables: Variables, ...args: string[]): Promise<Serving> =>
  startService(variables, ['serve', '--port', '0', ...args], listensAt, ['taskset', '--cpu-list', String(core)]);

/** `rekey worker` once it works. */
export const startWorker = (variables: Variables): Promise<Serving> =>
  startService(variables, ['worker'], ({ msg }) => (msg === 'working' ? '' : undefined));

type Entry = Readonly<Record<string, unknown>>;

const listensAt = ({ address }: Entry) => (typeof address === 'string' ? address : undefined);

/** `addressIn`: what stands in the line that says that it is ready; `by`: a program that starts it, and becomes it. */
async function startService(
  variables: Variables,
  args: readonly string[],
  addressIn: (entry: Entry) => string | undefined,
  by: readonly string[] = [],
): Promise<Serving> {
  const main = await askFor('command');
  const [program = '', ...rest] = [...by, process.execPath, main, ...args];
  const child = spawn(program, rest, {
    env: environmentOf(main, variables),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  const log: Record<string, unknown>[] = [];
  const ready = new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const told: unknown = JSON.parse(line);
      const entry: Record<string, unknown> = { ...Object(told) };
      log.push(entry);
      const address = addressIn(entry);
      if (address !== undefined) resolve(address);
    });
    void exited.then((code) => reject(new Error(`rekey ${args[0]} ended with ${code}`)));
  });
  return { process: child, log, address: await ready, exited };
}
