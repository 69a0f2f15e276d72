// What tests of releases begin with: somebody who lost the mailbox of an account and opened a case, what they proved, and the
// row of the release.
import { dayMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import type { Release } from '../../src/releases/release-rows.ts';
import type { Person, TestApp } from '../../src/testing/app.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import type { EvidenceKind } from '../../src/support/evidence.ts';
import { codeOf, enterCode, type KeptCase, keptFrom, linkOf, numberOf } from './steps.ts';

export interface Stuck {
  readonly owner: Person;
  readonly person: Browser;
  readonly kept: KeptCase;
  readonly contact: string;
  /** Of the case at the desk. */
  readonly path: string;
  readonly number: string;
  readonly caseId: string;
  readonly accountId: string;
}

export interface Life {
  readonly kind?: string;
  /** How old the account and its address are when the case is opened. */
  readonly ageMs?: number;
  /** What the owner does before that. */
  readonly lives?: (owner: Person) => Promise<void>;
  readonly owner?: Person;
}

let contacts = 0;

/** Somebody who lost the mailbox of an account that is forty days old, and opened a case with a confirmed contact. */
export async function stuck(app: TestApp, life: Life = {}): Promise<Stuck> {
  const { kind = 'I cannot use my mailbox', ageMs = 40 * dayMs, lives } = life;
  const owner = life.owner ?? (await app.addPerson());
  if (!life.owner) app.clock.advance(ageMs);
  await lives?.(owner);
  contacts += 1;
  const contact = `new${contacts}.${owner.userId}@mail.example`;
  const person = app.browser();
  await person.open('/recover/case');
  await person.press('Open the case', {
    [kind]: 'chosen',
    [en['case.identifier']]: owner.userId,
    'What happened?': 'My provider closed my mailbox.',
    'An email address where we can reach you': contact,
  });
  const kept = keptFrom(person.page);
  await person.follow('Confirm your email address');
  await enterCode(person, codeOf(await app.mailTo(contact)));
  const number = kept.number.replaceAll(' ', '');
  const { id: caseId } = await app.db.read
    .selectFrom('cases')
    .select('id')
    .where('number', '=', number)
    .executeTakeFirstOrThrow();
  const { id: accountId } = await app.db.read
    .selectFrom('accounts')
    .select('id')
    .where('user_id', '=', owner.userId)
    .executeTakeFirstOrThrow();
  await app.deliverMail();
  return { owner, person, kept, contact, path: `/support/cases/${number}`, number, caseId, accountId };
}

/** What the case proved: how a person does that is for test/journeys/support.test.ts. */
export async function prove(
  app: TestApp,
  of: Pick<Stuck, 'caseId' | 'accountId'>,
  ...kinds: readonly EvidenceKind[]
): Promise<void> {
  const proven = { site: 'default', case_id: of.caseId, account_id: of.accountId, proven_at: app.clock.now() };
  await app.db.write(async (tx) => {
    for (const kind of kinds)
      await tx
        .insertInto('case_evidence')
        .values({ ...proven, id: `${of.caseId} ${kind}`, kind })
        .execute();
  });
}

/** The newest release of the case. */
export const releaseOf = (app: TestApp, { caseId }: Pick<Stuck, 'caseId'>): Promise<Release> =>
  app.db.read
    .selectFrom('releases')
    .selectAll()
    .where('case_id', '=', caseId)
    .orderBy('proposed_at', 'desc')
    .executeTakeFirstOrThrow();

/** Until the hold is over and the grant is out. */
export async function waitForGrant(app: TestApp, of: Pick<Stuck, 'caseId'>): Promise<void> {
  const { hold_ends_at } = await releaseOf(app, of);
  app.clock.advance(Math.max(0, (hold_ends_at ?? 0) - app.clock.now()));
  await app.deliverMail();
}

/** Types the case code under the link of the grant. */
export async function openGrant(app: TestApp, { contact, kept }: Stuck, browser: Browser): Promise<Page> {
  await browser.open(linkOf(await app.mailTo(contact), 'grant'));
  return browser.press('Continue', { 'Case code': kept.code });
}

/** "This was not me", from the newest notice to an address. */
export async function disown(
  app: TestApp,
  of: Stuck,
  { address = of.owner.address, button = 'Stop it' }: { readonly address?: string; readonly button?: string } = {},
): Promise<Page> {
  const mail = await app.mailTo(address);
  const browser = app.browser();
  await browser.open(linkOf(mail, 'stop'));
  return browser.press(button, { 'Number from the notice': numberOf(mail) });
}
