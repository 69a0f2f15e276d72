// The whole of Rekey for a test: a real app over a real database and a real mail server, reached by real HTTP, with a
// clock that the test moves. Around it a site of two pages: a home, and an account page that tells who is signed in.
import { once } from 'node:events';
import { createAdaptorServer } from '@hono/node-server';
import { type App, createApp, type Makers } from '../app.ts';
import { type Clock, secondMs } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type Random, systemRandom } from '../base/random.ts';
import { createKeys, type Keys } from '../base/secret.ts';
import { readSettings } from '../config/read-settings.ts';
import type { SettingsInput } from '../config/settings.ts';
import type { Database } from '../database/database.ts';
import { openDatabase } from '../database/open.ts';
import { digitsOf } from '../human-check/digits.ts';
import { lettersOf } from '../human-check/letters.ts';
import type { HumanCheckProvider } from '../human-check/provider.ts';
import type { PasswordCost } from '../accounts/passwords.ts';
import type { Locale } from '../i18n/translate.ts';
import { createSmtpSender } from '../mail/smtp.ts';
import { type Browser, createBrowser, type Page } from './browser.ts';
import { createFakeClock, type FakeClock } from './clock.ts';
import { createTestDatabase, type TestDatabase } from './databases.ts';
import { type Mailbox, type ReceivedMail, startMailbox } from './mailbox.ts';

export interface TestAppOptions {
  /** Where the clock stands at first: UTC epoch ms. */
  readonly now?: number;
  readonly random?: Random;
  readonly settings?: Partial<SettingsInput>;
  /** The name of this machine in every address: passkeys belong to a name, and an IP address is none; 0.0.0.0 is not loopback. */
  readonly host?: '127.0.0.1' | 'localhost' | '0.0.0.0';
  readonly createDatabase?: () => Promise<TestDatabase>;
  /** The longest wait for one answer of the mail server: shorter only where a test waits it out. */
  readonly smtpTimeoutMs?: number;
  /** Of the human check. */
  readonly checkProvider?: (needs: {
    readonly origin: string;
    readonly clock: Clock;
    readonly log: Log;
  }) => HumanCheckProvider;
  /** Parts made in another way, such as without a defence. */
  readonly makers?: Partial<Makers>;
  /** What a password costs; next to nothing where none is given. */
  readonly passwordCost?: PasswordCost;
  /** What stands between the app and its database, to watch or to disturb it. */
  readonly wrap?: (db: Database) => Database;
  /** The site that the app is mounted in; one of two pages where none is given. */
  readonly createSite?: (app: App, mailbox: Mailbox) => Site;
}

/** The least that Argon2 takes: hashing was a fifth of the suite. What it costs is for src/accounts/passwords.test.ts. */
const cheapPasswords: PasswordCost = { memoryCost: 8, timeCost: 1 };

/** Answers a request of the site; `undefined` leaves it to the app. */
export type Site = (request: Request, remoteAddress: string | undefined) => Promise<Response | undefined>;

/** Somebody with an account. */
export interface Person {
  readonly userId: string;
  readonly address: string;
  readonly password: string;
}

export interface TestApp {
  readonly origin: string;
  readonly clock: FakeClock;
  readonly mailbox: Mailbox;
  readonly keys: Keys;
  /** A connection of the test's own. */
  readonly db: Database;
  readonly app: App;
  /** What met a fault: answered with 500, or failed in the background. */
  readonly faults: readonly unknown[];
  /** All that was logged, a line each. */
  readonly logged: readonly string[];
  /** An account with a password and one confirmed address, new unless `more` says otherwise. */
  addPerson(
    more?: Partial<Person> & { readonly addresses?: readonly string[]; readonly locale?: Locale },
  ): Promise<Person>;
  /** A browser without cookies, in a network of its own. */
  browser(language?: 'en' | 'es'): Browser;
  /** One pass of the background work: mail goes out. */
  deliverMail(): Promise<void>;
  /** After delivery: what the address received, newest first. */
  mailsTo(address: string): Promise<readonly ReceivedMail[]>;
  /** After delivery: the newest mail to the address. */
  mailTo(address: string): Promise<ReceivedMail>;
  /** The letters in the picture of a page without script. */
  lettersOn(page: Pick<Page, 'html'>): string;
  /** The digits that the same page reads out. */
  digitsOn(page: Pick<Page, 'html'>): string;
  /** Ends the app and starts another over the same database. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function createTestApp({
  now,
  random = systemRandom,
  settings: given = {},
  host = '127.0.0.1',
  createDatabase = createTestDatabase,
  smtpTimeoutMs = 10 * secondMs,
  checkProvider,
  makers = {},
  passwordCost = cheapPasswords,
  wrap = (db) => db,
  createSite = createTwoPages,
}: TestAppOptions = {}): Promise<TestApp> {
  const clock = createFakeClock(now);
  const database = await createDatabase();
  const mailbox = await startMailbox();
  const faults: unknown[] = [];
  const logged: string[] = [];
  const write = (facts: object, words: string) => void logged.push(`${words} ${JSON.stringify(facts)}`);
  const log = {
    info: write,
    warn: write,
    error(facts: object, words: string) {
      write(facts, words);
      if ('err' in facts) faults.push(facts.err);
    },
  };

  // The port comes first: links in mails are built from it.
  let answer = async (_request: Request, _remoteAddress: string | undefined) => new Response(null, { status: 503 });
  const server = createAdaptorServer({
    // As in production; by itself it closes after five seconds, into a request that just comes.
    serverOptions: { keepAliveTimeout: 65 * secondMs },
    fetch: (request, { incoming }) => answer(request, incoming.socket.remoteAddress),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  const origin = `http://${host}:${address.port}`;

  const settings = readSettings({
    mode: 'development',
    origin,
    accountPath: '/account',
    smtp: mailbox.url,
    keys: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    siteName: 'Corner Shop',
    senderAddress: 'help@shop.example',
    trustedProxies: 1,
    humanCheck: 'off',
    ...given,
  });
  const keys = createKeys(settings.keys);

  async function start(): Promise<App> {
    const db = wrap(await openDatabase(database.address, { log }));
    const sender = createSmtpSender({ url: settings.smtp, timeoutMs: smtpTimeoutMs });
    const provider = checkProvider && { checkProvider: checkProvider({ origin, clock, log }) };
    const app = await createApp({ settings, db, log, clock, random, sender, passwordCost, makers, ...provider });
    const site = createSite(app, mailbox);
    answer = async (request, remoteAddress) =>
      (await site(request, remoteAddress)) ?? app.server.fetch(request, { remoteAddress });
    return app;
  }
  let app = await start();
  const deliver = async () => {
    for (const job of [...app.ownJobs, ...app.jobs]) await job();
  };
  let people = 0;
  let networks = 0;

  const mailsTo = async (to: string) => {
    await deliver();
    return mailbox.messages().filter(({ recipients }) => recipients.includes(to));
  };

  return {
    origin,
    clock,
    mailbox,
    keys,
    faults,
    logged,
    db: database.db,
    get app() {
      return app;
    },

    async addPerson({ locale = 'en', addresses, ...more } = {}) {
      people += 1;
      const userId = more.userId ?? `person${people}`;
      const own = more.address ?? addresses?.[0] ?? `${userId}@mail.example`;
      const password = more.password ?? 'an old and quiet lamp';
      if (!(await app.addAccount({ userId, addresses: addresses ?? [own], password, locale })))
        throw new Error(`${userId} is taken`);
      return { userId, address: own, password };
    },

    browser(language = 'en') {
      networks += 1;
      return createBrowser({ origin, clock, language, address: `10.${networks >> 8}.${networks & 255}.1` });
    },

    deliverMail: deliver,
    mailsTo,

    async mailTo(to) {
      const [newest] = await mailsTo(to);
      if (!newest) throw new Error(`no mail to ${to}`);
      return newest;
    },

    lettersOn: ({ html }) => lettersOf(keys.derive('letters') ?? Buffer.alloc(0), nonceOn(html)),
    digitsOn: ({ html }) => digitsOf(keys.derive('digits') ?? Buffer.alloc(0), nonceOn(html)),

    async restart() {
      await app.close();
      app = await start();
    },

    async close() {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
      await app.close();
      await mailbox.close();
      await database.remove();
    },
  };
}

/** Of the letters challenge in a page. */
function nonceOn(html: string): string {
  const challenge = /name="challenge" value="([^"]+)"/.exec(html)?.[1] ?? '';
  const payload: unknown = JSON.parse(Buffer.from(challenge.split('.')[0] ?? '', 'base64url').toString());
  return typeof payload === 'object' && payload && 'nonce' in payload ? String(payload.nonce) : '';
}

const createTwoPages =
  (app: App): Site =>
  async (request) => {
    const { pathname } = new URL(request.url);
    const isHere = pathname === '/' || pathname === '/account' || pathname.startsWith('/orders/');
    if (!isHere || request.method !== 'GET') return undefined;
    const accountId = await app.server.sessionOf(request);
    const account = accountId === undefined ? undefined : await app.directory.find(accountId);
    const words = account ? `Signed in as ${account.userId}` : 'Not signed in';
    return new Response(`<h1>${pathname}</h1><p>${words}</p><a href="/sign-in">Sign in</a>`, {
      headers: { 'content-type': 'text/html; charset=utf-8' },
    });
  };
