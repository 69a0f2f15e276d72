// The tour of what only scripts and hands bring about on the way back into an account, and of what stands around that:
// screenshots are taken on it too. What is forms and answers has tours over HTTP.
import type { Page } from 'playwright-core';
import { minuteMs, secondMs } from '../../src/base/clock.ts';
import type { Look } from './look.ts';
import type { Shop, Visit } from './shop.ts';
import { arriveAt, choosePassword, codeTo, goToSignIn, newPassword, passCheck, passUntil, standAt } from './walk.ts';

const address = 'vega@correo.example';

export async function tourSignIn(_shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words, isPhone } = visit;
  await page.goto('/');
  await look(page, 'home');
  const form = await goToSignIn(visit);
  await form.getByLabel(words.identifier).fill('lucia@correo.example');
  await look(page, isPhone ? 'sign-in' : 'modal');
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

/** What a script does to the steps from S3 to the account home; the answers to their forms have a tour over HTTP. */
export async function tourRecovery(shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words, pass } = visit;
  const send = (name: string) => page.getByRole('button', { name, exact: true }).click();
  // Carried there by the link of another page.
  await page.goto('/recover#identifier=vega%40correo.example');
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#identifier')?.value);
  await look(page, 'identify');
  await passCheck(visit);
  await look(page, 'check-passed');
  await standAt('code', { shop, visit, userId: 'vega-taller', address });
  await look(page, 'code');
  await pass(2 * minuteMs + secondMs);
  await look(page, 'code-support-offered');
  await page.getByLabel(words.code).fill(await codeTo(shop, address));
  await send(words.confirm);
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
  await page.getByRole('main').getByRole('link', { name: words.signIn, exact: true }).click();
  await arriveAt(page, words.signIn);
  await look(page, 'sign-in-after');
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
