// A case in a real browser: its number and code are copied by a press, and how it stands survives reload, back and the
// other language without the code being typed again; and the person's whole walk, from the lost mailbox to being signed in again,
// while the desk decides over HTTP.
import { expect } from 'vitest';
import { dayMs, minuteMs } from '../../src/base/clock.ts';
import { translator } from '../../src/i18n/translate.ts';
import { enrolAgent, signInAgent } from '../../src/testing/agents.ts';
import { linkOf } from '../journeys/steps.ts';
import { it } from './in-shop.ts';
import { good } from './look.ts';
import { arriveAt, blameOf, choosePassword, codeTo, passCheck, signInAgain } from './walk.ts';

it('is copied, confirmed and looked at again, on a phone in Spanish', async ({ shop }) => {
  const visit = await shop.visit({ language: 'es', width: 360 });
  const { page, words } = visit;
  await page.goto('/recover/case');
  // What is missing is said in the language of the page, whatever the browser's is, and only while it is missing.
  const submit = page.locator('main form button.primary');
  await page.locator('#contact').fill('lucia');
  await submit.click();
  const kinds = page.getByRole('radio');
  expect(await blameOf(kinds.first())).toBe('Elige una opción.');
  expect(await blameOf(page.locator('#contact'))).toBe('Esto no parece un email.');
  await page.getByRole('radio', { name: 'Probé con el email y no llegó nada' }).check();
  expect(await blameOf(kinds.first())).toBe('');
  await page.locator('#words').fill('Ya no tengo ese correo.');
  await page.locator('#contact').fill('lucia@correo.example');
  await passCheck(visit);
  await submit.click();
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

it.for([
  { language: 'en', width: 1280 },
  { language: 'es', width: 360 },
] as const)('gives an account back in $language at $width px, by two people and a hold', async (surface, { shop }) => {
  const t = translator(surface.language);
  const second = 'abril@other.example';
  const contact = 'abril@new.example';
  await shop.addPerson({ userId: 'abril', addresses: ['abril@lost.example', second], locale: surface.language });
  // What was added within thirty days proves nothing.
  shop.clock.advance(31 * dayMs);
  const visit = await shop.visit(surface);
  const { page, words } = visit;
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

  await page.goto('/recover/case');
  await page.getByRole('radio', { name: t('case.mailbox-lost') }).check();
  await page.getByLabel(t('case.identifier')).fill('abril');
  await page.getByLabel(t('case.words')).fill('Mi buzón ya no existe.');
  await page.getByLabel(t('case.contact')).fill(contact);
  await passCheck(visit);
  await press(t('case.submit'));
  await arriveAt(page, words.caseOpened);
  const [number = '', code = ''] = await page.locator('dd .code').allTextContents();
  await page.getByRole('link', { name: words.confirmEmail, exact: true }).click();
  await page.getByLabel(words.code).fill(await codeTo(shop, contact));
  await press(words.confirm);
  await page.getByText(t('case.confirmed'), { exact: true }).waitFor();
  await page.getByRole('link', { name: t('proof.title') }).click();
  await page.getByLabel(t('proof.address-label'), { exact: true }).fill(second);
  await press(t('proof.address-send'));
  await page.getByLabel(words.code).fill(await codeTo(shop, second));
  await press(words.confirm);
  await page.getByText(t('proof.sent')).waitFor();

  for (const [name, act] of [
    ['elena', 'propose'],
    ['omar', 'approve'],
  ] as const) {
    const agent = await enrolAgent(shop, { name, locale: surface.language });
    shop.clock.advance(minuteMs);
    const desk = shop.browser(surface.language);
    await signInAgent(desk, agent);
    await desk.open(`/support/cases/${number.replaceAll(/\s/g, '')}`);
    if (act === 'propose') await desk.press(t('desk.take'));
    await desk.press(t(`desk.${act}`), { [t('desk.release-why')]: 'Leyó el código de la otra dirección.' });
    expect(desk.page.html).toContain(good);
  }

  await visit.pass(4 * dayMs);
  await shop.deliverMail();
  await page.goto(linkOf(await shop.mailTo(contact), 'grant'));
  await page.getByLabel(t('case.code')).fill(code);
  await press(words.continue);
  await arriveAt(page, words.passwordTitle);
  await choosePassword(visit);
  await signInAgain(visit);
  await page.getByRole('heading', { name: words.orders }).waitFor();
});
