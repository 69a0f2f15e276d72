// An account is given to the person of a case (walks 45 to 52): by two people, after a hold, told to whoever has it, who can
// stop it without signing in. The grant opens one page once. Nobody of the desk can do it alone, whatever the role.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { enrolAgent, signInAgent, type TestAgent } from '../../src/testing/agents.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import type { EvidenceKind } from '../../src/support/evidence.ts';
import {
  choosePassword,
  codeOf,
  enterCode,
  followCase,
  type KeptCase,
  keptFrom,
  linkOf,
  newPassword,
  numberOf,
  opens,
  reachPassword,
  signIn,
} from './steps.ts';

let app: TestApp;
let agents: { elena: TestAgent; omar: TestAgent; dieter: TestAgent; ada: TestAgent };
let people = 0;
beforeAll(async () => {
  // All pages are Rekey's own here.
  app = await createTestApp({ createSite: () => async () => undefined });
  agents = {
    elena: await enrolAgent(app, { name: 'Elena' }),
    omar: await enrolAgent(app, { name: 'Omar' }),
    dieter: await enrolAgent(app, { name: 'Dieter', role: 'lead' }),
    ada: await enrolAgent(app, { name: 'Ada', role: 'auditor' }),
  };
});
beforeEach(() => {
  app.clock.advance(dayMs);
  people += 1;
});
afterAll(async () => {
  expect(app.faults).toEqual([]);
  await app.close();
});

async function at(name: keyof typeof agents): Promise<Browser> {
  const browser = app.browser();
  app.clock.advance(minuteMs);
  await signInAgent(browser, agents[name]);
  return browser;
}

interface Stuck {
  readonly owner: Person;
  readonly person: Browser;
  readonly kept: KeptCase;
  readonly contact: string;
  readonly path: string;
  readonly caseId: string;
  readonly accountId: string;
}

/** Somebody who lost the mailbox of an account that is a year old, and opened a case with a confirmed contact. */
interface Life {
  readonly kind?: string;
  readonly ageMs?: number;
  /** What the owner does before the case is opened. */
  readonly lives?: (owner: Person) => Promise<void>;
}

async function stuck({ kind = 'I cannot use my mailbox', ageMs = 365 * dayMs, lives }: Life = {}): Promise<Stuck> {
  const owner = await app.addPerson();
  app.clock.advance(ageMs);
  await lives?.(owner);
  const contact = `new${people}.${owner.userId}@mail.example`;
  const person = app.browser();
  await person.open('/recover/case');
  await person.press('Open the case', {
    [kind]: 'chosen',
    [en['case.identifier']]: owner.userId,
    'What happened?': 'My provider closed my mailbox.',
    'An email where we can reach you': contact,
  });
  const kept = keptFrom(person.page);
  await person.follow('Confirm your email');
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
  return { owner, person, kept, contact, path: `/support/cases/${number}`, caseId, accountId };
}

/** What the case proved, as the page of the case writes it. */
async function prove({ caseId, accountId }: Stuck, ...kinds: readonly EvidenceKind[]): Promise<void> {
  const of = { site: 'default', case_id: caseId, account_id: accountId, proven_at: app.clock.now() };
  await app.db.write(async (tx) => {
    for (const kind of kinds)
      await tx
        .insertInto('case_evidence')
        .values({ ...of, id: `${caseId} ${kind}`, kind })
        .execute();
  });
}

const why = { [en['desk.release-why']]: 'Read the code of the other mailbox to me.' };

async function propose(browser: Browser, { path }: Stuck): Promise<Page> {
  await browser.open(path);
  if (browser.page.html.includes('Take this case')) await browser.press('Take this case');
  return browser.press('Propose', why);
}

async function decide(browser: Browser, { path }: Stuck, act: 'Approve' | 'Refuse' | 'Take it back'): Promise<Page> {
  await browser.open(path);
  return browser.press(act, why);
}

/** As far as the hold: Elena proposed, Omar approved. */
async function held(kinds: readonly EvidenceKind[] = ['spare-code'], more: Life = {}): Promise<Stuck> {
  const of = await stuck(more);
  await prove(of, ...kinds);
  expect((await propose(await at('elena'), of)).notice).toBe('Done.');
  expect((await decide(await at('omar'), of, 'Approve')).notice).toBe('Done.');
  await app.deliverMail();
  return of;
}

const releaseOf = ({ caseId }: Stuck) =>
  app.db.read
    .selectFrom('releases')
    .selectAll()
    .where('case_id', '=', caseId)
    .orderBy('proposed_at', 'desc')
    .executeTakeFirstOrThrow();

async function pass(ms: number): Promise<void> {
  app.clock.advance(ms);
  await app.deliverMail();
}

/** Opens the grant of a release whose hold is over. */
async function openGrant({ contact, kept }: Stuck, browser: Browser): Promise<Page> {
  await browser.open(linkOf(await app.mailTo(contact), 'grant'));
  return browser.press('Continue', { 'Case code': kept.code });
}

async function disown(of: Stuck, address = of.owner.address): Promise<Page> {
  const mail = await app.mailTo(address);
  const browser = app.browser();
  await browser.open(linkOf(mail, 'stop'));
  return browser.press('Stop it', { 'Number of the notice': numberOf(mail) });
}

describe('two people, a hold and a grant', () => {
  it('give an account back: proposed, approved, told, waited for, opened once with the case code', async () => {
    const of = await stuck();
    const { owner, person, kept } = of;
    // The owner is told as soon as the contact is confirmed.
    const told = await app.mailTo(owner.address);
    expect(told.subject).toBe('Somebody asks our support for your account at Corner Shop');
    expect(told.text).toContain(owner.userId);

    const elena = await at('elena');
    await elena.open(of.path);
    await elena.press('Take this case');
    // Walk 45: dead until the evidence stands, and no less dead for who sends the form all the same.
    expect(elena.page.html).toMatch(/<button name="act" value="propose" disabled/);
    expect(elena.page.text).toContain('You cannot propose this yet: one proof is missing.');
    const forged = await elena.post(`${of.path}/release`, {
      act: 'propose',
      account: of.accountId,
      version: '9',
      words: 'hurry',
    });
    expect(forged.status).toBe(409);
    await prove(of, 'spare-code');
    expect((await propose(elena, of)).notice).toBe('Done.');
    expect(elena.page.text).toContain('You proposed this. Another person has to approve it.');
    expect(elena.page.text).toContain('Proved: Has a spare code');

    // Walk 46: not her own, not an auditor.
    const release = await releaseOf(of);
    const approval = { act: 'approve', release: release.id, version: String(release.version), words: 'mine' };
    const own = await elena.post(`${of.path}/release`, approval);
    expect([own.status, own.text]).toEqual([409, expect.stringContaining('You proposed this yourself')]);
    expect((await (await at('ada')).post(`${of.path}/release`, approval)).status).toBe(403);
    const omar = await at('omar');
    expect((await decide(omar, of, 'Approve')).notice).toBe('Done.');
    expect((await omar.post(`${of.path}/release`, approval)).status).toBe(409);

    // Walk 47: told, and nothing opens until the end of the hold.
    await app.deliverMail();
    expect((await app.mailTo(owner.address)).subject).toContain('is about to be given to somebody');
    await followCase(person, kept);
    expect(person.page.text).toContain('We have decided to give you access. For safety it waits for 72 hours more');
    const { hold_ends_at } = await releaseOf(of);
    await pass((hold_ends_at ?? 0) - app.clock.now() - 1);
    expect((await releaseOf(of)).state).toBe('holding');
    expect(await opens(app, owner, owner.password)).toBe(true);
  });

  it('pass the account on: the grant sets a password once, and the old addresses get notices alone', async () => {
    const of = await held();
    const { owner, contact, kept } = of;
    const { hold_ends_at } = await releaseOf(of);
    await pass((hold_ends_at ?? 0) - app.clock.now());
    expect((await releaseOf(of)).state).toBe('released');
    expect((await app.mailTo(owner.address)).subject).toContain('Somebody can now get into your account');
    const grant = await app.mailTo(contact);
    expect(grant.subject).toBe('Your way back into your account at Corner Shop');
    // The case code is in no mail.
    for (const mail of await app.mailsTo(contact)) expect(mail.text).not.toContain(kept.code);

    // Walk 49.
    const browser = app.browser();
    const path = linkOf(grant, 'grant');
    await browser.open(path);
    const wrongCode = await browser.press('Continue', { 'Case code': 'ACDE FGHJ KMNP QRTV' });
    expect([wrongCode.status, wrongCode.errorAt('Case code')]).toEqual([
      422,
      'This is not the code of your case. It was shown once, when you opened the case.',
    ]);
    await openGrant(of, browser);
    expect(browser.page.path).toBe('/recover/password');
    expect(browser.page.text).toContain(owner.userId);
    // Once, and in one browser.
    const other = app.browser();
    expect((await other.open(path)).status).toBe(410);
    expect((await other.post(path, { code: kept.code })).status).toBe(410);
    expect((await choosePassword(browser)).path).toContain('/recover/done');
    expect((await releaseOf(of)).state).toBe('spent');
    expect(await opens(app, owner, newPassword)).toBe(true);
    expect(await opens(app, owner, owner.password)).toBe(false);
    expect((await browser.open('/recover/password')).path).toContain('/recover/done');

    await app.deliverMail();
    expect((await app.mailsTo(owner.address)).map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['Your account at Corner Shop has a new password from support']),
    );
    // The contact recovers from now on; the old address does not.
    app.clock.advance(dayMs);
    const again = app.browser();
    await reachPassword(app, again, { ...owner, address: contact });
    expect(again.page.path).toBe('/recover/password');
    const before = (await app.mailsTo(owner.address)).length;
    await again.open('/recover');
    await again.press('Continue', { 'Email or user ID': owner.address });
    await again.press('Verify now', {}, 'Email verification (Recommended)');
    const codes = (await app.mailsTo(owner.address)).slice(0, -before || undefined);
    expect(codes.filter(({ subject }) => subject.includes('code'))).toEqual([]);
  });
});

describe('whoever has the account', () => {
  it('stops a release from the notice of an address that is old, without signing in; the next needs two proofs and a lead', async () => {
    const of = await held();
    const page = await disown(of);
    expect(page.text).toContain('It is stopped.');
    expect((await releaseOf(of)).state).toBe('vetoed');
    await pass(10 * dayMs);
    expect((await releaseOf(of)).state).toBe('vetoed');
    expect(await opens(app, of.owner, of.owner.password)).toBe(true);
    // Said once: the same again finds nothing to stop.
    const elena = await at('elena');
    await elena.open(of.path);
    expect(elena.page.text).toContain('Contested');
    expect(elena.page.text).toContain('Whoever has the account stopped it');
    expect(elena.page.text).toContain('from an email known for');
    expect(elena.page.html).toMatch(/value="propose" disabled/);
    await prove(of, 'authenticator');
    expect((await propose(elena, of)).notice).toBe('Done.');
    const byAgent = await decide(await at('omar'), of, 'Approve');
    expect([byAgent.status, byAgent.text]).toEqual([409, expect.stringContaining('This one needs a lead.')]);
    expect(byAgent.html).toMatch(/value="approve" disabled/);
    expect((await decide(await at('dieter'), of, 'Approve')).notice).toBe('Done.');
    const { hold_ends_at, approved_at } = await releaseOf(of);
    expect((hold_ends_at ?? 0) - (approved_at ?? 0)).toBe(72 * hourMs);
  });

  it('who is new to it only contests: it is proposed again, and stands once a lead approved it with two proofs', async () => {
    const of = await held(['spare-code'], { ageMs: 5 * dayMs });
    const page = await disown(of);
    expect(page.text).toContain('We have noted it');
    expect(await releaseOf(of)).toMatchObject({
      state: 'proposed',
      approved_by: null,
      proofs_needed: 2,
      lead_needed: 1,
    });
    await prove(of, 'authenticator');
    expect((await decide(await at('dieter'), of, 'Approve')).notice).toBe('Done.');
    await app.deliverMail();
    expect((await disown(of)).text).toContain('We have noted it');
    expect((await releaseOf(of)).state).toBe('holding');
  });

  it('stops it from the account page, in a browser that is known for thirty days; a new one that signs in contests', async () => {
    const browser = app.browser();
    /** Signs in twice with the same browser: a session lasts for thirty days at most, the device stays known. */
    const lives = async ({ userId, password }: Person) => {
      await signIn(browser, userId, password);
      app.clock.advance(31 * dayMs);
      await signIn(browser, userId, password);
      app.clock.advance(dayMs);
    };
    const of = await held(['spare-code'], { lives });
    await browser.open('/account');
    expect(browser.page.text).toContain('Somebody asks our support for your account');
    expect(browser.page.text).toContain('It was decided to give them access.');
    const spanish = await browser.open('/account?lang=es');
    expect(spanish.text).toContain('Alguien pide tu cuenta a nuestro soporte');
    await browser.open('/account?lang=en');
    await browser.press('This was not me');
    expect(browser.page.notice).toBe('It is stopped.');
    expect((await releaseOf(of)).state).toBe('vetoed');
    // Nothing is left to object to but the case.
    await browser.press('This was not me');
    expect(browser.page.notice).toBe('We have noted it, and support looks at it with more care.');

    const other = await held();
    const fresh = app.browser();
    await signIn(fresh, other.owner.userId, other.owner.password);
    expect(await releaseOf(other)).toMatchObject({ state: 'proposed', approved_by: null, lead_needed: 1 });
    await fresh.open('/account');
    await fresh.press('This was not me');
    expect(fresh.page.notice).toBe('We have noted it, and support looks at it with more care.');
    expect((await releaseOf(other)).state).toBe('proposed');
  });

  it('ends it by signing in with a known browser, or by a recovery through an old address', async () => {
    const browser = app.browser();
    const lives = async ({ userId, password }: Person) => {
      await signIn(browser, userId, password);
      app.clock.advance(31 * dayMs);
    };
    const signedIn = await held(['spare-code'], { lives });
    await signIn(browser, signedIn.owner.userId, signedIn.owner.password);
    expect((await releaseOf(signedIn)).state).toBe('vetoed');

    const recovered = await held();
    const recovering = app.browser();
    await reachPassword(app, recovering, recovered.owner);
    await choosePassword(recovering);
    expect((await releaseOf(recovered)).state).toBe('vetoed');
  });

  it('stops it while the person is choosing the password, and undoes it for thirty days after', async () => {
    const of = await held();
    await pass(3 * dayMs);
    const browser = app.browser();
    await openGrant(of, browser);
    expect(browser.page.path).toBe('/recover/password');
    expect((await disown(of)).text).toContain('It is stopped.');
    expect((await choosePassword(browser)).status).toBe(409);
    expect(await opens(app, of.owner, of.owner.password)).toBe(true);

    const second = await held();
    await pass(3 * dayMs);
    const other = app.browser();
    await openGrant(second, other);
    await choosePassword(other);
    expect(await opens(app, second.owner, newPassword)).toBe(true);
    await pass(29 * dayMs);
    expect((await disown(second)).text).toContain('The new password no longer works');
    expect((await releaseOf(second)).state).toBe('undone');
    expect(await opens(app, second.owner, newPassword)).toBe(false);
    // The old address gets back in; the contact does not.
    const back = app.browser();
    await reachPassword(app, back, second.owner);
    expect(back.page.path).toBe('/recover/password');
  });
});
