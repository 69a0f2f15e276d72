// An authenticator app, from setting it up to taking it away (walk 43, attack 16): after the right password signing in asks
// for its code, a reset does not take it away, and nothing is given to a browser before the code.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Secret, TOTP } from 'otpauth';
import { hourMs, minuteMs, secondMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { limits } from '../../src/limits/limits.ts';
import { stepMs } from '../../src/proofs/totp.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import { choosePassword, newPassword, reachPassword, signIn } from './steps.ts';

let app: TestApp;
let person: Person;
let browser: Browser;
beforeAll(async () => {
  app = await createTestApp();
});
beforeEach(async () => {
  await app.db.write((tx) => tx.deleteFrom('counters').execute());
  person = await app.addPerson();
  browser = app.browser();
});
afterAll(() => app.close());

const appPage = '/account/authenticator';
const field = { password: 'Your password', first: 'Code from the app', code: 'Code' };
const welcome = () => `Signed in as ${person.userId}`;

/** What the app on the phone shows; its clock may be off. */
const codeOf = (secret: string, offMs = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: app.clock.now() + offMs });

/** The key that the set-up page shows to type by hand. */
const keyOn = (page: Page): string => (/class="code key">([^<]+)/.exec(page.html)?.[1] ?? '').replaceAll(' ', '');
const spareCodesOn = (page: Page): string[] =>
  [...page.html.matchAll(/<li>([A-Z\d-]{11})<\/li>/g)].map(([, code = '']) => code);

async function beginSetUp(by = browser): Promise<string> {
  await by.open(appPage);
  return keyOn(await by.press('Set up', { [field.password]: person.password }));
}

/** Signs in, switches the app on, and lets a step go by so that the code of now is good. */
async function switchOn(): Promise<{ secret: string; spareCodes: readonly string[] }> {
  await signIn(browser, person.userId, person.password);
  const secret = await beginSetUp();
  const page = await browser.press('Switch on', { [field.first]: codeOf(secret) });
  const spareCodes = spareCodesOn(page);
  expect(spareCodes).toHaveLength(10);
  app.clock.advance(stepMs);
  return { secret, spareCodes };
}

const reachSecondStep = (by: Browser, password = person.password) => signIn(by, person.userId, password);
const typeCode = (by: Browser, code: string) => by.press('Continue', { [field.code]: code });

describe('setting it up', () => {
  it('is for a signed-in person, who comes back to it after signing in', async () => {
    const page = await browser.open(appPage);
    expect(page.path).toBe(`/sign-in?${new URLSearchParams({ returnTo: appPage })}`);
    const back = await browser.press('Sign in', { 'Email or user ID': person.userId, Password: person.password });
    expect(back.path).toBe(appPage);
    for (const path of [appPage, `${appPage}/set-up`, `${appPage}/change`]) {
      const sent = await app.browser().send(path, { method: 'POST', body: new URLSearchParams() });
      expect([sent.status, sent.headers.get('location')?.startsWith('/sign-in?')]).toEqual([303, true]);
    }
  });

  it('asks for the password again, shows picture and key, and is on once a code was typed', async () => {
    await signIn(browser, person.userId, person.password);
    await browser.open(appPage);
    const wrong = await browser.press('Set up', { [field.password]: 'not the right one' });
    expect([wrong.status, wrong.errorAt(field.password)]).toEqual([422, en['refusal.password-wrong']]);
    const empty = await browser.press('Set up', { [field.password]: '' });
    expect(empty.errorAt(field.password)).toBe(en['refusal.password-missing']);
    const setUp = await browser.press('Set up', { [field.password]: person.password });
    expect(setUp.path).toBe(`${appPage}/set-up`);
    const secret = keyOn(setUp);
    expect(
      Buffer.from(/src="data:image\/svg\+xml;base64,([^"]+)"/.exec(setUp.html)?.[1] ?? '', 'base64').toString(),
    ).toMatch(/^<svg .*<\/svg>$/);
    const uri = new URL((setUp.links.get('Open the app on this device') ?? '').replaceAll('&amp;', '&'));
    expect([uri.protocol, uri.searchParams.get('secret'), uri.searchParams.get('issuer')]).toEqual([
      'otpauth:',
      secret,
      'Corner Shop',
    ]);
    // Reload and the other language show the same picture.
    expect(keyOn(await browser.open(`${appPage}/set-up?lang=es`))).toBe(secret);
    await browser.open(`${appPage}/set-up?lang=en`);
    const refused = await browser.press('Switch on', { [field.first]: codeOf(secret, 10 * minuteMs) });
    expect([refused.status, refused.errorAt(field.first)]).toEqual([422, en['refusal.second-wrong']]);
    expect(keyOn(refused)).toBe(secret);
    expect((await browser.press('Switch on', { [field.first]: '12 34' })).errorAt(field.first)).toBe(
      en['refusal.second-shape'],
    );
    const code = codeOf(secret);
    const on = await browser.press('Switch on', { [field.first]: `${code.slice(0, 3)} ${code.slice(3)}` });
    expect([on.status, on.notice, on.heading]).toEqual([
      200,
      'The authenticator app is switched on.',
      'Your spare codes',
    ]);
    expect(new Set(spareCodesOn(on)).size).toBe(10);
    // Shown once: reload and the other language lead to how things stand.
    const after = await browser.open(`${appPage}/set-up?lang=en`);
    expect([after.path, after.text.includes('You have 10 spare codes left.')]).toEqual([appPage, true]);
    expect(spareCodesOn(after)).toEqual([]);
  });

  it('is told to every address of the account', async () => {
    person = await app.addPerson({ userId: 'two-boxes', addresses: ['one@mail.example', 'two@mail.example'] });
    await switchOn();
    for (const address of ['one@mail.example', 'two@mail.example']) {
      const mail = await app.mailTo(address);
      expect(mail.subject).toBe('An authenticator app was added at Corner Shop');
      expect(mail.text).toContain('two-boxes');
    }
  });

  it('is over after fifteen minutes, and says so', async () => {
    await signIn(browser, person.userId, person.password);
    const secret = await beginSetUp();
    app.clock.advance(15 * minuteMs);
    const page = await browser.press('Switch on', { [field.first]: codeOf(secret) });
    expect([page.status, page.notice]).toEqual([409, en['refusal.authenticator-over']]);
    expect(page.text).toContain('Set up');
  });

  it('shows its picture in no other sign-in of the account, and takes no code there', async () => {
    await signIn(browser, person.userId, person.password);
    const other = app.browser();
    await signIn(other, person.userId, person.password);
    const secret = await beginSetUp();
    expect((await other.open(`${appPage}/set-up`)).path).toBe(appPage);
    const body = new URLSearchParams({ code: codeOf(secret) });
    const sent = await other.send(`${appPage}/set-up`, { method: 'POST', body });
    expect(sent.status).toBe(409);
  });

  it('changes nothing at sign-in before it is finished', async () => {
    await signIn(browser, person.userId, person.password);
    await beginSetUp();
    expect((await signIn(app.browser(), person.userId, person.password)).text).toContain(welcome());
  });
});

describe('signing in', () => {
  it('asks for the code after the right password, and only then makes a session and remembers the device', async () => {
    const { secret } = await switchOn();
    const other = app.browser();
    await other.open('/sign-in?returnTo=/orders/7');
    const second = await other.press('Sign in', { 'Email or user ID': person.userId, Password: person.password });
    expect([second.path, second.heading]).toEqual(['/sign-in/second-factor', 'One more step']);
    expect(second.text).toContain(`Signing in as ${person.userId}`);
    expect([...other.cookies().keys()].toSorted()).toEqual(['account-check', 'account-second-step']);
    expect((await other.send('/account')).status).toBe(200);
    expect(await (await other.send('/account')).text()).toContain('Not signed in');
    const home = await typeCode(other, codeOf(secret));
    expect([home.path, home.text.includes(welcome())]).toEqual(['/orders/7', true]);
    const names = [...other.cookies().keys()].toSorted();
    expect(names).toEqual(['account-check', 'account-device', 'account-session']);
  });

  it('takes a spare code in the same field, once', async () => {
    const { spareCodes } = await switchOn();
    const [spare = ''] = spareCodes;
    const other = app.browser();
    await reachSecondStep(other);
    expect((await typeCode(other, spare.toLowerCase().replace('-', ' '))).text).toContain(welcome());
    expect((await other.open(appPage)).text).toContain('You have 9 spare codes left.');
    const again = app.browser();
    await reachSecondStep(again);
    expect((await typeCode(again, spare)).errorAt(field.code)).toBe(en['refusal.second-wrong']);
  });

  it.each([
    ['of the past', -2 * stepMs],
    ['of a phone ten minutes slow', -10 * minuteMs],
    ['of a phone ten minutes fast', 10 * minuteMs],
  ])('refuses a code %s, and says to look at the time of the phone', async (_, offMs) => {
    const { secret } = await switchOn();
    const other = app.browser();
    await reachSecondStep(other);
    const page = await typeCode(other, codeOf(secret, offMs));
    expect([page.status, page.errorAt(field.code)]).toEqual([422, en['refusal.second-wrong']]);
    expect(page.errorAt(field.code)).toContain('set the time on your phone to automatic');
    expect((await typeCode(other, codeOf(secret))).text).toContain(welcome());
  });

  it('refuses a code that signed in before', async () => {
    const { secret } = await switchOn();
    const [one, other] = [app.browser(), app.browser()];
    await reachSecondStep(one);
    await reachSecondStep(other);
    expect((await typeCode(one, codeOf(secret))).text).toContain(welcome());
    expect((await typeCode(other, codeOf(secret))).errorAt(field.code)).toBe(en['refusal.second-wrong']);
    app.clock.advance(stepMs);
    expect((await typeCode(other, codeOf(secret))).text).toContain(welcome());
  });

  it('refuses what is no code without spending a try', async () => {
    const { secret } = await switchOn();
    const other = app.browser();
    await reachSecondStep(other);
    for (let times = 0; times < 8; times += 1)
      expect((await typeCode(other, '12 34')).errorAt(field.code)).toBe(en['refusal.second-shape']);
    expect((await typeCode(other, ' ')).errorAt(field.code)).toBe(en['refusal.second-missing']);
    expect((await typeCode(other, codeOf(secret))).text).toContain(welcome());
  });

  it('ends after five wrong codes; the fifth may still be right', async () => {
    const { secret } = await switchOn();
    const other = app.browser();
    await reachSecondStep(other);
    for (let times = 0; times < 4; times += 1) await typeCode(other, codeOf(secret, hourMs));
    expect((await typeCode(other, codeOf(secret))).text).toContain(welcome());
    const third = app.browser();
    await reachSecondStep(third);
    for (let times = 0; times < 4; times += 1) await typeCode(third, codeOf(secret, hourMs));
    const over = await typeCode(third, codeOf(secret, hourMs));
    expect([over.status, over.notice, over.heading]).toEqual([422, en['refusal.second-tries'], 'Sign in']);
    app.clock.advance(stepMs);
    const body = new URLSearchParams({ code: codeOf(secret) });
    expect((await third.send('/sign-in/second-factor', { method: 'POST', body })).status).toBe(409);
  });

  it('compares five codes and no more when sixteen come at once, and lets one of sixteen right ones in', async () => {
    const { secret } = await switchOn();
    const other = app.browser();
    await reachSecondStep(other);
    const post = (code: string) =>
      other.send('/sign-in/second-factor', { method: 'POST', body: new URLSearchParams({ code }) });
    const wrongBefore = await wrongCodes();
    const statuses = await Promise.all(
      Array.from({ length: 16 }, () => post(codeOf(secret, hourMs)).then(({ status }) => status)),
    );
    expect(statuses.every((status) => status === 422 || status === 409)).toBe(true);
    expect((await wrongCodes()) - wrongBefore).toBe(5);
    await reachSecondStep(other);
    const right = await Promise.all(
      Array.from({ length: 16 }, () => post(codeOf(secret)).then(({ status }) => status)),
    );
    expect(right.filter((status) => status === 303)).toHaveLength(1);
  });

  it('allows twenty wrong codes a day over all its sign-ins, then waits, and again the next day', async () => {
    const { secret } = await switchOn();
    const { max, windowMs } = limits['second-factor'];
    await reachSecondStep((browser = app.browser()));
    await typeCode(browser, codeOf(secret, hourMs));
    expect((await daysTries()).map(({ count }) => count)).toEqual([1]);
    await setTries(max - 1);
    await typeCode(browser, codeOf(secret, hourMs));
    const later = await typeCode(browser, codeOf(secret));
    expect(later.status).toBe(429);
    expect(later.errorAt(field.code)).toMatch(/^Too many codes for this account today. You can try again in \d+ hours/);
    app.clock.advance(windowMs);
    await reachSecondStep(browser);
    expect((await typeCode(browser, codeOf(secret))).text).toContain(welcome());
  });

  it('right codes use up nothing', async () => {
    const { secret } = await switchOn();
    for (let times = 0; times < 2; times += 1) {
      const other = app.browser();
      await reachSecondStep(other);
      expect((await typeCode(other, codeOf(secret))).text).toContain(welcome());
      app.clock.advance(stepMs);
      expect((await daysTries()).map(({ count }) => count)).toEqual([0]);
    }
  });

  it('is over after ten minutes', async () => {
    const { secret } = await switchOn();
    const other = app.browser();
    await reachSecondStep(other);
    app.clock.advance(10 * minuteMs - secondMs);
    expect((await other.open('/sign-in/second-factor')).heading).toBe('One more step');
    app.clock.advance(secondMs);
    const over = await typeCode(other, codeOf(secret));
    expect([over.status, over.notice, over.heading]).toEqual([409, en['refusal.second-over'], 'Sign in']);
    const back = await other.open('/sign-in/second-factor');
    expect([back.status, back.notice, back.heading]).toEqual([409, en['refusal.second-over'], 'Sign in']);
  });

  it('a wrong password never gets as far as the code', async () => {
    await switchOn();
    const page = await reachSecondStep(app.browser(), 'not the right one');
    expect([page.status, page.notice]).toEqual([422, en['refusal.sign-in-failed']]);
  });

  it('needs the browser that typed the password', async () => {
    const { secret } = await switchOn();
    await reachSecondStep(app.browser());
    const body = new URLSearchParams({ code: codeOf(secret) });
    expect((await app.browser().send('/sign-in/second-factor', { method: 'POST', body })).status).toBe(409);
  });
});

/** What counts of the day: of this person alone, as the others' are deleted before each test. */
const daysTries = () =>
  app.db.read.selectFrom('counters').select('count').where('key', 'like', 'second-factor/%').execute();
const setTries = (count: number) =>
  app.db.write((tx) => tx.updateTable('counters').set({ count }).where('key', 'like', 'second-factor/%').execute());

const wrongCodes = async () =>
  (await app.db.read.selectFrom('audit_events').select('id').where('event', '=', 'second_factor.wrong').execute())
    .length;

it('by API a right password makes no session either: the page asks for the code', async () => {
  const { secret } = await switchOn();
  const other = app.browser();
  const sent = await other.send('/api/v1/sessions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ identifier: person.userId, password: person.password }),
  });
  expect([sent.status, await sent.json()]).toMatchObject([200, { step: 'second-step' }]);
  expect(other.cookies().has('account-session')).toBe(false);
  expect(other.cookies().has('account-device')).toBe(false);
  await other.open('/sign-in/second-factor');
  expect((await typeCode(other, codeOf(secret))).text).toContain(welcome());
});

describe('a reset', () => {
  it('does not take away an old one: signing in with the new password still asks for the code (walk 43)', async () => {
    const { secret } = await switchOn();
    app.clock.advance(72 * hourMs);
    const other = app.browser();
    await reachPassword(app, other, person);
    await choosePassword(other);
    const second = await reachSecondStep(other, newPassword);
    expect(second.path).toBe('/sign-in/second-factor');
    expect(other.cookies().has('account-session')).toBe(false);
    expect((await typeCode(other, codeOf(secret))).text).toContain(welcome());
  });

  it('ends sign-ins that wait for their code with the old password', async () => {
    const { secret } = await switchOn();
    const waiting = app.browser();
    await reachSecondStep(waiting);
    const other = app.browser();
    await reachPassword(app, other, person);
    await choosePassword(other);
    expect((await typeCode(waiting, codeOf(secret))).notice).toBe(en['refusal.second-over']);
  });

  it('keeps it on for 72 hours, for whoever has password and code', async () => {
    const { secret } = await switchOn();
    app.clock.advance(72 * hourMs);
    const other = app.browser();
    await reachPassword(app, other, person);
    await choosePassword(other);
    await reachSecondStep(other, newPassword);
    await typeCode(other, codeOf(secret));
    const remove = async () => {
      app.clock.advance(stepMs);
      await other.open(appPage);
      return other.press('Switch off', { [field.password]: newPassword, [field.code]: codeOf(secret) });
    };
    const early = await remove();
    expect([early.status, early.notice]).toEqual([
      409,
      'For three days after a new password or a new email address, and for thirty days after support gave access to the account, what protects it stays as it is. You can do this in 72 hours.',
    ]);
    app.clock.advance(72 * hourMs - 4 * stepMs);
    expect((await remove()).status).toBe(409);
    app.clock.advance(3 * stepMs);
    const removed = await remove();
    expect(removed.notice).toBe('The authenticator app is switched off. Your password alone signs you in again.');
  });
});

describe('changing it', () => {
  const change = async (button: string, password: string, code: string) => {
    await browser.open(appPage);
    return browser.press(button, { [field.password]: password, [field.code]: code });
  };

  it('needs the password and a code, and says beside which field what is wrong', async () => {
    const { secret } = await switchOn();
    for (const button of ['Make new spare codes', 'Switch off']) {
      const wrongPassword = await change(button, 'not the right one', codeOf(secret));
      expect([wrongPassword.status, wrongPassword.errorAt(field.password)]).toEqual([
        422,
        en['refusal.password-wrong'],
      ]);
      const wrongCode = await change(button, person.password, codeOf(secret, hourMs));
      expect([wrongCode.status, wrongCode.errorAt(field.code)]).toEqual([422, en['refusal.second-wrong']]);
      expect((await change(button, person.password, '')).errorAt(field.code)).toBe(en['refusal.second-missing']);
    }
    expect((await browser.open(appPage)).text).toContain('You have 10 spare codes left.');
  });

  it('gives new spare codes, and the old ones no longer work', async () => {
    const { secret, spareCodes } = await switchOn();
    const renewed = await change('Make new spare codes', person.password, codeOf(secret));
    expect(renewed.notice).toBe('The spare codes that you had before no longer work.');
    const [fresh = ''] = spareCodesOn(renewed);
    const other = app.browser();
    await reachSecondStep(other);
    expect((await typeCode(other, spareCodes[0] ?? '')).errorAt(field.code)).toBe(en['refusal.second-wrong']);
    expect((await typeCode(other, fresh)).text).toContain(welcome());
  });

  it('switches it off with a spare code too, tells every address, and the password alone signs in again', async () => {
    const { spareCodes } = await switchOn();
    const removed = await change('Switch off', person.password, spareCodes[1] ?? '');
    expect([removed.path, removed.text.includes('Set up')]).toEqual([`${appPage}?removed`, true]);
    expect((await app.mailTo(person.address)).subject).toBe('The authenticator app was removed at Corner Shop');
    expect((await signIn(app.browser(), person.userId, person.password)).text).toContain(welcome());
  });

  it('counts its wrong codes with those of the sign-in', async () => {
    const { secret } = await switchOn();
    await change('Switch off', person.password, codeOf(secret, hourMs));
    await setTries(limits['second-factor'].max);
    const later = await change('Switch off', person.password, codeOf(secret));
    expect(later.status).toBe(429);
    expect(later.notice).toContain('Too many codes for this account today.');
  });

  it('takes nothing but what its form sends', async () => {
    await switchOn();
    for (const fields of [{ change: 'other' }, { change: 'remove', more: 'x' }]) {
      const body = new URLSearchParams({ password: person.password, code: '123456', ...fields });
      expect((await browser.send(`${appPage}/change`, { method: 'POST', body })).status).toBe(400);
    }
  });
});

it('what is kept of it in the database opens nothing', async () => {
  const { secret, spareCodes } = await switchOn();
  const other = app.browser();
  await reachSecondStep(other);
  const handle = other.cookies().get('account-second-step') ?? '';
  const tables = [
    'authenticators',
    'authenticator_set_ups',
    'spare_codes',
    'second_steps',
    'audit_events',
    'outbox',
  ] as const;
  const rows = JSON.stringify(
    await Promise.all(tables.map((table) => app.db.read.selectFrom(table).selectAll().execute())),
  );
  for (const clear of [secret, handle, ...spareCodes, ...spareCodes.map((code) => code.replace('-', ''))])
    expect(rows).not.toContain(clear);
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
