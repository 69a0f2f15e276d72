// A tour of every page and every state of a page that a person can meet in the shop, in Rekey and in the mailbox: what has
// to hold on all of them is looked at here, and screenshots are taken on the way.
import type { Page } from 'playwright-core';
import { minuteMs, secondMs } from '../../src/base/clock.ts';
import { linksIn } from '../../src/testing/mailbox.ts';
import type { Look } from './look.ts';
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

export async function tourCase(_shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words } = visit;
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
  await page.getByRole('link', { name: words.confirmEmail, exact: true }).click();
  await arriveAt(page, words.confirmEmail);
  await look(page, 'case-contact');
  await page.getByLabel(words.code).fill('1111 1111');
  await page.locator('main form button.primary').first().click();
  await page.locator('[aria-invalid="true"]').waitFor();
  await look(page, 'case-contact-refused');
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

/** S3 to the account home, with what can go wrong on the way. */
export async function tourRecovery(shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words, pass } = visit;
  const send = (name: string) => page.getByRole('button', { name, exact: true }).click();
  // Named beside the choice of accounts, as it cannot be chosen.
  const provided = { userId: 'vega-regalos', addresses: ['vega@correo.example'], provider: 'Example' };
  await shop.app.addAccount({ ...provided, password: null, locale: 'es' });
  // Carried there by the link of another page.
  await page.goto('/recover#identifier=vega%40correo.example');
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#identifier')?.value);
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
