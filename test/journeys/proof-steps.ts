// What tests of a case's proofs begin with: a case about an account, its form of proofs open, and what stands of it in rows.
import { en } from '../../src/i18n/en.ts';
import type { Person, TestApp } from '../../src/testing/app.ts';
import { setUpAuthenticator } from '../../src/testing/authenticator.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { casePath, type KeptCase, keptFrom } from './steps.ts';

interface OpenedCase {
  readonly browser: Browser;
  readonly kept: KeptCase;
}

/** Opens a case about whoever the identifier names; the browser then stands where proofs are sent. */
export async function openCaseAbout(
  browser: Browser,
  { identifier, contact, kind = 'I cannot use my mailbox' }: { identifier: string; contact: string; kind?: string },
): Promise<OpenedCase> {
  await browser.open('/recover/case');
  await browser.press('Open the case', {
    [kind]: 'chosen',
    [en['case.identifier']]: identifier,
    'What happened?': 'My mailbox is gone. Name, birthday, order number and last digits I can tell you.',
    'An email address where we can reach you': contact,
  });
  const kept = keptFrom(browser.page);
  await browser.open(`${casePath(kept)}/proofs`);
  return { browser, kept };
}

export const authenticatorOf = (app: TestApp, account: Person) =>
  setUpAuthenticator({ browser: app.browser(), clock: app.clock, basePath: '/', account });

export const caseOf = ({ db }: TestApp, { number }: KeptCase) =>
  db.read.selectFrom('cases').selectAll().where('number', '=', number.replaceAll(' ', '')).executeTakeFirstOrThrow();

/** The kinds of what was proved, in their order, whether it still counts or not. */
export async function provedIn(app: TestApp, kept: KeptCase): Promise<string[]> {
  const { id } = await caseOf(app, kept);
  const rows = await app.db.read.selectFrom('case_evidence').select('kind').where('case_id', '=', id).execute();
  return rows.map(({ kind }) => kind).toSorted((a, b) => a.localeCompare(b));
}
