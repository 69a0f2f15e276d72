// The code and its mail in a real browser: walks 5, 6, 15, 18 and 65, with the mailbox open in a second tab.
import { expect } from 'vitest';
import { minuteMs, secondMs } from '../../src/base/clock.ts';
import { it } from './in-shop.ts';
import type { Shop, Visit } from './shop.ts';
import {
  arriveAt,
  askForCode,
  choosePassword,
  codeTo,
  enterCode,
  passCheck,
  passUntil,
  recoverOver,
  standAt,
} from './walk.ts';

const openMailbox = async (shop: Shop, { context }: Visit) => {
  await shop.deliverMail();
  const tab = await context.newPage();
  await tab.goto('/mailbox');
  return tab;
};

it.for([
  { language: 'en', width: 1280 },
  { language: 'es', width: 360 },
] as const)('copies the code in a second tab and pastes it in the first, in $language', async (where, { shop }) => {
  const visit = await shop.visit(where);
  const { page, words } = visit;
  await standAt('code', { shop, visit, userId: 'lucia', address: 'lucia@correo.example' });
  await page.getByLabel(words.code).fill('12');

  const mailbox = await openMailbox(shop, visit);
  await mailbox.getByRole('link', { name: words.subject }).click();
  await mailbox.getByRole('button', { name: words.copyCode }).click();
  await mailbox.getByRole('button', { name: words.copied }).waitFor();
  const mail = mailbox.frameLocator('iframe');
  await mail.getByText(words.footer).waitFor();
  await mail.getByRole('link', { name: words.notMe }).waitFor();
  const copied = await mailbox.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^\d{4} \d{4}$/);

  await page.bringToFront();
  expect(await page.getByLabel(words.code).inputValue()).toBe('12');
  await page.evaluate((text) => navigator.clipboard.writeText(` ${text}\n`), copied);
  await page.getByLabel(words.code).focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Control+V');
  await page.getByRole('button', { name: words.confirm, exact: true }).click();
  await arriveAt(page, words.passwordTitle);
});

it('has named sender and subject before the mail is found under Spam by searching for them', async ({ shop }) => {
  const visit = await shop.visit({ language: 'es' });
  const { page, words, context } = visit;
  const mailbox = await context.newPage();
  await mailbox.goto('/mailbox');
  await mailbox.getByRole('switch', { name: 'Enviar el correo nuevo a Spam' }).click();
  await mailbox.getByRole('switch', { name: 'Enviar el correo nuevo a Spam', checked: true }).waitFor();

  await standAt('code', { shop, visit, userId: 'lucia', address: 'lucia@correo.example' });
  await page.getByText(words.spam).waitFor();
  const [sender, subject] = await page.locator('.note b').allTextContents();
  expect([sender, subject]).toEqual(['Alfarel', words.subject]);

  await shop.deliverMail();
  await mailbox.goto('/mailbox');
  expect(await mailbox.getByRole('link', { name: words.subject }).count()).toBe(0);
  await mailbox.getByRole('link', { name: 'Spam' }).click();
  await mailbox.getByRole('searchbox').fill(subject ?? '');
  await mailbox.getByRole('button', { name: 'Buscar' }).click();
  await mailbox
    .getByRole('link', { name: words.subject })
    .filter({ hasText: sender ?? '' })
    .waitFor();
});

it.for([1280, 360])('comes by itself and moves nothing that can be pressed, at %s px', async (width, { shop }) => {
  const visit = await shop.visit({ width });
  const { page, words } = visit;
  await page.goto('/mailbox');
  await recoverOver(shop.browser(), 'code', { shop, userId: 'lucia', address: 'lucia@correo.example' });
  await shop.deliverMail();
  // The shop notes what moves.
  await passUntil(visit, page.getByRole('link', { name: words.subject }));
  await page.evaluate(() => new Promise(requestAnimationFrame));
});

it('counts a minute down before the mail is sent again, and an hour after three', async ({ shop }) => {
  const visit = await shop.visit();
  const { page, words } = visit;
  await standAt('code', { shop, visit, userId: 'mark', address: 'mark@mail.example' });
  const again = page.getByRole('button', { name: words.again });
  for (const mails of [2, 3]) {
    await expect.poll(() => again.getAttribute('aria-disabled')).toBe('true');
    expect(await page.locator('#again-in').textContent()).toMatch(/^You can send again in (1 minute|\d\d seconds)\.$/);
    // A press now does nothing: the page and what is typed in it stay.
    await page.getByLabel(words.code).fill('4821');
    await again.focus();
    await page.keyboard.press('Enter');
    await visit.pass(30 * secondMs);
    expect(await again.getAttribute('aria-disabled')).toBe('true');
    expect(await page.locator('#again-in').textContent()).toMatch(/ (2\d|30) seconds/);
    expect(await page.getByLabel(words.code).inputValue()).toBe('4821');
    await visit.pass(31 * secondMs);
    expect(await again.getAttribute('aria-disabled')).toBe('false');
    expect(await page.locator('#again-in').isVisible()).toBe(false);
    await again.click();
    await page.getByRole('status').filter({ hasText: 'It is the same code.' }).waitFor();
    expect(await shop.mailsTo('mark@mail.example')).toHaveLength(mails);
  }
  await visit.pass(61 * secondMs);
  await again.click();
  await page
    .getByRole('alert')
    .filter({ hasText: /You can send again in 5\d minutes, or contact support/ })
    .waitFor();
  expect(await shop.mailsTo('mark@mail.example')).toHaveLength(3);
});

it('offers support to everyone who still waits after two minutes', async ({ shop }) => {
  const visit = await shop.visit();
  const { page } = visit;
  await standAt('code', { shop, visit, userId: 'nobody-here', address: '' });
  const offer = page.getByText('Nothing after two minutes?');
  expect(await offer.isVisible()).toBe(false);
  await visit.pass(121 * secondMs);
  await offer.waitFor();
  await page.getByRole('status').getByRole('link', { name: 'Contact support' }).click();
  await arriveAt(page, 'Contact support');
});

it('loses nothing when there are 25 minutes between two steps', async ({ shop }) => {
  const visit = await shop.visit({ language: 'es', width: 360 });
  const { page, words, pass } = visit;
  const pause = () => pass(25 * minuteMs);
  await page.goto('/recover');
  await page.getByLabel(words.identifier).fill('lucia');
  await pause();
  await passCheck(visit);
  await pause();
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await arriveAt(page, words.methodTitle);
  await pause();
  await askForCode(visit);
  const code = await codeTo(shop, 'lucia@correo.example');
  await page.getByText('Puedes escribir el código durante 30 minutos.').waitFor();
  await pause();
  await enterCode(visit, code);
  await page.getByText(/Tienes .+ para este paso\./).waitFor();
  await pause();
  await choosePassword(visit);
});

it('puts one button in the place of a code that has expired, and goes on in the same recovery', async ({ shop }) => {
  const visit = await shop.visit();
  const { page, words } = visit;
  await standAt('code', { shop, visit, userId: 'mark', address: 'mark@mail.example' });
  const old = await codeTo(shop, 'mark@mail.example');
  await visit.pass(31 * minuteMs);
  await page.getByText('You have 0 minutes to type the code.').waitFor();
  await page.getByLabel(words.code).fill(old);
  await page.getByRole('button', { name: words.confirm }).click();
  await arriveAt(page, 'This code has expired');
  await page.getByRole('button', { name: 'Get a new code' }).click();
  await arriveAt(page, words.codeTitle);
  await enterCode(visit, await codeTo(shop, 'mark@mail.example'));
});
