// What scans mail, in a real browser with scripts (walk 39, attack 17): it opens every link, follows what is behind it, fills
// in every field and sends every form, and nothing comes of it. The owner then does what the mail is for.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { translator } from '../../src/i18n/translate.ts';
import { linksIn, numberIn } from '../../src/testing/mailbox.ts';
import { it } from './in-shop.ts';
import { oldPassword, type Shop } from './shop.ts';
import { arriveAt, choosePassword, codeTo, enterCode, newPassword, standAt } from './walk.ts';
import { wordsIn } from './words.ts';

/** Everything that can be pressed on the page, one after the other, from the page as it was opened. */
async function pressAll(page: Page, url: string): Promise<void> {
  for (let at = 0; ; at += 1) {
    await page.goto(url);
    const buttons = page.locator('main button:visible, main [type="submit"]:visible');
    if (at >= (await buttons.count())) return;
    for (const field of await page.locator('main input:visible, main textarea:visible').all()) {
      const type = await field.getAttribute('type');
      if (type === 'radio' || type === 'checkbox') await field.check();
      else await field.fill(url.split('/').at(-1)?.slice(0, 40) ?? 'scan');
    }
    await Promise.all([page.waitForLoadState('load'), buttons.nth(at).click()]);
  }
}

async function scan(shop: Shop, urls: readonly string[]): Promise<void> {
  const { page } = await shop.visit();
  for (const url of urls) {
    await page.request.head(url);
    await page.goto(url);
    const links = await page.locator('main a').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    const behind = links.map((link) => new URL(link, url).href);
    for (const each of [url, ...behind]) if (!each.endsWith('/recover/case')) await pressAll(page, each);
  }
}

it('gains nothing from a code mail, and the owner goes on', { timeout: 60_000 }, async ({ shop }) => {
  const visit = await shop.visit();
  await standAt('code', { shop, visit, userId: 'mark', address: 'mark@mail.example' });
  const mail = await shop.mailTo('mark@mail.example');
  const urls = linksIn(mail);
  expect(urls).toHaveLength(2);
  await scan(shop, urls);
  await enterCode(visit, await codeTo(shop, 'mark@mail.example'));
  await choosePassword(visit);
});

it('gains nothing from a notice, and the owner undoes the change', { timeout: 60_000 }, async ({ shop }) => {
  const words = wordsIn.en;
  const thief = shop.browser('en');
  await thief.open('/sign-in?returnTo=/account/password');
  await thief.press(words.signIn, { [words.identifier]: 'mark', [words.password]: oldPassword });
  await thief.press(words.continue, {
    [translator('en')('change.current')]: oldPassword,
    [words.newPassword]: newPassword,
    [words.repeatPassword]: newPassword,
  });
  expect(thief.page.heading).toBe(words.changed);
  const notice = await shop.mailTo('mark@mail.example');
  const urls = linksIn(notice);
  await scan(shop, urls);
  expect(await thief.open('/account/password')).toMatchObject({ heading: words.passwordTitle });
  const { page } = await shop.visit();
  await page.goto(urls.find((url) => url.includes('/recover/stop/')) ?? '');
  await arriveAt(page, words.notMe);
  await page.locator('#number').fill(numberIn(notice) ?? '');
  await page.keyboard.press('Enter');
  await page.locator('#number').waitFor({ state: 'detached' });
  expect(await thief.open('/account/password')).toMatchObject({ heading: words.signIn });
});
