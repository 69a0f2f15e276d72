// Every page does its job without JavaScript: the whole walk, with letters or the waiting check in the place of the slide.
import { expect } from 'vitest';
import { secondMs } from '../../src/base/clock.ts';
import { es } from '../../src/i18n/es.ts';
import { it } from './in-shop.ts';
import { oldPassword, type Shop, type Visit } from './shop.ts';
import { arriveAt, askForCode, choosePassword, codeTo, enterCode, signInAgain } from './walk.ts';

/** Types the letters of the picture, as a person who sees it. */
async function typeLetters(shop: Shop, { page, words }: Visit): Promise<void> {
  await page.getByLabel(words.letters).fill(shop.lettersOn({ html: await page.content() }));
  // Nobody types them faster.
  shop.clock.advance(3 * secondMs);
}

it.for(['en', 'es'] as const)('leads back into the account by letters, in %s', async (language, { shop }) => {
  const visit = await shop.visit({ language, width: 360, hasScript: false });
  const { page, words } = visit;
  await page.goto('/');
  await page.getByRole('link', { name: words.myAccount, exact: true }).click();
  await page.getByRole('link', { name: words.identify, exact: true }).click();
  await page.getByRole('link', { name: words.forgot, exact: true }).click();
  await arriveAt(page, words.identifyTitle);
  await page.getByLabel(words.identifier).fill('lucia');
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await page.getByRole('alert').filter({ hasText: /\p{L}/u }).waitFor();
  expect(await page.getByLabel(words.identifier).inputValue()).toBe('lucia');

  await typeLetters(shop, visit);
  await page.getByRole('button', { name: words.send, exact: true }).click();
  await arriveAt(page, words.methodTitle);
  await askForCode(visit);
  const code = await codeTo(shop, 'lucia@correo.example');
  await page.getByRole('button', { name: words.again }).click();
  await page.getByRole('alert').filter({ hasText: /\p{L}/u }).waitFor();
  expect(await page.locator('#again-in').textContent()).toMatch(/\d/);
  await page.getByLabel(words.code).fill('11');
  await page.getByRole('button', { name: words.confirm, exact: true }).click();
  await page.locator('#code-error').waitFor();
  await enterCode(visit, code);
  await page.getByLabel(words.newPassword, { exact: true }).fill('una cosa y otra más');
  await page.getByLabel(words.repeatPassword).fill('otra');
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await page.getByText(words.differ).waitFor();
  expect(await page.getByLabel(words.newPassword, { exact: true }).inputValue()).toBe('una cosa y otra más');
  await choosePassword(visit);
  await signInAgain(visit);
  await page.getByRole('link', { name: 'A-1042' }).waitFor();
});

it('wrong letters bring another picture and keep what was typed', async ({ shop }) => {
  const visit = await shop.visit({ hasScript: false });
  const { page, words } = visit;
  await page.goto('/recover');
  await page.getByLabel(words.identifier).fill('mark');
  const picture = () => page.locator('.check img').getAttribute('src');
  const first = await picture();
  shop.clock.advance(3 * secondMs);
  await page.getByLabel(words.letters).fill('OOOOO');
  await page.getByRole('button', { name: words.send, exact: true }).click();
  await page.getByText('Those were not the letters.').waitFor();
  expect(await picture()).not.toBe(first);
  await page.getByRole('button', { name: 'Other letters' }).click();
  await page.getByText('Here are other letters.').waitFor();
  expect(await page.getByLabel(words.identifier).inputValue()).toBe('mark');
});

it('the waiting check asks for nothing: its page comes back by itself, and the form goes on', async ({ shop }) => {
  const visit = await shop.visit({ language: 'es', hasScript: false });
  const { page, words, context } = visit;
  await page.goto('/recover');
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await page.getByText(es['refusal.identifier-missing']).waitFor();
  await page.getByLabel(words.identifier).fill('lucia');
  const [waiting] = await Promise.all([
    context.waitForEvent('page'),
    page.getByRole('button', { name: words.withoutTyping }).click(),
  ]);
  await waiting.getByText('Espera 30 segundos').waitFor();
  expect(await waiting.content()).toContain('http-equiv="refresh" content="30"');
  shop.clock.advance(31 * secondMs);
  await waiting.getByRole('link', { name: words.continue }).click();
  await waiting.getByRole('button', { name: words.continue }).click();
  await arriveAt(waiting, words.verified);
  await waiting.close();
  expect(await page.getByLabel(words.identifier).inputValue()).toBe('lucia');
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await arriveAt(page, words.methodTitle);
});

it('signs up, opens a case and reads the mail', async ({ shop }) => {
  const visit = await shop.visit({ hasScript: false });
  const { page, words } = visit;
  await page.goto('/sign-up');
  await page.getByLabel(words.userId).fill('brand-new');
  await page.getByLabel(words.email).fill('new@mail.example');
  await page.getByLabel(words.password, { exact: true }).fill(oldPassword);
  await typeLetters(shop, visit);
  await page.getByRole('button', { name: words.createAccount, exact: true }).click();
  await arriveAt(page, words.signUpCodeTitle);
  await shop.deliverMail();
  await page.goto('/mailbox');
  await page.getByRole('link', { name: 'Welcome to Alfarel' }).click();
  const code = await page.locator('#code').textContent();
  await page.goto('/sign-up/code');
  await page.getByLabel(words.code).fill(code ?? '');
  await page.getByRole('button', { name: words.confirm }).click();
  await arriveAt(page, 'Hello, brand-new');

  await page.goto('/recover/case');
  await page.getByRole('radio', { name: 'I cannot use my mailbox' }).check();
  await page.getByLabel('What happened?').fill('My provider has closed.');
  await page.getByLabel('An email address where we can reach you').fill('new@mail.example');
  await typeLetters(shop, visit);
  await page.getByRole('button', { name: 'Open the case' }).click();
  await arriveAt(page, words.caseOpened);
});
