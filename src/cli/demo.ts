// `rekey demo`: the example shop, account recovery mounted in it, a real mail server and its mailbox, in one process on
// embedded SQLite. What it keeps is in one folder, so a second start finds the same accounts.
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { relative } from 'node:path';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import { mailboxPages } from '../../examples/mailbox/mailbox.ts';
import { brand, type Connection, createShop } from '../../examples/shop/shop.ts';
import { customers } from '../../examples/shop/stock.ts';
import { createLog } from '../base/log.ts';
import { Problem } from '../base/problem.ts';
import { readSettings } from '../config/read-settings.ts';
import type { SettingsInput } from '../config/settings.ts';
import { createRekey, type Rekey } from '../index.ts';
import { type Mailbox, startMailbox } from '../testing/mailbox.ts';
import { type DataFolder, makeDataFolder } from './data-folder.ts';
import { type DemoAgent, seedAgents } from './demo-agents.ts';
import { listen } from './listen.ts';

export interface DemoOptions {
  readonly port: number;
  readonly host: string;
  /** The data folder. */
  readonly data: string;
  readonly isReset: boolean;
  readonly locale: 'en' | 'es';
  readonly hasLetters: boolean;
}

/** One for all demo accounts, printed at every start: 16 characters that both languages can type. */
const demoPassword = 'taza azul al sol';

/** Runs until Ctrl-C or SIGTERM. Throws a Problem with one sentence where something around it cannot be used. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const folder = await makeDataFolder(options.data, options);
  const closers: (() => Promise<void>)[] = [];
  try {
    // The port comes first: links in mails are built from it.
    let answer: Answer = () => new Response('Starting', { status: 503, headers: { 'Retry-After': '1' } });
    const server = createAdaptorServer({
      fetch: (request, { incoming }) => answer(request, { remoteAddress: incoming.socket.remoteAddress }),
    });
    const port = await listenNearby(server, options);
    closers.push(() => close(server));
    const origin = `http://${hostInLinks(options.host)}:${port}`;

    const mailbox = await startMailbox({ dir: folder.mailFolder });
    closers.push(() => mailbox.close());
    const log = createLog('warn');
    const input = settings({ options, folder, origin, mailbox });
    const rekey = await createRekey({ log, settings: input }).catch(offerReset);
    closers.push(() => rekey.close());
    for (const { userId, address, language } of customers) {
      await rekey.accounts.add({ userId, addresses: [address], password: demoPassword, locale: language });
    }
    const agents = await seedAgents(readSettings(input), { password: demoPassword, log });
    answer = createSite({ rekey, mailbox, origin, options, agents });
    rekey.jobs.start();
    closers.push(() => rekey.jobs.stop());

    // Not earlier: what hangs while it starts must end at once. Not after the words that speak of Ctrl-C: it may come as
    // they are read. `on`, as npm and setup.mjs pass the signal on once more.
    const stopped = new Promise<void>((resolve) => {
      process.on('SIGINT', () => resolve()).on('SIGTERM', () => resolve());
    });
    console.log(welcome({ origin, folder: folder.path, options, agents }));
    await stopped;
  } finally {
    for (const each of closers.toReversed()) await each();
  }
  console.log(`\nStopped. Everything is kept in ${shown(folder.path)}.`);
}

/** What a site does about its database stands in the sentence already; in the demo there is a shorter way. */
function offerReset(fault: unknown): never {
  if (!(fault instanceof Problem) || fault.problem !== 'database-unusable') throw fault;
  throw new Problem(fault.problem, `${fault.detail} In the demo --reset starts afresh; --data takes another folder.`);
}

type Answer = (request: Request, connection: Connection) => Response | Promise<Response>;

interface Parts {
  readonly options: DemoOptions;
  readonly folder: DataFolder;
  readonly origin: string;
  readonly mailbox: Mailbox;
  readonly rekey: Rekey;
  readonly agents: readonly DemoAgent[];
}

const settings = ({ options, folder, origin, mailbox }: Omit<Parts, 'rekey' | 'agents'>): SettingsInput => ({
  ...brand,
  mode: 'development',
  origin,
  accountPath: '/my-account',
  database: folder.database,
  keys: folder.keys,
  smtp: mailbox.url,
  senderAddress: 'hola@alfarel.example',
  languages: options.locale === 'es' ? ['es', 'en'] : ['en', 'es'],
  alwaysLetters: options.hasLetters,
});

function createSite({ rekey, mailbox, origin, options, agents }: Omit<Parts, 'folder'>): Answer {
  const site = new Hono<{ Bindings: Connection }>()
    .route('/mailbox', mailboxPages({ mailbox }))
    // The phones of the agents, for who tries the desk without one. No words, so it speaks every language.
    .get('/phone', (context) =>
      context.text(agents.map(({ name, code }) => `${code()}  ${name}`).join('\n'), 200, {
        refresh: '5',
        'cache-control': 'no-store',
      }),
    )
    .route('/', createShop({ rekey, defaultLanguage: options.locale }));
  return (request, connection) => {
    const url = new URL(request.url);
    // `localhost` for 127.0.0.1: cookies and forms belong to one origin, so everyone is taken to it.
    return url.origin === origin || request.method !== 'GET'
      ? site.fetch(request, connection)
      : Response.redirect(`${origin}${url.pathname}${url.search}`, 307);
  };
}

async function close(server: ServerType): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A browser keeps its connections open for the next click.
  if ('closeAllConnections' in server) server.closeAllConnections();
  await closed;
}

const portsTried = 20;

/** Listens on the port that was asked for, or the next free one, and says so. */
async function listenNearby(server: ServerType, { host, port: asked }: DemoOptions): Promise<number> {
  for (let port = asked; port - asked <= portsTried && port <= 65_535; port += 1) {
    const found = await listen(server, { host, port });
    if (found !== 'taken') return found;
    console.log(`Port ${port} is taken, so the next one is tried.`);
  }
  throw new Problem('port-unusable', `Port ${asked} and those after it are taken. Use another with --port.`);
}

const isEverywhere = (host: string) => host === '0.0.0.0' || host === '::';

/** A phone cannot open 0.0.0.0: links name this machine's address in its network. */
function hostInLinks(host: string): string {
  if (!isEverywhere(host)) return host.includes(':') ? `[${host}]` : host;
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

const shown = (path: string) => {
  const short = relative('', path);
  return short === '' || short.startsWith('..') ? path : short;
};

interface Welcome {
  readonly origin: string;
  readonly folder: string;
  readonly options: DemoOptions;
  readonly agents: readonly DemoAgent[];
}

function welcome({ origin, folder, options, agents }: Welcome): string {
  const width = Math.max(...customers.map(({ userId }) => userId.length));
  return [
    '',
    `${brand.siteName}, the demo shop, is open.`,
    '',
    `  Shop     ${origin}/${options.locale === 'en' ? '' : `?lang=${options.locale}`}`,
    `  Mailbox  ${origin}/mailbox`,
    `  Support  ${origin}/support`,
    ...(isEverywhere(options.host)
      ? [
          '',
          'On a phone: join the same network as this machine, then open the first address there.',
          'Everyone in that network can open the mailbox too, so use only a network that you trust.',
        ]
      : []),
    '',
    `Accounts: user ID, email. The password of each, until you change it: ${demoPassword}`,
    '',
    ...customers.map(({ userId, address }) => `  ${userId.padEnd(width)}  ${address}`),
    '',
    'Agents of the support desk: name, role, authenticator app. Same password; a code works once.',
    `Without a phone: ${origin}/phone shows the codes of now.`,
    '',
    ...agents.map(({ name, role, uri }) => `  ${name.padEnd(width)}  ${role.padEnd(5)}  ${uri}`),
    '',
    'The walk: "Sign in", then "Forgot your password?". The code comes to the mailbox.',
    `Everything is kept in ${shown(folder)}; --reset starts afresh. Ctrl-C stops.`,
  ].join('\n');
}
