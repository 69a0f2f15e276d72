// What one complete recovery costs the server: the CPU of its calls of the JSON API, from the start to the new password,
// against that of the one Argon2id hash that it has to make. The human check is off, connections are kept alive, outbox
// rows are written, and their mail is sent by another process, whose CPU is a line of its own. Three processes: the server,
// the mailer, and this one, which is the client and the mail server. Goal: 1.3.
// `--profile` tells where the server's main thread spends it; `--against FOLDER` measures another checkout in the same run,
// round by round in turns, as figures of different runs do not compare.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Session } from 'node:inspector/promises';
import { parseArgs } from 'node:util';
import { createAdaptorServer } from '@hono/node-server';
import { createPasswords } from '../src/accounts/passwords.ts';
import { createApp } from '../src/app.ts';
import { systemClock } from '../src/base/clock.ts';
import { createLog } from '../src/base/log.ts';
import { systemRandom } from '../src/base/random.ts';
import { createKeys } from '../src/base/secret.ts';
import { createClient } from '../src/client/client.ts';
import { readSettings } from '../src/config/read-settings.ts';
import { migrate } from '../src/database/migrate.ts';
import { openDatabase } from '../src/database/open.ts';
import { codeIn, startMailbox } from '../src/testing/mailbox.ts';
import { printProfile } from './recovery/profile.ts';

const root = resolve(import.meta.dirname, '..');
const goal = 1.3;
const rounds = 5;
const recoveriesARound = 40;
const warmUps = 400;
const atOnce = 4;
const people = warmUps + rounds * recoveriesARound;
const oldPassword = 'an old and quiet lamp';
const nameOf = (at: number) => `person${at}`;

interface Task {
  readonly origin: string;
  readonly smtp: string;
  readonly folder: string;
}

/** CPU in ms. */
interface Cpu {
  readonly all: number;
  readonly main: number;
}

/** What the two other processes answer when they are told to do something. */
type Work = Readonly<Record<string, (times: number) => Promise<unknown>>>;

async function serve(role: 'server' | 'mailer', { origin, smtp, folder }: Task): Promise<void> {
  const settings = readSettings({
    mode: 'development',
    origin,
    smtp,
    database: `sqlite:${join(folder, 'rekey.db')}`,
    keys: `bench:${Buffer.alloc(32, 7).toString('base64')}`,
    siteName: 'Corner Shop',
    senderAddress: 'help@shop.example',
    trustedProxies: 1,
    humanCheck: 'off',
  });
  const log = createLog('silent');
  const db = await openDatabase(settings.database, { log });
  if (role === 'server') await migrate(db, { clock: systemClock });
  const app = await createApp({ settings, db, log, clock: systemClock, random: systemRandom });
  const passwords = createPasswords({
    keys: createKeys(settings.keys),
    random: systemRandom,
    minLength: settings.passwordMinLength,
    siteName: settings.siteName,
  });
  const session = new Session();
  const work: Work = {
    // Of the process until now, and of the thread that runs the code in it, which does not hash.
    cpu: async (): Promise<Cpu> => ({ all: msOf(process.cpuUsage()), main: msOf(process.threadCpuUsage()) }),
    hash: async (times) => {
      const before = process.cpuUsage();
      for (let done = 0; done < times; done += 1) await passwords.hash(oldPassword);
      return msOf(process.cpuUsage(before)) / times;
    },
    deliver: async () => {
      for (const job of app.jobs) await job();
    },
    people: async (count) => {
      const password = await passwords.hash(oldPassword);
      for (let at = 0; at < count; at += 1) {
        const address = `${nameOf(at)}@mail.example`;
        const addresses = [{ address, key: address, isConfirmed: true }];
        await db.write((tx) => app.directory.create(tx, { userId: nameOf(at), locale: 'en', password, addresses }));
      }
    },
    profile: async (recoveries) => {
      if (recoveries === 0) {
        session.connect();
        await session.post('Profiler.enable');
        await session.post('Profiler.setSamplingInterval', { interval: 200 });
        await session.post('Profiler.start');
      } else {
        const { profile } = await session.post('Profiler.stop');
        printProfile(profile, recoveries);
      }
    },
    stop: async () => setImmediate(() => process.exit(0)),
  };
  if (role === 'server') {
    const server = createAdaptorServer({
      fetch: (request, { incoming }) => app.server.fetch(request, { remoteAddress: incoming.socket.remoteAddress }),
    });
    server.listen(Number(new URL(origin).port), '127.0.0.1');
    await once(server, 'listening');
  }
  process.on('message', ([name, times]: [string, number]) => {
    void work[name]?.(times).then((answer) => process.send?.([name, answer]));
  });
  process.send?.(['ready', 0]);
}

const msOf = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;

/** One checkout's server and mailer, on a database of their own. */
async function open(name: string, checkout: string) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-recovery-'));
  const mailbox = await startMailbox();
  const origin = `http://127.0.0.1:${await freePort()}`;
  const task: Task = { origin, smtp: mailbox.url, folder };
  const server = await start('server', task, checkout);
  const mailer = await start('mailer', task, checkout);
  await tell(server, 'people', people);
  let calls = 0;

  /** Takes the recoveries of these people to the new password; the CPU of the server and of the mailer, a recovery. */
  async function recover(from: number, count: number) {
    const all = Array.from({ length: count }, (_, at) => personAt(from + at));
    calls = 0;
    const counted: typeof fetch = (url, init) => {
      calls += 1;
      const headers = new Headers(init?.headers);
      headers.set('x-forwarded-for', nextNetwork());
      return fetch(url, { ...init, headers });
    };
    const began = await cpuOf(server);
    const started = await inTurns(all, async (person) => {
      const client = createClient({ origin, handles: {}, fetch: counted });
      const first = await client.startRecovery({ identifier: person.address, method: 'email-code' });
      if (!first.ok || first.step === 'over') throw new Error(`no start: ${JSON.stringify(first)}`);
      return { ...person, client, id: first.id };
    });
    const paused = await cpuOf(server);
    const mailBefore = await cpuOf(mailer);
    const codes = new Map<string, string>();
    while (codes.size < count) {
      await tell(mailer, 'deliver');
      for (const mail of mailbox.messages()) {
        const code = codeIn(mail);
        const [to = ''] = mail.recipients;
        if (code !== undefined && all.some(({ address }) => address === to)) codes.set(to, code);
      }
    }
    const mailMs = ((await cpuOf(mailer)).all - mailBefore.all) / count;
    const resumed = await cpuOf(server);
    await inTurns(started, async ({ client, id, address, password }) => {
      const entered = await client.enterCode({ id, code: codes.get(address) ?? '' });
      if (!entered.ok) throw new Error(entered.reason);
      const set = await client.setPassword({ id, password });
      if (!set.ok || set.step !== 'done') throw new Error(`no end: ${JSON.stringify(set)}`);
    });
    const ended = await cpuOf(server);
    const spent = (part: keyof Cpu) => (paused[part] - began[part] + (ended[part] - resumed[part])) / count;
    return { recoveryMs: spent('all'), mainMs: spent('main'), mailMs };
  }

  return {
    name,
    server,
    rounds: new Array<Round>(),
    recover,
    callsOfOne: () => calls / recoveriesARound,
    async close() {
      await Promise.all([server, mailer].map((child) => tell(child, 'stop')));
      await mailbox.close();
      await rm(folder, { recursive: true });
    },
  };
}

interface Round {
  readonly hashMs: number;
  readonly recoveryMs: number;
  readonly ratio: number;
  readonly mainMs: number;
  readonly mailMs: number;
}

async function measure({ against, profile }: { against?: string | undefined; profile: boolean }): Promise<void> {
  const checkouts = { this: root, ...(against !== undefined && { [against]: resolve(against) }) };
  const contenders = await Promise.all(Object.entries(checkouts).map(([name, checkout]) => open(name, checkout)));
  try {
    for (const { recover } of contenders) await recover(0, warmUps);
    const [first] = contenders;
    if (profile && first) await tell(first.server, 'profile');
    for (let round = 0; round < rounds; round += 1) {
      for (const { server, recover, rounds: taken } of contenders) {
        const hashMs = Number(await tell(server, 'hash', recoveriesARound));
        const { recoveryMs, mainMs, mailMs } = await recover(warmUps + round * recoveriesARound, recoveriesARound);
        taken.push({ hashMs, recoveryMs, ratio: recoveryMs / hashMs, mainMs, mailMs });
      }
    }
    if (profile && first) await tell(first.server, 'profile', rounds * recoveriesARound);
    const tables = contenders.map(({ name, rounds: taken, callsOfOne }) => {
      const shown = (row: Round) => Object.entries(row).map(([part, ms]) => [part, Number(ms).toFixed(2)]);
      console.table(taken.map((row) => Object.fromEntries(shown(row))));
      const ratio = median(taken.map((row) => row.ratio));
      const mainMs = median(taken.map((row) => row.mainMs)).toFixed(2);
      console.log(
        `${name}: ${callsOfOne()} calls a recovery; medians: main ${mainMs} ms, ratio ${ratio.toFixed(2)}, goal ${goal}`,
      );
      return ratio;
    });
    process.exitCode = (tables[0] ?? Number.NaN) <= goal ? 0 : 1;
  } finally {
    for (const { close } of contenders) await close();
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const personAt = (at: number) => ({
  address: `${nameOf(at)}@mail.example`,
  password: `seven green umbrellas ${at}`,
});

let networks = 0;
/** Each from a network of its own, as limits count by it. */
const nextNetwork = (): string => {
  networks += 1;
  return `10.${Math.floor(networks / 250) % 250}.${networks % 250}.1`;
};

/** A few at a time, in order. */
async function inTurns<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [at, item] of waiting) results[at] = await act(item);
    }),
  );
  return results;
}

async function start(role: string, task: Task, checkout: string): Promise<ChildProcess> {
  const canPin = availableParallelism() > 1 && process.platform === 'linux';
  // The server has a core of its own from its first moment, so that it hashes one at a time as on a machine of one core.
  const pinned = canPin && {
    execPath: 'taskset',
    execArgv: ['-c', role === 'server' ? '0' : '1', process.execPath],
  };
  const script = join(checkout, 'bench/recovery.ts');
  const child = fork(script, [role, JSON.stringify(task)], { ...pinned, cwd: checkout });
  await once(child, 'message');
  return child;
}

async function tell(child: ChildProcess, name: string, times = 0): Promise<unknown> {
  child.send([name, times]);
  const [[, answer]] = await once(child, 'message');
  return answer;
}

async function cpuOf(child: ChildProcess): Promise<Cpu> {
  const answer = await tell(child, 'cpu');
  const has = (part: keyof Cpu) => Number(Object(answer)[part]);
  return { all: has('all'), main: has('main') };
}

async function freePort(): Promise<number> {
  const server = createAdaptorServer({ fetch: () => new Response() });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const [, , role, told] = process.argv;
if (role === 'server' || role === 'mailer') await serve(role, JSON.parse(told ?? '{}'));
else {
  const options = { against: { type: 'string' }, profile: { type: 'boolean', default: false } } as const;
  await measure(parseArgs({ options }).values);
}
