// Steps that many journeys share, in English: each does what the person does, and returns the page that comes.
import { minuteMs } from '../../src/base/clock.ts';
import { enrolAgent, signInAgent, type TestAgent } from '../../src/testing/agents.ts';
import type { Person, TestApp } from '../../src/testing/app.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import { codeIn, linksIn, numberIn, type ReceivedMail } from '../../src/testing/mailbox.ts';

export const newPassword = 'seven green umbrellas';

export async function startRecovery(browser: Browser, identifier: string): Promise<Page> {
  await browser.open('/recover');
  return browser.press('Continue', { 'Email or user ID': identifier });
}

export const askForCode = (browser: Browser): Promise<Page> =>
  browser.press('Verify now', {}, 'Email verification (Recommended)');

/** As far as the page that asks for the code. */
export async function reachCode(browser: Browser, identifier: string): Promise<Page> {
  await startRecovery(browser, identifier);
  return askForCode(browser);
}

export const enterCode = (browser: Browser, code: string): Promise<Page> =>
  browser.press('Confirm', { 'Verification code': code });

/** As far as the page that asks for the new password. */
export async function reachPassword(app: TestApp, browser: Browser, { address }: Person): Promise<Page> {
  await reachCode(browser, address);
  // A notice may go out at the same time, and arrive after it.
  const code = (await app.mailsTo(address)).map(codeIn).find((each) => each !== undefined);
  return enterCode(browser, code ?? '');
}

export const choosePassword = (browser: Browser, password = newPassword, repeated = password): Promise<Page> =>
  browser.press('Continue', { 'New password': password, 'Confirm the new password': repeated });

export async function signIn(browser: Browser, identifier: string, password: string): Promise<Page> {
  await browser.open('/sign-in');
  return browser.press('Sign in', { 'Email or user ID': identifier, Password: password });
}

/** Whether this password opens the account, in a browser that has never been here. */
export async function opens(app: TestApp, { userId }: Person, password: string): Promise<boolean> {
  const page = await signIn(app.browser(), userId, password);
  return page.text.includes(`Signed in as ${userId}`);
}

export function codeOf(mail: ReceivedMail): string {
  const code = codeIn(mail);
  if (code === undefined) throw new Error(`no code in: ${mail.text}`);
  return code;
}

/** The number of a notice. */
export function numberOf(mail: ReceivedMail): string {
  const number = numberIn(mail);
  if (number === undefined) throw new Error(`no number in: ${mail.text}`);
  return number;
}

/** The path of the link in a mail that leads to `place`. */
export function linkOf(mail: ReceivedMail, place: 'link' | 'stop' | 'grant'): string {
  const link = linksIn(mail).find((each) => each.includes(`/recover/${place}/`));
  if (link === undefined) throw new Error(`no such link in: ${mail.text}`);
  return new URL(link).pathname;
}

/** A code of the same length that is not right. */
export const wrong = (code: string): string => code.replace(/\d$/, (last) => String((Number(last) + 1) % 10));

export interface KeptCase {
  readonly number: string;
  readonly code: string;
}

/** Opens a case, and keeps what the page shows once. */
export async function openCase(browser: Browser, contact: string): Promise<KeptCase> {
  await browser.open('/recover/case');
  await browser.press('Open the case', {
    'Something else': 'chosen',
    'What happened?': 'My old telephone fell into the harbour.',
    'An email address where we can reach you': contact,
  });
  return keptFrom(browser.page);
}

/** Of its page for the person. */
export const casePath = ({ number }: KeptCase): string => `/recover/case/${number.replaceAll(' ', '')}`;

/** Writes to the desk about a case that this browser follows. */
export async function writeToDesk(browser: Browser, kept: KeptCase, words: string): Promise<Page> {
  await browser.open(casePath(kept));
  return browser.press('Send to support', { 'Something to add?': words });
}

/** The number and the code on the page of a case just opened, as shown. */
export function keptFrom({ text }: Pick<Page, 'text'>): KeptCase {
  const [, number = '', code = ''] =
    /([A-Z\d]{3}(?: [A-Z\d]{3}){2})\b.*?([A-Z\d]{4}(?: [A-Z\d]{4}){3})\b/.exec(text) ?? [];
  if (code === '') throw new Error(`no case on: ${text}`);
  return { number, code };
}

/** Types both, wherever the browser is. */
export async function followCase(browser: Browser, { number, code }: KeptCase): Promise<Page> {
  await browser.open('/recover/case/status');
  return browser.press('Show the case', { 'Case number': number, 'Case code': code });
}

/** Two agents, a lead and an auditor. */
export interface DeskAgents {
  readonly elena: TestAgent;
  readonly omar: TestAgent;
  readonly dieter: TestAgent;
  readonly ada: TestAgent;
}

export const enrolDesk = async (app: TestApp): Promise<DeskAgents> => ({
  elena: await enrolAgent(app, { name: 'Elena' }),
  omar: await enrolAgent(app, { name: 'Omar' }),
  dieter: await enrolAgent(app, { name: 'Dieter', role: 'lead' }),
  ada: await enrolAgent(app, { name: 'Ada', role: 'auditor' }),
});

/** A browser in which the agent is signed in; a minute later, so that the phone shows another code. */
export async function signInAt(app: TestApp, agent: TestAgent): Promise<Browser> {
  const browser = app.browser();
  app.clock.advance(minuteMs);
  await signInAgent(browser, agent);
  return browser;
}

/** What the audit says of a person's account: only these events, in the order of their names. */
export const eventsOf = ({ db }: TestApp, { userId }: Person, ...events: string[]) =>
  db.read
    .selectFrom('audit_events')
    .innerJoin('accounts', 'accounts.id', 'audit_events.account_id')
    .select(['event', 'facts', 'source_hash'])
    .where('user_id', '=', userId)
    .where('event', 'in', events)
    .orderBy('event')
    .execute();
