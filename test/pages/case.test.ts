// A case in a real browser: its number and code are copied by a press, and how it stands survives reload, back and the
// other language without the code being typed again.
import { expect } from 'vitest';
import { it } from './in-shop.ts';
import { arriveAt, codeTo, passCheck } from './walk.ts';

it('is copied, confirmed and looked at again, on a phone in Spanish', async ({ shop }) => {
  const visit = await shop.visit({ language: 'es', width: 360 });
  const { page, words, context } = visit;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/recover/case');
  await page.getByRole('radio', { name: 'No puedo usar mi buzón' }).check();
  await page.locator('#words').fill('Ya no tengo ese correo.');
  await page.locator('#contact').fill('lucia@correo.example');
  await passCheck(visit);
  await page.locator('main form button.primary').click();
  await arriveAt(page, words.caseOpened);
  const [number = '', code = ''] = await page.locator('dd .code').allTextContents();
  for (const [label, text] of [
    ['Copiar el número', number],
    ['Copiar el código', code],
  ] as const) {
    await page.getByRole('button', { name: label }).press('Enter');
    await page.getByRole('button', { name: words.copied }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
    await page.getByRole('button', { name: label }).waitFor();
  }

  await page.getByRole('link', { name: words.confirmEmail, exact: true }).click();
  await arriveAt(page, words.confirmEmail);
  await page.getByLabel(words.code).fill(await codeTo(shop, 'lucia@correo.example'));
  await page.keyboard.press('Enter');
  const heading = page.getByRole('heading', { level: 1 });
  await page.getByText('Confirmado', { exact: true }).waitFor();
  await page.reload();
  expect((await heading.textContent())?.replaceAll('\u00a0', ' ')).toBe(`Tu caso ${number}`);
  await page.getByRole('link', { name: 'English' }).click();
  await page.getByText('Confirmed', { exact: true }).waitFor();
  await page.goBack();
  // The language stays the one chosen last.
  await page.getByText('Confirmed', { exact: true }).waitFor();
  expect(page.url()).not.toContain(code.replaceAll(' ', ''));
});
