// The tours of the support desk as its agents see it: begun behind the enrolment link, signed in with password and passkey; and
// at work, with many cases.
import type { Page } from 'playwright-core';
import type { AgentRole } from '../../src/agents/agents.ts';
import { dayMs, minuteMs } from '../../src/base/clock.ts';
import { type Locale, translator } from '../../src/i18n/translate.ts';
import { agentPassword, enrolAgent, signInAgent } from '../../src/testing/agents.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { numberOf, pileCases } from '../../src/testing/cases.ts';
import type { Shop, Visit } from './shop.ts';
import { bad, type Look, type LookOver } from './look.ts';
import { goAs } from './walk.ts';
import { wordsIn } from './words.ts';

/** A device that says yes to everything, as a fingerprint would. */
export async function addPasskeyDevice(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

export async function tourAgents(shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words } = visit;
  const name = 'elena';
  const link = await shop.app.agents.add({ name, role: 'lead', locale: words === wordsIn.es ? 'es' : 'en' });
  if (!link.ok) throw new Error(link.reason);
  const enrolment = `/support/enrol/${link.token}`;
  const send = () => Promise.all([page.waitForEvent('load'), page.locator('main form button.primary').first().click()]);
  const byPasskey = () => Promise.all([page.waitForEvent('load'), page.locator('[data-passkey]').click()]);
  const type = async (password: string) => {
    await page.locator('#password').fill(password);
    if ((await page.locator('#repeated').count()) > 0) await page.locator('#repeated').fill(password);
  };

  await page.goto(enrolment);
  await page.locator('[data-passkey][data-ready]').waitFor();
  // The colours of a chart are none of the key that is typed.
  const mark = await page.locator('main .key').evaluate((key) => getComputedStyle(key, '::before').content);
  if (mark !== 'none') throw new Error(`a mark stands before the key: ${mark}`);
  await look(page, 'desk-enrol');
  await type('corta');
  await page.locator('#code').fill('12');
  await send();
  await look(page, 'desk-enrol-refused');
  await addPasskeyDevice(page);
  await type(agentPassword);
  await byPasskey();
  await page.locator('.notice.good').waitFor();
  await look(page, 'desk-sign-in');
  await page.locator('#name').fill(name);
  await type('not the right one at all');
  await byPasskey();
  await page.getByRole('alert').waitFor();
  await look(page, 'desk-sign-in-refused');
  await type(agentPassword);
  await byPasskey();
  await page.locator('header.desk form').waitFor();
  await look(page, 'desk');
  await page.goto('/support/own');
  await look(page, 'desk-own');
  await page.locator('#backOn').fill(new Date(shop.clock.now() + 9 * dayMs).toISOString().slice(0, 10));
  await send();
  await page.locator('.notice.good').waitFor();
  await look(page, 'desk-away');
  await type(agentPassword);
  await Promise.all([page.waitForEvent('load'), page.locator('[name="remove"]').click()]);
  await page.getByRole('alert').waitFor();
  await look(page, 'desk-own-refused');
  await Promise.all([page.waitForEvent('load'), page.locator('header.desk form button').click()]);
  await page.locator('#name').waitFor();
  await page.goto(enrolment);
  await look(page, 'desk-link-over');
}

/** What keys do at the desk. */
export async function tourDesk(shop: Shop, visit: Visit, look: Look): Promise<void> {
  const { page, words } = visit;
  const browser = shop.browser(words === wordsIn.es ? 'es' : 'en');
  await openDesk(shop, browser);
  await goAs(shop, visit, browser);
  await look(page, 'desk-queue');
  // By keys: to the second line, and to the search; while somebody types they are letters.
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const second = await page.locator('.cases .number').nth(1).textContent();
  if ((await page.locator(':focus').textContent()) !== second) throw new Error('J J is not at the second case');
  await Promise.all([page.waitForURL('**/support/search'), page.keyboard.press('s')]);
  await page.locator('#text').press('c');
  if ((await page.locator('#text').inputValue()) !== 'c') throw new Error('a key acted while somebody typed');
}

/** A new agent in a browser of their own. */
export async function signedIn(shop: Shop, locale: Locale, name: string, role: AgentRole = 'agent'): Promise<Browser> {
  const agent = await enrolAgent(shop, { name, role, locale });
  shop.clock.advance(minuteMs);
  const desk = shop.browser(locale);
  await signInAgent(desk, agent);
  return desk;
}

/** Many cases, and a lead who has one of them in front. */
async function openDesk(shop: Shop, browser: Browser): Promise<void> {
  const agent = await enrolAgent(shop, { name: 'dieter', role: 'lead', locale: browser.language });
  await pileCases(shop, { open: 121, decided: 40, agentId: agent.id, userId: 'lucia' });
  shop.clock.advance(minuteMs);
  await signInAgent(browser, agent);
  await browser.open('/support');
}

export async function tourCases(shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const t = translator(browser.language);
  await openDesk(shop, browser);
  await browser.open('/support?view=closed&after=1.x');
  await look(browser, 'desk-queue-empty', '<h1');
  await browser.open('/support/search');
  const search = (text: string) => browser.press(t('desk.search'), { [t('desk.search-label')]: text });
  await search('nobody.here');
  await look(browser, 'desk-search-none', t('desk.found-none'));
  await search('lucia');
  await look(browser, 'desk-search', 'class="cases');
  await browser.open(`/support/cases/${numberOf(80)}`);
  await look(browser, 'desk-case', t('desk.take'));
  await browser.open(`/support/cases/${numberOf(40)}`);
  await look(browser, 'desk-case-own', t('desk.write'));
  await browser.open('/support/figures?days=7');
  // Closed at first; what is in it stands in the page.
  await look(browser, 'desk-figures', '<summary>');
  const elena = await signedIn(shop, browser.language, 'elena');
  await elena.open('/support/own');
  await elena.press(t('desk.shortcuts-switch-off'));
  await look(elena, 'desk-own-app', t('desk.shortcuts-switch-on'));
  await elena.open('/support/figures');
  await look(elena, 'desk-forbidden', t('problem.agent-role'));
  const ada = await signedIn(shop, browser.language, 'ada', 'auditor');
  await ada.open(`/support/cases/${numberOf(80)}`);
  await look(ada, 'desk-case-auditor', t('desk.conversation'));
  await ada.open('/support/cases/ACDEFGHJK');
  await look(ada, 'desk-case-missing', bad);
  const stranger = shop.browser(browser.language);
  await stranger.open('/support');
  await look(stranger, 'desk-signed-out', 'name="returnTo"');
}
