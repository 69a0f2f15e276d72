// The tours of the forms around the walk, and of what answers them: sign-in, sign-up, the links of a mail, orders and the mailbox.
import { minuteMs, secondMs } from '../../src/base/clock.ts';
import { translator } from '../../src/i18n/translate.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { codeIn, linksIn } from '../../src/testing/mailbox.ts';
import { bad, good, isRefused, type LookOver } from './look.ts';
import { oldPassword, type Shop } from './shop.ts';
import { codeTo, newPassword, recoverOver } from './walk.ts';
import { wordsIn } from './words.ts';

const address = 'lucia@correo.example';

/** In, and refused; pages that are not there; links whose time is over. */
export async function tourVisitor(_shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const words = wordsIn[browser.language];
  const t = translator(browser.language);
  await browser.open('/my-account');
  await look(browser, 'account-signed-out', words.register);
  await browser.open('/sign-in?returnTo=/my-account');
  const signIn = (password: string) =>
    browser.press(words.signIn, { [words.identifier]: 'lucia', [words.password]: password });
  await signIn('not the password');
  await look(browser, 'sign-in-refused', 'role="alert"');
  await browser.open('/no-such-page');
  await look(browser, 'not-found', '<h1');
  await browser.open('/recover/link/no-such-link');
  await look(browser, 'link-over', t('refusal.link-over'));
  await browser.open('/recover/stop/no-such-link');
  await look(browser, 'stop-over', t('recover.stop-over'));
  await browser.open('/sign-up/link/no-such-link');
  await look(browser, 'sign-up-link-over', t('refusal.link-over'));
  await browser.post('/recover', { identifier: 'a'.repeat(300_000) });
  await look(browser, 'too-large', t('problem.body-too-large'));
  await browser.open('/sign-in?returnTo=/my-account');
  await signIn(oldPassword);
  await browser.open('/orders/A-1042');
  await look(browser, 'order', 'A-1042');
  await browser.open('/orders/A-0000');
  await look(browser, 'order-missing', '<h1');
}

/** S3 to the account home, with what its forms refuse on the way. */
export async function tourAnswers(shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const words = wordsIn[browser.language];
  const t = translator(browser.language);
  const shared = 'vega@correo.example';
  // Named beside the choice of accounts, as it cannot be chosen.
  const provided = { userId: 'vega-regalos', addresses: [shared], provider: 'Example' };
  await shop.app.addAccount({ ...provided, password: null, locale: 'es' });
  await browser.open('/recover');
  shop.clock.advance(3 * secondMs);
  const identify = (identifier: string, more: Readonly<Record<string, string>> = {}) =>
    browser.press(words.continue, { [words.identifier]: identifier, ...more });
  await identify('a b', { [words.letters]: shop.lettersOn(browser.page) });
  await look(browser, 'identify-refused', isRefused);
  await identify('vega@gmial.com');
  await look(browser, 'identify-suggestion', 'vega@gmail.com');
  await identify(shared);
  await look(browser, 'method', words.methodTitle);
  await browser.press(words.verify, {}, words.byEmail);
  const enter = (code: string) => browser.press(words.confirm, { [words.code]: code });
  await enter('1111 1111');
  await look(browser, 'code-wrong', isRefused);
  await browser.press(words.again);
  await look(browser, 'code-again-soon', bad);
  shop.clock.advance(minuteMs + secondMs);
  await browser.press(words.again);
  await look(browser, 'code-again', good);
  await enter(await codeTo(shop, shared));
  await look(browser, 'account', t('recover.account-title'));
  await browser.press(words.continue, { 'vega-taller': 'chosen' });
  const choose = (password: string) =>
    browser.press(words.continue, { [words.newPassword]: password, [words.repeatPassword]: password });
  await choose(newPassword);
  await look(browser, 'done', words.changed);
  await browser.open('/sign-in?returnTo=/my-account');
  await browser.press(words.signIn, { [words.identifier]: 'vega-taller', [words.password]: newPassword });
  await look(browser, 'account-home', words.orders);
}

export async function tourSignUp(shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const words = wordsIn[browser.language];
  await browser.open('/sign-up');
  await look(browser, 'sign-up', words.createAccount);
  const signUp = (userId: string, more: Readonly<Record<string, string>> = {}) =>
    browser.press(words.createAccount, {
      [words.userId]: userId,
      [words.email]: 'nueva@correo.example',
      [words.password]: oldPassword,
      ...more,
    });
  shop.clock.advance(3 * secondMs);
  await signUp('lu', { [words.email]: '', [words.letters]: shop.lettersOn(browser.page) });
  await look(browser, 'sign-up-refused', isRefused);
  await signUp('nueva');
  await look(browser, 'sign-up-code', words.signUpCodeTitle);
  await browser.press(words.again);
  await look(browser, 'sign-up-code-again', bad);
  const t = translator(browser.language);
  const mail = await shop.mailTo('nueva@correo.example');
  const elsewhere = shop.browser(browser.language);
  await elsewhere.open(linksIn(mail)[0] ?? '');
  await look(elsewhere, 'sign-up-link', t('sign-up.link-title'));
  await elsewhere.press(words.confirm, { [words.code]: '1234' });
  await look(elsewhere, 'sign-up-link-refused', isRefused);
  await elsewhere.press(words.confirm, { [words.code]: codeIn(mail) ?? '' });
  await look(elsewhere, 'sign-up-password', t('sign-up.password-title'));
  await elsewhere.press(words.createAccount, { [words.newPassword]: newPassword, [words.repeatPassword]: oldPassword });
  await look(elsewhere, 'sign-up-password-refused', isRefused);
}

/** The user ID was somebody else's, which is told once the email address is confirmed. */
export async function tourUserId(shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const words = wordsIn[browser.language];
  const email = 'otra@correo.example';
  await browser.open('/sign-up');
  shop.clock.advance(3 * secondMs);
  await browser.press(words.createAccount, {
    [words.userId]: 'lucia',
    [words.email]: email,
    [words.password]: oldPassword,
    [words.letters]: shop.lettersOn(browser.page),
  });
  await browser.press(words.confirm, { [words.code]: await codeTo(shop, email) });
  await browser.press(words.continue, { [words.userId]: 'mark' });
  await look(browser, 'user-id-refused', isRefused);
  await browser.press(words.continue, { [words.userId]: 'otra' });
  // Nothing was ordered yet.
  await look(browser, 'account-home-new', 'otra');
}

/** What the links of a recovery mail lead to, nothing of which is stopped or continued; and a code whose time is over. */
export async function tourLinks(shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const t = translator(browser.language);
  await recoverOver(browser, 'code', { shop, userId: 'lucia', address });
  const links = linksIn(await shop.mailTo(address));
  for (const [name, button] of [
    ['link', t('recover.confirm')],
    ['stop', t('recover.stop-submit')],
  ] as const) {
    await browser.open(links.find((each) => each.includes(`/recover/${name}/`)) ?? '');
    await look(browser, name, t(`recover.${name}-title`));
    await browser.press(button, { [t('recover.code')]: '1111 1111' });
    await look(browser, `${name}-refused`, isRefused);
  }
  shop.clock.advance(31 * minuteMs);
  await browser.open('/recover/code');
  await look(browser, 'code-expired', t('recover.code-expired-title'));
}

export async function tourMailbox(shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const words = wordsIn[browser.language];
  await browser.open('/mailbox');
  await look(browser, 'mailbox-empty', '<h1');
  await recoverOver(browser, 'code', { shop, userId: 'lucia', address });
  const code = await codeTo(shop, address);
  await browser.open('/mailbox');
  await look(browser, 'mailbox', words.subject);
  await browser.follow(words.subject);
  await look(browser, 'mail', code.slice(0, 4));
  await browser.open(`${browser.page.path}?view=text`);
  await look(browser, 'mail-text', words.footer);
  await browser.open('/mailbox?q=nothing+like+this');
  await look(browser, 'mailbox-nothing-found', '<h1');
  await browser.open('/mailbox/no-such-mail');
  await look(browser, 'mailbox-gone', '<h1');
}
