// One real Valkey or Redis server for a test run: the one that REKEY_TEST_VALKEY_URL names, or one of this machine's on a
// free port of loopback. Where there is none, the tests that need it say why they are skipped.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { findFreePort } from './free-port.ts';

/** The one that is named, which is left running; else one of this machine's, if there is any. */
export async function startGivenValkey(): Promise<Pick<ValkeyServer, 'url' | 'stop'> | undefined> {
  const given = process.env.REKEY_TEST_VALKEY_URL;
  return given ? { url: given, stop: async () => {} } : startValkey();
}

export interface ValkeyServer {
  /** Without a database number. */
  readonly url: string;
  /** At once, with all it holds. */
  stop(): Promise<void>;
  /** Again on the same port. */
  start(): Promise<void>;
}

/** `undefined` where this machine has none. It keeps nothing on disk. */
export async function startValkey({ password }: { password?: string } = {}): Promise<ValkeyServer | undefined> {
  const port = await findFreePort();
  let child: ChildProcess | undefined;

  async function startWith(program: string): Promise<boolean> {
    const flags = [
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--loglevel',
      'warning',
    ];
    const started = spawn(program, password === undefined ? flags : [...flags, '--requirepass', password], {
      stdio: 'ignore',
    });
    const isThere = await once(started, 'spawn').then(
      () => true,
      () => false,
    );
    if (!isThere) return false;
    child = started;
    for (let tries = 0; !(await answers(port)); tries += 1) {
      if (tries === 200 || started.exitCode !== null) throw new Error(`${program} did not start`);
      await wait(25);
    }
    return true;
  }
  const start = async () => (await startWith('valkey-server')) || startWith('redis-server');

  if (!(await start())) return undefined;
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      const running = child;
      // One that has exited tells nobody again.
      child = undefined;
      if (!running) return;
      const stopped = once(running, 'exit');
      running.kill('SIGKILL');
      await stopped;
    },
    async start() {
      await start();
    },
  };
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false)).on('connect', () => resolve(socket.end() !== undefined));
  });
