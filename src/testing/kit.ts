// The test kit, `rekey-server/testing`: all of Rekey in the memory of an adopter's test, with a clock to move and a mailbox
// to ask. No server, no mail server, no port; what it keeps is gone when it closes. It refuses to run in production.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AddedAccount } from '../accounts/add-account.ts';
import type { Log } from '../base/log.ts';
import { createRekey, type Random, type Rekey, type SettingsInput } from '../index.ts';
import { setUpAuthenticator, type TestAuthenticator } from './authenticator.ts';
import { type Browser, createBrowser } from './browser.ts';
import { createFakeClock, type FakeClock } from './clock.ts';
import { makeTestFolder } from './folder.ts';
import { createMemoryMailbox, type TestMailbox } from './memory-mailbox.ts';

export type { TestAuthenticator } from './authenticator.ts';
export type { Browser, Page, Sent } from './browser.ts';
export type { FakeClock } from './clock.ts';
export type { Manner, TestMail, TestMailbox } from './memory-mailbox.ts';

export interface TestRekeyOptions {
  /** As for `createRekey`; what is not given is made up. */
  readonly settings?: Partial<SettingsInput>;
  /** Where the clock stands at first: UTC epoch ms. */
  readonly now?: number;
  readonly random?: Random;
  /** Silent where none is given, but for faults: these are in `faults`. */
  readonly log?: Log;
}

/** Somebody with an account, as a test needs them. */
export interface TestAccount {
  readonly userId: string;
  /** The first of its addresses; empty where it has none. */
  readonly address: string;
  /** Empty where it has none. */
  readonly password: string;
}

/** Those who are not like the others, each a reason why a recovery goes another way. */
export interface OddAccounts {
  /** Two accounts on one confirmed address. */
  readonly shared: readonly [TestAccount, TestAccount];
  /** A company signs it in, and it has no password. */
  readonly provided: TestAccount;
  /** Brought in from elsewhere without a password. */
  readonly withoutPassword: TestAccount;
  readonly disabled: TestAccount;
  /** Its only address was never confirmed. */
  readonly unconfirmed: TestAccount;
  readonly withoutAddress: TestAccount;
  /** Signing in asks for a code of its authenticator app. */
  readonly withSecondFactor: TestAccount & { readonly authenticator: TestAuthenticator };
}

/** Where a request comes from, and the rest of what the global `fetch` takes. */
export interface TestRequestInit extends RequestInit {
  readonly remoteAddress?: string | undefined;
}

/** What answers a browser: Rekey alone, or the site that it is mounted in. */
export type TestSite = (request: Request, from: { readonly remoteAddress: string }) => Response | Promise<Response>;

export interface TestRekey extends Rekey {
  readonly origin: string;
  readonly clock: FakeClock;
  readonly mailbox: TestMailbox;
  /** What met a fault: answered with 500, or failed in the background. */
  readonly faults: readonly unknown[];
  /**
   * That of `Rekey`, and like the global one: it takes a path such as `/recover`, a URL or a `Request`. Nothing leaves the
   * process, it keeps no cookies and follows no redirect.
   */
  readonly fetch: (input: string | URL | Request, init?: TestRequestInit) => Promise<Response>;
  /** The same from another network: limits count by it. */
  fetchFrom(remoteAddress: string): TestRekey['fetch'];
  /** A browser without cookies and without script, in a network of its own. Rekey alone answers it where no site is given. */
  browser(language?: 'en' | 'es', site?: TestSite): Browser;
  /** Moves the clock on. */
  advance(ms: number): void;
  /** One pass of the background jobs: mail goes out, what has expired ends. */
  runJobs(): Promise<void>;
  /** An account with a password and one confirmed address, new unless `more` says otherwise. */
  addAccount(more?: Partial<AddedAccount>): Promise<TestAccount>;
  /** Switches on an authenticator app for an account with a password, as its owner would. The notice of it goes out. */
  addAuthenticator(account: Pick<TestAccount, 'userId' | 'password'>): Promise<TestAuthenticator>;
  addOddAccounts(): Promise<OddAccounts>;
}

/** Close it when the test is over: that removes what it wrote. */
export async function createTestRekey({ settings = {}, now, random, log }: TestRekeyOptions = {}): Promise<TestRekey> {
  refuseProduction(settings);
  const clock = createFakeClock(now);
  const faults: unknown[] = [];
  const noted: Log = {
    info: (facts, words) => log?.info(facts, words),
    warn: (facts, words) => log?.warn(facts, words),
    error(facts, words) {
      if ('err' in facts) faults.push(facts.err);
      log?.error(facts, words);
    },
  };
  const folder = await makeTestFolder();
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  const { mailbox, sender } = createMemoryMailbox(() => rekey.jobs.run());
  const origin = settings.origin ?? 'http://localhost:3000';
  const rekey = await createRekey({
    settings: {
      mode: 'development',
      origin,
      accountPath: '/account',
      database: `sqlite:${join(folder, 'rekey.db')}`,
      smtp: 'smtp://nowhere.example',
      keys: `test:${Buffer.alloc(32, 7).toString('base64')}`,
      siteName: 'Corner Shop',
      senderAddress: 'hello@shop.example',
      humanCheck: 'off',
      ...settings,
    },
    log: noted,
    clock,
    sender,
    ...(random && { random }),
  }).catch(async (fault: unknown) => {
    await removeFolder();
    throw fault;
  });

  const fetchFrom =
    (network: string): TestRekey['fetch'] =>
    async (input, { remoteAddress = network, ...init } = {}) =>
      rekey.fetch(requestOf(input, init, origin), { remoteAddress });

  function browser(language: 'en' | 'es' = 'en', site: TestSite = rekey.fetch): Browser {
    networks += 1;
    const remoteAddress = `10.${networks >> 8}.${networks & 255}.1`;
    const fetch = async (input: string | URL | Request, init: RequestInit = {}) =>
      site(requestOf(input, init, origin), { remoteAddress });
    return createBrowser({ origin, clock, language, address: remoteAddress, fetch });
  }

  let people = 0;
  let networks = 0;

  async function addAccount(more: Partial<AddedAccount> = {}): Promise<TestAccount> {
    people += 1;
    const account = {
      userId: `person${people}`,
      password: 'an old and quiet lamp',
      locale: 'en',
      ...more,
      addresses: more.addresses ?? [`${more.userId ?? `person${people}`}@mail.example`],
    } satisfies AddedAccount;
    if (!(await rekey.accounts.add(account))) throw new Error(`the user ID ${account.userId} is taken`);
    const [address = account.unconfirmedAddresses?.[0] ?? ''] = account.addresses;
    return { userId: account.userId, address, password: account.password ?? '' };
  }

  async function addAuthenticator(account: Pick<TestAccount, 'userId' | 'password'>): Promise<TestAuthenticator> {
    const basePath = settings.basePath ?? '/';
    const authenticator = await setUpAuthenticator({ browser: browser(), clock, basePath, account });
    // Or its notice would come together with the mail that the test is about.
    await rekey.jobs.run();
    return authenticator;
  }

  return {
    ...rekey,
    origin,
    clock,
    mailbox,
    faults,
    fetch: fetchFrom('127.0.0.1'),
    fetchFrom,

    browser,
    advance: clock.advance,
    runJobs: rekey.jobs.run,
    addAccount,
    addAuthenticator,

    async addOddAccounts() {
      const shared = { addresses: ['family@mail.example'] };
      const careful = await addAccount({ userId: 'with-second-factor' });
      return {
        shared: [
          await addAccount({ userId: 'family-one', ...shared }),
          await addAccount({ userId: 'family-two', ...shared }),
        ],
        provided: await addAccount({ userId: 'provided', password: null, provider: 'Example' }),
        withoutPassword: await addAccount({ userId: 'without-password', password: null }),
        disabled: await addAccount({ userId: 'disabled', state: 'disabled' }),
        unconfirmed: await addAccount({
          userId: 'unconfirmed',
          addresses: [],
          unconfirmedAddresses: ['unconfirmed@mail.example'],
        }),
        withoutAddress: await addAccount({ userId: 'without-address', addresses: [] }),
        withSecondFactor: { ...careful, authenticator: await addAuthenticator(careful) },
      };
    },

    async close() {
      try {
        await rekey.close();
      } finally {
        await removeFolder();
      }
    },
  };
}

/** A `Request` stays the one that it is, where nothing is to change: a framework's may be no copy of the global one. */
const requestOf = (input: string | URL | Request, init: RequestInit, origin: string): Request => {
  if (!(input instanceof Request)) return new Request(new URL(input, origin), init);
  return Object.keys(init).length === 0 ? input : new Request(input, init);
};

/** Known keys, no human check and a clock that anybody moves: nothing of this may ever meet the public. */
function refuseProduction({ mode }: Partial<SettingsInput>): void {
  const reasons = [
    ...(process.env['NODE_ENV'] === 'production' ? ['NODE_ENV is "production"'] : []),
    ...(mode === 'production' ? ['the setting mode is "production"'] : []),
  ];
  if (reasons.length === 0) return;
  throw new Error(
    `createTestRekey is for tests alone and refuses to start: ${reasons.join(' and ')}. Use createRekey there.`,
  );
}
