// Trouble with mail (walks 18, 20, 21, 40, 41; D8): a server that is down, an address with a slip or without an account,
// look-alike addresses, and a forged Host.
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, minuteMs, secondMs } from '../../src/base/clock.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import { linksIn } from '../../src/testing/mailbox.ts';
import { codeOf, enterCode, reachCode, startRecovery } from './steps.ts';

let app: TestApp;
let person: Person;
beforeAll(async () => {
  app = await createTestApp({ smtpTimeoutMs: 1_000 });
});
beforeEach(async () => {
  person = await app.addPerson();
});
afterAll(() => app.close());

/** The server's own word on whether mail goes out. */
const readiness = async () => (await app.browser().send('/health/ready')).status;

describe.each(['defer', 'hang', 'drop'] as const)('a mail server that answers with "%s"', (manner) => {
  it('changes no page, shows red within a minute, and has all mail once it is well', async () => {
    app.clock.advance(dayMs);
    app.mailbox.behave(manner);
    const browser = app.browser();
    const page = await reachCode(browser, person.address);
    expect([page.status, page.heading]).toEqual([200, 'Type the code from the email']);
    await app.deliverMail();
    expect(await readiness()).toBe(200);
    for (let seconds = 0; seconds < 60; seconds += 20) {
      app.clock.advance(20 * secondMs);
      await app.deliverMail();
    }
    expect(await readiness()).toBe(503);
    expect((await browser.open('/recover/code')).status).toBe(200);

    app.mailbox.behave('accept');
    app.clock.advance(minuteMs);
    await enterCode(browser, codeOf(await app.mailTo(person.address)));
    expect(browser.page.heading).toBe('Choose a new password');
    expect(await readiness()).toBe(200);
  });
});

describe('a mail server that refuses one mailbox for good', () => {
  it('changes no page and stays green: other mail goes out', async () => {
    app.clock.advance(dayMs);
    app.mailbox.behave('refuse');
    const page = await reachCode(app.browser(), person.address);
    await app.deliverMail();
    app.mailbox.behave('accept');
    expect([page.status, page.heading]).toEqual([200, 'Type the code from the email']);
    app.clock.advance(2 * minuteMs);
    expect(await app.mailsTo(person.address)).toEqual([]);
    expect(await readiness()).toBe(200);
  });
});

describe('an address with a slip', () => {
  it('is asked about, for any address alike, and what is offered goes on', async () => {
    const browser = app.browser();
    await startRecovery(browser, 'maria@gmial.com');
    expect(browser.page.text).toContain('Did you mean maria@gmail.com?');
    expect(browser.page.valueOf('Email or user ID')).toBe('maria@gmial.com');
    await browser.press('Use maria@gmail.com');
    expect(browser.page.text).toContain('For maria@gmail.com');
  });

  it('can be kept as it is', async () => {
    const browser = app.browser();
    await startRecovery(browser, 'maria@gmial.com');
    expect((await browser.press('Continue')).text).toContain('For maria@gmial.com');
  });

  it('is not looked for in a user ID', async () => {
    const page = await startRecovery(app.browser(), 'gmial.com');
    expect(page.text).toContain('For gmial.com');
  });
});

describe('an address without an account', () => {
  it('is told so in its own mailbox, once a day, without a code or a way into an account', async () => {
    const address = 'nobody@mail.example';
    await reachCode(app.browser(), address);
    const mail = await app.mailTo(address);
    expect(mail.subject).toBe('There is no account with this address at Corner Shop');
    expect(mail.text.replaceAll(app.origin, '')).not.toMatch(/\d/);
    expect(linksIn(mail)).toEqual([`${app.origin}/recover`]);
    await reachCode(app.browser(), address);
    expect(await app.mailsTo(address)).toHaveLength(1);
    app.clock.advance(dayMs);
    await reachCode(app.browser(), address);
    expect(await app.mailsTo(address)).toHaveLength(2);
  });

  it('is not told so where the setting is off', async () => {
    const quiet = await createTestApp({ settings: { noAccountMail: false } });
    try {
      await reachCode(quiet.browser(), 'nobody@mail.example');
      expect(await quiet.mailsTo('nobody@mail.example')).toEqual([]);
    } finally {
      await quiet.close();
    }
  });

  it('typed as a user ID brings no mail to anybody', async () => {
    const before = app.mailbox.messages().length;
    await reachCode(app.browser(), 'nobody.at.all');
    await app.deliverMail();
    expect(app.mailbox.messages()).toHaveLength(before);
  });
});

describe('mail goes only to the stored address', () => {
  it.each([
    ['in capitals', 'MIKE@MAIL.EXAMPLE', true],
    ['with a dotless i', 'mıke@mail.example', false],
    ['with a Kelvin sign', 'mi\u212Ae@mail.example', false],
    ['with a full-width letter', 'ｍike@mail.example', false],
    ['with a full-width @', 'mike＠mail.example', false],
    ['with a Cyrillic е', 'mikе@mail.example', false],
    ['with a zero-width space', 'mike\u200B@mail.example', false],
    ['with a second address', 'mike@mail.example,evil@mail.example', false],
    ['with a header', 'mike@mail.example\r\nBcc: evil@mail.example', false],
    ['in angle brackets', '"x" <mike@mail.example>', false],
    ['with a comment', 'mike(evil)@mail.example', false],
    ['quoted', '"mike"@mail.example', false],
  ])('typed %s', async (_, typed, isMike) => {
    app.clock.advance(dayMs);
    const mike = (await app.app.directory.findForRecovery({ kind: 'user-id', typed: 'mike', key: 'mike' })).accounts;
    if (mike.length === 0) await app.addPerson({ userId: 'mike', address: 'mike@mail.example' });
    const before = app.mailbox.messages().length;
    const browser = app.browser();
    await browser.open('/recover');
    const page = await browser.post('/recover', { identifier: typed });
    expect([200, 422]).toContain(page.status);
    if (page.status === 200) await browser.press('Verify now', {}, 'Email verification (Recommended)');
    await app.deliverMail();
    const sent = app.mailbox.messages().slice(0, app.mailbox.messages().length - before);
    const codes = sent.filter(({ subject }) => subject.includes('verification code'));
    expect(codes.map(({ recipients }) => recipients)).toEqual(isMike ? [['mike@mail.example']] : []);
    expect(sent.flatMap(({ recipients }) => recipients)).not.toContain('evil@mail.example');
  });
});

describe('a forged Host', () => {
  const body = () => new URLSearchParams({ identifier: person.address }).toString();

  /** A raw request: `fetch` sets Host itself. */
  function post(headers: Record<string, string | string[]>, path = '/recover'): Promise<number> {
    const { hostname, port } = new URL(app.origin);
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          hostname,
          port,
          path,
          method: 'POST',
          setHost: false,
          headers: {
            host: `${hostname}:${port}`,
            'content-type': 'application/x-www-form-urlencoded',
            'sec-fetch-site': 'same-origin',
            ...headers,
          },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      sent.on('error', reject);
      sent.end(body());
    });
  }

  it.each([
    ['of another site', 'evil.example'],
    ['with the origin as a user name', '127.0.0.1@evil.example'],
    ['with a trailing dot', 'localhost.'],
    ['with another port', '127.0.0.1:1'],
    ['that is empty', ''],
  ])('%s is refused', async (_, host) => {
    const status = await post({ host });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it('in an absolute address is refused', async () => {
    const status = await post({}, 'http://evil.example/recover');
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it.each(['x-forwarded-host', 'x-original-host', 'x-host', 'x-forwarded-server'])(
    'in %s changes nothing',
    async (name) => {
      expect(await post({ [name]: 'evil.example', forwarded: 'host=evil.example' })).toBe(303);
    },
  );

  it('leaves the links of the mail where the settings say', async () => {
    const browser = app.browser();
    await startRecovery(browser, person.address);
    const [, recovery = ''] = /name="recovery" value="([^"]+)"/.exec(browser.page.html) ?? [];
    await browser.send('/recover/method', {
      method: 'POST',
      body: new URLSearchParams({ recovery }),
      headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example;proto=https' },
    });
    const links = linksIn(await app.mailTo(person.address));
    expect(links).toHaveLength(2);
    for (const link of links) expect(new URL(link).origin).toBe(app.origin);
  });
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
