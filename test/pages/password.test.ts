// The new password in a real browser (walk 7); what the server does with it is in test/journeys/reset.test.ts.
import { expect } from 'vitest';
import { minuteMs } from '../../src/base/clock.ts';
import { it } from './in-shop.ts';
import { arriveAt, blameOf, newPassword, standAt } from './walk.ts';

it('says beside the field that two passwords differ, keeps and shows both, and fills in a suggestion that is accepted', async ({
  shop,
}) => {
  const visit = await shop.visit({ language: 'es', width: 360 });
  const { page, words } = visit;
  await standAt('password', { shop, visit, userId: 'lucia', address: 'lucia@correo.example' });
  const first = page.getByLabel(words.newPassword, { exact: true });
  const second = page.getByLabel(words.repeatPassword);
  await page.getByText(words.advice).waitFor();
  await page.getByText('Tienes 60 minutos para este paso.').waitFor();
  await visit.pass(10 * minuteMs);
  await page.getByText('Tienes 50 minutos para este paso.').waitFor();
  // The browser of the tests speaks English.
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  expect(await blameOf(first)).toBe('Rellena este campo.');
  await first.fill(newPassword);
  await second.fill('otra frase');
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  const error = page.getByText(words.differ);
  await error.waitFor();
  expect(await second.getAttribute('aria-invalid')).toBe('true');
  expect(await second.getAttribute('aria-describedby')).toBe(await error.getAttribute('id'));
  expect(await second.evaluate((field) => field === document.activeElement)).toBe(true);
  expect([await first.inputValue(), await second.inputValue()]).toEqual([newPassword, 'otra frase']);
  // Two buttons with the same words: each says of which field it is.
  const described = page.getByRole('button', { name: words.show });
  expect(
    await described.evaluateAll((all) => all.map((each) => each.ariaDescribedByElements?.[0]?.textContent)),
  ).toEqual([words.newPassword, words.repeatPassword]);
  await page.getByRole('button', { name: words.show }).first().click();
  expect(await first.getAttribute('type')).toBe('text');

  await page.getByRole('button', { name: 'Sugerir una' }).click();
  await page.getByRole('status').filter({ hasText: 'Hay una sugerencia' }).waitFor();
  const suggestion = await first.inputValue();
  expect(suggestion).toMatch(/^\p{L}+([- ]\p{L}+){3,}$/u);
  expect(await second.inputValue()).toBe(suggestion);
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await arriveAt(page, words.changed);
});
