// The tour of what only some meet at sign-in: the human check, the way to recovery, and the authenticator app from setting
// it up to typing its code.
import type { Page } from 'playwright-core';
import { Secret, TOTP } from 'otpauth';
import { minuteMs } from '../../src/base/clock.ts';
import { maxWrongPasswords } from '../../src/accounts/password-tries.ts';
import { oldPassword, type Shop, type Visit } from './shop.ts';
import type { Look } from './tour.ts';

const send = (page: Page, number = 0) =>
  Promise.all([page.waitForEvent('load'), page.locator('main form').locator('.primary, .button').nth(number).click()]);

async function signInAs({ page, words }: Visit, userId: string, password: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel(words.identifier).fill(userId);
  await page.getByLabel(words.password, { exact: true }).fill(password);
  await send(page);
}

/** Three wrong passwords, and a hundred. */
export async function tourWrongPasswords(shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page } = visit;
  for (let times = 0; times < 3; times += 1) await signInAs(visit, 'lucia', 'not the right one');
  await page.getByRole('slider').waitFor();
  await look(page, 'sign-in-check');
  await signInAs(visit, 'mark', 'not the right one');
  await shop.db.write((tx) => tx.updateTable('password_tries').set({ wrong_in_a_row: maxWrongPasswords }).execute());
  await signInAs(visit, 'mark', oldPassword);
  await look(page, 'sign-in-recover');
}

export async function tourAuthenticator(shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page } = visit;
  const password = page.locator('#password');
  const code = page.locator('#code');
  let secret = '';
  const codeNow = (offMs = 0) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: shop.clock.now() + offMs });

  await signInAs(visit, 'lucia', oldPassword);
  await page.goto('/account/authenticator');
  await look(page, 'authenticator');
  await password.fill('not the right one');
  await send(page);
  await look(page, 'authenticator-refused');
  await password.fill(oldPassword);
  await send(page);
  await look(page, 'authenticator-set-up');
  secret = ((await page.locator('dd.code').textContent()) ?? '').replaceAll(' ', '');
  await code.fill(codeNow(10 * minuteMs));
  await send(page);
  await look(page, 'authenticator-set-up-refused');
  await code.fill(codeNow());
  await send(page);
  await page.locator('.spare-codes').waitFor();
  await look(page, 'spare-codes');
  await page.locator('main a.button').click();
  await password.waitFor();
  await look(page, 'authenticator-on');
  await visit.pass(minuteMs);
  await password.fill(oldPassword);
  await code.fill(codeNow(10 * minuteMs));
  await send(page, 1);
  await look(page, 'authenticator-on-refused');
  await page.context().clearCookies({ name: 'account-session' });
  await signInAs(visit, 'lucia', oldPassword);
  await look(page, 'second-factor');
  await code.fill(codeNow(10 * minuteMs));
  await send(page);
  await look(page, 'second-factor-refused');
  await code.fill(codeNow());
  await send(page);
  await page.goto('/account/authenticator');
  await password.fill(oldPassword);
  await visit.pass(minuteMs);
  await code.fill(codeNow());
  await send(page, 1);
  await look(page, 'authenticator-removed');
}
