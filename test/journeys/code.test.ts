// The mailed code (walks 5, 6, 13 to 17, 35; D2, D3): what a person may do with it, and what nobody may.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs, secondMs } from '../../src/base/clock.ts';
import { deriveCode } from '../../src/proofs/email-code.ts';
import { en } from '../../src/i18n/en.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { askForCode, codeOf, enterCode, linkOf, opens, reachCode, startRecovery, wrong } from './steps.ts';

let app: TestApp;
let person: Person;
let browser: Browser;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

/** A new person on the page that asks for the code, with the code that was mailed. */
async function begin(): Promise<string> {
  person = await app.addPerson();
  browser = app.browser();
  await reachCode(browser, person.address);
  return codeOf(await app.mailTo(person.address));
}

const idOnPage = () => /name="recovery" value="([^"]+)"/.exec(browser.page.html)?.[1] ?? '';
const isProven = () => browser.page.heading === 'Choose a new password';

/** Five wrong codes: the recovery is over. */
async function useUpTries(code: string): Promise<void> {
  for (let times = 0; times < 5; times += 1) await enterCode(browser, wrong(code));
}

describe('a right code', () => {
  it.each([
    ['with a space before and a line end after', (code: string) => ` ${code}\r\n`],
    ['as 4 + 4', (code: string) => `${code.slice(0, 4)} ${code.slice(4)}`],
    ['with a dash', (code: string) => `${code.slice(0, 4)}-${code.slice(4)}`],
    ['with the words around it', (code: string) => `Verification code: ${code}.`],
  ])('is taken %s', async (_, paste) => {
    const code = await begin();
    await enterCode(browser, paste(code));
    expect(isProven()).toBe(true);
  });

  it('is taken 20 minutes late, and the page had said how long it lasts', async () => {
    const code = await begin();
    expect(browser.page.text).toContain('You have 30 minutes to type the code.');
    app.clock.advance(20 * minuteMs);
    expect((await browser.open('/recover/code')).text).toContain('You have 10 minutes to type the code.');
    await enterCode(browser, code);
    expect(isProven()).toBe(true);
  });

  it('is right once', async () => {
    const code = await begin();
    await enterCode(browser, code);
    const id = idOnPage();
    const page = await browser.post('/recover/code', { recovery: id, code });
    expect(page.status).toBe(409);
    expect(page.notice).toBe(en['refusal.recovery-step']);
    expect(page.heading).toBe('Choose a new password');
  });

  it('wins once of fifty at once', async () => {
    const code = await begin();
    const id = idOnPage();
    const body = new URLSearchParams({ recovery: id, code });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => browser.send('/recover/code', { method: 'POST', body, headers })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 303)).toHaveLength(1);
    expect(new Set(statuses)).toEqual(new Set([303, 409]));
  });

  it('of another recovery is wrong', async () => {
    const code = await begin();
    const other = app.browser();
    await reachCode(other, person.userId);
    expect((await enterCode(other, code)).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
  });

  it('of another account is wrong', async () => {
    const code = await begin();
    await begin();
    expect((await enterCode(browser, code)).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
  });

  it('is worth nothing before its mail has gone out', async () => {
    person = await app.addPerson();
    browser = app.browser();
    await reachCode(browser, person.address);
    const row = await app.db.read.selectFrom('recoveries').selectAll().where('id', '=', idOnPage()).executeTakeFirst();
    const code = deriveCode(app.keys, {
      subjectId: idOnPage(),
      generation: row?.code_generation ?? 0,
      random: row?.code_random ?? '',
      keyId: row?.code_key_id ?? '',
      digits: 8,
    });
    expect((await enterCode(browser, code ?? '')).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    expect(codeOf(await app.mailTo(person.address))).toBe(code);
  });

  it('is taken in the last moment of its life', async () => {
    const code = await begin();
    app.clock.advance(30 * minuteMs - 1);
    await enterCode(browser, code);
    expect(isProven()).toBe(true);
  });
});

describe('the code page', () => {
  it('says where else to look, and by which sender and subject', async () => {
    await begin();
    const mail = await app.mailTo(person.address);
    expect(browser.page.text).toContain('Not in your inbox? Look in spam or junk.');
    expect(browser.page.text).toContain(`From: ${mail.from.name}`);
    expect(browser.page.text).toContain(`Subject: ${mail.subject}`);
  });

  it('offers support to everyone after two minutes', async () => {
    await begin();
    app.clock.advance(2 * minuteMs);
    const page = await browser.open('/recover/code');
    expect(page.html).toContain('data-after="0"');
    expect(page.text).toContain('Nothing after two minutes? A person can help you too. Contact support');
  });

  it('never shows an address that was not typed', async () => {
    person = await app.addPerson();
    browser = app.browser();
    await startRecovery(browser, person.userId);
    expect(browser.page.html).not.toContain('mail.example');
    expect((await askForCode(browser)).html).not.toContain('mail.example');
  });

  it('is found again by a browser that comes back', async () => {
    const code = await begin();
    app.clock.advance(10 * minuteMs);
    await browser.open('/recover/code');
    await enterCode(browser, code);
    expect(isProven()).toBe(true);
  });

  it('goes back to the ways, and on to the same code without a second mail', async () => {
    const code = await begin();
    await browser.follow('Try another way');
    expect(browser.page.heading).toBe('How do you want to get back in?');
    await askForCode(browser);
    expect(browser.page.heading).toBe('Type the code from the email');
    expect(await app.mailsTo(person.address)).toHaveLength(1);
    await enterCode(browser, code);
    expect(isProven()).toBe(true);
  });
});

describe('sending again', () => {
  it('carries the same digits: the code of any of the three mails works', async () => {
    const code = await begin();
    for (let times = 0; times < 2; times += 1) {
      app.clock.advance(minuteMs);
      await browser.press('Send again');
      expect(browser.page.notice).toContain('It is the same code.');
      await app.deliverMail();
    }
    const mails = await app.mailsTo(person.address);
    expect(mails.map(codeOf)).toEqual([code, code, code]);
    await enterCode(browser, code);
    expect(isProven()).toBe(true);
  });

  it('waits 60 seconds, and says how long', async () => {
    await begin();
    app.clock.advance(20 * secondMs);
    const page = await browser.press('Send again');
    expect(page.status).toBe(429);
    expect(page.headers.get('retry-after')).toBe('40');
    expect(page.notice).toBe(en['refusal.resend-soon']);
    app.clock.advance(40 * secondMs - 1);
    expect((await browser.press('Send again')).status).toBe(429);
    app.clock.advance(1);
    expect((await browser.press('Send again')).status).toBe(200);
  });

  it('is possible three times in an hour, then says when next and offers support; and again in the next hour', async () => {
    await begin();
    for (let times = 0; times < 2; times += 1) {
      app.clock.advance(minuteMs);
      expect((await browser.press('Send again')).status).toBe(200);
    }
    app.clock.advance(minuteMs);
    const page = await browser.press('Send again');
    expect(page.status).toBe(429);
    expect(page.notice).toBe(
      'Three emails an hour is the limit. You can send again in 57 minutes, or contact support.',
    );
    app.clock.advance(57 * minuteMs);
    await browser.open('/recover/code');
    expect((await browser.press('Get a new code')).status).toBe(200);
  });

  it('counts once of thirty at once', async () => {
    await begin();
    app.clock.advance(minuteMs);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ recovery: idOnPage() });
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => browser.send('/recover/code/again', { method: 'POST', headers, body })),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(await app.mailsTo(person.address)).toHaveLength(2);
  });

  it('reaches the mailbox three times an hour and six times in 24 hours, whoever asks; the pages tell nobody', async () => {
    person = await app.addPerson();
    const ask = async () => {
      const page = await reachCode(app.browser(), person.address);
      expect([page.status, page.heading]).toEqual([200, 'Type the code from the email']);
      return (await app.mailsTo(person.address)).length;
    };
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual([1, 2, 3, 3]);
    app.clock.advance(hourMs);
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual([4, 5, 6, 6]);
    app.clock.advance(hourMs);
    expect(await ask()).toBe(6);
    app.clock.advance(22 * hourMs);
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual([7, 8, 9, 9]);
  });
});

describe('an expired code', () => {
  it('is refused from the first moment on, and one button brings a new one in the same recovery', async () => {
    const code = await begin();
    app.clock.advance(minuteMs);
    expect((await browser.press('Send again')).text).toContain(en['recover.asked-again']);
    const askedAgain = browser.page.path;
    app.clock.advance(29 * minuteMs);
    const page = await enterCode(browser, code);
    expect(page.status).toBe(422);
    expect(page.heading).toBe(en['recover.code-expired-title']);
    // The mail that was on its way is no good any more.
    expect((await browser.open(askedAgain)).heading).toBe(en['recover.code-expired-title']);
    expect((await browser.press('Get a new code')).notice).toBe(en['recover.asked-new']);
    const next = codeOf(await app.mailTo(person.address));
    expect(next).not.toBe(code);
    expect((await enterCode(browser, code)).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    await enterCode(browser, next);
    expect(isProven()).toBe(true);
  });

  it('gives no tries back', async () => {
    const code = await begin();
    for (let times = 0; times < 4; times += 1) await enterCode(browser, wrong(code));
    app.clock.advance(30 * minuteMs);
    await browser.open('/recover/code');
    await browser.press('Get a new code');
    const next = codeOf(await app.mailTo(person.address));
    expect((await enterCode(browser, wrong(next))).heading).toBe('This attempt is over');
  });
});

describe('wrong codes', () => {
  it('leave four tries after the first, with the words kept and the reason beside the field', async () => {
    const code = await begin();
    for (let times = 0; times < 4; times += 1) {
      const page = await enterCode(browser, wrong(code));
      expect(page.status).toBe(422);
      expect(page.errorAt('Verification code')).toBe(en['refusal.code-wrong']);
      expect(page.valueOf('Verification code')).toBe(wrong(code));
    }
    await enterCode(browser, code);
    expect(isProven()).toBe(true);
  });

  it('say how many tries are left, to everyone', async () => {
    for (const identifier of [(await app.addPerson()).address, 'nobody@mail.example']) {
      const browser = app.browser();
      await reachCode(browser, identifier);
      expect(browser.page.text).not.toContain('left this time');
      for (const left of ['4 tries left', '3 tries left', '2 tries left', 'one try left']) {
        await enterCode(browser, '1111 1111');
        expect(browser.page.text).toContain(`You have ${left}.`);
      }
    }
  });

  it('end the recovery at the fifth; the account is not locked, and "Start again" keeps the identifier', async () => {
    const code = await begin();
    const id = idOnPage();
    await useUpTries(code);
    expect(browser.page.heading).toBe('This attempt is over');
    expect(browser.page.text).toContain('your password still works');
    expect((await browser.post('/recover/code', { recovery: id, code })).status).toBe(409);
    expect(await opens(app, person, person.password)).toBe(true);
    await browser.open('/recover/code');
    await browser.follow('Start again');
    expect(browser.page.valueOf('Email or user ID')).toBe(person.address);
    await browser.press('Continue');
    await askForCode(browser);
    await enterCode(browser, codeOf(await app.mailTo(person.address)));
    expect(isProven()).toBe(true);
  });

  it.each([
    ['nothing', '', en['refusal.code-missing']],
    ['too few digits', '1234', en['refusal.code-shape']],
    ['ten digits', '1234567890', en['refusal.code-shape']],
    ['words', 'the code please', en['refusal.code-shape']],
    ['far too much', '1'.repeat(5_000), en['refusal.code-shape']],
  ])('of no shape (%s) spend no try', async (_, typed, words) => {
    const code = await begin();
    for (let times = 0; times < 6; times += 1) {
      const page = await enterCode(browser, typed);
      expect(page.status).toBe(422);
      expect(page.errorAt('Verification code')).toContain(words);
    }
    await enterCode(browser, code);
    expect(isProven()).toBe(true);
  });

  it('judge five of fifty at once', async () => {
    const code = await begin();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const id = idOnPage();
    await Promise.all(
      Array.from({ length: 50 }, (_, at) => {
        const body = new URLSearchParams({ recovery: id, code: String(10_000_000 + at) });
        return browser.send('/recover/code', { method: 'POST', body, headers });
      }),
    );
    const row = await app.db.read.selectFrom('recoveries').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect([row.tries, row.step]).toEqual([5, 'over']);
    const box = await app.db.read
      .selectFrom('mailboxes')
      .selectAll()
      .where('mailbox_hash', '=', row.mailbox_hash)
      .executeTakeFirstOrThrow();
    expect(box.wrong_in_a_row).toBe(5);
    expect((await browser.post('/recover/code', { recovery: id, code })).heading).toBe('This attempt is over');
  });

  it('ten in a row make the next codes 12 digits long, and a right one makes them 8 again', async () => {
    await useUpTries(await begin());
    await reachCode(browser, person.address);
    await useUpTries(codeOf(await app.mailTo(person.address)));
    await reachCode(browser, person.address);
    const long = codeOf(await app.mailTo(person.address));
    expect(long).toMatch(/^\d{12}$/);
    expect((await enterCode(browser, '12345678')).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    await enterCode(browser, long);
    expect(isProven()).toBe(true);
    app.clock.advance(hourMs);
    await reachCode(browser, person.address);
    expect(codeOf(await app.mailTo(person.address))).toMatch(/^\d{8}$/);
  });

  it('against a code that no mail was sent for count for nobody: strangers cannot use up an account', async () => {
    await begin();
    for (let times = 0; times < 2; times += 1) await reachCode(app.browser(), person.address);
    await app.deliverMail();
    for (let times = 0; times < 3; times += 1) {
      await reachCode(browser, person.address);
      await app.deliverMail();
      await useUpTries('12345678');
    }
    app.clock.advance(hourMs);
    await reachCode(browser, person.address);
    expect(codeOf(await app.mailTo(person.address))).toMatch(/^\d{8}$/);
  });

  it('a hundred in a row make typing rest; the link in the mail still works', async () => {
    await begin();
    const mail = await app.mailTo(person.address);
    await app.db.write((tx) => tx.updateTable('mailboxes').set({ wrong_in_a_row: 100 }).execute());
    expect((await enterCode(browser, codeOf(mail))).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    browser = app.browser();
    await browser.open(linkOf(mail, 'link'));
    await enterCode(browser, codeOf(mail));
    expect(isProven()).toBe(true);
  });
});

describe('a recovery', () => {
  it('lives 24 hours and no longer', async () => {
    await begin();
    app.clock.advance(dayMs - 1);
    expect((await browser.open('/recover/code')).heading).toBe('This code has expired');
    app.clock.advance(1);
    // Whoever comes back is told why it begins anew.
    const page = await browser.open('/recover/code');
    expect([page.status, page.heading, page.notice]).toEqual([
      409,
      'Get back into your account',
      en['refusal.recovery-missing'],
    ]);
  });

  it('loses nothing when the server starts again', async () => {
    const code = await begin();
    await enterCode(browser, wrong(code));
    await app.restart();
    expect((await browser.open('/recover/code')).heading).toBe('Type the code from the email');
    await enterCode(browser, code);
    expect(isProven()).toBe(true);
    await app.restart();
    expect((await browser.open('/recover/password')).heading).toBe('Choose a new password');
  });

  it('meets no fault of ours in all of this', () => {
    expect(app.faults).toEqual([]);
  });
});
