// Without a mouse, and with a browser's own ways: keys alone, where the focus goes, reload and back, a second tab, cookies.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { it } from './in-shop.ts';
import { oldPassword, type Visit } from './shop.ts';
import { arriveAt, askForCode, choosePassword, codeTo, enterCode, goToMethods, newPassword, standAt } from './walk.ts';

const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement)) return '';
    const label = element instanceof HTMLInputElement ? element.labels?.[0]?.innerText : undefined;
    return (label ?? element.getAttribute('aria-label') ?? element.innerText).trim();
  });

/** Presses Tab until this control has the focus, which must be seen. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)) !== name) continue;
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
    expect(`${name}: ${outline}`).not.toBe(`${name}: none`);
    return;
  }
  throw new Error(`Tab never comes to ${name}`);
}

it('the whole walk goes by keys alone', async ({ shop }) => {
  const visit = await shop.visit();
  const { page, words, pass } = visit;
  const { keyboard } = page;
  await page.goto('/');
  await tabTo(page, words.signIn);
  await keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await expect.poll(() => focused(page)).toBe(words.identifier);
  await keyboard.type('mark');
  await keyboard.press('Escape');
  await expect.poll(() => focused(page)).toBe(words.signIn);
  await keyboard.press('Enter');
  await expect.poll(() => focused(page)).toBe(words.identifier);
  await tabTo(page, words.forgot);
  await keyboard.press('Enter');

  await arriveAt(page, words.identifyTitle);
  await expect.poll(() => focused(page)).toBe(words.identifyTitle);
  await tabTo(page, words.validation);
  const slider = page.getByRole('slider', { name: words.validation });
  await keyboard.press('PageUp');
  expect(await slider.getAttribute('aria-valuetext')).toMatch(/^[1-9]\d?%$/);
  await keyboard.press('End');
  expect(await slider.getAttribute('aria-valuetext')).toBe('100%');
  await keyboard.press('Enter');
  await expect
    .poll(async () => {
      await pass(1_000);
      return slider.getAttribute('aria-valuetext');
    })
    .toBe(words.verified);
  await tabTo(page, words.continue);
  await keyboard.press('Enter');

  await arriveAt(page, words.methodTitle);
  await tabTo(page, words.verify);
  await keyboard.press('Enter');
  await arriveAt(page, words.codeTitle);
  await tabTo(page, words.code);
  await keyboard.type('1111 1111');
  await keyboard.press('Enter');
  await page.locator('#code-error').waitFor();
  expect(await focused(page)).toBe(words.code);
  await keyboard.press('Control+A');
  await keyboard.type(await codeTo(shop, 'mark@mail.example'));
  await keyboard.press('Enter');

  await arriveAt(page, words.passwordTitle);
  await tabTo(page, words.newPassword);
  await keyboard.type(newPassword);
  await tabTo(page, words.repeatPassword);
  await keyboard.type('another');
  await keyboard.press('Enter');
  await page.getByText(words.differ).waitFor();
  expect(await focused(page)).toBe(words.repeatPassword);
  await keyboard.press('Control+A');
  await keyboard.type(newPassword);
  await keyboard.press('Enter');
  await arriveAt(page, words.changed);
  await tabTo(page, words.signIn);
  await keyboard.press('Enter');
  await arriveAt(page, words.signIn);
  await tabTo(page, words.password);
  await keyboard.type(newPassword);
  await keyboard.press('Enter');
  await arriveAt(page, 'Hello, mark');
});

it('reload and back leave the walk as it was at every step', async ({ shop }) => {
  const visit = await shop.visit({ language: 'es', width: 360 });
  const { page, words } = visit;
  const reload = async (heading: string) => {
    await page.reload();
    await arriveAt(page, heading);
  };
  /** Back to the step before, and on again by its button or the browser's own. */
  const backAndOn = async (heading: string) => {
    await page.goBack();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.goForward();
    await arriveAt(page, heading);
  };
  await page.goto('/recover');
  await reload(words.identifyTitle);
  await page.getByLabel(words.identifier).fill('lucia');
  await goToMethods(visit);
  await reload(words.methodTitle);
  await backAndOn(words.methodTitle);
  await askForCode(visit);
  await reload(words.codeTitle);
  await backAndOn(words.codeTitle);
  const code = await codeTo(shop, 'lucia@correo.example');
  await page.getByLabel(words.code).fill('1111 1111');
  await page.getByRole('button', { name: words.confirm }).click();
  await page.locator('#code-error').waitFor();
  await page.goto('/recover/code');
  await enterCode(visit, code);
  await reload(words.passwordTitle);
  await backAndOn(words.passwordTitle);
  await choosePassword(visit);
  await reload(words.changed);
  // The used form is gone: the page says where things stand.
  await page.goBack();
  await arriveAt(page, words.changed);
});

it('two tabs go on with one recovery, and a page of an older one is refused in words', async ({ shop }) => {
  const visit = await shop.visit();
  const { page, words, context } = visit;
  await standAt('code', { shop, visit, userId: 'mark', address: 'mark@mail.example' });
  const second = await context.newPage();
  await second.goto('/recover/code');
  await arriveAt(second, words.codeTitle);
  await second.goto('/recover');
  await second.getByLabel(words.identifier).fill('aisha');
  await goToMethods({ ...visit, page: second });

  await page.bringToFront();
  await page.getByLabel(words.code).fill(await codeTo(shop, 'mark@mail.example'));
  await page.getByRole('button', { name: words.confirm }).click();
  await page.getByText('This page belongs to an earlier attempt.').waitFor();
  await page.getByText('For aisha').waitFor();
});

it('cookies are kept from scripts and other sites, and hold no words', async ({ shop }) => {
  const visit: Visit = await shop.visit();
  const { page, words, context } = visit;
  await page.goto('/recover');
  await page.getByLabel(words.identifier).fill('mark');
  await goToMethods(visit);
  await page.goto('/sign-in?lang=en');
  await page.getByLabel(words.identifier).fill('mark');
  await page.getByLabel(words.password, { exact: true }).fill(oldPassword);
  await page.getByRole('button', { name: words.signIn, exact: true }).click();
  await arriveAt(page, 'Hello, mark');
  const cookies = await context.cookies();
  expect(cookies.map(({ name }) => name).toSorted()).toEqual([
    'account-check',
    'account-device',
    'account-lang',
    'account-session',
  ]);
  for (const { name, value, httpOnly, sameSite, path } of cookies) {
    expect({ name, httpOnly, sameSite, path }).toEqual({ name, httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(value).toMatch(name === 'account-lang' ? /^en$/ : /^[\w-]{22,}$/);
  }
  expect(await page.evaluate(() => document.cookie)).toBe('');
  expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);
});
