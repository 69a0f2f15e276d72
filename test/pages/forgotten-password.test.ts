// The acceptance walks of WALKS.md, part A, in a real browser: from "Forgot your password?" to the same account.
import { expect } from 'vitest';
import { it } from './in-shop.ts';
import type { Visit } from './shop.ts';
import {
  arriveAt,
  askForCode,
  choosePassword,
  codeTo,
  enterCode,
  goToMethods,
  goToRecovery,
  goToSignIn,
  passCheck,
  signInAgain,
  verifyButton,
} from './walk.ts';

const surfaces = [
  { surface: 'PC', language: 'en', width: 1280 },
  { surface: 'PC', language: 'es', width: 1280 },
  { surface: 'phone', language: 'en', width: 360 },
  { surface: 'phone', language: 'es', width: 360 },
  { surface: 'installed app', language: 'en', width: 360, isApp: true },
  { surface: 'installed app', language: 'es', width: 360, isApp: true },
] as const;

/** The way to the account stands in the upper right corner, and the question at the bottom, in blue. */
async function expectAppPlaces(visit: Visit): Promise<void> {
  const { page, words } = visit;
  await page.goto('/');
  const way = await page.getByRole('link', { name: words.myAccount, exact: true }).boundingBox();
  expect((way?.x ?? 0) + (way?.width ?? 0) / 2).toBeGreaterThan(360 * 0.7);
  expect((way?.y ?? Number.POSITIVE_INFINITY) + (way?.height ?? 0) / 2).toBeLessThan(80);
  const form = await goToSignIn(visit);
  const question = form.getByRole('link', { name: words.forgotInApp, exact: true });
  const submit = await form.getByRole('button', { name: words.signIn, exact: true }).boundingBox();
  const box = await question.boundingBox();
  expect(box?.y).toBeGreaterThan((submit?.y ?? 0) + 150);
  expect(await question.evaluate((link) => getComputedStyle(link).color)).toBe('rgb(29, 78, 216)');
}

it.for(surfaces)('leads back into the same account on a $surface, in $language', async (surface, { shop }) => {
  const visit = await shop.visit(surface);
  const { page, words, isApp } = visit;
  if (isApp) await expectAppPlaces(visit);
  await goToRecovery(visit, 'lucia');
  expect(await page.getByLabel(words.identifier).inputValue()).toBe('lucia');
  await goToMethods(visit);
  await askForCode(visit);
  await enterCode(visit, await codeTo(shop, 'lucia@correo.example'));
  await choosePassword(visit);
  await signInAgain(visit);
  await page.waitForURL('/my-account');
  await page.getByRole('link', { name: 'A-1042' }).waitFor();
});

it('opens sign-in in the centre of the home page and carries what was typed to a new page', async ({ shop }) => {
  const visit = await shop.visit();
  const { page, words } = visit;
  const modal = await goToSignIn(visit);
  expect(new URL(page.url()).pathname).toBe('/');
  const box = await modal.boundingBox();
  expect(box && box.x + box.width / 2).toBeCloseTo(640, 0);
  expect(box && box.y + box.height / 2).toBeCloseTo(430, 0);
  await modal.getByLabel(words.identifier).fill('mark@mail.example');
  const submit = await modal.getByRole('button', { name: words.signIn, exact: true }).boundingBox();
  const forgot = modal.getByRole('link', { name: words.forgot });
  expect((await forgot.boundingBox())?.y).toBeGreaterThan((submit?.y ?? 0) + (submit?.height ?? 0) - 1);
  await forgot.click();
  await arriveAt(page, words.identifyTitle);
  expect(page.url()).toBe(`${shop.origin}/recover`);
  expect(await page.getByRole('dialog').count()).toBe(0);
  expect(await page.getByLabel(words.identifier).inputValue()).toBe('mark@mail.example');
});

it('says what is missing until the slide is done, and goes on only then', async ({ shop }) => {
  const visit = await shop.visit();
  const { page, words } = visit;
  await goToRecovery(visit, 'mark');
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'slide the square to the end' }).waitFor();
  expect(page.url()).toBe(`${shop.origin}/recover`);
  await passCheck(visit);
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await arriveAt(page, words.methodTitle);
});

it('offers email, marked recommended, and support, each with its own button', async ({ shop }) => {
  const visit = await shop.visit();
  const { page, words } = visit;
  await goToRecovery(visit, 'mark');
  await goToMethods(visit);
  expect(await page.getByRole('button', { name: words.verify, exact: true }).count()).toBe(2);
  await page.getByText('If you tried email already or your problem is bigger').waitFor();
  await verifyButton(page, words, 'support').click();
  await arriveAt(page, words.support);
  await page.goBack();
  await askForCode(visit);
});

it.for([
  { place: 'at the right of the home page', isAt: { width: 1280, language: 'en' } },
  { place: 'at the bottom right in a phone browser', isAt: { width: 360, language: 'es' } },
] as const)('has the way to the account $place', async ({ isAt }, { shop }) => {
  const visit = await shop.visit(isAt);
  const { page, words, isPhone } = visit;
  await page.goto('/');
  const name = isPhone ? words.myAccount : words.signIn;
  const box = await page.getByRole('link', { name, exact: true }).boundingBox();
  const middle = { x: (box?.x ?? 0) + (box?.width ?? 0) / 2, y: (box?.y ?? 0) + (box?.height ?? 0) / 2 };
  expect(middle.x).toBeGreaterThan(isAt.width * 0.7);
  if (isPhone) expect(middle.y).toBeGreaterThan(680);
  else expect(middle.y).toBeLessThan(80);
});

it('takes a signed-out phone to a line at the top with two targets', async ({ shop }) => {
  const { page, words } = await shop.visit({ width: 360, language: 'es' });
  await page.goto('/my-account');
  const signIn = await page.getByRole('link', { name: words.identify, exact: true }).boundingBox();
  const register = await page.getByRole('link', { name: words.register, exact: true }).boundingBox();
  expect(signIn?.y).toBe(register?.y);
  expect(signIn?.y).toBeLessThan(150);
});
