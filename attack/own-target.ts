// A target of one's own: the whole of Rekey over real HTTP on loopback, with real SQLite and a real mail server, whose
// clock the attack moves.
import { sql } from 'kysely';
import { createPasswords } from '../src/accounts/passwords.ts';
import { systemRandom } from '../src/base/random.ts';
import type { SettingsInput } from '../src/config/settings.ts';
import { createTestApp, type TestApp, type TestAppOptions } from '../src/testing/app.ts';
import { enrolAgent, signInAgent } from '../src/testing/agents.ts';
import { setUpAuthenticator } from '../src/testing/authenticator.ts';
import type { Targets, Watch } from './runner.ts';
import { createOutside, type Inside, type Size } from './target.ts';
import { signIn } from './walk.ts';

export interface OwnTargets extends Extract<Targets, { kind: 'own' }> {
  close(): Promise<void>;
}

export interface OwnTargetOptions {
  readonly size: Size;
  readonly app?: TestAppOptions;
}

/** Starts an app for each different wish of settings, and no more. */
export function createOwnTargets({ size, app: options = {} }: OwnTargetOptions): OwnTargets {
  const started = new Map<string, ReturnType<typeof startApp>>();
  return {
    kind: 'own',
    async reach(watch, settings) {
      const wish = JSON.stringify(settings);
      const starting = started.get(wish) ?? startApp({ ...ofSize[size], ...options }, settings);
      started.set(wish, starting);
      return createInside(await starting, size, watch);
    },
    async close() {
      for (const starting of started.values()) await (await starting).app.close();
      started.clear();
    },
  };
}

/**
 * A test has no seconds for the price of a human check, whose counter is drawn from four bytes, nor for that of a password. In
 * full a password costs a tenth of what it should: one that is not hashed still shows, and a run ends within minutes.
 */
const ofSize: Readonly<Record<Size, TestAppOptions>> = {
  small: {
    random: { bytes: (length) => (length === 4 ? Buffer.from([0, 0, 0, 7]) : systemRandom.bytes(length)) },
  },
  full: { passwordCost: { memoryCost: 4_096, timeCost: 1 } },
};

interface Started {
  readonly app: TestApp;
  readonly work: { hashes: number };
}

async function startApp(options: TestAppOptions, settings: Partial<SettingsInput>): Promise<Started> {
  const work = { hashes: 0 };
  const app = await createTestApp({
    ...options,
    settings: { ...options.settings, ...settings },
    makers: {
      ...options.makers,
      passwords(needs) {
        const passwords = (options.makers?.passwords ?? createPasswords)(needs);
        const counted =
          <Given extends unknown[], T>(act: (...given: Given) => Promise<T>) =>
          (...given: Given) => {
            work.hashes += 1;
            return act(...given);
          };
        return { ...passwords, hash: counted(passwords.hash), verify: counted(passwords.verify) };
      },
    },
  });
  return { app, work };
}

let agents = 0;

function createInside({ app, work }: Started, size: Size, { signal, onRequest }: Watch): Inside {
  const outside = createOutside({ url: app.origin, size, clock: app.clock, signal, onRequest });
  const faultsBefore = app.faults.length;
  const { db, clock } = app;
  return {
    ...outside,
    clock,
    addPerson: (more) => app.addPerson(more),
    async addOdd(account) {
      if (!(await app.app.addAccount({ locale: 'en', ...account }))) throw new Error(`${account.userId} is taken`);
    },
    async addAuthenticator(person) {
      const app_ = await setUpAuthenticator({ browser: app.browser(), clock, basePath: '/', account: person });
      await app.deliverMail();
      return app_;
    },
    async disable({ userId }) {
      await db.write((tx) =>
        tx.updateTable('accounts').set({ state: 'disabled' }).where('user_id', '=', userId).execute(),
      );
    },
    async removeAddress(address) {
      await db.write((tx) => tx.deleteFrom('addresses').where('address', '=', address).execute());
    },
    async opens({ userId }, password) {
      const page = await signIn(outside, outside.browser(), userId, password);
      return page.text.includes(`Signed in as ${userId}`);
    },
    visitor: async (browser) => / Signed in as (\S+)/.exec(` ${(await browser.open('/account')).text}`)?.[1],
    async mails() {
      await app.deliverMail();
      return app.mailbox.messages();
    },
    mailTo: app.mailTo,
    async refuseMail() {
      app.mailbox.behave('refuse');
      await app.deliverMail();
      app.mailbox.behave('accept');
    },
    async agent(role) {
      agents += 1;
      const browser = outside.browser();
      const agent = await enrolAgent(app, { name: `agent${agents}`, role });
      const page = await signInAgent(browser, agent);
      if (!page.path.startsWith('/support')) throw new Error(`agent${agents} is not signed in: ${page.text}`);
      return browser;
    },
    async dump() {
      const list =
        db.engine === 'sqlite'
          ? sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`
          : sql<{ name: string }>`SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()`;
      const { rows: tables } = await list.execute(db.read);
      const all = tables.map(({ name }) => sql`SELECT * FROM ${sql.table(name)}`.execute(db.read));
      return JSON.stringify(await Promise.all(all));
    },
    logs: () => app.logged.join('\n'),
    async work() {
      const rows = await db.read.selectFrom('outbox').select('id').execute();
      return { hashes: work.hashes, outboxRows: rows.length };
    },
    restart: app.restart,
    faults: () => app.faults.slice(faultsBefore),
  };
}
