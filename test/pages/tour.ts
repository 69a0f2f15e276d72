// A tour of every page and every state of a page that a person can meet in the shop, in Rekey and in the mailbox: what has
// to hold on all of them is looked at here, and screenshots are taken on the way.
import type { Page } from 'playwright-core';
import { minuteMs, secondMs } from '../../src/base/clock.ts';
import { linksIn, numberIn } from '../../src/testing/mailbox.ts';
import { oldPassword, type Shop, type Visit } from './shop.ts';
import {
  arriveAt,
  askForCode,
  choosePassword,
  codeTo,
  goToSignIn,
  newPassword,
  passCheck,
  passUntil,
  signInAgain,
  standAt,
} from './walk.ts';

/** Called on each page of the tour, once it stands still. */
export type Look = (page: Page, name: string) => Promise<void>;

export async function tourSignIn(_shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words, isPhone } = visit;
  await page.goto('/');
  await look(page, 'home');
  const form = await goToSignIn(visit);
  await form.getByLabel(words.identifier).fill('lucia@correo.example');
  await look(page, isPhone ? 'sign-in' : 'modal');
  await page.goto('/my-account');
  await look(page, 'account-signed-out');
  await page.goto('/sign-in');
  await page.getByLabel(words.identifier).fill('lucia');
  await page.getByLabel(words.password, { exact: true }).fill('not the password');
  await page.getByRole('button', { name: words.signIn, exact: true }).click();
  await page.getByRole('alert').waitFor();
  await look(page, 'sign-in-refused');
  await page.goto('/no-such-page');
  await look(page, 'not-found');
  await page.goto('/recover/link/no-such-link');
  await look(page, 'link-over');
  await page.goto('/recover/stop/no-such-link');
  await look(page, 'stop-over');
}

export async function tourSignUp(_shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words } = visit;
  await page.goto('/sign-up');
  await page.getByLabel(words.userId).fill('lu');
  await page.getByLabel(words.email).fill('nueva@correo.example');
  await page.getByLabel(words.password, { exact: true }).fill(oldPassword);
  await look(page, 'sign-up');
  await passCheck(visit);
  await page.getByRole('button', { name: words.createAccount, exact: true }).click();
  await page.locator('[aria-invalid="true"]').waitFor();
  await look(page, 'sign-up-refused');
  await page.getByLabel(words.userId).fill('nueva');
  await page.getByRole('button', { name: words.createAccount, exact: true }).click();
  await arriveAt(page, words.signUpCodeTitle);
  await look(page, 'sign-up-code');
  await page.getByLabel(words.code).fill('1234');
  await page.getByRole('button', { name: words.confirm }).click();
  await page.locator('[aria-invalid="true"]').waitFor();
  await look(page, 'sign-up-code-refused');
}

export async function tourCase(shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words, pass } = visit;
  await page.goto('/recover/case');
  await look(page, 'case');
  await page.getByRole('radio').first().check();
  await page.locator('#words').fill('   ');
  await page.locator('#contact').fill('lucia@correo.example');
  await passCheck(visit);
  const open = page.locator('button.primary');
  await open.click();
  await page.locator('[aria-invalid="true"]').waitFor();
  await look(page, 'case-refused');
  await page.locator('#words').fill('Ya no tengo ese correo.');
  await open.click();
  await arriveAt(page, words.caseOpened);
  await look(page, 'case-opened');
  const [number, code] = await page.locator('dd .code').allTextContents();
  await page.getByRole('link', { name: words.confirmEmail, exact: true }).click();
  await arriveAt(page, words.confirmEmail);
  await look(page, 'case-contact');
  const send = () => Promise.all([page.waitForEvent('load'), page.locator('main form button.primary').first().click()]);
  await page.getByLabel(words.code).fill('1111 1111');
  await send();
  await look(page, 'case-contact-refused');
  const contact = page.url();
  await page.goto(contact.replace(/\/contact$/, ''));
  await look(page, 'case-received');
  await page.goto(`${contact}/change`);
  await page.locator('#contact').fill('lucia');
  await page.locator('form').evaluate((form: HTMLFormElement) => (form.noValidate = true));
  await send();
  await look(page, 'case-change-refused');
  await page.goto(contact);
  await pass(31 * minuteMs);
  await page.reload();
  await look(page, 'case-contact-expired');
  await send();
  await page.getByLabel(words.code).fill(await codeTo(shop, 'lucia@correo.example'));
  await send();
  await look(page, 'case-confirmed');
  await page.goto(contact.replace(/contact$/, 'proofs'));
  await look(page, 'case-proofs-account');
  const prove = (form: string, typed: string) => {
    const shown = page.locator(`form:has(#${form})`);
    return Promise.all([
      page.waitForEvent('load'),
      shown
        .locator('input:visible')
        .fill(typed)
        .then(() => shown.locator('button').click()),
    ]);
  };
  await prove('account', 'lucia');
  await prove('address', 'lucia.vieja@correo.example');
  await look(page, 'case-proofs-asked');
  await prove('code', '123456');
  await look(page, 'case-proofs-refused');
  await page.context().clearCookies({ name: /case$/ });
  await page.reload();
  await look(page, 'case-status');
  await page.locator('#code').fill('1234');
  await send();
  await look(page, 'case-status-refused');
  await page.locator('#number').fill(number ?? '');
  await page.locator('#code').fill(code?.replace(/.$/, 'X') ?? '');
  await send();
  await look(page, 'case-status-wrong');
}

export async function tourCheck(_shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words, pass } = visit;
  await page.goto('/recover');
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await page.getByLabel(words.identifier).fill('lucia');
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await page.getByRole('alert').filter({ hasText: /\p{L}/u }).waitFor();
  await look(page, 'check-missing');
  await drag(page, words.validation);
  const letters = page.getByLabel(words.letters);
  await passUntil(visit, letters);
  await look(page, 'letters');
  await letters.fill('XXXXX');
  await pass(3 * secondMs);
  await page.getByRole('button', { name: words.send, exact: true }).click();
  await page.getByRole('alert').filter({ hasText: /\p{L}/u }).waitFor();
  await look(page, 'letters-wrong');
  await page.goto('/recover/wait?purpose=recovery');
  await look(page, 'wait');
  // It loads itself again.
  await pass(31 * secondMs);
  await page.getByRole('button', { name: words.continue, exact: true }).waitFor();
  await look(page, 'wait-ready');
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await arriveAt(page, words.verified);
  await look(page, 'wait-done');
}

/** The account page and what it leads to: a second address is added and removed, and another browser is signed out. */
export async function tourOwnAccount(shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words } = visit;
  const send = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const type = async (address: string, password: string) => {
    await page.getByLabel(words.email, { exact: true }).fill(address);
    await page.getByLabel(words.yourPassword, { exact: true }).fill(password);
  };
  // Signed in elsewhere too.
  await shop.browser().post('/sign-in', { identifier: 'mark', password: oldPassword, returnTo: '' });
  await page.goto('/sign-in?returnTo=/account');
  await page.getByLabel(words.identifier).fill('mark');
  await page.getByLabel(words.password, { exact: true }).fill(oldPassword);
  await send(words.signIn);
  await arriveAt(page, words.account);
  await look(page, 'own-account');
  await page.getByRole('link', { name: words.changeEmails }).click();
  await arriveAt(page, words.emails);
  await look(page, 'addresses');
  await type('mark@mail.example', 'not the password');
  await send(words.add);
  await page.locator('[aria-invalid="true"]').waitFor();
  await look(page, 'addresses-refused');
  const second = `second-${words.account.length}@mail.example`;
  await type(second, oldPassword);
  await send(words.add);
  await arriveAt(page, words.codeTitle);
  await look(page, 'address-code');
  await page.getByLabel(words.code).fill('1111 1111');
  await send(words.confirm);
  await page.locator('[aria-invalid="true"]').waitFor();
  await look(page, 'address-code-wrong');
  await page.goto('/account/addresses');
  await look(page, 'addresses-waiting');
  await page.goto('/account/addresses/code');
  await page.getByLabel(words.code).fill(await codeTo(shop, second));
  await send(words.confirm);
  await page.locator('.notice.good').waitFor();
  await look(page, 'addresses-added');
  await page.getByRole('link', { name: `${words.remove} ${second}` }).click();
  await arriveAt(page, words.removeTitle);
  await look(page, 'address-remove');
  await page.getByLabel(words.yourPassword, { exact: true }).fill('not the password');
  await send(words.remove);
  await page.locator('[aria-invalid="true"]').waitFor();
  await look(page, 'address-remove-refused');
  await page.getByLabel(words.yourPassword, { exact: true }).fill(oldPassword);
  await send(words.remove);
  await page.locator('.notice.good').waitFor();
  await page.goto('/account/sessions');
  await look(page, 'sessions');
  await page.getByLabel(words.yourPassword, { exact: true }).fill('not the password');
  await send(words.endSessions);
  await page.locator('[aria-invalid="true"]').waitFor();
  await look(page, 'sessions-refused');
  await page.getByLabel(words.yourPassword, { exact: true }).fill(oldPassword);
  await send(words.endSessions);
  await page.locator('.notice.good').waitFor();
  await look(page, 'sessions-ended');
}

/** S3 to the account home, with what can go wrong on the way. */
export async function tourRecovery(shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words, pass } = visit;
  const send = (name: string) => page.getByRole('button', { name, exact: true }).click();
  // Named beside the choice of accounts, as it cannot be chosen.
  const provided = { userId: 'vega-regalos', addresses: ['vega@correo.example'], provider: 'Example' };
  await shop.app.addAccount({ ...provided, password: null, locale: 'es' });
  await page.goto('/recover');
  await page.getByLabel(words.identifier).fill('vega@correo.example');
  await look(page, 'identify');
  await passCheck(visit);
  await look(page, 'check-passed');
  await page.getByLabel(words.identifier).fill('a b');
  await send(words.continue);
  await page.locator('[aria-invalid="true"]').waitFor();
  await look(page, 'identify-refused');
  await page.getByLabel(words.identifier).fill('vega@gmial.com');
  await send(words.continue);
  await page.locator('.note[autofocus] button').waitFor();
  await look(page, 'identify-suggestion');
  await page.getByLabel(words.identifier).fill('vega@correo.example');
  await send(words.continue);
  await arriveAt(page, words.methodTitle);
  await look(page, 'method');
  await askForCode(visit);
  await look(page, 'code');
  await page.getByLabel(words.code).fill('1111 1111');
  await send(words.confirm);
  await page.locator('[aria-invalid="true"]').waitFor();
  await look(page, 'code-wrong');
  await pass(2 * minuteMs + secondMs);
  await look(page, 'code-support-offered');
  await send(words.again);
  await page.locator('.notice.good').waitFor();
  await look(page, 'code-again');
  await pass(31 * minuteMs);
  await page.reload();
  await page.getByRole('alert').waitFor();
  await look(page, 'code-expired');
  await page.locator('main form button.primary').click();
  await page.getByLabel(words.code).waitFor();
  const code = await codeTo(shop, 'vega@correo.example');
  await tourLinks(shop, visit, look);
  await page.goto('/recover/code');
  await page.getByLabel(words.code).fill(code);
  await send(words.confirm);
  await page.getByRole('radio').first().waitFor();
  await look(page, 'account');
  await page.getByRole('radio', { name: 'vega-taller' }).check();
  await send(words.continue);
  await arriveAt(page, words.passwordTitle);
  await look(page, 'password');
  await page.getByLabel(words.newPassword, { exact: true }).fill(newPassword);
  await page.getByLabel(words.repeatPassword).fill('otra');
  await send(words.continue);
  await page.getByText(words.differ).waitFor();
  await look(page, 'password-differ');
  await page.getByLabel(words.newPassword, { exact: true }).fill('corta');
  // With keys: the message goes while they are typed.
  await page.getByLabel(words.repeatPassword).press('Control+A');
  await page.keyboard.type('corta');
  await send(words.continue);
  await page.locator('#password[aria-invalid="true"]').waitFor();
  await look(page, 'password-refused');
  await choosePassword(visit);
  await look(page, 'done');
  await page.getByRole('main').getByRole('link', { name: words.signIn, exact: true }).click();
  await arriveAt(page, words.signIn);
  await look(page, 'sign-in-after');
  await page.goBack();
  await signInAgain(visit);
  await page.getByRole('heading', { name: words.orders }).waitFor();
  await look(page, 'account-home');
  await page.goto('/orders/A-1051');
  await look(page, 'order');
  await page.goto('/orders/A-0000');
  await look(page, 'order-missing');
}

/** What the links of a recovery mail lead to; nothing is stopped or continued. */
async function tourLinks(shop: Shop, { page, words }: Visit, look: Look): Promise<void> {
  const links = linksIn(await shop.mailTo('vega@correo.example'));
  for (const name of ['link', 'stop']) {
    const url = links.find((each) => each.includes(`/recover/${name}/`));
    if (url === undefined) throw new Error(`no ${name} in the mail`);
    await page.goto(url);
    await look(page, name);
    await page.getByLabel(words.code).fill('1111 1111');
    await page.locator('main form button.primary').click();
    await page.locator('[aria-invalid="true"]').waitFor();
    await look(page, `${name}-refused`);
  }
}

/** Five wrong codes, and "This was not me" to its end. */
export async function tourEnds(shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words } = visit;
  await standAt('code', { shop, visit, userId: 'mark', address: 'mark@mail.example' });
  const mail = await shop.mailTo('mark@mail.example');
  const code = await codeTo(shop, 'mark@mail.example');
  for (let tries = 0; tries < 5; tries += 1) {
    await page.getByLabel(words.code).fill(`1111 000${tries}`);
    await Promise.all([
      page.waitForEvent('load'),
      page.getByRole('button', { name: words.confirm, exact: true }).click(),
    ]);
  }
  await look(page, 'over');
  await page.goto(linksIn(mail).find((each) => each.includes('/recover/stop/')) ?? '');
  await page.getByLabel(words.code).fill(code);
  await page.locator('main form button.primary').click();
  await page.getByLabel(words.code).waitFor({ state: 'detached' });
  await look(page, 'stopped');
}

/** A new password of somebody signed in, its notice, and "This was not me" from there to its two ends. */
export async function tourChange(shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words, pass } = visit;
  const address = 'ramon@correo.example';
  const send = () => page.locator('main form button.primary').click();
  const fill = async (current: string, password: string, repeated = password) => {
    await page.locator('#current').fill(current);
    await page.locator('#password').fill(password);
    await page.locator('#repeated').fill(repeated);
  };
  const disown = async (number: string) => {
    await page.locator('#number').fill(number);
    await send();
    await page.locator('#number').waitFor({ state: 'detached' });
  };
  const notice = async () => {
    await shop.deliverMail();
    const mail = await shop.mailTo(address);
    const url = linksIn(mail).find((each) => each.includes('/recover/stop/'));
    const number = numberIn(mail);
    if (url === undefined || number === undefined) throw new Error('no notice');
    return { url, number };
  };
  await page.goto('/sign-in?returnTo=/account/password');
  await page.getByLabel(words.identifier).fill('ramon');
  await page.getByLabel(words.password, { exact: true }).fill(oldPassword);
  await page.getByRole('button', { name: words.signIn, exact: true }).click();
  await arriveAt(page, words.passwordTitle);
  await look(page, 'change');
  await fill('no es esta, creo yo', newPassword);
  await send();
  await page.locator('#current[aria-invalid="true"]').waitFor();
  await look(page, 'change-refused');
  await fill(oldPassword, newPassword);
  await send();
  await arriveAt(page, words.changed);
  await look(page, 'change-done');
  const first = await notice();
  await pass(minuteMs);
  await page.goto('/account/password');
  await fill(newPassword, `${newPassword} otra vez`);
  await send();
  await arriveAt(page, words.changed);
  const second = await notice();
  await page.goto(first.url);
  await arriveAt(page, words.notMe);
  await look(page, 'notice');
  await page.locator('#number').fill('123');
  await send();
  await page.locator('#number[aria-invalid="true"]').waitFor();
  await look(page, 'notice-refused');
  await disown(first.number);
  await look(page, 'disowned-changed-again');
  await page.goto(second.url);
  await disown(second.number);
  await look(page, 'disowned');
  await page.getByRole('main').getByRole('link').first().click();
  await arriveAt(page, words.identifyTitle);
  // Carried on by the script of the page.
  await page.waitForFunction((carried) => {
    const field = document.querySelector('#identifier');
    return field instanceof HTMLInputElement && field.value === carried;
  }, address);
}

export async function tourMailbox(shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words } = visit;
  await page.goto('/mailbox');
  await look(page, 'mailbox-empty');
  await standAt('code', { shop, visit, userId: 'lucia', address: 'lucia@correo.example' });
  await shop.deliverMail();
  await page.goto('/mailbox');
  await look(page, 'mailbox');
  await page.getByRole('link', { name: words.subject }).click();
  await page.frameLocator('iframe').getByText(words.footer).waitFor();
  await look(page, 'mail');
  await page.goto(`${page.url()}?view=text`);
  await look(page, 'mail-text');
  await page.goto('/mailbox?q=nothing+like+this');
  await look(page, 'mailbox-nothing-found');
  await page.goto('/mailbox/no-such-mail');
  await look(page, 'mailbox-gone');
}

/** A straight pull by a mouse that a program moves: it is asked for letters. */
async function drag(page: Page, name: string): Promise<void> {
  const box = await page.getByRole('slider', { name }).boundingBox();
  const [x, y] = [(box?.x ?? 0) + 24, (box?.y ?? 0) + 24];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 400, y, { steps: 20 });
  await page.mouse.up();
}
