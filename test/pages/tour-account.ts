// The tours of what changes an account, and of the mails that tell of it: forms and what answers them.
import { minuteMs } from '../../src/base/clock.ts';
import { translator } from '../../src/i18n/translate.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { codesOn } from '../../src/testing/agents.ts';
import { linksIn, numberIn } from '../../src/testing/mailbox.ts';
import { oldPassword, type Shop } from './shop.ts';
import { bad, good, isRefused, type LookOver } from './look.ts';
import { codeTo, newPassword, recoverOver } from './walk.ts';
import { wordsIn } from './words.ts';

const signIn = async (browser: Browser, identifier: string, returnTo = ''): Promise<void> => {
  const words = wordsIn[browser.language];
  await browser.open(`/sign-in?returnTo=${returnTo}`);
  await browser.press(words.signIn, { [words.identifier]: identifier, [words.password]: oldPassword });
};

/** The account page and what it leads to: a second address is added and removed, and another browser is signed out. */
export async function tourOwnAccount(shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const words = wordsIn[browser.language];
  // Signed in elsewhere too.
  await signIn(shop.browser(), 'mark');
  await signIn(browser, 'mark', '/account');
  await look(browser, 'own-account', words.changeEmails);
  await browser.follow(words.changeEmails);
  await look(browser, 'addresses', words.add);
  const second = 'second@mail.example';
  const add = (password: string) => browser.press(words.add, { [words.email]: second, [words.yourPassword]: password });
  await add('not the password');
  await look(browser, 'addresses-refused', isRefused);
  await add(oldPassword);
  await look(browser, 'address-code', words.codeTitle);
  await browser.press(words.again);
  await look(browser, 'address-code-again', bad);
  await browser.open('/account/addresses');
  await look(browser, 'addresses-waiting', second);
  await browser.open('/account/addresses/code');
  await browser.press(words.confirm, { [words.code]: await codeTo(shop, second) });
  await look(browser, 'addresses-added', good);
  await browser.follow(`${words.remove} ${second}`);
  await look(browser, 'address-remove', words.removeTitle);
  await browser.press(words.remove, { [words.yourPassword]: 'not the password' });
  await look(browser, 'address-remove-refused', isRefused);
  await browser.press(words.remove, { [words.yourPassword]: oldPassword });
  await look(browser, 'address-removed', good);
  await browser.open('/account/sessions');
  await look(browser, 'sessions', words.endSessions);
  await browser.press(words.endSessions, { [words.yourPassword]: 'not the password' });
  await look(browser, 'sessions-refused', isRefused);
  await browser.press(words.endSessions, { [words.yourPassword]: oldPassword });
  await look(browser, 'sessions-ended', good);
}

export async function tourAuthenticator(shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const words = wordsIn[browser.language];
  const t = translator(browser.language);
  const wrongAt = () => shop.clock.now() + 10 * minuteMs;

  await signIn(browser, 'lucia');
  await browser.open('/account/authenticator');
  await look(browser, 'authenticator', t('authenticator.begin'));
  await browser.press(t('authenticator.begin'), { [words.yourPassword]: 'not the right one' });
  await look(browser, 'authenticator-refused', isRefused);
  await browser.press(t('authenticator.begin'), { [words.yourPassword]: oldPassword });
  await look(browser, 'authenticator-set-up', t('authenticator.key'));
  const codeAt = codesOn(browser.page);
  const switchOn = (code: string) =>
    browser.press(t('authenticator.switch-on'), { [t('authenticator.first-code')]: code });
  await switchOn(codeAt(wrongAt()));
  await look(browser, 'authenticator-set-up-refused', isRefused);
  await switchOn(codeAt(shop.clock.now()));
  await look(browser, 'spare-codes', 'class="spare-codes');
  await browser.follow(t('authenticator.kept'));
  await look(browser, 'authenticator-on', t('authenticator.remove'));
  const change = (button: 'new-spare' | 'remove', at: number) =>
    browser.press(t(`authenticator.${button}`), { [words.yourPassword]: oldPassword, [t('second.code')]: codeAt(at) });
  await change('remove', wrongAt());
  await look(browser, 'authenticator-on-refused', isRefused);
  const again = shop.browser(browser.language);
  await signIn(again, 'lucia');
  await look(again, 'second-factor', t('second.code'));
  await again.press(words.continue, { [t('second.code')]: codeAt(wrongAt()) });
  await look(again, 'second-factor-refused', isRefused);
  shop.clock.advance(minuteMs);
  await change('remove', shop.clock.now());
  await look(browser, 'authenticator-removed', good);
}

/** Five wrong codes, and "This was not me" to its end. */
export async function tourEnds(shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const words = wordsIn[browser.language];
  const address = 'mark@mail.example';
  await recoverOver(browser, 'code', { shop, userId: 'mark', address });
  const mail = await shop.mailTo(address);
  const code = await codeTo(shop, address);
  for (let tries = 0; tries < 5; tries += 1) await browser.press(words.confirm, { [words.code]: `1111 000${tries}` });
  await look(browser, 'over', translator(browser.language)('page.start-again'));
  await browser.open(linksIn(mail).find((each) => each.includes('/recover/stop/')) ?? '');
  await browser.press(translator(browser.language)('recover.stop-submit'), { [words.code]: code });
  await look(browser, 'stopped', translator(browser.language)('recover.stopped-title'));
}

/** A new password of somebody signed in, its notice, and "This was not me" from there to its two ends. */
export async function tourChange(shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const words = wordsIn[browser.language];
  const t = translator(browser.language);
  const address = 'ramon@correo.example';
  const change = (current: string, password: string) =>
    browser.press(words.continue, {
      [t('change.current')]: current,
      [words.newPassword]: password,
      [words.repeatPassword]: password,
    });
  const disown = (number: string) =>
    browser.press(t('recover.notice-submit'), { [t('recover.notice-number')]: number });
  const notice = async () => {
    const mail = await shop.mailTo(address);
    const url = linksIn(mail).find((each) => each.includes('/recover/stop/'));
    const number = numberIn(mail);
    if (url === undefined || number === undefined) throw new Error('no notice');
    return { url, number };
  };
  await signIn(browser, 'ramon', '/account/password');
  await look(browser, 'change', words.passwordTitle);
  await change('no es esta, creo yo', newPassword);
  await look(browser, 'change-refused', isRefused);
  await change(oldPassword, newPassword);
  await look(browser, 'change-done', words.changed);
  const first = await notice();
  shop.clock.advance(minuteMs);
  await browser.open('/account/password');
  await change(newPassword, `${newPassword} otra vez`);
  const second = await notice();
  await browser.open(first.url);
  await look(browser, 'notice', words.notMe);
  await disown('123');
  await look(browser, 'notice-refused', isRefused);
  await disown(first.number);
  await look(browser, 'disowned-changed-again', t('recover.disowned-changed-again'));
  await browser.open(second.url);
  await disown(second.number);
  await look(browser, 'disowned', `#identifier=${encodeURIComponent(address)}`);
}
