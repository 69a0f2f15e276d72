// Signing in by password cannot be used as a weapon (D4): wrong passwords cost whoever types them and lock nobody, and
// what a stranger sees of it is the same for a name that opens no account.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { maxWrongPasswords } from '../../src/accounts/password-tries.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../src/base/clock.ts';
import type { Database } from '../../src/database/database.ts';
import { en } from '../../src/i18n/en.ts';
import { limits } from '../../src/limits/limits.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import { choosePassword, codeOf, enterCode, newPassword, opens, reachCode, reachPassword, signIn } from './steps.ts';

const letters = 'Type the letters you see';
const welcome = ({ userId }: Person) => `Signed in as ${userId}`;

describe('with the human check on', () => {
  let app: TestApp;
  let person: Person;
  let browser: Browser;
  beforeAll(async () => {
    app = await createTestApp({ settings: { humanCheck: 'on' } });
  });
  beforeEach(async () => {
    app.clock.advance(dayMs);
    person = await app.addPerson();
    browser = app.browser();
  });
  afterAll(() => app.close());

  const wrongly = async (identifier: string, times: number): Promise<Page> => {
    for (let time = 0; time < times; time += 1) await signIn(browser, identifier, 'not the right one');
    return browser.page;
  };
  /** Types the letters of the page along with the password. */
  const withLetters = (password: string) => {
    app.clock.advance(10 * secondMs);
    return browser.press('Sign in', { Password: password, [letters]: app.lettersOn(browser.page) });
  };

  it.each(['a known name', 'an unknown name'])('the third wrong password for %s brings the check', async (who) => {
    const identifier = who === 'a known name' ? person.userId : 'nobody';
    const second = await wrongly(identifier, 2);
    expect([second.status, second.notice]).toEqual([422, en['refusal.sign-in-failed']]);
    expect(second.html).not.toContain('data-human-check');
    const third = await wrongly(identifier, 1);
    expect([third.status, third.notice]).toEqual([422, `${en['refusal.sign-in-failed']} ${en['sign-in.check']}`]);
    expect(third.html).toContain('data-human-check="slide"');
    expect([third.valueOf('Email or user ID'), third.valueOf('Password')]).toEqual([identifier, '']);
    // Without it even the right password is not compared, and nothing is counted.
    const missing = await signIn(browser, identifier, person.password);
    expect([missing.status, missing.notice]).toEqual([422, en['refusal.check-missing']]);
    expect(missing.valueOf('Email or user ID')).toBe(identifier);
  });

  it('an empty field says so itself, each of them', async () => {
    const neither = await signIn(browser, '', '');
    expect([neither.status, neither.notice]).toEqual([422, '']);
    expect(neither.errorAt('Email or user ID')).toBe(en['refusal.identifier-missing']);
    expect(neither.errorAt('Password')).toBe(en['page.missing']);
    const one = await signIn(browser, person.userId, '');
    expect([one.errorAt('Email or user ID'), one.errorAt('Password')]).toEqual(['', en['page.missing']]);
  });

  it('once it is passed the right password signs in', async () => {
    await wrongly(person.userId, 3);
    expect((await withLetters(person.password)).text).toContain(welcome(person));
  });

  it('it stays with the name: another one from the same network needs none', async () => {
    await wrongly('nobody', 3);
    expect((await signIn(browser, person.userId, person.password)).text).toContain(welcome(person));
  });

  it('the other names of an account do not show it', async () => {
    await wrongly(person.userId, 3);
    const page = await signIn(app.browser(), person.address, 'not the right one');
    expect(page.html).not.toContain('data-human-check');
  });

  it('each wrong password needs a check of its own, and letters stand for any level', async () => {
    await wrongly(person.userId, 3);
    for (let time = 3; time < limits['sign-in-identifier'].max + 2; time += 1)
      expect((await withLetters('not the right one')).notice).toContain(en['refusal.sign-in-failed']);
    expect((await withLetters(person.password)).text).toContain(welcome(person));
  });

  it('after an hour none is needed', async () => {
    await wrongly(person.userId, 3);
    app.clock.advance(hourMs);
    expect((await signIn(browser, person.userId, person.password)).text).toContain(welcome(person));
  });

  it('many wrong passwords in a network raise it there, before anything is typed, and nowhere else', async () => {
    for (let time = 0; time < 10; time += 1) await signIn(browser, `nobody${time}`, 'not the right one');
    expect((await browser.open('/sign-in')).html).toContain('data-human-check="slide"');
    // The modal leaves it to the page.
    const part = await browser.send('/sign-in?part=modal');
    expect([part.status, part.headers.get('location')]).toEqual([303, '/sign-in']);
    expect((await app.browser().open('/sign-in')).html).not.toContain('data-human-check');
    app.clock.advance(10 * minuteMs);
    expect((await browser.open('/sign-in')).html).not.toContain('data-human-check');
  });

  it('right passwords raise nothing', async () => {
    for (let time = 0; time < 12; time += 1) await signIn(app.browser(), person.userId, person.password);
    expect(await opens(app, person, person.password)).toBe(true);
  });

  it('fifty at once need it as fifty one by one would', async () => {
    const post = () => browser.send('/sign-in', { method: 'POST', body: form(person.userId, 'not the right one') });
    const pages = await Promise.all(Array.from({ length: 50 }, async () => (await post()).text()));
    expect(pages.filter((page) => page.includes('Several accounts on one email?'))).toHaveLength(3);
  });
});

const form = (identifier: string, password: string) => new URLSearchParams({ identifier, password });

describe('too many wrong passwords in a row', () => {
  let app: TestApp;
  let person: Person;
  let known: Browser;
  beforeAll(async () => {
    app = await createTestApp();
  });
  beforeEach(async () => {
    app.clock.advance(dayMs);
    person = await app.addPerson();
    known = app.browser();
    await signIn(known, person.userId, person.password);
    await known.send('/sign-out', { method: 'POST', body: new URLSearchParams() });
  });
  afterAll(() => app.close());

  /** As if so many had been typed, after one that really was. */
  const wrongBefore = async (identifier: string, count: number) => {
    await signIn(app.browser(), identifier, 'not the right one');
    await app.db.write((tx) =>
      tx.updateTable('password_tries').set({ wrong_in_a_row: count }).where('tried_at', '=', app.clock.now()).execute(),
    );
  };
  const compared = async () => {
    const rows = await app.db.read
      .selectFrom('audit_events')
      .select('event')
      .where('event', '=', 'authn_login_fail')
      .execute();
    return rows.length;
  };

  it('the hundredth try still signs in, and what it clears is cleared', async () => {
    await wrongBefore(person.userId, maxWrongPasswords - 1);
    expect(await opens(app, person, person.password)).toBe(true);
    expect((await signIn(app.browser(), person.userId, 'not the right one')).notice).toBe(en['refusal.sign-in-failed']);
  });

  it('send a browser that was never here to recovery, with what was typed', async () => {
    await wrongBefore(person.userId, maxWrongPasswords);
    const page = await signIn(app.browser(), person.userId, person.password);
    expect([page.status, page.notice]).toEqual([422, en['refusal.password-recover']]);
    // The one filled button is the one that leads in.
    expect(page.html.match(/class="[^"]*primary"[^>]*>[^<]*/g)).toEqual([
      expect.stringContaining('Choose a new password'),
    ]);
    expect(page.links.get('Choose a new password')).toBe(`/recover#identifier=${person.userId}`);
    expect(page.valueOf('Email or user ID')).toBe(person.userId);
  });

  it('look the same for a name that opens no account', async () => {
    await wrongBefore('nobody', maxWrongPasswords);
    const page = await signIn(app.browser(), 'nobody', person.password);
    expect([page.status, page.notice]).toEqual([422, en['refusal.password-recover']]);
    expect(page.links.get('Choose a new password')).toBe('/recover#identifier=nobody');
  });

  it('typed with one name show nothing at another of the same account, which compares nothing all the same', async () => {
    await wrongBefore(person.address, maxWrongPasswords);
    const before = await app.db.read.selectFrom('sessions').selectAll().execute();
    for (const password of [person.password, 'not the right one']) {
      const page = await signIn(app.browser(), person.userId, password);
      const unknown = await signIn(app.browser(), 'nobody-at-all', password);
      expect([page.status, page.notice]).toEqual([422, en['refusal.sign-in-failed']]);
      expect([page.status, page.notice]).toEqual([unknown.status, unknown.notice]);
    }
    expect(await app.db.read.selectFrom('sessions').selectAll().execute()).toEqual(before);
    expect((await signIn(known, person.userId, person.password)).text).toContain(welcome(person));
  });

  it('typed with one name are not cleared by a sign-in with another: what was refused does not tell who came in', async () => {
    await wrongBefore(person.address, maxWrongPasswords);
    expect((await signIn(known, person.userId, person.password)).text).toContain(welcome(person));
    expect((await signIn(app.browser(), person.address, 'not the right one')).notice).toBe(
      en['refusal.password-recover'],
    );
    expect(await opens(app, person, person.password)).toBe(true);
    const browser = app.browser();
    await reachPassword(app, browser, person);
    await choosePassword(browser);
    expect((await signIn(browser, person.address, newPassword)).text).toContain(welcome(person));
  });

  it('leave a browser that signed in before five tries an hour of its own', async () => {
    const { max, windowMs } = limits['sign-in-device'];
    await wrongBefore(person.userId, maxWrongPasswords);
    for (let hour = 0; hour < 2; hour += 1) {
      for (let time = 0; time < max; time += 1)
        expect((await signIn(known, person.userId, 'not the right one')).notice).toBe(en['refusal.sign-in-failed']);
      const later = await signIn(known, person.userId, person.password);
      expect(later.status).toBe(429);
      expect(later.notice).toBe(
        'Too many wrong passwords in a row. You can try again in 60 minutes, or choose a new password now.',
      );
      expect(later.links.get('Choose a new password')).toBe(`/recover#identifier=${person.userId}`);
      app.clock.advance(windowMs);
    }
    expect((await signIn(known, person.userId, person.password)).text).toContain(welcome(person));
    expect(await opens(app, person, person.password)).toBe(true);
  });

  it('never let another account of that browser, or a planted cookie, try the password', async () => {
    const other = await app.addPerson();
    await wrongBefore(other.userId, maxWrongPasswords);
    expect((await signIn(known, other.userId, other.password)).notice).toBe(en['refusal.password-recover']);
    const headers = { cookie: `account-device=${'A'.repeat(22)}` };
    const body = form(other.userId, other.password);
    const planted = await app.browser().send('/sign-in', { method: 'POST', headers, body });
    expect(await planted.text()).toContain('To get in from this browser, choose a new password');
  });

  it('are over after a recovery with that name, also for the browser that did it', async () => {
    await wrongBefore(person.userId, maxWrongPasswords);
    const browser = app.browser();
    await reachCode(browser, person.userId);
    await enterCode(browser, codeOf(await app.mailTo(person.address)));
    await choosePassword(browser);
    expect((await signIn(browser, person.userId, newPassword)).text).toContain(welcome(person));
  });

  it('after a recovery send the browsers that knew the old password to recovery too', async () => {
    const browser = app.browser();
    await reachPassword(app, browser, person);
    await choosePassword(browser);
    await wrongBefore(person.userId, maxWrongPasswords);
    expect((await signIn(known, person.userId, newPassword)).notice).toBe(en['refusal.password-recover']);
  });

  it('are compared a hundred times and no more, however many come at once', async () => {
    await wrongBefore(person.userId, maxWrongPasswords - 10);
    const before = await compared();
    const browser = app.browser();
    const post = () => browser.send('/sign-in', { method: 'POST', body: form(person.userId, 'not the right one') });
    await Promise.all(Array.from({ length: 50 }, post));
    expect((await compared()) - before).toBe(10);
  });

  it('are forgotten when nobody has tried for thirty days', async () => {
    await wrongBefore(person.userId, maxWrongPasswords);
    app.clock.advance(30 * dayMs);
    await app.deliverMail();
    expect(await opens(app, person, person.password)).toBe(false);
    app.clock.advance(minuteMs);
    await app.deliverMail();
    expect(await opens(app, person, person.password)).toBe(true);
  });

  it('are not made by asking for a recovery or by failing one (attack 21)', async () => {
    const stranger = app.browser();
    for (let time = 0; time < 3; time += 1) {
      await stranger.open('/recover');
      await stranger.press('Continue', { 'Email or user ID': person.address });
      await stranger.press('Verify now', {}, 'Email verification (Recommended)');
      for (let code = 0; code < 5; code += 1) await stranger.press('Confirm', { 'Verification code': '12345678' });
    }
    expect(
      await app.db.read.selectFrom('password_tries').selectAll().where('tried_at', '=', app.clock.now()).execute(),
    ).toEqual([]);
    expect(await opens(app, person, person.password)).toBe(true);
  });
});

it('a fault of ours counts against nobody', async () => {
  let isBroken = false;
  const disturb = (db: Database): Database => {
    const plugin: Parameters<Database['read']['withPlugin']>[0] = {
      transformQuery({ node }) {
        const into = node.kind === 'InsertQueryNode' ? node.into?.table.identifier.name : undefined;
        if (isBroken && into === 'audit_events') throw new Error('the disk is full');
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    return { ...db, write: (work) => db.write((tx) => work(tx.withPlugin(plugin))) };
  };
  const app = await createTestApp({ wrap: disturb });
  try {
    const person = await app.addPerson();
    for (const password of [person.password, 'not the right one']) {
      isBroken = true;
      const broken = await app.browser().send('/sign-in', { method: 'POST', body: form(person.userId, password) });
      expect(broken.status).toBe(500);
      isBroken = false;
    }
    const counts = await app.db.read.selectFrom('counters').select('count').where('key', 'like', 'sign-in-%').execute();
    expect(counts.filter(({ count }) => count > 0)).toEqual([]);
    const tries = await app.db.read.selectFrom('password_tries').select('wrong_in_a_row').execute();
    expect(tries.filter(({ wrong_in_a_row }) => wrong_in_a_row > 0)).toEqual([]);
    expect(await opens(app, person, person.password)).toBe(true);
  } finally {
    await app.close();
  }
});

describe('a device', () => {
  let app: TestApp;
  let person: Person;
  beforeAll(async () => {
    app = await createTestApp();
    person = await app.addPerson();
  });
  afterAll(() => app.close());

  const devices = () => app.db.read.selectFrom('devices').select(['id', 'label', 'token_hash']).execute();

  it('is remembered by its cookie once it has signed in, and no sooner', async () => {
    const browser = app.browser();
    await signIn(browser, person.userId, 'not the right one');
    expect(browser.cookies().has('account-device')).toBe(false);
    await signIn(browser, person.userId, person.password);
    const token = browser.cookies().get('account-device') ?? '';
    await browser.send('/sign-in', { method: 'POST', body: form(person.userId, person.password) });
    expect(browser.cookies().get('account-device')).toBe(token);
    expect(await devices()).toHaveLength(1);
    expect(JSON.stringify(await devices())).not.toContain(token);
  });

  it('is called by what it says it is, for the list of sessions', async () => {
    const headers = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0' };
    await app.browser().send('/sign-in', { method: 'POST', headers, body: form(person.userId, person.password) });
    expect((await devices()).map(({ label }) => label)).toContain('Firefox · Windows');
  });
});
