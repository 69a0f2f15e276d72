// The limits that a person can meet: the last that is allowed, the first that is refused in words and with the time to
// wait, and the next window. What stops one network stops no other.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs } from '../../src/base/clock.ts';
import { limits } from '../../src/limits/limits.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { durationInWords } from '../../src/i18n/translate.ts';
import { codeOf, followCase, type KeptCase, linkOf, newPassword, openCase, reachCode, startRecovery } from './steps.ts';

let app: TestApp;
let person: Person;
let browser: Browser;
beforeAll(async () => {
  app = await createTestApp();
});
beforeEach(async () => {
  app.clock.advance(dayMs);
  person = await app.addPerson();
  browser = app.browser();
});
afterAll(() => app.close());

const idOnPage = () => /name="recovery" value="([^"]+)"/.exec(browser.page.html)?.[1] ?? '';

interface Case {
  readonly name: keyof typeof limits;
  /** Before the first try. */
  readonly begin?: () => Promise<unknown>;
  /** One try; returns its status. */
  readonly take: (by: Browser, times: number) => Promise<number>;
  readonly allowed: number;
}

const post = async (by: Browser, path: string, fields: Record<string, string>) =>
  (await by.send(path, { method: 'POST', body: new URLSearchParams(fields) })).status;

const cases: readonly Case[] = [
  { name: 'recovery-start', take: (by) => post(by, '/recover', { identifier: person.userId }), allowed: 303 },
  {
    name: 'code-try',
    async take(by, times) {
      if (times % 4 === 0) {
        browser = by;
        await reachCode(by, person.userId);
      }
      return post(by, '/recover/code', { recovery: idOnPage(), code: '12345678' });
    },
    allowed: 422,
  },
  {
    name: 'sign-up-start',
    take: (by, times) =>
      post(by, '/sign-up', { userId: `x${times}y`, address: `x${times}@mail.example`, password: newPassword }),
    allowed: 303,
  },
  {
    name: 'case-open',
    take: (by) => post(by, '/recover/case', { kind: 'other', words: 'x', contact: 'x@mail.example' }),
    allowed: 200,
  },
  {
    name: 'case-try',
    take: (by) => post(by, '/recover/case/status', { number: 'ACDEFGHJK', code: 'ACDE FGHJ KMNP QRTV' }),
    allowed: 422,
  },
  {
    name: 'link-try',
    async begin() {
      await reachCode(app.browser(), person.address);
      link = linkOf(await app.mailTo(person.address), 'link');
      await browser.open(link);
    },
    async take(by) {
      if (by.cookies().size === 0) await by.open(link);
      return post(by, link, { code: '12345678' });
    },
    allowed: 422,
  },
];
let link = '';

describe.each(cases)('$name', ({ name, begin, take, allowed }) => {
  const { max, windowMs } = limits[name];

  it(`allows ${max} to one network, refuses the next, and allows again in the next window`, async () => {
    await begin?.();
    for (let times = 0; times < max; times += 1) expect([times, await take(browser, times)]).toEqual([times, allowed]);
    expect(await take(browser, max)).toBe(429);
    expect(await take(app.browser(), max + 4)).toBe(allowed);
    app.clock.advance(windowMs);
    // The link is over when its window is.
    expect(await take(browser, 0)).toBe(name === 'link-try' ? 410 : allowed);
  });
});

it('case-contact allows 5 other contacts for one case, refuses the next, and allows again in the next window', async () => {
  const { max, windowMs } = limits['case-contact'];
  const kept = await openCase(browser, 'x@mail.example');
  const change = (by: Browser, { number }: KeptCase, times: number) =>
    post(by, `/recover/case/${number.replaceAll(' ', '')}/contact/change`, { contact: `x${times}@mail.example` });
  for (let times = 0; times < max; times += 1) expect(await change(browser, kept, times)).toBe(303);
  expect(await change(browser, kept, max)).toBe(429);
  const other = app.browser();
  expect(await change(other, await openCase(other, 'y@mail.example'), 0)).toBe(303);
  app.clock.advance(windowMs);
  expect((await followCase(browser, kept)).text).toContain(`x${max - 1}@mail.example`);
  expect(await change(browser, kept, 0)).toBe(303);
});

describe('a refusal for too many', () => {
  it('says in words how long to wait, and offers support', async () => {
    for (let times = 0; times <= limits['recovery-start'].max; times += 1)
      await post(browser, '/recover', { identifier: person.userId });
    const page = await startRecovery(browser, person.userId);
    expect(page.status).toBe(429);
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
    const wait = durationInWords('en', limits['recovery-start'].windowMs);
    expect(page.notice).toBe(`Too many tries from your network. Try again in ${wait}, or contact support.`);
    expect(page.valueOf('Email or user ID')).toBe(person.userId);
    expect(page.links.get('Contact support')).toBe('/recover/case');
  });

  it('at the code takes no try of the recovery, and the code still works afterwards', async () => {
    await reachCode(browser, person.address);
    const code = codeOf(await app.mailTo(person.address));
    const id = idOnPage();
    const from = await app.db.read.selectFrom('recoveries').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    await post(browser, '/recover/code', { recovery: id, code: '12345678' });
    await app.db.write((tx) =>
      tx
        .updateTable('counters')
        .set({ count: limits['code-try'].max })
        .where('key', 'like', 'code-try/%')
        .where('expires_at', '>', app.clock.now())
        .execute(),
    );
    const wrongOnSite = () =>
      app.db.read.selectFrom('counters').selectAll().where('key', '=', 'code-wrong-site/default').executeTakeFirst();
    const counted = await wrongOnSite();
    expect(await post(browser, '/recover/code', { recovery: id, code })).toBe(429);
    // Nothing was compared, so it is no wrong code of the site either.
    expect(await wrongOnSite()).toEqual(counted);
    const now = await app.db.read.selectFrom('recoveries').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(now.tries).toBe(from.tries + 1);
    await app.db.write((tx) => tx.deleteFrom('counters').where('key', 'like', 'code-try/%').execute());
    expect(await post(browser, '/recover/code', { recovery: id, code })).toBe(303);
  });
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
