// The tour of a release, walked to its end in a real browser: proposed, approved, told on the account page and by mail,
// waited for, opened with the case code, and the password set; and another one that whoever has the account stops.
import type { Page } from 'playwright-core';
import { dayMs, minuteMs } from '../../src/base/clock.ts';
import { enrolAgent, signInAgent, type TestAgent } from '../../src/testing/agents.ts';
import { linkOf, numberOf } from '../journeys/steps.ts';
import type { Shop, Visit } from './shop.ts';
import type { Look } from './tour.ts';
import { newPassword } from './walk.ts';
import { wordsIn } from './words.ts';

interface OpenCase {
  readonly number: string;
  readonly code: string;
  readonly contact: string;
  readonly path: string;
  readonly address: string;
}

/** A case with a confirmed contact that proved something; how it comes to that is for the tour of a case. */
async function openCase(shop: Shop, name: string, locale: 'en' | 'es'): Promise<OpenCase> {
  const { keys, clock } = shop;
  const address = `${name}@mail.example`;
  const owner = await shop.addPerson({ userId: name, address, password: newPassword, locale });
  clock.advance(40 * dayMs);
  const at = clock.now();
  const number = name === 'noor' ? 'ACDEFGHJK' : 'MNPQRTVWX';
  const code = 'ACDEFGHJKMNPQRTV';
  const contact = `new.${name}@mail.example`;
  const { id: account_id } = await shop.db.read
    .selectFrom('accounts')
    .select('id')
    .where('user_id', '=', owner.userId)
    .executeTakeFirstOrThrow();
  await shop.db.write(async (tx) => {
    const of = { site: 'default', case_id: number };
    const hashes = { code_hash: keys.hash('case-code', number, code), identifier_hash: '' };
    const said = { words_sealed: keys.seal('Mi buzón ya no existe.'), identifier_sealed: keys.seal(name) };
    const times = { promised_at: at + dayMs, due_at: at + dayMs, created_at: at, last_at: at };
    const state = { kind: 'mailbox-lost', state: 'received', version: 1, last_author: 'person' };
    await tx
      .insertInto('cases')
      .values({ id: number, site: 'default', number, locale, ...hashes, ...said, ...times, ...state })
      .execute();
    const mailed = { code_random: '', code_key_id: '', code_expires_at: at, mail_asked_at: at, tries: 0, version: 1 };
    const confirmed = { address_sealed: keys.seal(contact), address_hash: '', created_at: at, confirmed_at: at };
    await tx
      .insertInto('case_contacts')
      .values({ ...of, id: number, ...mailed, ...confirmed })
      .execute();
    const proof = { id: number, account_id, kind: 'spare-code', proven_at: at };
    if (name === 'noor')
      await tx
        .insertInto('case_evidence')
        .values({ ...of, ...proof })
        .execute();
  });
  return { number, code, contact, path: `/support/cases/${number}`, address };
}

export async function tourReleases(shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, context, words } = visit;
  const locale = words === wordsIn.es ? 'es' : 'en';
  const elena = await enrolAgent(shop, { name: 'elena', locale });
  const omar = await enrolAgent(shop, { name: 'omar', locale });
  const press = (button: string) => Promise.all([page.waitForEvent('load'), page.locator(button).first().click()]);

  /** From now on this browser is that agent's. */
  async function become(agent: TestAgent): Promise<void> {
    shop.clock.advance(minuteMs);
    const browser = shop.browser();
    await signInAgent(browser, agent);
    await context.addCookies([...browser.cookies()].map(([name, value]) => ({ name, value, url: shop.origin })));
  }
  async function decide(of: OpenCase, act: 'propose' | 'approve'): Promise<void> {
    await page.goto(of.path);
    if ((await page.locator('form[action$="/take"]').count()) > 0) await press('form[action$="/take"] button');
    await page.locator('form[action$="/release"] textarea').fill('Leyó el código de su lista.');
    await press(`button[value="${act}"]`);
    await page.locator('.notice.good').waitFor();
  }
  const goTo = async (to: Page, path: string) => void (await to.goto(path));

  const bare = await openCase(shop, 'bare', locale);
  const of = await openCase(shop, 'noor', locale);
  await become(elena);
  await goTo(page, bare.path);
  await press('form[action$="/take"] button');
  await page.locator('button[value="propose"][disabled]').waitFor();
  await look(page, 'release-dead');
  await decide(of, 'propose');
  await look(page, 'release-proposed');
  await become(omar);
  await decide(of, 'approve');
  await look(page, 'release-approved');

  // The owner, in a browser that is signed in.
  const owner = shop.browser(locale);
  await owner.post('/sign-in', { identifier: 'bare', password: newPassword, returnTo: '' });
  await shop.deliverMail();
  await context.addCookies([...owner.cookies()].map(([name, value]) => ({ name, value, url: shop.origin })));
  await goTo(page, '/account');
  await look(page, 'account-release');
  await press('form[action$="/account/release"] button');
  await page.locator('.notice.good').waitFor();
  await look(page, 'account-release-noted');

  const notice = await shop.mailTo(of.address);
  await goTo(page, linkOf(notice, 'stop'));
  await look(page, 'release-notice');
  await page.locator('#number').fill('12');
  await press('main form button.primary');
  await look(page, 'release-notice-refused');

  // The person of the case.
  shop.clock.advance(3 * dayMs);
  await shop.deliverMail();
  const grant = linkOf(await shop.mailTo(of.contact), 'grant');
  await goTo(page, grant);
  await look(page, 'grant');
  await page.locator('#code').fill('1234');
  await press('main form button.primary');
  await look(page, 'grant-refused');
  await page.locator('#code').fill(of.code);
  await press('main form button.primary');
  await page.locator('#password').fill(`${newPassword} 2`);
  await page.locator('#repeated').fill(`${newPassword} 2`);
  await press('main form button.primary');
  await page.waitForURL('**/recover/done**');
  await goTo(page, grant);
  await look(page, 'grant-over');
  // What became of it, as an auditor sees it.
  await become(await enrolAgent(shop, { name: 'ada', role: 'auditor', locale }));
  await goTo(page, of.path);
  await look(page, 'release-given');

  // The last word of whoever had the account.
  await shop.deliverMail();
  const last = await shop.mailTo(of.address);
  await goTo(page, linkOf(last, 'stop'));
  await page.locator('#number').fill(numberOf(last));
  await press('main form button.primary');
  await look(page, 'release-undone');
}
