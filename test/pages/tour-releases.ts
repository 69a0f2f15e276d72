// The tour of a release to its end: proposed, approved, told on the account page and by mail,
// waited for, opened with the case code, and the password set; and another one that whoever has the account stops.
import { dayMs } from '../../src/base/clock.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { translator } from '../../src/i18n/translate.ts';
import { linkOf, numberOf } from '../journeys/steps.ts';
import type { Shop } from './shop.ts';
import { good, isRefused, type LookOver } from './look.ts';
import { signedIn } from './tour-desk.ts';
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

export async function tourReleases(shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const { language } = browser;
  const t = translator(language);

  async function decide(desk: Browser, of: OpenCase, act: 'propose' | 'approve'): Promise<void> {
    await desk.open(of.path);
    if (desk.page.html.includes(t('desk.take'))) await desk.press(t('desk.take'));
    await desk.press(t(`desk.${act}`), { [t('desk.release-why')]: 'Leyó el código de su lista.' });
  }

  const bare = await openCase(shop, 'bare', language);
  const of = await openCase(shop, 'noor', language);
  const elena = await signedIn(shop, language, 'elena');
  const omar = await signedIn(shop, language, 'omar');
  await elena.open(bare.path);
  await elena.press(t('desk.take'));
  await look(elena, 'release-dead', 'value="propose" disabled');
  await decide(elena, of, 'propose');
  await look(elena, 'release-proposed', good);
  await decide(omar, of, 'approve');
  await look(omar, 'release-approved', good);

  // The owner, in a browser that is signed in.
  const owner = shop.browser(language);
  await owner.post('/sign-in', { identifier: 'bare', password: newPassword, returnTo: '' });
  await shop.deliverMail();
  await owner.open('/account');
  await look(owner, 'account-release', t('account.release-stop'));
  await owner.press(t('account.release-stop'));
  await look(owner, 'account-release-noted', good);

  await browser.open(linkOf(await shop.mailTo(of.address), 'stop'));
  await look(browser, 'release-notice', t('recover.notice-number'));
  await browser.press(t('recover.release-submit'), { [t('recover.notice-number')]: '12' });
  await look(browser, 'release-notice-refused', isRefused);

  // The person of the case.
  shop.clock.advance(3 * dayMs);
  await shop.deliverMail();
  const grant = linkOf(await shop.mailTo(of.contact), 'grant');
  await browser.open(grant);
  await look(browser, 'grant', t('case.code'));
  await browser.press(t('page.continue'), { [t('case.code')]: '1234' });
  await look(browser, 'grant-refused', isRefused);
  await browser.press(t('page.continue'), { [t('case.code')]: of.code });
  const { newPassword: first, repeatPassword } = wordsIn[language];
  await browser.press(t('page.continue'), { [first]: `${newPassword} 2`, [repeatPassword]: `${newPassword} 2` });
  await look(browser, 'grant-done', wordsIn[language].changed);
  await browser.open(grant);
  await look(browser, 'grant-over', '<h1');
  // What became of it, as an auditor sees it.
  const ada = await signedIn(shop, language, 'ada', 'auditor');
  await ada.open(of.path);
  await look(ada, 'release-given', of.number.slice(0, 3));

  // The last word of whoever had the account.
  const last = await shop.mailTo(of.address);
  await browser.open(linkOf(last, 'stop'));
  await browser.press(t('recover.release-submit'), { [t('recover.notice-number')]: numberOf(last) });
  await look(browser, 'release-undone', '<h1');
}
