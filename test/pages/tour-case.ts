// The tour of a case as the person sees it: opened, its contact, what it proves, its messages, and the way back to it.
import { minuteMs, secondMs } from '../../src/base/clock.ts';
import { translator } from '../../src/i18n/translate.ts';
import type { Browser } from '../../src/testing/browser.ts';
import type { Shop } from './shop.ts';
import { bad, good, isRefused, type LookOver } from './look.ts';
import { codeTo } from './walk.ts';
import { wordsIn } from './words.ts';

export async function tourCase(shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const words = wordsIn[browser.language];
  const t = translator(browser.language);
  await browser.open('/recover/case');
  await look(browser, 'case', t('case.words'));
  const open = (said: string, more: Readonly<Record<string, string>> = {}) =>
    browser.press(t('case.submit'), {
      [t('case.mailbox-lost')]: 'on',
      [t('case.words')]: said,
      [t('case.contact')]: 'lucia@correo.example',
      ...more,
    });
  // Nobody types letters faster.
  shop.clock.advance(3 * secondMs);
  await open('   ', { [words.letters]: shop.lettersOn(browser.page) });
  await look(browser, 'case-refused', isRefused);
  await open('Ya no tengo ese correo.');
  await look(browser, 'case-opened', words.caseOpened);
  const [number = '', code = ''] = Array.from(
    browser.page.html.matchAll(/data-copy="([^"]+)"/g),
    ([, copied]) => copied,
  );
  await browser.follow(words.confirmEmail);
  const contact = browser.page.path;
  await look(browser, 'case-contact', words.confirmEmail);
  await browser.press(words.again);
  await look(browser, 'case-contact-again', bad);
  await browser.open(contact.replace(/\/contact$/, ''));
  await look(browser, 'case-received', t('case.received'));
  await browser.open(`${contact}/change`);
  await browser.press(t('case.contact-change-submit'), { [t('case.contact')]: 'lucia' });
  await look(browser, 'case-change-refused', isRefused);
  shop.clock.advance(31 * minuteMs);
  await browser.open(contact);
  await look(browser, 'case-contact-expired', t('recover.new-code'));
  await browser.press(t('recover.new-code'));
  await browser.press(words.confirm, { [words.code]: await codeTo(shop, 'lucia@correo.example') });
  await look(browser, 'case-confirmed', t('case.confirmed'));
  await browser.open(contact.replace(/contact$/, 'proofs'));
  await look(browser, 'case-proofs-account', t('proof.which-account'));
  await browser.press(words.continue, { [t('proof.which-account')]: 'lucia' });
  await browser.press(t('proof.address-send'), { [t('proof.address-label')]: 'lucia.vieja@correo.example' });
  await look(browser, 'case-proofs-asked', good);
  await browser.press(t('proof.send'), { [t('proof.code-label')]: '123456' });
  await look(browser, 'case-proofs-refused', isRefused);
  const stranger = shop.browser(browser.language);
  await stranger.open(browser.page.path);
  await look(stranger, 'case-status', t('case.status-ask-submit'));
  await stranger.press(t('case.status-ask-submit'), { [t('case.code')]: '1234' });
  await look(stranger, 'case-status-refused', isRefused);
  await stranger.press(t('case.status-ask-submit'), {
    [t('case.number')]: number,
    [t('case.code')]: code.replace(/.$/, (last) => (last === 'X' ? 'W' : 'X')),
  });
  await look(stranger, 'case-status-wrong', bad);
}
