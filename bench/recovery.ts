// What one complete recovery costs the server: the CPU of its calls of the JSON API, from the start to the new password,
// against that of the one Argon2id hash that it has to make. The human check is off, connections are kept alive, outbox
// rows are written, and their mail is sent by another process, whose CPU is a line of its own. Three processes: the server,
// the mailer, and this one, which is the client and the mail server. Goal: 1.3.
// The floor, in the same run: a server that does nothing but the hash, asked once for each recovery. `--clients N` people at
// once, four where nothing is said; `--postgres` runs it on PostgreSQL that waits for its disk, and tells its CPU too.
// `--profile` tells where the server's main thread spends it; `--against FOLDER` measures another checkout in the same run,
// round by round in turns, as figures of different runs do not compare.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Session } from 'node:inspector/promises';
import { parseArgs } from 'node:util';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { sql } from 'kysely';
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
import { openPostgres } from '../src/database/postgres.ts';
import { codeIn, startMailbox } from '../src/testing/mailbox.ts';
import { onDisk, startPostgres } from '../test/postgres.ts';
import { printProfile } from './recovery/profile.ts';

const root = resolve(import.meta.dirname, '..');
const goal = 1.3;
const rounds = 5;
const recoveriesARound = 40;
const warmUps = 400;
const people = warmUps + rounds * recoveriesARound;
const oldPassword = 'an old and quiet lamp';
const nameOf = (at: number) => `person${at}`;

type Role = 'server' | 'mailer' | 'floor';

interface Task {
  readonly origin: string;
  readonly smtp: string;
  readonly database: string;
}

/** CPU in ms. */
interface Cpu {
  readonly all: number;
  readonly main: number;
}

/** What the two other processes answer when they are told to do something. */
type Work = Readonly<Record<string, (times: number) => Promise<unknown>>>;

async function serve(role: Role, { origin, smtp, database }: Task): Promise<void> {
  const settings = readSettings({
    mode: 'development',
    origin,
    smtp,
    database,
    keys: `bench:${Buffer.alloc(32, 7).toString('base64')}`,
    siteName: 'Corner Shop',
    senderAddress: 'help@shop.example',
    trustedProxies: 1,
    humanCheck: 'off',
  });
  const passwords = createPasswords({
    keys: createKeys(settings.keys),
    random: systemRandom,
    minLength: settings.passwordMinLength,
    siteName: settings.siteName,
  });
  const common: Work = {
    // Of the process until now, and of the thread that runs the code in it, which does not hash.
    cpu: async (): Promise<Cpu> => ({ all: msOf(process.cpuUsage()), main: msOf(process.threadCpuUsage()) }),
    hash: async (times) => {
      const before = process.cpuUsage();
      for (let done = 0; done < times; done += 1) await passwords.hash(oldPassword);
      return msOf(process.cpuUsage(before)) / times;
    },
    stop: async () => setImmediate(() => process.exit(0)),
  };
  const work = role === 'floor' ? common : { ...common, ...(await serveRekey()) };
  process.on('message', ([name, times]: [string, number]) => {
    void work[name]?.(times).then((answer) => process.send?.([name, answer]));
  });
  if (role === 'floor') {
    const floor = createServer((request, response) => {
      request.resume().on('end', () => void passwords.hash(oldPassword).then(({ hash }) => response.end(hash)));
    });
    await listen(floor);
  }
  process.send?.(['ready', 0]);

  async function listen(server: ServerType): Promise<void> {
    server.listen(Number(new URL(origin).port), '127.0.0.1');
    await once(server, 'listening');
  }

  async function serveRekey(): Promise<Work> {
    const log = createLog('silent');
    const db = await openDatabase(settings.database, { log });
    if (role === 'server') await migrate(db, { clock: systemClock });
    const app = await createApp({ settings, db, log, clock: systemClock, random: systemRandom });
    if (role === 'server') {
      await listen(
        createAdaptorServer({
          fetch: (request, { incoming }) => app.server.fetch(request, { remoteAddress: incoming.socket.remoteAddress }),
        }),
      );
    }
    const session = new Session();
    return {
      deliver: async () => {
        for (const job of app.jobs) await job();
      },
      people: async (count) => {
        const password = await passwords.hash(oldPassword);
        await db.write(async (tx) => {
          for (let at = 0; at < count; at += 1) {
            const address = `${nameOf(at)}@mail.example`;
            const addresses = [{ address, key: address, isConfirmed: true }];
            await app.directory.create(tx, { userId: nameOf(at), locale: 'en', password, addresses });
          }
        });
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
    };
  }
}

const msOf = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;

/** What a recovery took of the server, of the database where that is another process, and of the mailer; and how many a second. */
interface Taken {
  readonly recoveryMs: number;
  readonly mainMs: number;
  readonly databaseMs: number;
  readonly mailMs: number;
  readonly perSecond: number;
}

type Round = Taken & { readonly hashMs: number; readonly ratio: number };

interface Contender {
  readonly name: string;
  readonly server: ChildProcess;
  readonly rounds: Round[];
  /** Takes the recoveries of these people to the new password. */
  recover(from: number, count: number): Promise<Taken>;
  callsOfOne(): number;
  close(): Promise<void>;
}

/** CPU of a server in ms, and the time that has passed. */
type Meter = () => Promise<Cpu & { readonly database: number; readonly at: number }>;

const meterOf =
  (server: ChildProcess, databaseCpu: () => Promise<number>): Meter =>
  async () => ({ ...(await cpuOf(server)), database: await databaseCpu(), at: performance.now() });

/** What was spent in these spans of time, for each of so many. */
const spentIn = (
  spans: readonly (readonly [Awaited<ReturnType<Meter>>, Awaited<ReturnType<Meter>>])[],
  count: number,
) => {
  const sum = (part: 'all' | 'main' | 'database' | 'at') =>
    spans.reduce((ms, [from, to]) => ms + to[part] - from[part], 0);
  return {
    recoveryMs: sum('all') / count,
    mainMs: sum('main') / count,
    databaseMs: sum('database') / count,
    perSecond: (1_000 * count) / sum('at'),
  };
};

/** A server that hashes once for each recovery, and does nothing else. */
async function openFloor(clients: number): Promise<Contender> {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const server = await start('floor', { origin, smtp: 'smtp://127.0.0.1:1', database: 'sqlite:none' }, root);
  const meter = meterOf(server, async () => 0);
  return {
    name: 'floor',
    server,
    rounds: [],
    async recover(from, count) {
      const began = await meter();
      await inTurns(
        clients,
        Array.from({ length: count }, (_, at) => personAt(from + at)),
        async (person) => {
          await (await fetch(origin, { method: 'POST', body: JSON.stringify(person) })).text();
        },
      );
      return { ...spentIn([[began, await meter()]], count), mailMs: 0 };
    },
    callsOfOne: () => 1,
    close: async () => void (await tell(server, 'stop')),
  };
}

/** One checkout's server and mailer, on a database of their own. */
async function openRekey(name: string, checkout: string, clients: number, place: Place): Promise<Contender> {
  const mailbox = await startMailbox();
  const origin = `http://127.0.0.1:${await freePort()}`;
  const task: Task = { origin, smtp: mailbox.url, database: place.address };
  const server = await start('server', task, checkout);
  const mailer = await start('mailer', task, checkout);
  await tell(server, 'people', people);
  const meter = meterOf(server, place.cpuMs);
  let calls = 0;

  return {
    name,
    server,
    rounds: [],
    async recover(from, count) {
      const all = Array.from({ length: count }, (_, at) => personAt(from + at));
      calls = 0;
      const counted: typeof fetch = (url, init) => {
        calls += 1;
        const headers = new Headers(init?.headers);
        headers.set('x-forwarded-for', nextNetwork());
        return fetch(url, { ...init, headers });
      };
      const began = await meter();
      const started = await inTurns(clients, all, async (person) => {
        const client = createClient({ origin, handles: {}, fetch: counted });
        const first = await client.startRecovery({ identifier: person.address, method: 'email-code' });
        if (!first.ok || first.step === 'over') throw new Error(`no start: ${JSON.stringify(first)}`);
        return { ...person, client, id: first.id };
      });
      const paused = await meter();
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
      const resumed = await meter();
      await inTurns(clients, started, async ({ client, id, address, password }) => {
        const entered = await client.enterCode({ id, code: codes.get(address) ?? '' });
        if (!entered.ok) throw new Error(entered.reason);
        const set = await client.setPassword({ id, password });
        if (!set.ok || set.step !== 'done') throw new Error(`no end: ${JSON.stringify(set)}`);
      });
      const spans = [[began, paused] as const, [resumed, await meter()] as const];
      return { ...spentIn(spans, count), mailMs };
    },
    callsOfOne: () => calls / recoveriesARound,
    async close() {
      await Promise.all([server, mailer].map((child) => tell(child, 'stop')));
      await mailbox.close();
      await place.remove();
    },
  };
}

/** Where a database is, and what its server has taken until now. */
interface Place {
  readonly address: string;
  cpuMs(): Promise<number>;
  remove(): Promise<void>;
}

async function placeOnDisk(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-recovery-'));
  const address = `sqlite:${join(folder, 'rekey.db')}`;
  return { address, cpuMs: async () => 0, remove: () => rm(folder, { recursive: true }) };
}

async function placeOnPostgres(url: string, name: string): Promise<Place> {
  const db = await openPostgres({ url });
  await sql.raw(`CREATE DATABASE ${name}`).execute(db.read);
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
async function statOf(pid: number) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const parts = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = parts.slice(11, 15);
  return { pid, parent: parts[1] ?? 0, ownMs: 10 * (user + system), endedMs: 10 * (endedUser + endedSystem) };
}

interface Options {
  readonly against?: string | undefined;
  readonly clients: string;
  readonly postgres: boolean;
  readonly profile: boolean;
}

async function measure({ against, clients: many, postgres, profile }: Options): Promise<void> {
  const clients = Number(many);
  const checkouts = { this: root, ...(against !== undefined && { [against]: resolve(against) }) };
  const server = postgres ? await startPostgres(onDisk) : undefined;
  const contenders = [await openFloor(clients)];
  try {
    for (const [at, [name, checkout]] of Object.entries(checkouts).entries()) {
      const place = server ? await placeOnPostgres(server.url, `bench_${at}`) : await placeOnDisk();
      contenders.push(await openRekey(name, checkout, clients, place));
    }
    for (const { recover } of contenders) await recover(0, warmUps);
    const own = contenders[1]?.server;
    if (profile && own) await tell(own, 'profile');
    for (let round = 0; round < rounds; round += 1) {
      for (const contender of contenders) {
        const hashMs = Number(await tell(contender.server, 'hash', recoveriesARound));
        const taken = await contender.recover(warmUps + round * recoveriesARound, recoveriesARound);
        contender.rounds.push({ ...taken, hashMs, ratio: taken.recoveryMs / hashMs });
      }
    }
    if (profile && own) await tell(own, 'profile', rounds * recoveriesARound);
    const medians = contenders.map(({ rounds: taken }) => {
      const of = (part: keyof Round) => median(taken.map((row) => row[part]));
      return {
        hashMs: of('hashMs'),
        recoveryMs: of('recoveryMs'),
        ratio: of('ratio'),
        mainMs: of('mainMs'),
        databaseMs: of('databaseMs'),
        mailMs: of('mailMs'),
        perSecond: of('perSecond'),
      };
    });
    const shown = medians.map((row, at) => {
      const figures = Object.entries(row).map(([part, value]) => [part, value.toFixed(2)]);
      return [contenders[at]?.name, Object.fromEntries(figures)];
    });
    console.table(Object.fromEntries(shown));
    const [floor, mine] = medians;
    const ratios = contenders[1]?.rounds.map(({ ratio }) => ratio.toFixed(2)).join(', ') ?? '';
    const rate = (mine?.perSecond ?? 0) / (floor?.perSecond ?? 1);
    console.log(
      `${contenders[1]?.callsOfOne()} calls a recovery, ${clients} at once; medians of ${rounds} rounds. ${rate.toFixed(2)} of the floor a second; CPU against the hash: ${ratios}, goal ${goal}`,
    );
    process.exitCode = (mine?.ratio ?? Number.NaN) <= goal ? 0 : 1;
  } finally {
    for (const { close } of contenders) await close();
    await server?.stop();
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

/** So many at a time, in order. */
async function inTurns<T, R>(atOnce: number, items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [at, item] of waiting) results[at] = await act(item);
    }),
  );
  return results;
}

async function start(role: Role, task: Task, checkout: string): Promise<ChildProcess> {
  const canPin = availableParallelism() > 1 && process.platform === 'linux';
  // The server has a core of its own from its first moment, so that it hashes one at a time as on a machine of one core.
  const pinned = canPin && {
    execPath: 'taskset',
    execArgv: ['-c', role === 'mailer' ? '1' : '0', process.execPath],
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
if (role === 'server' || role === 'mailer' || role === 'floor') await serve(role, JSON.parse(told ?? '{}'));
else {
  const options = {
    against: { type: 'string' },
    clients: { type: 'string', default: '4' },
    postgres: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  } as const;
  await measure(parseArgs({ options }).values);
}
