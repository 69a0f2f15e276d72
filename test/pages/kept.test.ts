// Reload, back and the other language lose nothing: what was typed is there, no form is sent twice, and no page that
// answered a form is a dead end.
import { expect } from 'vitest';
import { it } from './in-shop.ts';
import {
  arriveAt,
  codeTo,
  enterCode,
  goAs,
  goToMethods,
  goToRecovery,
  goToSignIn,
  newPassword,
  recoverOver,
  standAt,
} from './walk.ts';

it('keeps the identifier through reload, back, the other language and "Change"', async ({ shop }) => {
  const visit = await shop.visit({ language: 'en', width: 360 });
  const { page, words } = visit;
  await page.goto('/');
  await goToRecovery(visit, await goToSignIn(visit), 'lucia');
  const typed = () => page.locator('#identifier').inputValue();
  await page.reload();
  expect(await typed()).toBe('lucia');
  await page.getByLabel(words.identifier).fill('ramon');
  await page.getByRole('link', { name: 'Español' }).click();
  await arriveAt(page, 'Vuelve a entrar en tu cuenta');
  expect(await typed()).toBe('ramon');
  await page.getByRole('link', { name: 'English' }).click();
  await goToMethods(visit);
  await page.goBack();
  await arriveAt(page, words.identifyTitle);
  expect(await typed()).toBe('ramon');
  await page.goForward();
  await page.getByRole('link', { name: 'Change' }).click();
  await arriveAt(page, words.identifyTitle);
  expect(await typed()).toBe('ramon');
});

it('asks for a page anew after a refused form, leads on from it, and sends nothing twice', async ({ shop }) => {
  const visit = await shop.visit();
  const { page, words } = visit;
  await standAt('code', { shop, visit, userId: 'lucia', address: 'lucia@correo.example' });
  const posts: string[] = [];
  page.on('request', (request) => {
    if (request.isNavigationRequest() && request.method() === 'POST') posts.push(new URL(request.url()).pathname);
  });
  // Without script the button can be pressed at once.
  await page.locator('form[action$="/again"]').evaluate((form) => form instanceof HTMLFormElement && form.submit());
  await page.waitForURL('**/recover/code/again');
  await page.reload();
  await arriveAt(page, words.codeTitle);
  await page.getByLabel(words.code).fill('1234');
  await page.getByRole('button', { name: words.confirm, exact: true }).click();
  await page.locator('[aria-invalid="true"]').waitFor();
  await page.reload();
  await enterCode(visit, await codeTo(shop, 'lucia@correo.example'));
  await page.goBack();
  await arriveAt(page, words.passwordTitle);
  expect(posts).toEqual(['/recover/code/again', '/recover/code', '/recover/code']);
  // Nor after the last try, from whose page one goes on.
  const browser = shop.browser('en');
  await recoverOver(browser, 'code', { shop, userId: 'mark', address: 'mark@mail.example' });
  for (let tries = 0; tries < 4; tries += 1) await browser.press(words.confirm, { [words.code]: `1111 000${tries}` });
  await goAs(shop, visit, browser);
  await page.getByLabel(words.code).fill('1111 0004');
  await page.getByRole('button', { name: words.confirm, exact: true }).click();
  await arriveAt(page, 'This attempt is over');
  await page.getByRole('link', { name: 'Start again' }).click();
  await arriveAt(page, words.identifyTitle);
  await page.goBack();
  await arriveAt(page, 'This attempt is over');
});

it('keeps both passwords when the server refuses them, and no longer blames one that was replaced', async ({
  shop,
}) => {
  const visit = await shop.visit();
  const { page, words } = visit;
  await standAt('password', { shop, visit, userId: 'lucia', address: 'lucia@correo.example' });
  const first = page.getByLabel(words.newPassword, { exact: true });
  const second = page.getByLabel(words.repeatPassword);
  await first.fill('too short');
  await second.fill('too short');
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  const blame = page.locator('#password-error');
  await blame.filter({ hasText: 'Make it longer: at least 15 characters.' }).waitFor();
  expect(await first.getAttribute('aria-invalid')).toBe('true');
  expect(await first.evaluate((field) => field === document.activeElement)).toBe(true);
  expect([await first.inputValue(), await second.inputValue()]).toEqual(['too short', 'too short']);
  await first.fill(newPassword);
  expect(await blame.isVisible()).toBe(false);
  expect(await first.getAttribute('aria-invalid')).toBeNull();
  expect(await first.getAttribute('aria-describedby')).toBe('password-hint');
});
