// The two links in every recovery mail (walks 24, 36, 37, 39; D9, D11): they open a page and nothing more, what is done
// there takes the code of that mail, and whoever holds the mailbox can always get in.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { linksIn, type ReceivedMail } from '../../src/testing/mailbox.ts';
import { choosePassword, codeOf, enterCode, linkOf, newPassword, opens, reachCode, wrong } from './steps.ts';

let app: TestApp;
let person: Person;
let pc: Browser;
let phone: Browser;
let mail: ReceivedMail;
beforeAll(async () => {
  app = await createTestApp();
});
beforeEach(async () => {
  person = await app.addPerson();
  pc = app.browser();
  phone = app.browser();
  await reachCode(pc, person.address);
  mail = await app.mailTo(person.address);
});
afterAll(() => app.close());

const stop = (browser: Browser, code: string) => browser.press('Stop this', { 'Verification code': code });

describe('"Continue here"', () => {
  it('goes on in another browser with the code of that mail; the first page answers as before', async () => {
    await phone.open(linkOf(mail, 'link'));
    await enterCode(phone, codeOf(mail));
    await choosePassword(phone);
    expect(phone.page.text).toContain(`The new password is set for the user ID ${person.userId}.`);
    expect((await pc.open('/recover/code')).text).toContain('Finished on another device? Sign in');
    expect((await enterCode(pc, codeOf(mail))).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    expect(await opens(app, person, newPassword)).toBe(true);
  });

  it('works when the code can no longer be typed on the first page, for 24 hours and no longer, as the mail says', async () => {
    expect(mail.text).toContain('Carry on from here within 24 hours.');
    app.clock.advance(dayMs - 1);
    await phone.open(linkOf(mail, 'link'));
    app.clock.advance(1);
    expect((await app.browser().open(linkOf(mail, 'link'))).status).toBe(410);
    expect((await enterCode(phone, codeOf(mail))).status).toBe(410);
    expect(phone.page.notice).toBe(en['refusal.link-over']);
  });

  it('works late', async () => {
    app.clock.advance(23 * hourMs);
    await phone.open(linkOf(mail, 'link'));
    await enterCode(phone, codeOf(mail));
    expect(phone.page.heading).toBe('Choose a new password');
  });

  it('works after five wrong codes on the first page', async () => {
    for (let times = 0; times < 5; times += 1) await enterCode(pc, wrong(codeOf(mail)));
    await phone.open(linkOf(mail, 'link'));
    await enterCode(phone, codeOf(mail));
    expect(phone.page.heading).toBe('Choose a new password');
  });

  it('works once', async () => {
    await phone.open(linkOf(mail, 'link'));
    await enterCode(phone, codeOf(mail));
    const other = app.browser();
    expect((await other.open(linkOf(mail, 'link'))).status).toBe(410);
    expect((await other.post(linkOf(mail, 'link'), { code: codeOf(mail) })).status).toBe(410);
  });

  it('is dead once its code was typed on the first page', async () => {
    await enterCode(pc, codeOf(mail));
    expect((await phone.open(linkOf(mail, 'link'))).status).toBe(410);
    expect((await phone.post(linkOf(mail, 'link'), { code: codeOf(mail) })).status).toBe(410);
  });

  it('is won by one of sixteen browsers at once', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ code: codeOf(mail) });
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => app.browser().send(linkOf(mail, 'link'), { method: 'POST', headers, body })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 303)).toHaveLength(1);
    expect(new Set(statuses)).toEqual(new Set([303, 410]));
  });

  it('has five tries in a browser and twenty in all', async () => {
    await phone.open(linkOf(mail, 'link'));
    for (let times = 0; times < 5; times += 1) expect((await enterCode(phone, wrong(codeOf(mail)))).status).toBe(422);
    expect((await enterCode(phone, codeOf(mail))).status).toBe(429);
    for (let others = 0; others < 3; others += 1) {
      const other = app.browser();
      await other.open(linkOf(mail, 'link'));
      for (let times = 0; times < 5; times += 1) expect((await enterCode(other, wrong(codeOf(mail)))).status).toBe(422);
    }
    const late = app.browser();
    await late.open(linkOf(mail, 'link'));
    expect((await late.post(linkOf(mail, 'link'), { code: codeOf(mail) })).status).toBe(410);
  });

  it('takes the code of its own mail alone', async () => {
    const other = await app.addPerson();
    await reachCode(app.browser(), other.address);
    const theirs = await app.mailTo(other.address);
    await phone.open(linkOf(mail, 'link'));
    expect((await enterCode(phone, codeOf(theirs))).errorAt('Verification code')).toBe(en['recover.link-code-wrong']);
  });

  it('that nobody was sent says the same as an old one', async () => {
    const page = await phone.open('/recover/link/AAAAAAAAAAAAAAAAAAAAAA');
    expect([page.status, page.notice]).toEqual([410, en['refusal.link-over']]);
  });
});

describe('a robot that reads the mail', () => {
  it('neither spends the code nor stops anything by opening every link and sending every form', async () => {
    const robot = app.browser();
    for (let times = 0; times < 3; times += 1) {
      for (const link of linksIn(mail)) {
        const { pathname } = new URL(link);
        await robot.send(pathname, { method: 'HEAD' });
        await robot.open(pathname);
        await robot.post(pathname, {});
        await robot.post(pathname, { code: new URL(link).pathname.split('/').at(-1) ?? '' });
      }
    }
    await enterCode(pc, codeOf(mail));
    expect(pc.page.heading).toBe('Choose a new password');
  });

  it('finds no code in an address', () => {
    for (const link of linksIn(mail)) expect(link.replace(app.origin, '')).not.toContain(codeOf(mail));
  });
});

describe('"This was not me"', () => {
  it('with the code of that mail ends typing in all open recoveries; strangers see nothing of it', async () => {
    const stranger = app.browser();
    await reachCode(stranger, person.userId);
    const second = await app.mailTo(person.address);
    await phone.open(linkOf(mail, 'stop'));
    expect(phone.page.heading).toBe('This was not me');
    await stop(phone, codeOf(mail));
    expect(phone.page.heading).toBe('We have stopped the emails');
    for (const [browser, code] of [
      [stranger, codeOf(second)],
      [pc, codeOf(mail)],
    ] as const) {
      const page = await enterCode(browser, code);
      expect([page.status, page.errorAt('Verification code')]).toEqual([422, en['refusal.code-wrong']]);
    }
    expect(await opens(app, person, person.password)).toBe(true);
  });

  it('silences recovery mail for 24 hours, and no longer', async () => {
    await phone.open(linkOf(mail, 'stop'));
    await stop(phone, codeOf(mail));
    app.clock.advance(dayMs - 1);
    expect((await reachCode(app.browser(), person.address)).status).toBe(200);
    expect(await app.mailsTo(person.address)).toHaveLength(1);
    app.clock.advance(1);
    await reachCode(app.browser(), person.address);
    expect(await app.mailsTo(person.address)).toHaveLength(2);
  });

  it('leaves the links alive: "It is me after all" leads on with the same code', async () => {
    await phone.open(linkOf(mail, 'stop'));
    await stop(phone, codeOf(mail));
    await phone.follow('It is me after all');
    await enterCode(phone, codeOf(mail));
    await choosePassword(phone);
    expect(await opens(app, person, newPassword)).toBe(true);
    expect((await app.mailTo(person.address)).subject).toBe('Your password at Corner Shop has been changed');
  });

  it('stops a thief who has typed the code and not yet set a password', async () => {
    const thief = app.browser();
    await thief.open(linkOf(mail, 'link'));
    await enterCode(thief, codeOf(mail));
    expect(thief.page.heading).toBe('Choose a new password');
    await phone.open(linkOf(mail, 'stop'));
    await stop(phone, codeOf(mail));
    expect(phone.page.heading).toBe('We have stopped the emails');
    await choosePassword(thief);
    expect([thief.page.status, thief.page.heading]).toEqual([409, 'This attempt is over']);
    expect(await opens(app, person, newPassword)).toBe(false);
    expect(await opens(app, person, person.password)).toBe(true);
  });

  it('of a mail whose code the thief has typed leads back in: "It is me after all" ends the silence', async () => {
    await enterCode(pc, codeOf(mail));
    await phone.open(linkOf(mail, 'stop'));
    await stop(phone, codeOf(mail));
    expect(phone.page.heading).toBe('We have stopped the emails');
    await choosePassword(pc);
    expect(pc.page.heading).toBe('This attempt is over');
    await phone.press('It is me after all');
    expect(phone.page.heading).toBe('Get back into your account');
    await phone.press('Continue', { 'Email or user ID': person.address });
    await phone.press('Verify now', {}, 'Email verification (Recommended)');
    await enterCode(phone, codeOf(await app.mailTo(person.address)));
    await choosePassword(phone);
    expect(await opens(app, person, newPassword)).toBe(true);
  });

  it('ends the silence for nobody who cannot type the code', async () => {
    await enterCode(pc, codeOf(mail));
    await phone.open(linkOf(mail, 'stop'));
    await stop(phone, codeOf(mail));
    const page = await phone.post(linkOf(mail, 'stop'), { code: wrong(codeOf(mail)), after: 'all' });
    expect([page.status, page.errorAt('Verification code')]).toEqual([422, en['recover.link-code-wrong']]);
    expect((await phone.post('/recover/stop/AAAAAAAAAAAAAAAAAAAAAA', { code: '12345678', after: 'all' })).status).toBe(
      410,
    );
    await reachCode(app.browser(), person.address);
    expect(await app.mailsTo(person.address)).toHaveLength(1);
  });

  it('silences another 24 hours when it is said of a later mail', async () => {
    await phone.open(linkOf(mail, 'stop'));
    await stop(phone, codeOf(mail));
    app.clock.advance(dayMs);
    await reachCode(app.browser(), person.address);
    const later = await app.mailTo(person.address);
    await phone.open(linkOf(later, 'stop'));
    await stop(phone, codeOf(later));
    app.clock.advance(dayMs - 1);
    await reachCode(app.browser(), person.address);
    expect(await app.mailsTo(person.address)).toHaveLength(2);
    app.clock.advance(1);
    await reachCode(app.browser(), person.address);
    expect(await app.mailsTo(person.address)).toHaveLength(3);
  });

  it('ends typing for the account, whichever of its addresses a recovery goes through', async () => {
    const both = ['stop.one@mail.example', 'stop.two@mail.example'];
    await app.addPerson({ userId: 'two.boxes', addresses: both });
    const proven = app.browser();
    await reachCode(proven, both[1] ?? '');
    await enterCode(proven, codeOf(await app.mailTo(both[1] ?? '')));
    const waiting = app.browser();
    await reachCode(waiting, both[1] ?? '');
    const theirs = await app.mailTo(both[1] ?? '');
    await reachCode(app.browser(), both[0] ?? '');
    const own = await app.mailTo(both[0] ?? '');
    await phone.open(linkOf(own, 'stop'));
    await stop(phone, codeOf(own));
    expect((await enterCode(waiting, codeOf(theirs))).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    expect((await choosePassword(proven)).heading).toBe('This attempt is over');
    // The silence is of the mailbox, and the link of the other goes on.
    await phone.open(linkOf(theirs, 'link'));
    expect((await enterCode(phone, codeOf(theirs))).heading).toBe('Choose a new password');
  });

  it('is found by support under the account, also when the recovery went on elsewhere', async () => {
    const elsewhere = app.browser();
    await elsewhere.open(linkOf(mail, 'link'));
    await enterCode(elsewhere, codeOf(mail));
    await phone.open(linkOf(mail, 'stop'));
    await stop(phone, codeOf(mail));
    const { id } = await app.db.read
      .selectFrom('accounts')
      .select('id')
      .where('user_id', '=', person.userId)
      .executeTakeFirstOrThrow();
    const flags = await app.db.read
      .selectFrom('audit_events')
      .select('event')
      .where('account_id', '=', id)
      .where('event', '=', 'recovery.stopped')
      .execute();
    expect(flags).toHaveLength(1);
  });

  it('of a dead link says so before it asks for anything', async () => {
    app.clock.advance(dayMs);
    const page = await phone.post(linkOf(mail, 'stop'), {});
    expect([page.status, page.text]).toEqual([410, expect.stringContaining(en['recover.stop-over'])]);
  });

  it('has nothing left to stop once the password was set', async () => {
    await enterCode(pc, codeOf(mail));
    await choosePassword(pc);
    expect((await phone.open(linkOf(mail, 'stop'))).status).toBe(410);
    const page = await phone.post(linkOf(mail, 'stop'), { code: codeOf(mail) });
    expect([page.status, page.text]).toEqual([410, expect.stringContaining(en['recover.stop-over'])]);
  });

  it('is in the audit trail with all that was typed under either link', async () => {
    await phone.open(linkOf(mail, 'link'));
    await enterCode(phone, wrong(codeOf(mail)));
    await phone.open(linkOf(mail, 'stop'));
    await stop(phone, wrong(codeOf(mail)));
    await enterCode(pc, codeOf(mail));
    await stop(phone, codeOf(mail));
    await phone.post(linkOf(mail, 'stop'), { code: wrong(codeOf(mail)), after: 'all' });
    await phone.post(linkOf(mail, 'stop'), { code: codeOf(mail), after: 'all' });
    const events = await app.db.read
      .selectFrom('audit_events')
      .innerJoin('accounts', 'accounts.id', 'audit_events.account_id')
      .select(['event', 'facts'])
      .where('user_id', '=', person.userId)
      .where('event', 'like', 'recovery.%')
      .execute();
    expect(events.map(({ event, facts }) => `${event} ${facts}`).toSorted()).toEqual([
      'recovery.code_right {}',
      'recovery.code_wrong {"by":"link"}',
      'recovery.code_wrong {"by":"stop"}',
      'recovery.code_wrong {"by":"stop"}',
      'recovery.email_chosen {}',
      'recovery.ended {"reason":"stopped"}',
      'recovery.resumed {}',
      'recovery.started {}',
      'recovery.stopped {}',
    ]);
  });

  it('has twenty tries in all, and then the right code neither stops nor ends a silence', async () => {
    const link = linkOf(mail, 'stop');
    const posted = async (browser: Browser, code: string, after?: string) =>
      (await browser.post(link, { code, ...(after && { after }) })).status;
    for (let others = 0; others < 4; others += 1) {
      const other = app.browser();
      for (let times = 0; times < 5; times += 1) expect(await posted(other, wrong(codeOf(mail)))).toBe(422);
      expect(await posted(other, codeOf(mail))).toBe(429);
    }
    expect([await posted(phone, codeOf(mail)), await posted(phone, codeOf(mail), 'all')]).toEqual([410, 410]);
    expect((await enterCode(pc, codeOf(mail))).heading).toBe('Choose a new password');
  });

  it('takes no wrong code', async () => {
    await phone.open(linkOf(mail, 'stop'));
    const page = await stop(phone, wrong(codeOf(mail)));
    expect([page.status, page.heading]).toEqual([422, 'This was not me']);
    await enterCode(pc, codeOf(mail));
    expect(pc.page.heading).toBe('Choose a new password');
  });

  it('is in every mail of a flood, and the flood is six mails a day', async () => {
    for (let times = 0; times < 40; times += 1) {
      await reachCode(app.browser(), times % 2 ? person.address : person.userId);
      app.clock.advance(20 * minuteMs);
      await app.deliverMail();
    }
    const mails = await app.mailsTo(person.address);
    expect(mails).toHaveLength(6);
    for (const each of mails) expect(linkOf(each, 'stop')).toMatch(/^\/recover\/stop\/[\w-]{22}$/);
    expect(await opens(app, person, person.password)).toBe(true);
    await phone.open(linkOf(mails[0] ?? mail, 'link'));
    await enterCode(phone, codeOf(mails[0] ?? mail));
    expect(phone.page.heading).toBe('Choose a new password');
  });
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
