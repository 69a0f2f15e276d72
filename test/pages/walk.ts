// The steps of the walk as a person takes them, in either language and on every surface: each leaves the page that PRODUCT.md
// says comes next, or fails.
import type { Locator, Page } from 'playwright-core';
import { secondMs } from '../../src/base/clock.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { codeIn } from '../../src/testing/mailbox.ts';
import type { Shop, Visit } from './shop.ts';
import { wordsIn } from './words.ts';

export const newPassword = 'una frase muy larga y nueva';

/** Waits for the page with this heading. */
export const arriveAt = (page: Page, heading: string): Promise<void> =>
  page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();

/** From the home page to the sign-in form: the modal on a PC, a page on a phone. Answers what the form stands in. */
export async function goToSignIn({ page, words, isPhone, isApp }: Visit): Promise<Locator> {
  if (!isPhone && !isApp) {
    await page.getByRole('link', { name: words.signIn, exact: true }).click();
    const modal = page.getByRole('dialog', { name: words.signIn });
    await modal.waitFor();
    return modal;
  }
  await page.getByRole('link', { name: words.myAccount, exact: true }).click();
  await page.getByRole('link', { name: words.identify, exact: true }).click();
  await arriveAt(page, words.signIn);
  return page.getByRole('main');
}

/** From the sign-in form to S3, with what was typed. */
export async function goToRecovery(visit: Visit, form: Locator, identifier: string): Promise<void> {
  const { page, words, isApp } = visit;
  await form.getByLabel(words.identifier).fill(identifier);
  await form.getByRole('link', { name: isApp ? words.forgotInApp : words.forgot, exact: true }).click();
  await arriveAt(page, words.identifyTitle);
}

/** Lets time go by, a second at once, until this is on the page. */
export async function passUntil({ pass }: Visit, shown: Locator): Promise<void> {
  for (let seconds = 0; seconds < 120; seconds += 1) {
    await pass(secondMs);
    if (await shown.waitFor({ timeout: patienceMs }).then(yes, no)) return;
  }
  throw new Error(`${String(shown)} does not come`);
}

const patienceMs = 200;
const yes = () => true;
const no = () => false;

/** The human check by one plain click. */
export async function passCheck(visit: Visit): Promise<void> {
  const { page, words } = visit;
  await page.getByRole('button', { name: words.withoutSliding }).click();
  await passUntil(visit, page.getByText(words.verified, { exact: true }).first());
}

/** From S3 to S4. */
export async function goToMethods(visit: Visit): Promise<void> {
  const { page, words } = visit;
  await passCheck(visit);
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await arriveAt(page, words.methodTitle);
}

/** The two "Verify now", told apart by what describes them. */
export const verifyButton = (page: Page, words: Visit['words'], way: 'email' | 'support'): Locator =>
  page
    .locator('form', { has: page.getByRole('heading', { name: way === 'email' ? words.byEmail : words.support }) })
    .getByRole('button', { name: words.verify, exact: true });

/** From S4 to S6. */
export async function askForCode({ page, words }: Visit): Promise<void> {
  await verifyButton(page, words, 'email').click();
  await arriveAt(page, words.codeTitle);
}

/** The same steps as far as S6 or S7, but taken over HTTP, where a page costs a fiftieth. */
export async function recoverOver(
  browser: Browser,
  step: 'code' | 'password',
  { shop, userId, address }: { shop: Shop; userId: string; address: string },
): Promise<void> {
  const words = wordsIn[browser.language];
  await browser.open('/recover');
  // Nobody types letters faster.
  shop.clock.advance(3 * secondMs);
  const letters = shop.lettersOn(browser.page);
  await browser.press(words.continue, { [words.identifier]: userId, [words.letters]: letters });
  await browser.press(words.verify, {}, words.byEmail);
  if (step === 'password') await browser.press(words.confirm, { [words.code]: await codeTo(shop, address) });
}

/** Stands in Chromium where they lead to, for what begins there and asks nothing of the way. */
export async function standAt(
  step: 'code' | 'password',
  { shop, visit, userId, address }: { shop: Shop; visit: Visit; userId: string; address: string },
): Promise<void> {
  const { page, words } = visit;
  const browser = shop.browser(words === wordsIn.es ? 'es' : 'en');
  await recoverOver(browser, step, { shop, userId, address });
  await goAs(shop, visit, browser);
  await arriveAt(page, step === 'password' ? words.passwordTitle : words.codeTitle);
}

/** Chromium stands where a browser without script stands, as the same person. */
export async function goAs({ origin }: Shop, { page, context }: Visit, browser: Browser): Promise<void> {
  const cookies = Array.from(browser.cookies(), ([name, value]) => ({ name, value, url: origin }));
  await context.addCookies(cookies);
  await page.goto(origin + browser.page.path);
}

/** The newest code in the mails to the address; a notice may have gone out after it. */
export async function codeTo(shop: Shop, address: string): Promise<string> {
  const code = (await shop.mailsTo(address)).map(codeIn).find((each) => each !== undefined);
  if (code === undefined) throw new Error(`no code in the mails to ${address}`);
  return code;
}

/** What the browser shows at a field that keeps a form from being sent. */
export const blameOf = (field: Locator): Promise<string> =>
  field.evaluate((element) => (element instanceof HTMLInputElement ? element.validationMessage : ''));

/** From S6 to S7. */
export async function enterCode({ page, words }: Visit, code: string): Promise<void> {
  await page.getByLabel(words.code).fill(code);
  await page.getByRole('button', { name: words.confirm, exact: true }).click();
  await arriveAt(page, words.passwordTitle);
}

/** From S7 to S8. */
export async function choosePassword({ page, words }: Visit, password = newPassword): Promise<void> {
  await page.getByLabel(words.newPassword, { exact: true }).fill(password);
  await page.getByLabel(words.repeatPassword).fill(password);
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await arriveAt(page, words.changed);
}

/** From S8 to the account home. */
export async function signInAgain({ page, words }: Visit, password = newPassword): Promise<void> {
  await page.getByRole('main').getByRole('link', { name: words.signIn, exact: true }).click();
  await arriveAt(page, words.signIn);
  await page.getByLabel(words.password, { exact: true }).fill(password);
  await page.getByRole('button', { name: words.signIn, exact: true }).click();
}
