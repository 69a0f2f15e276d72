// Whether there is an account shows nowhere but in its mailbox (D5): for every kind of identifier the same statuses,
// headers, cookies and words, and the same statements against the database, from the first page to the last try.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs, minuteMs } from '../../src/base/clock.ts';
import type { Database } from '../../src/database/database.ts';
import { createPasswords } from '../../src/accounts/passwords.ts';
import type { AddedAccount } from '../../src/accounts/add-account.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import type { Browser, Sent } from '../../src/testing/browser.ts';
import { en } from '../../src/i18n/en.ts';
import { limits } from '../../src/limits/limits.ts';
import { keptFrom, linkOf, newPassword, openCase, reachCode } from './steps.ts';

let app: TestApp;
let statements: string[] = [];
let hashes = 0;

/** Notes every statement that the app runs, by its kind. */
function watch(db: Database): Database {
  const plugin: Parameters<Database['read']['withPlugin']>[0] = {
    transformQuery({ node }) {
      statements.push(node.kind);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return {
    ...db,
    read: db.read.withPlugin(plugin),
    write: (work) => db.write((tx) => work(tx.withPlugin(plugin))),
  };
}

/** All of one length, so that pages have one length too. */
const known = { address: 'known-one@mail.example', userId: 'known-one' };
const emails = {
  'an unknown email': 'nobody-at@mail.example',
  'a disabled account': 'disabled1@mail.example',
  'an unconfirmed address': 'uncertain@mail.example',
  'an account that a provider signs in': 'providers@mail.example',
  'an account brought in without a password': 'importing@mail.example',
  'an address that two accounts share': 'one-of-us@mail.example',
  'an address shared with an account of a provider': 'mixed-one@mail.example',
  'an account with a second factor': 'app-owner@mail.example',
};
const userIds = {
  'an unknown user ID': 'nobody-at',
  'a disabled account': 'disabled1',
  'an account without a confirmed address': 'uncertain',
  'an account without any address': 'addressed',
  'an account that a provider signs in': 'providers',
  'an account brought in without a password': 'importing',
  'an account with a second factor': 'app-owner',
};

beforeAll(async () => {
  app = await createTestApp({
    wrap: watch,
    makers: {
      passwords(needs) {
        const passwords = createPasswords(needs);
        const counted =
          <Given extends unknown[], T>(act: (...given: Given) => T) =>
          (...given: Given): T => {
            hashes += 1;
            return act(...given);
          };
        return { ...passwords, hash: counted(passwords.hash), verify: counted(passwords.verify) };
      },
    },
  });
  await app.addPerson(known);
  const add = async (userId: string, more: Partial<AddedAccount> = {}) => {
    const addresses = [`${userId}@mail.example`];
    await app.app.addAccount({ userId, addresses, password: null, locale: 'en', ...more });
  };
  await add('disabled1', { state: 'disabled', password: newPassword });
  await add('providers', { provider: 'Example' });
  await add('uncertain', {
    addresses: [],
    unconfirmedAddresses: ['uncertain@mail.example'],
    password: newPassword,
  });
  await add('importing');
  await add('addressed', { addresses: [], password: newPassword });
  await add('one-of-us', { password: newPassword });
  await add('another-of-us', { addresses: ['one-of-us@mail.example'], password: newPassword });
  await add('mixed-one', { password: newPassword });
  await add('mixed-two', { addresses: ['mixed-one@mail.example'], provider: 'Example' });
  await app.addPerson({ userId: 'app-owner', password: newPassword });
  const { id } = await app.db.read
    .selectFrom('accounts')
    .select('id')
    .where('user_id', '=', 'app-owner')
    .executeTakeFirstOrThrow();
  const row = { account_id: id, site: 'default', secret_sealed: app.keys.seal('A'), last_step: 0, created_at: 0 };
  await app.db.write((tx) => tx.insertInto('authenticators').values(row).execute());
});
afterAll(() => app.close());

interface Exchange {
  readonly step: string;
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
  readonly statements: readonly string[];
  /** Argon2id. */
  readonly hashes: number;
}

/** One request, with what differs between any two visits made alike. */
async function exchange(browser: Browser, identifier: string, path: string, fields?: Record<string, string>) {
  [statements, hashes] = [[], 0];
  const sent: Sent = fields ? { method: 'POST', body: new URLSearchParams(fields) } : {};
  const response = await browser.send(path, { ...sent, headers: { 'accept-encoding': 'identity' } });
  const alike = (text: string) => text.replaceAll(identifier, 'WHO').replace(/(?<![\w-])[\w-]{22}(?![\w-])/g, 'RANDOM');
  const headers = Array.from(response.headers, ([name, value]) => `${name}: ${name === 'date' ? '' : alike(value)}`);
  const body = await response.text();
  const [, id = ''] = /name="recovery" value="([^"]+)"/.exec(body) ?? [];
  const done: Exchange = {
    step: `${fields ? 'POST' : 'GET'} ${path}`,
    status: response.status,
    headers,
    body: alike(body),
    statements: [...statements],
    hashes,
  };
  return { done, id, body };
}

/** Everything that a visitor can do about an identifier without its mailbox. */
async function walk(identifier: string): Promise<readonly Exchange[]> {
  const browser = app.browser();
  const all: Exchange[] = [];
  let recovery = '';
  const go = async (path: string, fields?: Record<string, string>) => {
    const { done, id } = await exchange(browser, identifier, path, fields);
    all.push(done);
    recovery ||= id;
  };
  await go('/recover');
  await go('/recover', { identifier });
  await go('/recover/method');
  await go('/recover/method', { recovery });
  await go('/recover/code');
  await go('/recover/code', { recovery, code: '12345678' });
  await app.deliverMail();
  await go('/recover/code/again', { recovery });
  await go('/recover/code', { recovery, code: '1234' });
  await go('/recover/code', { recovery, code: '23456789' });
  await go('/recover/method', { recovery });
  app.clock.advance(minuteMs);
  await go('/recover/code/again', { recovery });
  await go('/recover/code?again');
  await app.deliverMail();
  app.clock.advance(30 * minuteMs);
  await go('/recover/code', { recovery, code: '34567890' });
  await go('/recover/code');
  await go('/recover/code/again', { recovery });
  await go('/recover/account', { recovery, account: 'x' });
  await go('/recover/password');
  await go('/recover/password', { recovery, username: '', password: newPassword, repeated: newPassword });
  await app.deliverMail();
  for (const code of ['45678901', '56789012', '67890123', '78901234']) await go('/recover/code', { recovery, code });
  await go('/recover/code');
  await go('/recover');
  await go('/sign-in');
  await go('/sign-in', { identifier, password: 'not the right one' });
  return all;
}

/** The same by API, as a program that keeps its handle. */
async function walkByApi(identifier: string): Promise<readonly Exchange[]> {
  const browser = app.browser();
  const all: Exchange[] = [];
  let handle = '';
  let id = '';
  const go = async (path: string, json?: object) => {
    [statements, hashes] = [[], 0];
    const response = await browser.send(`/api/v1/${path}`, {
      method: json ? 'POST' : 'GET',
      headers: {
        'content-type': 'application/json',
        'account-handle': 'body',
        ...(handle && { authorization: `Bearer ${handle}` }),
      },
      ...(json && { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    const sizeBytes = text.length;
    const alike = (part: string) =>
      part.replaceAll(identifier, 'WHO').replace(/(?<![\w-])[\w-]{22}(?![\w-])/g, 'RANDOM');
    const headers = Array.from(response.headers, ([name, value]) => `${name}: ${name === 'date' ? '' : alike(value)}`);
    all.push({
      step: `${json ? 'POST' : 'GET'} ${path.replace(id || '-', 'ID')} ${sizeBytes}`,
      status: response.status,
      headers,
      body: alike(text),
      statements: [...statements],
      hashes,
    });
    handle = /"handle":"([^"]+)"/.exec(text)?.[1] ?? handle;
    id = /"id":"([^"]+)"/.exec(text)?.[1] ?? id;
  };
  await go('recoveries', { identifier });
  await go(`recoveries/${id}`);
  await go(`recoveries/${id}/proofs`, { method: 'email-code' });
  await go(`recoveries/${id}`);
  await go(`recoveries/${id}/proofs/email-code/verify`, { code: '12345678' });
  await app.deliverMail();
  await go(`recoveries/${id}/proofs`, { method: 'email-code' });
  await go(`recoveries/${id}/proofs/email-code/verify`, { code: '1234' });
  await go(`recoveries/${id}/proofs/email-code/verify`, { code: '23456789' });
  await go(`recoveries/${id}/password`, { password: newPassword });
  await go(`recoveries/${id}/account`, { accountId: 'x' });
  app.clock.advance(30 * minuteMs);
  await go(`recoveries/${id}`);
  await go(`recoveries/${id}/proofs/email-code/verify`, { code: '34567890' });
  await go(`recoveries/${id}/proofs`, { method: 'email-code' });
  await app.deliverMail();
  for (const code of ['45678901', '56789012', '67890123', '78901234'])
    await go(`recoveries/${id}/proofs/email-code/verify`, { code });
  await go(`recoveries/${id}`);
  await go('sessions', { identifier, password: 'not the right one' });
  return all;
}

interface Walked {
  readonly exchanges: readonly Exchange[];
  /** How many it leaves in each table; not in those that the worker writes, unseen, where it made a mail. */
  readonly rows: Readonly<Record<string, number>>;
}

/** An hour after the one before it, so that what ends by itself has ended alike. */
async function walkAndCount(identifier: string): Promise<Walked> {
  const tables = ['recoveries', 'outbox', 'audit_events', 'human_checks', 'sessions', 'accounts'] as const;
  const count = async () =>
    Promise.all(tables.map(async (table) => (await app.db.read.selectFrom(table).selectAll().execute()).length));
  app.clock.advance(60 * minuteMs);
  const before = await count();
  const exchanges = await walk(identifier);
  const after = await count();
  return {
    exchanges,
    rows: Object.fromEntries(tables.map((table, at) => [table, (after[at] ?? 0) - (before[at] ?? 0)])),
  };
}

function expectAlike(one: readonly Exchange[], other: readonly Exchange[]): void {
  for (const [at, exchanged] of one.entries()) expect(other[at]).toEqual(exchanged);
  expect(other).toHaveLength(one.length);
}

describe('the whole walk', () => {
  const kinds = [
    { by: 'email', account: known.address, others: emails },
    { by: 'user ID', account: known.userId, others: userIds },
  ];

  describe.each(kinds)('by $by', ({ account, others }) => {
    let one: Walked;
    let oneByApi: readonly Exchange[];
    beforeAll(async () => {
      // Whatever ends in the walk of the account began in one before it, as in all others.
      await walkAndCount('nobody-be');
      one = await walkAndCount(account);
      // What is compared is the whole walk, down to its end, and the statements were seen.
      expect(one.exchanges.some(({ body }) => body.includes('This attempt is over'))).toBe(true);
      expect(one.exchanges.flatMap((each) => each.statements)).toContain('UpdateQueryNode');
      expect(one.rows).toMatchObject({ recoveries: 1, accounts: 0 });
      oneByApi = await walkByApi(account);
      expect(oneByApi.at(-2)?.body).toContain('"step":"over"');
    });

    it.each(Object.entries(others))(
      'is the same for %s as for an account, and leaves the same',
      async (_, identifier) => {
        const other = await walkAndCount(identifier);
        expectAlike(one.exchanges, other.exchanges);
        expect(other.rows).toEqual(one.rows);
      },
    );

    it.each(Object.entries(others))('by API is the same for %s as for an account', async (_, identifier) => {
      app.clock.advance(60 * minuteMs);
      expectAlike(oneByApi, await walkByApi(identifier));
    });
  });

  it('is the same once the mailbox has had all its mails for the day', async () => {
    // None of the mails before leaves that day meanwhile, which would let another in.
    app.clock.advance(dayMs);
    const codes = async () =>
      (await app.mailsTo(known.address)).filter(({ subject }) => subject.startsWith('Your verification code')).length;
    for (let times = 0; times < 3; times += 1) await walk(known.address);
    const had = await codes();
    const one = await walk(known.address);
    expect([had > 0, await codes()]).toEqual([true, had]);
    expectAlike(one, await walk('nobody-to@mail.example'));
  });
});

describe('signing in', () => {
  /** Wrong passwords, a few and then a hundred in a row. */
  async function signInWrongly(identifier: string): Promise<readonly Exchange[]> {
    const browser = app.browser();
    app.clock.advance(60 * minuteMs);
    await app.db.write((tx) => tx.deleteFrom('password_tries').execute());
    const all: Exchange[] = [];
    const go = async (path: string, fields?: Record<string, string>) => {
      all.push((await exchange(browser, identifier, path, fields)).done);
    };
    await go('/sign-in');
    for (let times = 0; times < 5; times += 1) await go('/sign-in', { identifier, password: 'not the right one' });
    await app.db.write((tx) => tx.updateTable('password_tries').set({ wrong_in_a_row: 99 }).execute());
    for (let times = 0; times < 3; times += 1) await go('/sign-in', { identifier, password: 'not the right one' });
    return all;
  }

  it.each(Object.entries(userIds))(
    'with wrong passwords is the same for %s as for a known one',
    async (_, identifier) => {
      const one = await signInWrongly(known.userId);
      expect(one.filter(({ body }) => body.includes('To get in from this browser, choose'))).toHaveLength(2);
      expectAlike(one, await signInWrongly(identifier));
    },
  );
});

describe('signing up', () => {
  async function signUp(address: string): Promise<readonly Exchange[]> {
    const browser = app.browser();
    const all: Exchange[] = [];
    const go = async (path: string, fields?: Record<string, string>) => {
      all.push((await exchange(browser, address, path, fields)).done);
    };
    await go('/sign-up', { userId: 'known-one', address, password: newPassword });
    await go('/sign-up/code');
    await app.deliverMail();
    for (let times = 0; times < 6; times += 1) await go('/sign-up/code', { code: '12345678' });
    await go('/sign-up/code');
    return all;
  }

  it('is the same for an address that has an account as for one that has none', async () => {
    expectAlike(await signUp(known.address), await signUp('nobody-at@mail.example'));
    expect((await app.mailTo(known.address)).subject).toBe('You already have an account at Corner Shop');
  });
});

describe('contacting support', () => {
  /** A case after a recovery of `identifier`, with `contact` as where the answer goes, up to a wrong code. */
  async function contactSupport(identifier: string, contact: string): Promise<readonly Exchange[]> {
    const browser = app.browser();
    const all: Exchange[] = [];
    const go = async (path: string, fields?: Record<string, string>) => {
      const { done, body } = await exchange(browser, identifier, path, fields);
      const alike = (text: string) =>
        text.replaceAll(contact, 'WHO').replaceAll(number, 'NUMBER').replaceAll(own, 'CASE');
      all.push({ ...done, step: alike(done.step), body: alike(done.body), headers: done.headers.map(alike) });
      return body;
    };
    let [number, own] = ['never', 'never'];
    await go('/recover', { identifier });
    await go('/recover/case');
    const opened = await go('/recover/case', { kind: 'other', words: 'x', contact });
    // What is shown once is random.
    all.pop();
    number = /\/recover\/case\/(\w+)/.exec(opened)?.[1] ?? '';
    own = number.replace(/(.{3})(?=.)/g, '$1\u00a0');
    await app.deliverMail();
    await go(`/recover/case/${number}`);
    await go(`/recover/case/${number}/contact`);
    for (let times = 0; times < 6; times += 1) await go(`/recover/case/${number}/contact`, { code: '12345678' });
    await go(`/recover/case/${number}/contact/again`, {});
    await go(`/recover/case/${number}`);
    return all;
  }

  it('is the same for an account and for none, as what was recovered and as the contact', async () => {
    const one = await contactSupport(known.address, known.address);
    expect(one.some(({ body }) => body.includes('NUMBER'))).toBe(true);
    expectAlike(one, await contactSupport('nobody-as@mail.example', 'nobody-as@mail.example'));
    expectAlike(one, await contactSupport(known.address, 'nobody-ac@mail.example'));
  });

  it('answers a wrong code of a case like a number that there is not, by the same statements', async () => {
    const browser = app.browser();
    const { number } = await openCase(browser, 'nobody-st@mail.example');
    const guess = async (typed: string) => {
      const { done } = await exchange(app.browser(), typed, '/recover/case/status', {
        number: typed,
        code: 'ACDE FGHJ KMNP QRTV',
      });
      return done;
    };
    const one = await guess(number);
    expect(one.status).toBe(422);
    expect(one.statements.length).toBeGreaterThan(3);
    expect(await guess(number.replace(/.$/, (last) => (last === 'A' ? 'C' : 'A')))).toEqual(one);
  });
});

describe('the links in a mail', () => {
  it('answer alike for every kind of account that gets one, up to a wrong code', async () => {
    /** Each link opened and tried by a stranger, with the other mail's links never seen. */
    async function tryLinks(address: string): Promise<readonly Exchange[]> {
      const browser = app.browser();
      app.clock.advance(60 * minuteMs);
      await reachCode(browser, address);
      const mail = await app.mailTo(address);
      const all: Exchange[] = [];
      for (const place of ['link', 'stop'] as const) {
        const stranger = app.browser();
        const path = linkOf(mail, place);
        for (const fields of [undefined, { code: '12345678' }, { code: '1234' }]) {
          const { done } = await exchange(stranger, address, path, fields);
          all.push({ ...done, step: `${fields ? 'POST' : 'GET'} ${place}` });
        }
      }
      return all;
    }
    // Each mailbox takes mail again.
    app.clock.advance(dayMs);
    const one = await tryLinks(known.address);
    expect(one.map(({ status }) => status)).toEqual([200, 422, 422, 200, 422, 422]);
    for (const address of [
      emails['an account with a second factor'],
      emails['an account brought in without a password'],
      emails['an address that two accounts share'],
    ])
      expectAlike(one, await tryLinks(address));
  });
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});

it('is the same for codes shown in a case, however many were shown for names that nobody has', async () => {
  const caseAbout = async (identifier: string) => {
    const browser = app.browser();
    await browser.open('/recover/case');
    await browser.press('Open the case', {
      'I cannot use my mailbox': 'chosen',
      [en['case.identifier']]: identifier,
      'What happened?': 'My provider closed my mailbox.',
      'An email address where we can reach you': 'contact@mail.example',
    });
    const path = `/recover/case/${keptFrom(browser.page).number.replaceAll(' ', '')}/proofs`;
    return async (fields: Record<string, string> = { form: 'code', code: '123456123456' }) => {
      const { done } = await exchange(browser, identifier, path, fields);
      return [done.status, done.statements];
    };
  };
  const first = await caseAbout('nobody-at');
  for (let times = 0; times < limits['case-proof'].max; times += 1) await first();
  const unknown = await (await caseAbout('nobody-in'))();
  expect(unknown).toEqual(await (await caseAbout(known.userId))());
  // Nor do the accounts of an email show that several share.
  const ofNone = await caseAbout(emails['an unknown email']);
  const ofTwo = await caseAbout(emails['an address that two accounts share']);
  for (const form of [
    { form: 'code', code: '234567234567' },
    { form: 'browser' },
    { form: 'address', address: known.address },
  ])
    expect(await ofTwo(form)).toEqual(await ofNone(form));
});
