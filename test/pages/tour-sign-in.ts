// The tour of what only some meet at sign-in: the human check, and the way to recovery.
import type { Page } from 'playwright-core';
import { maxWrongPasswords } from '../../src/accounts/password-tries.ts';
import { oldPassword, type Shop, type Visit } from './shop.ts';
import type { Look } from './look.ts';

const send = (page: Page, number = 0) =>
  Promise.all([page.waitForEvent('load'), page.locator('main form').locator('.primary, .button').nth(number).click()]);

async function signInAs({ page, words }: Visit, userId: string, password: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel(words.identifier).fill(userId);
  await page.getByLabel(words.password, { exact: true }).fill(password);
  await send(page);
}

/** Three wrong passwords, and a hundred: what only counts is sent over HTTP. */
export async function tourWrongPasswords(shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page } = visit;
  const wrong = 'not the right one';
  const type = (userId: string) =>
    shop.browser().post('/sign-in', { identifier: userId, password: wrong, returnTo: '' });
  for (let times = 0; times < 2; times += 1) await type('lucia');
  await signInAs(visit, 'lucia', wrong);
  await page.getByRole('slider').waitFor();
  await look(page, 'sign-in-check');
  await type('mark');
  await shop.db.write((tx) => tx.updateTable('password_tries').set({ wrong_in_a_row: maxWrongPasswords }).execute());
  await signInAs(visit, 'mark', oldPassword);
  await look(page, 'sign-in-recover');
}
