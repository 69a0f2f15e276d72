// The acceptance walks of WALKS.md, part A, in a real browser: from "Forgot your password?" to the same account.
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { it } from './in-shop.ts';
import type { Shop, Visit } from './shop.ts';
import {
  arriveAt,
  askForCode,
  blameOf,
  choosePassword,
  codeTo,
  enterCode,
  goToMethods,
  goToRecovery,
  goToSignIn,
  signInAgain,
  verifyButton,
} from './walk.ts';

/** The middle of what can be pressed. */
async function middleOf(link: Locator): Promise<{ readonly x: number; readonly y: number }> {
  const { x, y, width, height } = (await link.boundingBox()) ?? { x: NaN, y: NaN, width: NaN, height: NaN };
  return { x: x + width / 2, y: y + height / 2 };
}

const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });

it('leads from the modal on a PC to a page of its own and back into the same account, in English', async ({ shop }) => {
  const visit = await shop.visit();
  const { page, words } = visit;
  await page.goto('/');
  const way = await middleOf(link(page, words.signIn));
  expect(way.x).toBeGreaterThan(1280 * 0.7);
  expect(way.y).toBeLessThan(80);
  const modal = await goToSignIn(visit);
  expect(new URL(page.url()).pathname).toBe('/');
  const middle = await middleOf(modal);
  expect(middle.x).toBeCloseTo(640, 0);
  expect(middle.y).toBeCloseTo(430, 0);
  await modal.getByLabel(words.identifier).fill('mark@mail.example');
  const signIn = modal.getByRole('button', { name: words.signIn, exact: true });
  await signIn.click();
  expect(await blameOf(modal.getByLabel(words.password, { exact: true }))).toBe('Fill in this field.');
  const submit = await signIn.boundingBox();
  const forgot = modal.getByRole('link', { name: words.forgot });
  expect((await forgot.boundingBox())?.y).toBeGreaterThan((submit?.y ?? 0) + (submit?.height ?? 0) - 1);
  await forgot.click();
  await arriveAt(page, words.identifyTitle);
  expect(page.url()).toBe(`${shop.origin}/recover`);
  expect(await page.getByRole('dialog').count()).toBe(0);
  expect(await page.getByLabel(words.identifier).inputValue()).toBe('mark@mail.example');

  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'slide the square to the end' }).waitFor();
  expect(page.url()).toBe(`${shop.origin}/recover`);
  await goToMethods(visit);
  expect(await page.getByRole('button', { name: words.verify, exact: true }).count()).toBe(2);
  await page.getByText('If you have already tried email or your problem is bigger').waitFor();
  await verifyButton(page, words, 'support').click();
  await arriveAt(page, words.support);
  await page.goBack();
  await askForCode(visit);
  await enterCode(visit, await codeTo(shop, 'mark@mail.example'));
  await choosePassword(visit);
  await page.getByText('The new password is set for the user ID mark.').waitFor();
  await signInAgain(visit);
  await page.waitForURL('/my-account');
  await page.getByRole('link', { name: 'A-1009' }).waitFor();
});

it('leads back to the order that the person came for on a PC, in Spanish', async ({ shop }) => {
  const visit = await shop.visit({ language: 'es' });
  const { page, words } = visit;
  await page.goto('/orders/A-1042');
  await arriveAt(page, words.signIn);
  await page.getByLabel(words.identifier).fill('lucia');
  await page.getByRole('link', { name: words.forgot }).click();
  await arriveAt(page, words.identifyTitle);
  await goBackIn(shop, visit);
  await page.waitForURL('/orders/A-1042');
});

it.for(['en', 'es'] as const)('leads back into the same account on a phone, in %s', async (language, { shop }) => {
  const visit = await shop.visit({ language, width: 360 });
  const { page, words } = visit;
  await page.goto('/');
  const way = await middleOf(link(page, words.myAccount));
  expect(way.x).toBeGreaterThan(360 * 0.7);
  expect(way.y).toBeGreaterThan(680);
  await link(page, words.myAccount).click();
  await page.waitForURL('/my-account');
  const signIn = await link(page, words.identify).boundingBox();
  const register = await link(page, words.register).boundingBox();
  expect(signIn?.y).toBe(register?.y);
  expect(signIn?.y).toBeLessThan(150);
  await link(page, words.identify).click();
  await arriveAt(page, words.signIn);
  await goToRecovery(visit, page.getByRole('main'), 'lucia');
  await goBackIn(shop, visit);
  await page.waitForURL('/my-account');
});

it('leads back into the same account in the installed app, in Spanish', async ({ shop }) => {
  const visit = await shop.visit({ language: 'es', width: 360, isApp: true });
  await goToRecovery(visit, await expectAppPlaces(visit), 'lucia');
  await goBackIn(shop, visit);
  await visit.page.waitForURL('/my-account');
});

/** From S3, where her user ID stands already, to where Lucía has signed in again. */
async function goBackIn(shop: Shop, visit: Visit): Promise<void> {
  const { page, words } = visit;
  // By a script that may come after the page.
  await expect.poll(() => page.getByLabel(words.identifier).inputValue()).toBe('lucia');
  await goToMethods(visit);
  await askForCode(visit);
  await enterCode(visit, await codeTo(shop, 'lucia@correo.example'));
  await choosePassword(visit);
  await signInAgain(visit);
  await page.getByText('A-1042').first().waitFor();
}

/**
 * The way to the account stands in the upper right corner, and the question at the bottom, in blue. Answers what the sign-in form
 * stands in.
 */
async function expectAppPlaces(visit: Visit): Promise<Locator> {
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
  return form;
}
