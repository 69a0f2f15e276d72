// Those that are measured side by side: our server, the floors, and the peers. Each takes people from "I forgot it" to the
// new password over HTTP, its mail taken from a mail server or from what it calls to send one.
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createClient } from '../../src/client/client.ts';
import { codeIn, startMailbox } from '../../src/testing/mailbox.ts';
import type { Place } from './places.ts';
import { type Core, type Cpu, cpuOf, inTurns, quantile, start, tell } from './processes.ts';
import { findFreePort } from '../../test/free-port.ts';
import { addressOf, type Role, type Task } from './server.ts';

export const root = resolve(import.meta.dirname, '../..');

/** One step for many people: of the server in ms a recovery, and how it was for who waited. */
export interface Step {
  readonly name: string;
  readonly cpuMs: number;
  readonly mainMs: number;
  readonly databaseMs: number;
  readonly perSecond: number;
  readonly p99Ms: number;
}

/** What recoveries took of the server, of the database where that is another process, and of whoever sends the mail. */
export interface Taken {
  readonly cpuMs: number;
  readonly mainMs: number;
  readonly databaseMs: number;
  readonly mailMs: number;
  readonly perSecond: number;
  readonly steps: readonly Step[];
}

export interface Contender {
  readonly name: string;
  readonly server: ChildProcess;
  /** Takes so many people, from the one at `from` on, to the new password; `clients` of them at once. */
  recover(from: number, count: number, clients: number): Promise<Taken>;
  /** Requests of one recovery. */
  readonly calls: number;
  /** SQL statements of one recovery, where the server can tell. */
  statements(): Promise<number | undefined>;
  close(): Promise<void>;
}

interface Person {
  readonly at: number;
  readonly address: string;
  readonly password: string;
}

const peopleFrom = (from: number, count: number): Person[] =>
  Array.from({ length: count }, (_, n) => ({
    at: from + n,
    address: addressOf(from + n),
    password: `seven green umbrellas ${from + n}`,
  }));

/** Measures steps that follow each other, all people through one before the next begins. */
function createMeter(server: ChildProcess, place: Place | undefined) {
  const steps: Step[] = [];
  const look = async (): Promise<Cpu & { database: number; at: number }> => ({
    ...(await cpuOf(server)),
    database: (await place?.cpuMs()) ?? 0,
    at: performance.now(),
  });
  return {
    async step<T, R>(name: string, clients: number, items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
      const waits: number[] = [];
      const from = await look();
      const results = await inTurns(clients, items, async (item) => {
        const asked = performance.now();
        const result = await act(item);
        waits.push(performance.now() - asked);
        return result;
      });
      const to = await look();
      steps.push({
        name,
        cpuMs: (to.all - from.all) / items.length,
        mainMs: (to.main - from.main) / items.length,
        databaseMs: (to.database - from.database) / items.length,
        perSecond: (1_000 * items.length) / (to.at - from.at),
        p99Ms: quantile(waits, 0.99),
      });
      return results;
    },
    taken(mailMs: number): Taken {
      const sum = (of: (step: Step) => number) => steps.reduce((all, step) => all + of(step), 0);
      return {
        cpuMs: sum(({ cpuMs }) => cpuMs),
        mainMs: sum(({ mainMs }) => mainMs),
        databaseMs: sum(({ databaseMs }) => databaseMs),
        mailMs,
        perSecond: 1 / sum(({ perSecond }) => 1 / perSecond),
        steps,
      };
    },
  };
}

/** The script that a checkout forks; before there was this file it was the bench itself. */
function scriptOf(checkout: string): string {
  const own = join(checkout, 'bench/recovery/server.ts');
  return existsSync(own) ? own : join(checkout, 'bench/recovery.ts');
}

export const startOurs = (
  role: Role,
  task: Task,
  checkout: string,
  core: Core = role === 'mailer' ? 'beside' : 'server',
) => start(scriptOf(checkout), [role, JSON.stringify(task)], core, checkout);

/** A server that does one thing for each request: nothing, the hash, or the writes of a start. */
export async function openFloor(
  role: 'empty' | 'hash' | 'writes',
  { place, cheapHashes = 0 }: { readonly place?: Place; readonly cheapHashes?: number } = {},
): Promise<Contender> {
  const origin = `http://127.0.0.1:${await findFreePort()}`;
  const task = { origin, smtp: 'smtp://127.0.0.1:1', database: place?.address ?? 'sqlite:none', cheapHashes };
  const server = await startOurs(role, task, root);
  return {
    name: `floor: ${role}`,
    server,
    calls: 1,
    async recover(from, count, clients) {
      const meter = createMeter(server, place);
      await meter.step(role, clients, peopleFrom(from, count), (person) => post(origin, person));
      return meter.taken(0);
    },
    statements: async () => undefined,
    close: async () => void (await tell(server, 'stop')),
  };
}

/** One checkout's server and mailer, on a database of their own. */
export async function openRekey(
  name: string,
  checkout: string,
  { people, place, cheapHashes = 0 }: { readonly people: number; readonly place: Place; readonly cheapHashes?: number },
): Promise<Contender> {
  const mailbox = await startMailbox();
  const origin = `http://127.0.0.1:${await findFreePort()}`;
  const task: Task = { origin, smtp: mailbox.url, database: place.address, cheapHashes };
  const server = await startOurs('server', task, checkout);
  const mailer = await startOurs('mailer', task, checkout);
  await tell(server, 'people', people);
  return {
    name,
    server,
    calls: 3,
    async recover(from, count, clients) {
      const meter = createMeter(server, place);
      const all = peopleFrom(from, count);
      const started = await meter.step('ask for the code', clients, all, async (person) => {
        const client = createClient({ origin, handles: {}, fetch: fromNetworks });
        const first = await client.startRecovery({ identifier: person.address, method: 'email-code' });
        if (!first.ok || first.step === 'over') throw new Error(`no start: ${JSON.stringify(first)}`);
        return { ...person, client, id: first.id };
      });
      const mailBefore = (await cpuOf(mailer)).all;
      const codes = new Map<string, string>();
      while (codes.size < count) {
        await tell(mailer, 'deliver');
        for (const mail of mailbox.messages()) {
          const code = codeIn(mail);
          const [to = ''] = mail.recipients;
          if (code !== undefined && all.some(({ address }) => address === to)) codes.set(to, code);
        }
      }
      const mailMs = ((await cpuOf(mailer)).all - mailBefore) / count;
      await meter.step('enter the code', clients, started, async ({ client, id, address }) => {
        const entered = await client.enterCode({ id, code: codes.get(address) ?? '' });
        if (!entered.ok) throw new Error(entered.reason);
      });
      await meter.step('set the password', clients, started, async ({ client, id, password }) => {
        const set = await client.setPassword({ id, password });
        if (!set.ok || set.step !== 'done') throw new Error(`no end: ${JSON.stringify(set)}`);
      });
      return meter.taken(mailMs);
    },
    statements: async () => undefined,
    async close() {
      await Promise.all([server, mailer].map((child) => tell(child, 'stop')));
      await mailbox.close();
      await place.remove();
    },
  };
}

/** Each request from a network of its own, as limits count by it. */
export const fromNetworks: typeof fetch = (url, init) => {
  const headers = new Headers(init?.headers);
  headers.set('x-forwarded-for', nextNetwork());
  return fetch(url, { ...init, headers });
};

let networks = 0;
const nextNetwork = (): string => {
  networks += 1;
  return `10.${Math.floor(networks / 250) % 250}.${networks % 250}.1`;
};

const post = (url: string, body: object, headers: Record<string, string> = {}) =>
  send(url, { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

async function send(url: string, request: Pick<RequestInit, 'headers' | 'body'>): Promise<string> {
  const sent = await fetch(url, { method: 'POST', ...request });
  const text = await sent.text();
  if (!sent.ok) throw new Error(`${url}: ${sent.status} ${text}`);
  return text;
}

/** How a peer is driven, as its docs say: what is asked for, then what is done with that which was mailed. */
interface Walk {
  /** Of its requests, those before something is mailed. */
  readonly asks?: number;
  readonly start: string;
  readonly steps: readonly {
    readonly name: string;
    act(origin: string, person: Person & { readonly mailed: string }): Promise<unknown>;
  }[];
  ask(origin: string, person: Person): Promise<unknown>;
}

/** The cookies of people, by their address: the state of this peer's walk is in one. */
const cookies = new Map<string, string>();

async function openAuth(origin: string, { address }: Person, fields?: Record<string, string>): Promise<void> {
  const cookie = cookies.get(address);
  const shown = await fetch(`${origin}/password/change`, {
    redirect: 'manual',
    ...(cookie !== undefined && { headers: { cookie } }),
    ...(fields && { method: 'POST', body: new URLSearchParams(fields) }),
  });
  const text = await shown.text();
  if (shown.status >= 400 || /data-slot="message">[^<]/.test(text))
    throw new Error(`${origin}: ${shown.status} ${text}`);
  const given = shown.headers.getSetCookie().map((each) => each.split(';')[0] ?? '');
  if (given.length > 0) cookies.set(address, given.join('; '));
}

const betterAuth = '/api/auth';
const parse = { 'x-parse-application-id': 'bench' };

export const walks = {
  'better-auth code': {
    start: 'ask for the code',
    ask: (origin, { address }) => post(`${origin}${betterAuth}/email-otp/request-password-reset`, { email: address }),
    steps: [
      {
        name: 'set the password with the code',
        act: (origin, { address, password, mailed }) =>
          post(`${origin}${betterAuth}/email-otp/reset-password`, { email: address, otp: mailed, password }),
      },
    ],
  },
  'better-auth link': {
    start: 'ask for the link',
    ask: (origin, { address }) =>
      post(`${origin}${betterAuth}/request-password-reset`, { email: address, redirectTo: `${origin}/new-password` }),
    steps: [
      { name: 'open the link', act: (_origin, { mailed }) => open(mailed) },
      {
        name: 'set the password',
        act: (origin, { password, mailed }) => {
          const token = /\/reset-password\/([^?]+)/.exec(mailed)?.[1];
          return post(`${origin}${betterAuth}/reset-password`, { newPassword: password, token });
        },
      },
    ],
  },
  'parse-server': {
    start: 'ask for the link',
    ask: (origin, { address }) => post(`${origin}/parse/requestPasswordReset`, { email: address }, parse),
    steps: [
      { name: 'open the link', act: (_origin, { mailed }) => open(mailed) },
      {
        name: 'set the password',
        act: (origin, { password, mailed }) => {
          const token = new URL(mailed).searchParams.get('token') ?? '';
          const form = new URLSearchParams({ token, new_password: password });
          const headers = { 'x-requested-with': 'XMLHttpRequest' };
          return send(`${origin}/parse/apps/bench/request_password_reset`, { body: form, headers });
        },
      },
    ],
  },
  openauth: {
    asks: 2,
    start: 'ask for the code',
    async ask(origin, person) {
      cookies.delete(person.address);
      await openAuth(origin, person);
      await openAuth(origin, person, { action: 'code', email: person.address });
    },
    steps: [
      {
        name: 'enter the code',
        act: (origin, person) => openAuth(origin, person, { action: 'verify', code: person.mailed }),
      },
      {
        name: 'set the password',
        act: (origin, { password, ...person }) =>
          openAuth(origin, { ...person, password }, { action: 'update', password, repeat: password }),
      },
    ],
  },
} satisfies Record<string, Walk>;

export type WalkName = keyof typeof walks;

async function open(link: string): Promise<void> {
  const shown = await fetch(link, { redirect: 'manual' });
  await shown.text();
  if (shown.status >= 400) throw new Error(`${link}: ${shown.status}`);
}

export interface Peer {
  readonly name: string;
  readonly walk: WalkName;
  /** In `bench/peers`. */
  readonly script: string;
  /** Its own hash, or the one that we make. */
  readonly hash: 'own' | 'ours';
}

export const peersFolder = join(root, 'bench/peers');

export async function openPeer(peer: Peer, people: number, place: Place): Promise<Contender> {
  const origin = `http://127.0.0.1:${await findFreePort()}`;
  const task = JSON.stringify({ origin, database: place.address, hash: peer.hash });
  const server = await start(join(peersFolder, peer.script), [task], 'server', peersFolder);
  await tell(server, 'people', people);
  const walk: Walk = walks[peer.walk];
  let taken = 0;
  return {
    name: peer.name,
    server,
    calls: (walk.asks ?? 1) + walk.steps.length,
    async recover(from, count, clients) {
      const meter = createMeter(server, place);
      const all = peopleFrom(from, count);
      await meter.step(walk.start, clients, all, (person) => walk.ask(origin, person));
      const mails = new Map(
        Object.entries(Object(await tell(server, 'mails'))).map(([to, text]) => [to, String(text)]),
      );
      const told = all.map((person) => ({ ...person, mailed: mails.get(person.address) ?? '' }));
      for (const { name, act } of walk.steps) await meter.step(name, clients, told, (person) => act(origin, person));
      taken += count;
      return meter.taken(0);
    },
    async statements() {
      const counted = await tell(server, 'statements');
      return typeof counted === 'number' ? counted / taken : undefined;
    },
    async close() {
      await tell(server, 'stop');
      await place.remove();
    },
  };
}
