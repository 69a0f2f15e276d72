// The new password and what comes after, in a real browser: walks 7, 8, 9, 12, 20, 66 and 68.
import { expect } from 'vitest';
import { it } from './in-shop.ts';
import { oldPassword, type Visit } from './shop.ts';
import {
  arriveAt,
  askForCode,
  choosePassword,
  codeTo,
  enterCode,
  goToMethods,
  goToRecovery,
  goToSignIn,
  newPassword,
  passCheck,
  signInAgain,
  standAt,
} from './walk.ts';

const fields = ({ page, words }: Visit) => ({
  first: page.getByLabel(words.newPassword, { exact: true }),
  second: page.getByLabel(words.repeatPassword),
});

it.for(['en', 'es'] as const)(
  'tells beside the field that two passwords differ, and keeps both, in %s',
  async (language, { shop }) => {
    const visit = await shop.visit({ language, width: 360 });
    const { page, words } = visit;
    await standAt('password', { shop, visit, userId: 'lucia', address: 'lucia@correo.example' });
    const { first, second } = fields(visit);
    await page.getByText(words.advice).waitFor();
    await first.fill(newPassword);
    await second.fill('otra frase');
    await page.getByRole('button', { name: words.continue, exact: true }).click();
    const error = page.getByText(words.differ);
    await error.waitFor();
    expect(await second.getAttribute('aria-invalid')).toBe('true');
    expect(await second.getAttribute('aria-describedby')).toBe(await error.getAttribute('id'));
    expect(await second.evaluate((field) => field === document.activeElement)).toBe(true);
    expect([await first.inputValue(), await second.inputValue()]).toEqual([newPassword, 'otra frase']);

    await page.getByRole('button', { name: words.show }).first().click();
    expect(await first.getAttribute('type')).toBe('text');
    await choosePassword(visit);
  },
);

it('keeps both passwords when the server refuses them', async ({ shop }) => {
  const visit = await shop.visit();
  const { page, words } = visit;
  await standAt('password', { shop, visit, userId: 'mark', address: 'mark@mail.example' });
  const { first, second } = fields(visit);
  await first.fill('too short');
  await second.fill('too short');
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await page.getByText('Make it longer: at least 15 characters.').waitFor();
  expect(await first.getAttribute('aria-invalid')).toBe('true');
  expect(await first.evaluate((field) => field === document.activeElement)).toBe(true);
  expect([await first.inputValue(), await second.inputValue()]).toEqual(['too short', 'too short']);
});

it('fills both fields with a suggestion that is accepted, in the language of the page', async ({ shop }) => {
  const visit = await shop.visit({ language: 'es' });
  const { page, words } = visit;
  await standAt('password', { shop, visit, userId: 'lucia', address: 'lucia@correo.example' });
  await page.getByRole('button', { name: 'Sugerir una' }).click();
  await page.getByRole('status').filter({ hasText: 'Hay una sugerencia' }).waitFor();
  const { first, second } = fields(visit);
  const suggestion = await first.inputValue();
  expect(suggestion).toMatch(/^\p{L}+([- ]\p{L}+){3,}$/u);
  expect(await second.inputValue()).toBe(suggestion);
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await arriveAt(page, words.changed);
});

it('says for whom the password was changed; the new one signs in and the old one does not', async ({ shop }) => {
  const mine = await shop.visit();
  const { page, words } = mine;
  const tablet = await shop.visit();
  const form = await goToSignIn(tablet);
  await form.getByLabel(words.identifier).fill('mark');
  await form.getByLabel(words.password, { exact: true }).fill(oldPassword);
  await form.getByRole('button', { name: words.signIn, exact: true }).click();
  await tablet.page.getByRole('link', { name: 'A-1009' }).waitFor();

  const address = 'mark@mail.example';
  await standAt('password', { shop, visit: mine, userId: address, address });
  await choosePassword(mine);
  await page.getByText('mark', { exact: false }).first().waitFor();
  expect(await page.getByRole('main').textContent()).toContain('user ID mark');
  expect(await page.getByRole('main').textContent()).toContain('All other devices were signed out.');

  await tablet.page.reload();
  expect(await tablet.page.getByRole('link', { name: 'A-1009' }).count()).toBe(0);

  await signInAgain(mine, oldPassword);
  await page.getByRole('alert').waitFor();
  expect(await page.getByLabel(words.identifier).inputValue()).toBe('mark@mail.example');
  await page.getByLabel(words.password, { exact: true }).fill(newPassword);
  await page.getByRole('button', { name: words.signIn, exact: true }).click();
  await page.getByRole('link', { name: 'A-1009' }).waitFor();
});

it('never shows the address of a user ID before its mailbox is proven', async ({ shop }) => {
  const visit = await shop.visit();
  const { page } = visit;
  const seen: string[] = [];
  const look = async () => void seen.push(await page.content());
  await goToRecovery(visit, 'aisha');
  await look();
  await goToMethods(visit);
  await look();
  await askForCode(visit);
  await look();
  for (const html of seen) expect(html).not.toContain('mail.example');
});

it('carries a sign-up to an account that recovery knows at once', async ({ shop }) => {
  const visit = await shop.visit({ language: 'es', width: 360 });
  const { page, words } = visit;
  await page.goto('/my-account');
  await page.getByRole('link', { name: words.register }).click();
  await arriveAt(page, words.createAccount);
  await page.getByLabel(words.userId).fill('nueva');
  await page.getByLabel(words.email).fill('nueva@correo.example');
  await page.getByLabel(words.password, { exact: true }).fill(oldPassword);
  await passCheck(visit);
  await page.getByRole('button', { name: words.createAccount, exact: true }).click();
  await arriveAt(page, words.signUpCodeTitle);
  await page.getByLabel(words.code).fill(await codeTo(shop, 'nueva@correo.example'));
  await page.getByRole('button', { name: words.confirm }).click();
  await arriveAt(page, 'Hola, nueva');
  await page.getByRole('button', { name: 'Cerrar sesión' }).click();
  await standAt('password', { shop, visit, userId: 'nueva', address: 'nueva@correo.example' });
  await choosePassword(visit);
  await signInAgain(visit);
  await arriveAt(page, 'Hola, nueva');
});

it('offers the address that was probably meant, and goes on with what was typed', async ({ shop }) => {
  const visit = await shop.visit();
  const { page, words } = visit;
  await goToRecovery(visit, 'maria@gmial.com');
  await passCheck(visit);
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await page.getByText('Did you mean maria@gmail.com?').waitFor();
  expect(await page.getByLabel(words.identifier).inputValue()).toBe('maria@gmial.com');
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await arriveAt(page, words.methodTitle);
  await page.getByText('For maria@gmial.com').waitFor();
});

it('takes the offered address in one press', async ({ shop }) => {
  const visit = await shop.visit();
  const { page, words } = visit;
  await goToRecovery(visit, 'maria@gmial.com');
  await passCheck(visit);
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await page.getByRole('button', { name: 'Use maria@gmail.com' }).click();
  await arriveAt(page, words.methodTitle);
  await page.getByText('For maria@gmail.com').waitFor();
});

it('names every field for a password manager, and the user ID for which a password is kept', async ({ shop }) => {
  const visit = await shop.visit();
  const { page } = visit;
  const filledBy = () =>
    page
      .locator('main input:not([type="hidden"], [type="range"], [name="letters"])')
      .evaluateAll((inputs) =>
        inputs.map((input) => `${input.getAttribute('name')}: ${input.getAttribute('autocomplete')}`),
      );
  await page.goto('/sign-in');
  expect(await filledBy()).toEqual(['identifier: username', 'password: current-password']);
  await page.goto('/sign-up');
  expect(await filledBy()).toEqual(['userId: username', 'address: email', 'password: new-password']);
  await page.goto('/recover/case');
  expect(await filledBy()).toContain('contact: email');
  await goToRecovery(visit, 'mark@mail.example');
  expect(await filledBy()).toEqual(['identifier: username']);
  await goToMethods(visit);
  await askForCode(visit);
  expect(await filledBy()).toEqual(['code: one-time-code']);
  await enterCode(visit, await codeTo(shop, 'mark@mail.example'));
  expect(await filledBy()).toEqual(['username: username', 'password: new-password', 'repeated: new-password']);
  expect(await page.locator('input[name="username"]').inputValue()).toBe('mark');
});

it('leads back to the order that the person came for, and never out of the shop', async ({ shop }) => {
  const visit = await shop.visit();
  const { page, words } = visit;
  await page.goto('/orders/A-1009');
  await arriveAt(page, words.signIn);
  await page.getByLabel(words.identifier).fill('mark');
  await page.getByRole('link', { name: words.forgot }).click();
  await arriveAt(page, words.identifyTitle);
  await goToMethods(visit);
  await askForCode(visit);
  await enterCode(visit, await codeTo(shop, 'mark@mail.example'));
  await choosePassword(visit);
  await signInAgain(visit);
  await arriveAt(page, 'Order A-1009');

  await page.goto('/my-account');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.goto('/sign-in?returnTo=https://elsewhere.example/');
  await page.getByLabel(words.identifier).fill('mark');
  await page.getByLabel(words.password, { exact: true }).fill(newPassword);
  await page.getByRole('button', { name: words.signIn, exact: true }).click();
  await arriveAt(page, 'Hello, mark');
  expect(page.url()).toBe(`${shop.origin}/my-account`);
});
