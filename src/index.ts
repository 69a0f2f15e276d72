// The door: what a site that mounts Rekey sees of it.
import type { IncomingMessage } from 'node:http';
import type { AddedAccount } from './accounts/add-account.ts';
import { createApp } from './app.ts';
import { type Clock, secondMs, systemClock } from './base/clock.ts';
import { createLog, type Log } from './base/log.ts';
import { type Random, systemRandom } from './base/random.ts';
import { createKeys } from './base/secret.ts';
import { readSettings, SettingsFault } from './config/read-settings.ts';
import type { Settings, SettingsInput } from './config/settings.ts';
import type { Erased } from './retention/erasure.ts';
import { createDatabaseClock, type DatabaseClock } from './database/clock.ts';
import { openDatabase } from './database/open.ts';
import { readyDatabase } from './database/ready.ts';
import { createNodeHandler, type NodeHandler, toRequest } from './http/node.ts';
import type { MailSender } from './mail/smtp.ts';

export type { AddedAccount } from './accounts/add-account.ts';
export type { Clock } from './base/clock.ts';
export type { Log } from './base/log.ts';
export type { Erased } from './retention/erasure.ts';
export type { Random } from './base/random.ts';
export type { SettingsInput } from './config/settings.ts';
export type { NodeHandler } from './http/node.ts';
export type { Delivery, Mail, MailSender } from './mail/smtp.ts';

export interface RekeyOptions {
  readonly settings: SettingsInput;
  /** Structured lines for the operator; standard output where none is given. */
  readonly log?: Log;
  /** The database's, which all nodes share, where none is given. */
  readonly clock?: Clock;
  readonly random?: Random;
  /** How many processes like this one share the machine, and its cores for hashing; 1 where nothing is said. */
  readonly processes?: number;
  /** How mail leaves; SMTP, as the settings say, where none is given. */
  readonly sender?: MailSender;
}

/** Who is signed in. */
export interface Visitor {
  readonly accountId: string;
  readonly userId: string;
}

export interface Rekey {
  /**
   * Answers a request for one of Rekey's pages; 404 for any other. `remoteAddress`: of the connection, which limits are
   * counted by.
   */
  fetch(request: Request, from?: { readonly remoteAddress?: string | undefined }): Promise<Response>;
  /** The same for Node's own HTTP: `app.use(rekey.node)` in Express. What is not Rekey's goes to `next`. */
  readonly node: NodeHandler;
  /** The person whose session the request carries, be it a `Request` or one of Node's own HTTP. */
  visitor(request: Request | Pick<IncomingMessage, 'headers'>): Promise<Visitor | undefined>;
  /** The path of a built asset, such as `sign-in-modal.js`. */
  asset(name: string): string;
  readonly accounts: {
    /** Adds an account; `false` when its user ID is taken. */
    add(account: AddedAccount): Promise<boolean>;
    /**
     * Erases an account, by its user ID or its id, and all that belongs to it, for good; `undefined` where there is none.
     * What the site itself keeps of the person is the site's to delete.
     */
    erase(account: string): Promise<Erased | undefined>;
  };
  /**
   * Mail, the audit's seal and clean-up: every second once started, or one pass at a time. `run` does all that was due
   * when it was called.
   */
  readonly jobs: { start(): void; stop(): Promise<void>; run(): Promise<void> };
  close(): Promise<void>;
}

/** Opens the database, brings its schema up to date and builds the server. Throws one SettingsFault with every fault. */
export async function createRekey({
  settings: input,
  log = createLog('info'),
  clock: given,
  random = systemRandom,
  processes = 1,
  sender,
}: RekeyOptions): Promise<Rekey> {
  const settings = readSettings(input);
  refuseTestSwitches(settings, { clock: given !== undefined, random: random !== systemRandom });
  const db = await openDatabase(settings.database, {
    log,
    connections: settings.databaseConnections,
    statementMs: settings.databaseStatementSeconds * secondMs,
    lockMs: settings.databaseLockSeconds * secondMs,
  });
  let ofDatabase: DatabaseClock | undefined;
  try {
    ofDatabase = given ? undefined : await createDatabaseClock(db, { local: systemClock, log });
    const clock = given ?? ofDatabase ?? systemClock;
    await readyDatabase(db, { clock, keys: createKeys(settings.keys) });
    const app = await createApp({ settings, db, log, clock, random, processes, ...(sender && { sender }) });
    const jobs = createJobs(app.jobs, log);
    const ownJobs = createJobs(app.ownJobs, log);
    const ownTimer = setInterval(() => void ownJobs.run(), secondMs);
    ownTimer.unref();
    return {
      fetch: app.server.fetch,
      node: createNodeHandler(app.server),
      async visitor(request) {
        const accountId = await app.server.sessionOf(toRequest(request, settings.origin));
        const account = accountId === undefined ? undefined : await app.directory.find(accountId);
        return account && { accountId: account.id, userId: account.userId };
      },
      asset: app.server.assetPath,
      accounts: { add: app.addAccount, erase: app.eraseAccount },
      jobs: {
        ...jobs,
        async run() {
          await Promise.all([ownJobs.run(), jobs.run()]);
        },
      },
      async close() {
        clearInterval(ownTimer);
        await Promise.all([jobs.stop(), ownJobs.stop()]);
        await ofDatabase?.stop();
        await app.close();
      },
    };
  } catch (fault) {
    await ofDatabase?.stop();
    await db.close();
    throw fault;
  }
}

/** Settings refuse their own test switches. Time that stands still and chance that repeats are no less of a hole. */
function refuseTestSwitches({ mode }: Settings, given: Readonly<Record<string, boolean>>): void {
  const names = Object.keys(given).filter((name) => given[name]);
  if (mode !== 'production' || names.length === 0) return;
  throw new SettingsFault(names.map((name) => `${name}: one of your own is for tests, refused in production`));
}

/** Runs each job every second, one pass of it at a time, so that a mail server that hangs holds up mail and nothing else. */
function createJobs(jobs: readonly (() => Promise<unknown>)[], log: Log): Rekey['jobs'] {
  let timer: NodeJS.Timeout | undefined;
  const running = new Map<() => Promise<unknown>, Promise<unknown>>();

  const runJob = (job: () => Promise<unknown>): Promise<unknown> => {
    const pass =
      running.get(job) ??
      job()
        .catch((err: unknown) => log.error({ err }, 'a background job met a fault'))
        .finally(() => running.delete(job));
    running.set(job, pass);
    return pass;
  };
  const runAll = () => Promise.all(jobs.map(runJob));

  return {
    start() {
      timer ??= setInterval(() => void runAll(), secondMs);
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await Promise.all(running.values());
    },
    async run() {
      // A pass that is under way may have begun before what is due now.
      await Promise.all(running.values());
      await runAll();
    },
  };
}
