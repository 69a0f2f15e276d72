// Skipping ahead (walk 42): at every step every form of every other step is refused, in words, with a 4xx, and nothing
// changes; so are a form of another recovery, one of none, and one without a cookie.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../src/base/clock.ts';
import { pathOf } from '../../src/http/routes.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { choosePassword, codeOf, enterCode, newPassword, reachCode, startRecovery, wrong } from './steps.ts';

let app: TestApp;
let people: readonly Person[];
const shared = 'shared@mail.example';
beforeAll(async () => {
  app = await createTestApp();
  people = [
    await app.addPerson({ address: shared }),
    await app.addPerson({ address: shared }),
    await app.addPerson({ address: 'own@mail.example' }),
  ];
});
afterAll(() => app.close());

const forms = {
  'recover.method.send': {},
  'recover.again.send': {},
  'recover.code.send': { code: '12345678' },
  'recover.account.send': { account: 'nobody' },
  'recover.password.send': { username: '', password: newPassword, repeated: newPassword },
} as const;
type FormName = keyof typeof forms;
const formNames = Object.keys(forms).filter((name): name is FormName => Object.hasOwn(forms, name));

/** How a browser gets to each step, and which forms are open there. */
const steps: Readonly<Record<string, { reach: (browser: Browser) => Promise<unknown>; open: readonly FormName[] }>> = {
  method: {
    reach: (browser) => startRecovery(browser, shared),
    open: ['recover.method.send', 'recover.again.send'],
  },
  code: {
    reach: (browser) => reachCode(browser, shared),
    open: ['recover.method.send', 'recover.again.send', 'recover.code.send'],
  },
  account: { reach: (browser) => prove(browser, shared), open: ['recover.account.send'] },
  password: { reach: (browser) => prove(browser, 'own@mail.example'), open: ['recover.password.send'] },
  done: {
    async reach(browser) {
      await prove(browser, 'own@mail.example');
      await choosePassword(browser, 'nine yellow umbrellas');
    },
    open: [],
  },
  'over after five wrong codes': {
    async reach(browser) {
      await prove(browser, 'own@mail.example', wrong);
      for (let times = 0; times < 4; times += 1) await enterCode(browser, '12345678');
    },
    open: [],
  },
  'over after a day': {
    async reach(browser) {
      await reachCode(browser, shared);
      app.clock.advance(dayMs);
    },
    open: [],
  },
};

async function prove(browser: Browser, address: string, change = (code: string) => code): Promise<void> {
  app.clock.advance(dayMs);
  // The notice of an earlier change goes out before the code, not beside it.
  await app.deliverMail();
  await reachCode(browser, address);
  await enterCode(browser, change(codeOf(await app.mailTo(address))));
}

/** Everything that a refused form must leave as it was. */
async function everything(): Promise<unknown> {
  const { read } = app.db;
  return Promise.all([
    read.selectFrom('recoveries').selectAll().orderBy('id').execute(),
    read.selectFrom('mailed_codes').selectAll().orderBy('id').execute(),
    read.selectFrom('mailboxes').selectAll().orderBy('mailbox_hash').execute(),
    read.selectFrom('outbox').selectAll().orderBy('id').execute(),
    read.selectFrom('accounts').selectAll().orderBy('id').execute(),
    read.selectFrom('sessions').selectAll().orderBy('id').execute(),
  ]);
}

async function newestRecovery(): Promise<string> {
  const row = await app.db.read
    .selectFrom('recoveries')
    .select('id')
    .orderBy('created_at', 'desc')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Sends the form and expects a page in words, with `status`, that changed nothing. */
async function expectRefused(browser: Browser, name: FormName, recovery: string, status: number): Promise<void> {
  const before = await everything();
  const page = await browser.post(pathOf('', name), { recovery, ...forms[name] });
  expect([name, page.status]).toEqual([name, status]);
  expect(page.language).toBe('en');
  expect(page.heading).not.toBe('');
  expect(await everything()).toEqual(before);
}

describe.each(Object.entries(steps))('at the step %s', (_, { reach, open }) => {
  it('all forms but its own are refused', async () => {
    app.clock.advance(dayMs);
    const browser = app.browser();
    await reach(browser);
    const recovery = await newestRecovery();
    for (const name of formNames) if (!open.includes(name)) await expectRefused(browser, name, recovery, 409);
  });

  it('all forms of another recovery, and of none, are refused', async () => {
    app.clock.advance(dayMs);
    const other = app.browser();
    await startRecovery(other, 'own@mail.example');
    const otherId = await newestRecovery();
    app.clock.advance(1);
    const browser = app.browser();
    await reach(browser);
    for (const name of formNames) {
      await expectRefused(browser, name, otherId, 409);
      await expectRefused(browser, name, '', 409);
    }
  });

  it('all forms are refused to a browser without its cookie', async () => {
    app.clock.advance(dayMs);
    await reach(app.browser());
    const recovery = await newestRecovery();
    for (const name of formNames) await expectRefused(app.browser(), name, recovery, 409);
  });

  it('every page leads to where the recovery stands, and shows no other step', async () => {
    app.clock.advance(dayMs);
    const browser = app.browser();
    await reach(browser);
    const before = await everything();
    const { heading: standing, status } = await browser.open('/recover/password');
    for (const name of ['recover.code', 'recover.account', 'recover.password', 'recover.done'] as const) {
      const page = await browser.open(pathOf('', name));
      expect([page.status, page.heading]).toEqual([status, standing]);
    }
    expect(await everything()).toEqual(before);
  });
});

it('an account of somebody else cannot be chosen', async () => {
  const browser = app.browser();
  await prove(browser, shared);
  const stranger = await app.db.read
    .selectFrom('accounts')
    .select('id')
    .where('user_id', '=', people[2]?.userId ?? '')
    .executeTakeFirstOrThrow();
  const page = await browser.post('/recover/account', { recovery: await newestRecovery(), account: stranger.id });
  expect([page.status, page.heading]).toEqual([422, 'Which account?']);
});

it('a handle from before the proof is worth nothing after it', async () => {
  const browser = app.browser();
  app.clock.advance(dayMs);
  await reachCode(browser, 'own@mail.example');
  const [name, before] = Array.from(browser.cookies()).find(([each]) => each.endsWith('recovery')) ?? ['', ''];
  await enterCode(browser, codeOf(await app.mailTo('own@mail.example')));
  const thief = app.browser();
  thief.setCookie(name, before);
  expect((await thief.open('/recover/password')).heading).toBe('Get back into your account');
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
