// An account is given to the person of a case (walks 45 to 52): by two people, after a hold, told to whoever has it, who can
// stop it without signing in. The grant opens one page once. Nobody of the desk can do it alone, whatever the role.
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, hourMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import type { EvidenceKind } from '../../src/support/evidence.ts';
import { linksIn } from '../../src/testing/mailbox.ts';
import {
  choosePassword,
  codeOf,
  type DeskAgents,
  enrolDesk,
  enterCode,
  followCase,
  keptFrom,
  linkOf,
  newPassword,
  opens,
  reachCode,
  reachPassword,
  numberOf,
  signIn,
  signInAt,
} from './steps.ts';
import { disown, type Life, openGrant, prove, releaseOf, stuck, type Stuck, waitForGrant } from './release-steps.ts';

let app: TestApp;
let agents: DeskAgents;
let people = 0;
beforeAll(async () => {
  // All pages are Rekey's own here.
  app = await createTestApp({ createSite: () => async () => undefined });
  agents = await enrolDesk(app);
});
beforeEach(() => {
  app.clock.advance(dayMs);
  people += 1;
});
afterAll(async () => {
  expect(app.faults).toEqual([]);
  await app.close();
});

const at = (name: keyof DeskAgents): Promise<Browser> => signInAt(app, agents[name]);

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

const accountIdOf = async ({ userId }: Person): Promise<string> => {
  const accounts = app.db.read.selectFrom('accounts').select('id').where('user_id', '=', userId);
  return (await accounts.executeTakeFirstOrThrow()).id;
};

/** A further address, confirmed now. */
async function addAddress(owner: Person, address: string): Promise<void> {
  const accountId = await accountIdOf(owner);
  await app.db.write((tx) => app.app.directory.addAddress(tx, { accountId, address, key: address }));
}

/** As far as the hold: Elena proposed, Omar approved. */
async function held(kinds: readonly EvidenceKind[] = ['spare-code'], more: Life = {}): Promise<Stuck> {
  const of = await stuck(app, more);
  await prove(app, of, ...kinds);
  expect((await propose(await at('elena'), of)).notice).toBe(en['desk.done-propose']);
  expect((await decide(await at('omar'), of, 'Approve')).notice).toBe(en['desk.done-approve']);
  await app.deliverMail();
  return of;
}

const changePassword = async (browser: Browser, current: string, password: string): Promise<Page> => {
  await browser.open('/account/password');
  return browser.press('Continue', {
    'The password you have now': current,
    'New password': password,
    'Confirm the new password': password,
  });
};

async function pass(ms: number): Promise<void> {
  app.clock.advance(ms);
  await app.deliverMail();
}

describe('two people, a hold and a grant', () => {
  it('give an account back: proposed, approved, told, waited for, opened once with the case code', async () => {
    const of = await stuck(app);
    const { owner, person, kept } = of;
    // The owner is told as soon as the contact is confirmed.
    const told = await app.mailTo(owner.address);
    expect(told.subject).toBe('Somebody opened a case about your account at Corner Shop');
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
    await prove(app, of, 'spare-code');
    expect((await propose(elena, of)).notice).toBe(en['desk.done-propose']);
    expect(elena.page.text).toContain('You proposed this. Another person has to approve it.');
    expect(elena.page.text).toContain('Proved: a spare code');

    // Walk 46: not her own, not an auditor.
    const release = await releaseOf(app, of);
    const approval = { act: 'approve', release: release.id, version: String(release.version), words: 'mine' };
    const own = await elena.post(`${of.path}/release`, approval);
    expect([own.status, own.text]).toEqual([409, expect.stringContaining('You proposed this yourself')]);
    expect((await (await at('ada')).post(`${of.path}/release`, approval)).status).toBe(403);
    const omar = await at('omar');
    expect((await decide(omar, of, 'Approve')).notice).toBe(en['desk.done-approve']);
    // That is an answer, and in time: nothing is due while it is held.
    expect((await omar.open(of.path)).text).toContain('How it stands Decided Answered');
    expect((await omar.post(`${of.path}/release`, approval)).status).toBe(409);

    // Walk 47: told, and nothing opens until the end of the hold.
    await app.deliverMail();
    expect((await app.mailTo(owner.address)).subject).toContain('is about to be given to somebody');
    await followCase(person, kept);
    expect(person.page.text).toContain(
      `${en['case.decided']} We have decided to give you access. To be safe, we wait 72 hours more`,
    );
    const { hold_ends_at } = await releaseOf(app, of);
    await pass((hold_ends_at ?? 0) - app.clock.now() - 1);
    expect((await releaseOf(app, of)).state).toBe('holding');
    expect(await opens(app, owner, owner.password)).toBe(true);
  });

  it('pass the account on: the grant sets a password once, and the old addresses get notices alone', async () => {
    const of = await held();
    const { owner, contact, kept } = of;
    const { hold_ends_at } = await releaseOf(app, of);
    await pass((hold_ends_at ?? 0) - app.clock.now());
    expect((await releaseOf(app, of)).state).toBe('released');
    expect((await app.mailTo(owner.address)).subject).toContain('Somebody can now get into your account');
    const grant = await app.mailTo(contact);
    expect(grant.subject).toBe('Your way back into your account at Corner Shop');
    expect(grant.text).toContain(`Case number:\n\n${of.number.replace(/(.{3})(?=.)/g, '$1 ')}\n`);
    // The case code is in no mail.
    for (const mail of await app.mailsTo(contact)) expect(mail.text).not.toContain(kept.code);

    // Walk 49.
    const browser = app.browser();
    const path = linkOf(grant, 'grant');
    expect((await browser.open(path)).text).toContain('Do you no longer have the code?');
    const wrongCode = await browser.press('Continue', { 'Case code': 'ACDE FGHJ KMNP QRTV' });
    expect([wrongCode.status, wrongCode.errorAt('Case code')]).toEqual([
      422,
      'This is not the code of your case. It was shown once, when you opened the case.',
    ]);
    expect((await openGrant(app, of, browser)).text).not.toContain('Step 4');
    expect(browser.page.path).toBe('/recover/password');
    expect(browser.page.text).toContain(owner.userId);
    // Once, and in one browser.
    const other = app.browser();
    expect((await other.open(path)).status).toBe(410);
    expect((await other.post(path, { code: kept.code })).status).toBe(410);
    const done = await choosePassword(browser);
    expect([done.path, done.text]).toEqual([
      expect.stringContaining('/recover/done'),
      expect.stringContaining('From now on codes go to the contact address of your case.'),
    ]);
    expect((await releaseOf(app, of)).state).toBe('spent');
    expect(await opens(app, owner, newPassword)).toBe(true);
    expect(await opens(app, owner, owner.password)).toBe(false);
    expect((await browser.open('/recover/password')).path).toContain('/recover/done');
    expect((await followCase(of.person, kept)).text).toContain(en['case.release-spent']);
    // The desk says so, proposes nothing any more, and lists every mail about it.
    const elena = await at('elena');
    await elena.open(of.path);
    expect(elena.page.text).toContain(`The account ${owner.userId} was given to this person, `);
    expect(elena.page.text).not.toContain(en['desk.release']);
    expect(elena.page.text).toContain(en['addresses.notices-only']);
    for (const name of ['desk.mail-grant', 'desk.mail-notice', 'desk.mail-opened'] as const)
      expect(elena.page.text).toMatch(new RegExp(`${en[name]}, [^:]+: ${en['desk.mail-sent']}`));

    await app.deliverMail();
    expect((await app.mailsTo(owner.address)).map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['Your account at Corner Shop has a new password, set through support']),
    );
    const told = await app.mailsTo(owner.address);
    const links = [`${app.origin}/recover/case`];
    expect(told.map(linksIn)).toEqual(told.map(() => expect.arrayContaining(links)));
    // What was done can be undone for so long; before that there is nothing to undo.
    expect(told.filter(({ text }) => text.includes('This works for 30 days.')).map(({ subject }) => subject)).toEqual([
      'Your account at Corner Shop has a new password, set through support',
    ]);
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
    expect(codes.map(({ subject }) => subject)).toEqual(['About your account at Corner Shop']);
    expect(codes[0]?.text).toContain('this one only gets notices');
  });
});

describe('whoever has the account', () => {
  it('stops a release from the notice of an address that is old, without signing in; the next needs two proofs and a lead', async () => {
    const of = await held();
    const page = await disown(app, of);
    expect(page.text).toContain('We have stopped it.');
    expect((await releaseOf(app, of)).state).toBe('vetoed');
    await pass(10 * dayMs);
    expect((await releaseOf(app, of)).state).toBe('vetoed');
    expect(await opens(app, of.owner, of.owner.password)).toBe(true);
    // Said once: the same again finds nothing to stop.
    const elena = await at('elena');
    await elena.open(of.path);
    expect(elena.page.text).toContain('Contested');
    expect(elena.page.text).toContain('Whoever has the account stopped it');
    expect(elena.page.text).toContain('from an email address known for');
    expect(elena.page.html).toMatch(/value="propose" disabled/);
    await prove(app, of, 'authenticator');
    expect((await propose(elena, of)).notice).toBe(en['desk.done-propose']);
    const byAgent = await decide(await at('omar'), of, 'Approve');
    expect([byAgent.status, byAgent.text]).toEqual([409, expect.stringContaining('This one needs a lead.')]);
    expect(byAgent.html).toMatch(/value="approve" disabled/);
    expect(byAgent.text).toContain('You cannot approve this: only a lead can.');
    expect((await decide(await at('dieter'), of, 'Approve')).notice).toBe(en['desk.done-approve']);
    const { hold_ends_at, approved_at } = await releaseOf(app, of);
    expect((hold_ends_at ?? 0) - (approved_at ?? 0)).toBe(72 * hourMs);
  });

  it('vetoes by what came with the account, however young it is: as after an import of all accounts', async () => {
    const of = await held(['spare-code'], { ageMs: 5 * dayMs });
    expect((await disown(app, of)).text).toContain('We have stopped it.');
    expect((await releaseOf(app, of)).state).toBe('vetoed');
  });

  it('who is new to it only contests: it is proposed again, and stands once a lead approved it with two proofs', async () => {
    const fresh = `fresh${people}@mail.example`;
    const of = await held(['spare-code'], { lives: (owner) => addAddress(owner, fresh) });
    const page = await disown(app, of, { address: fresh });
    expect(page.text).toContain('We have noted it');
    expect(await releaseOf(app, of)).toMatchObject({
      state: 'proposed',
      approved_by: null,
      proofs_needed: 2,
      lead_needed: 1,
    });
    await prove(app, of, 'authenticator');
    expect((await decide(await at('dieter'), of, 'Approve')).notice).toBe(en['desk.done-approve']);
    await app.deliverMail();
    expect((await disown(app, of, { address: fresh })).text).toContain('We have noted it');
    expect((await releaseOf(app, of)).state).toBe('holding');
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
    expect(browser.page.text).toContain('Somebody is asking our support for your account');
    expect(browser.page.text).toContain('It was decided to give them access.');
    const spanish = await browser.open('/account?lang=es');
    expect(spanish.text).toContain('Alguien pide tu cuenta a nuestro soporte');
    await browser.open('/account?lang=en');
    await browser.press('This was not me');
    expect(browser.page.notice).toBe('We have stopped it.');
    expect(browser.page.text).not.toContain('Somebody is asking our support');
    expect((await releaseOf(app, of)).state).toBe('vetoed');
    // Nothing is left to object to but the case.
    await browser.open('/account');
    await browser.press('This was not me');
    expect(browser.page.notice).toBe(en['account.release-stands']);

    const other = await held();
    const fresh = app.browser();
    await signIn(fresh, other.owner.userId, other.owner.password);
    expect(await releaseOf(app, other)).toMatchObject({ state: 'proposed', approved_by: null, lead_needed: 1 });
    await fresh.open('/account');
    await fresh.press('This was not me');
    expect(fresh.page.notice).toBe('We have noted it, and support will look at it with more care.');
    expect((await releaseOf(app, other)).state).toBe('proposed');

    // From a page that was left open: what it was about is gone.
    const { userId, password } = await app.addPerson();
    await signIn(browser, userId, password);
    await browser.post('/account/release', {});
    expect(browser.page.notice).toBe(en['account.release-over']);
  });

  it('ends it by signing in with a known browser, or by a recovery through an old address', async () => {
    const browser = app.browser();
    const lives = async ({ userId, password }: Person) => {
      await signIn(browser, userId, password);
      app.clock.advance(31 * dayMs);
    };
    const signedIn = await held(['spare-code'], { lives });
    await signIn(browser, signedIn.owner.userId, signedIn.owner.password);
    expect((await releaseOf(app, signedIn)).state).toBe('vetoed');

    const recovered = await held();
    const recovering = app.browser();
    await reachPassword(app, recovering, recovered.owner);
    await choosePassword(recovering);
    expect((await releaseOf(app, recovered)).state).toBe('vetoed');
  });

  it('stops it while the person is choosing the password, and undoes it for thirty days after', async () => {
    const of = await held();
    await pass(3 * dayMs);
    const browser = app.browser();
    await openGrant(app, of, browser);
    expect(browser.page.path).toBe('/recover/password');
    expect((await disown(app, of)).text).toContain('We have stopped it.');
    expect((await choosePassword(browser)).status).toBe(409);
    expect(await opens(app, of.owner, of.owner.password)).toBe(true);

    const second = await held();
    await pass(3 * dayMs);
    const other = app.browser();
    await openGrant(app, second, other);
    await choosePassword(other);
    expect(await opens(app, second.owner, newPassword)).toBe(true);
    await pass(29 * dayMs);
    expect((await disown(app, second)).text).toContain('The new password no longer works');
    expect((await releaseOf(app, second)).state).toBe('undone');
    // The address that it brought is told why it is none any more: nobody recovered the account.
    await app.deliverMail();
    const gone = (await app.mailsTo(second.contact)).find(({ subject }) => subject.includes('have changed'));
    expect(gone?.text).toContain('whoever had the account before it said “This was not me”');
    expect(gone?.text).not.toContain('was recovered');
    expect(await opens(app, second.owner, newPassword)).toBe(false);
    // The old address gets back in; the contact does not.
    const back = app.browser();
    await reachPassword(app, back, second.owner);
    expect(back.page.path).toBe('/recover/password');
  });
});

describe('who got an account that was not theirs', () => {
  /** Until the person of the case has set a password and is signed in. */
  async function taken(more: Life = {}): Promise<{ of: Stuck; thief: Browser }> {
    const of = await held(['spare-code'], more);
    await waitForGrant(app, of);
    const thief = app.browser();
    await openGrant(app, of, thief);
    await choosePassword(thief);
    await signIn(thief, of.owner.userId, newPassword);
    expect(thief.page.path).toBe('/account');
    await app.deliverMail();
    return { of, thief };
  }

  /** From the notice that came once the password was set. */
  async function objectLate({ owner: { address } }: Stuck): Promise<Page> {
    const notice = (await app.mailsTo(address)).find(({ subject }) => subject.includes('through support'));
    if (!notice) throw new Error('the owner was not told');
    const browser = app.browser();
    await browser.open(linkOf(notice, 'stop'));
    return browser.press('Stop it', { 'Number from the notice': numberOf(notice) });
  }

  it('keeps nothing by another change of the password: an objection suspends whatever was set since', async () => {
    const { of, thief } = await taken();
    const another = 'nine yellow raincoats';
    await changePassword(thief, newPassword, another);
    expect(await opens(app, of.owner, another)).toBe(true);
    await app.deliverMail();
    const page = await objectLate(of);
    expect(page.text).toContain('The new password no longer works');
    expect((await thief.open('/account')).path).toContain('/sign-in');
    expect(await opens(app, of.owner, another)).toBe(false);
  });

  it('takes no old address off for the thirty days in which it can undo that', async () => {
    const { of, thief } = await taken();
    await pass(4 * dayMs);
    const old = await app.db.read
      .selectFrom('addresses')
      .select('id')
      .where('account_id', '=', of.accountId)
      .where('notices_only_since', 'is not', null)
      .executeTakeFirstOrThrow();
    const refused = await thief.post(`/account/addresses/remove/${old.id}`, { password: newPassword });
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('days')]);
    expect((await objectLate(of)).text).toContain('The new password no longer works');
    const back = app.browser();
    await reachPassword(app, back, of.owner);
    expect(back.page.path).toBe('/recover/password');
  });

  it('hides behind no second release that is open: the one objection ends that and undoes this', async () => {
    const { of } = await taken();
    const second = await stuck(app, { owner: of.owner });
    await prove(app, second, 'authenticator', 'spare-code');
    await propose(await at('elena'), second);
    const page = await objectLate(of);
    expect((await releaseOf(app, second)).state).toBe('vetoed');
    expect((await releaseOf(app, of)).state).toBe('undone');
    expect(page.text).toContain('The new password no longer works');
    expect(await opens(app, of.owner, newPassword)).toBe(false);
  });

  it('keeps it by no second release either: the one objection undoes both', async () => {
    const { of } = await taken();
    const second = await stuck(app, { owner: of.owner });
    await prove(app, second, 'authenticator', 'spare-code');
    await propose(await at('elena'), second);
    expect((await decide(await at('dieter'), second, 'Approve')).notice).toBe(en['desk.done-approve']);
    await waitForGrant(app, second);
    const thief = app.browser();
    await openGrant(app, second, thief);
    await choosePassword(thief, 'nine yellow raincoats');
    expect((await releaseOf(app, second)).state).toBe('spent');
    expect((await objectLate(of)).text).toContain('The new password no longer works');
    expect([(await releaseOf(app, of)).state, (await releaseOf(app, second)).state]).toEqual(['undone', 'undone']);
    const back = app.browser();
    await reachPassword(app, back, of.owner);
    expect(back.page.path).toBe('/recover/password');
  });
});

describe('a release that a lead approved with two proofs', () => {
  /** The person is at the page for a new password, and whoever took the account over is signed in with a new browser. */
  async function choosing(): Promise<{ of: Stuck; person: Browser; thief: Browser }> {
    const of = await stuck(app, { ageMs: 5 * dayMs });
    const thief = app.browser();
    await prove(app, of, 'spare-code', 'authenticator');
    await propose(await at('elena'), of);
    await signIn(thief, of.owner.userId, of.owner.password);
    expect((await decide(await at('dieter'), of, 'Approve')).notice).toBe(en['desk.done-approve']);
    await waitForGrant(app, of);
    const person = app.browser();
    await openGrant(app, of, person);
    expect(person.page.path).toBe('/recover/password');
    return { of, person, thief };
  }

  it('stands against whoever is new and changes the password meanwhile', async () => {
    const { of, person, thief } = await choosing();
    const another = 'nine yellow raincoats';
    await changePassword(thief, of.owner.password, another);
    expect((await choosePassword(person)).path).toContain('/recover/done');
    expect(await opens(app, of.owner, newPassword)).toBe(true);
  });

  it('stands against a stop of mailed codes by whoever is new', async () => {
    const { of, person } = await choosing();
    const thief = app.browser();
    await reachCode(thief, of.owner.address);
    const mail = await app.mailTo(of.owner.address);
    expect((await thief.post(linkOf(mail, 'stop'), { code: codeOf(mail) })).status).toBe(200);
    expect((await choosePassword(person)).path).toContain('/recover/done');
  });
});

describe('the browser that changes the password', () => {
  it('objects as what it was before that: one that is known for thirty days ends a release', async () => {
    const browser = app.browser();
    const lives = async ({ userId, password }: Person) => {
      await signIn(browser, userId, password);
      app.clock.advance(31 * dayMs);
      await signIn(browser, userId, password);
    };
    const of = await held(['spare-code'], { lives });
    await changePassword(browser, of.owner.password, newPassword);
    expect((await releaseOf(app, of)).state).toBe('vetoed');
  });

  it('goes on being known after it, and every other one is new', async () => {
    const [browser, other] = [app.browser(), app.browser()];
    const lives = async ({ userId, password }: Person) => {
      for (const each of [browser, other]) await signIn(each, userId, password);
      app.clock.advance(31 * dayMs);
      await signIn(browser, userId, password);
      await changePassword(browser, password, newPassword);
    };
    const of = await held(['spare-code'], { lives });
    await signIn(other, of.owner.userId, newPassword);
    expect((await releaseOf(app, of)).state).toBe('proposed');
    await browser.open('/account');
    await browser.press('This was not me');
    expect((await releaseOf(app, of)).state).toBe('vetoed');
  });
});

describe('a case that names its account late', () => {
  it('is told to whoever has it then', async () => {
    const owner = await app.addPerson();
    app.clock.advance(40 * dayMs);
    const contact = `late.${owner.userId}@mail.example`;
    const person = app.browser();
    await person.open('/recover/case');
    await person.press('Open the case', {
      'I cannot use my mailbox': 'chosen',
      [en['case.identifier']]: '',
      'What happened?': 'My provider closed my mailbox.',
      'An email address where we can reach you': contact,
    });
    const kept = keptFrom(person.page);
    await person.follow('Confirm your email address');
    await enterCode(person, codeOf(await app.mailTo(contact)));
    await app.deliverMail();
    expect(await app.mailsTo(owner.address)).toEqual([]);
    const page = `/recover/case/${kept.number.replaceAll(' ', '')}/proofs`;
    expect((await person.post(page, { form: 'account', account: owner.userId })).status).toBe(200);
    await app.deliverMail();
    expect((await app.mailsTo(owner.address)).map(({ subject }) => subject)).toEqual([
      'Somebody opened a case about your account at Corner Shop',
    ]);
  });
});

describe('what it takes', () => {
  /** The account has an authenticator app, of this age when the case is opened. */
  async function switchOn({ accountId }: Stuck, { ageMs }: { readonly ageMs: number }): Promise<Secret> {
    const secret = new Secret({ size: 20 });
    const on = { account_id: accountId, site: 'default', last_step: 0, created_at: app.clock.now() - ageMs };
    await app.db.write((tx) =>
      tx
        .insertInto('authenticators')
        .values({ ...on, secret_sealed: app.keys.seal(secret.base32) })
        .execute(),
    );
    return secret;
  }

  it('is two proofs where the account has a second step, which stays', async () => {
    const of = await stuck(app);
    await switchOn(of, { ageMs: 31 * dayMs });
    await prove(app, of, 'spare-code');
    const elena = await at('elena');
    await elena.open(of.path);
    await elena.press('Take this case');
    expect(elena.page.text).toContain('2 proofs are needed. The reason: it has a second step.');
    expect(elena.page.text).toContain(en['desk.factor-stays']);
    expect(elena.page.html).toMatch(/value="propose" disabled/);
    expect((await propose(elena, of)).status).toBe(422);
    await prove(app, of, 'session');
    expect((await propose(elena, of)).notice).toBe(en['desk.done-propose']);
    await decide(await at('omar'), of, 'Approve');
    await waitForGrant(app, of);
    const person = app.browser();
    await openGrant(app, of, person);
    await choosePassword(person);
    expect((await signIn(app.browser(), of.owner.userId, newPassword)).path).toContain('second-factor');
  });

  it.each([
    ['that is younger than thirty days', 'I cannot use my mailbox', 3 * dayMs, en['desk.factor-young']],
    ['that the case says is lost', en['case.factor-lost'], 35 * dayMs, en['desk.factor-lost']],
  ])('sets a second step aside %s: told before, and undone with the rest', async (_, kind, ageMs, told) => {
    const of = await stuck(app, { kind });
    const secret = await switchOn(of, { ageMs });
    // Nothing of the factor itself counts where that is what was lost.
    await prove(app, of, 'spare-code', 'session');
    const elena = await at('elena');
    await elena.open(of.path);
    await elena.press('Take this case');
    expect(elena.page.text).toContain(told);
    const isLost = kind === en['case.factor-lost'];
    expect(elena.page.html.includes('value="propose" disabled')).toBe(isLost);
    await prove(app, of, 'other-address');
    expect((await propose(elena, of)).notice).toBe(en['desk.done-propose']);
    const dieter = await at('dieter');
    await dieter.open(of.path);
    expect(dieter.page.text).toContain(told);
    await decide(dieter, of, 'Approve');
    expect((await app.mailTo(of.owner.address)).text).toContain(en['mail.release-notice.factor-goes']);
    await waitForGrant(app, of);
    const person = app.browser();
    await openGrant(app, of, person);
    const done = await choosePassword(person);
    expect(done.text).toContain('authenticator app');
    const thief = app.browser();
    expect((await signIn(thief, of.owner.userId, newPassword)).path).toBe('/account');
    expect((await app.mailTo(of.owner.address)).text).toContain(en['mail.release-notice.factor-gone']);
    expect((await (await at('elena')).open(of.path)).text).toContain(en['desk.step-factor-gone']);

    expect((await disown(app, of)).text).toContain('The new password no longer works');
    const back = app.browser();
    await reachPassword(app, back, of.owner);
    await choosePassword(back);
    expect((await signIn(back, of.owner.userId, newPassword)).path).toContain('second-factor');
    const code = new TOTP({ secret }).generate({ timestamp: app.clock.now() });
    expect((await back.press('Continue', { Code: code })).text).toContain(`Signed in as ${of.owner.userId}`);
  });

  it('is a lead for the third approval of one agent in an hour, and for the second of an account in a week; both ring', async () => {
    const all = [await stuck(app), await stuck(app, { ageMs: 0 }), await stuck(app, { ageMs: 0 })];
    const [first, , third] = all;
    if (!first || !third) throw new Error('there are three');
    const elena = await at('elena');
    for (const of of all) {
      await prove(app, of, 'spare-code');
      await propose(elena, of);
    }
    const omar = await at('omar');
    const statuses: number[] = [];
    for (const of of all) statuses.push((await decide(omar, of, 'Approve')).status);
    expect(statuses).toEqual([200, 200, 409]);
    expect(omar.page.text).toContain('many approvals within an hour');
    expect((await decide(await at('dieter'), third, 'Approve')).notice).toBe(en['desk.done-approve']);

    await decide(elena, first, 'Take it back');
    await propose(elena, first);
    app.clock.advance(2 * hourMs);
    const later = await decide(await at('omar'), first, 'Approve');
    expect([later.status, later.text]).toEqual([409, expect.stringContaining('it was approved within a week')]);
    const alarms = await app.db.read
      .selectFrom('audit_events')
      .select('facts')
      .where('event', '=', 'release.alarm')
      .where('account_id', 'in', [first.accountId, third.accountId])
      .execute();
    expect(alarms).toHaveLength(2);
  });

  it('is evidence that is still there at the approval', async () => {
    const of = await stuck(app);
    await prove(app, of, 'spare-code');
    await propose(await at('elena'), of);
    // The address that proved it was taken off meanwhile.
    await app.db.write((tx) =>
      tx.updateTable('case_evidence').set({ source_id: 'gone' }).where('case_id', '=', of.caseId).execute(),
    );
    const omar = await at('omar');
    expect((await decide(omar, of, 'Approve')).status).toBe(422);
    expect(omar.page.html).toMatch(/value="approve" disabled/);
  });

  it('is twenty-four hours where another address confirmed it', async () => {
    const of = await held(['other-address']);
    const { approved_at, hold_ends_at } = await releaseOf(app, of);
    expect((hold_ends_at ?? 0) - (approved_at ?? 0)).toBe(24 * hourMs);
  });

  it('is a confirmed contact, an account that is open, and never somebody who died', async () => {
    const died = await stuck(app, { kind: 'The owner of the account has died' });
    const elena = await at('elena');
    await prove(app, died, 'spare-code');
    await elena.open(died.path);
    await elena.press('Take this case');
    expect(elena.page.text).toContain('given to nobody here');
    expect(elena.page.html).not.toContain('value="propose"');
    await elena.follow(en['desk.died-answer']);
    expect(elena.page.valueOf(en['desk.words'])).toBe(en['canned.died']);
    const seen = /name="version" value="(\d+)"/.exec(elena.page.html)?.[1] ?? '';
    const asked = { act: 'propose', account: died.accountId, version: seen, words: 'why' };
    const refused = await elena.post(`${died.path}/release`, asked);
    expect([refused.status, refused.notice]).toEqual([409, expect.stringContaining('given to nobody here')]);

    const unconfirmed = await stuck(app, { ageMs: 0 });
    await prove(app, unconfirmed, 'spare-code');
    await app.db.write((tx) =>
      tx.updateTable('case_contacts').set({ confirmed_at: null }).where('case_id', '=', unconfirmed.caseId).execute(),
    );
    expect((await propose(elena, unconfirmed)).status).toBe(409);
    expect(elena.page.html).toMatch(/value="propose" disabled/);

    // An account that the case does not name.
    const stranger = await app.addPerson();
    const { id } = await app.db.read
      .selectFrom('accounts')
      .select('id')
      .where('user_id', '=', stranger.userId)
      .executeTakeFirstOrThrow();
    const of = await stuck(app, { ageMs: 0 });
    await prove(app, { ...of, accountId: id }, 'spare-code');
    await elena.open(of.path);
    await elena.press('Take this case');
    const version = /name="version" value="(\d+)"/.exec(elena.page.html)?.[1] ?? '';
    const forged = await elena.post(`${of.path}/release`, { act: 'propose', account: id, version, words: 'why' });
    expect([forged.status, forged.text]).toEqual([409, expect.stringContaining('no longer exists')]);
  });
});

describe('nobody of the desk', () => {
  const figure = async (name: string): Promise<number> => {
    const file = await (await at('dieter')).send('/support/figures.csv?days=7');
    return Number(new RegExp(`^,${name},,(\\d+)$`, 'm').exec(await file.text())?.[1]);
  };

  it('gives an account away alone, whatever the role: every way that there is refuses', async () => {
    const of = await stuck(app);
    const browsers = {
      elena: await at('elena'),
      omar: await at('omar'),
      dieter: await at('dieter'),
      ada: await at('ada'),
    };
    const send = (browser: Browser, fields: Record<string, string>) =>
      browser.post(`${of.path}/release`, { words: 'why', ...fields });
    // Without evidence: not even a lead, in a case of their own.
    await browsers.dieter.open(of.path);
    await browsers.dieter.press('Take this case');
    expect((await propose(browsers.dieter, of)).status).toBe(422);
    await prove(app, of, 'spare-code');
    expect((await propose(browsers.dieter, of)).notice).toBe(en['desk.done-propose']);
    // The proposer stays the proposer, whoever has the case now.
    await browsers.dieter.open(of.path);
    await browsers.dieter.press('Hand it over', { 'To whom': 'Omar' });
    const { id, version } = await releaseOf(app, of);
    const row = { release: id, version: String(version) };
    for (const act of ['approve', 'refuse']) {
      const page = await send(browsers.dieter, { act, ...row });
      expect([act, page.status, page.text]).toEqual([act, 409, expect.stringContaining('proposed this yourself')]);
    }
    // Another session of the same agent is no second person.
    expect((await send(await at('dieter'), { act: 'approve', ...row })).status).toBe(409);
    for (const act of ['propose', 'approve', 'refuse', 'withdraw'])
      expect([act, (await send(browsers.ada, { act, ...row })).status]).toEqual([act, 403]);
    // Not seen as it is, not there, no act, nobody signed in.
    expect((await send(browsers.omar, { act: 'approve', release: id, version: '7' })).status).toBe(409);
    expect((await send(browsers.omar, { act: 'approve', release: 'none', version: '1' })).status).toBe(409);
    expect((await send(browsers.omar, { act: 'release', ...row })).status).toBe(400);
    const blank = await send(browsers.omar, { act: 'approve', ...row, words: ' ' });
    expect([blank.status, blank.notice]).toEqual([422, en['refusal.release-why-missing']]);
    expect((await send(app.browser(), { act: 'approve', ...row })).status).toBe(401);
    // Elena has neither proposed it nor the case: she may approve or refuse it, and take nothing back.
    expect((await send(browsers.elena, { act: 'withdraw', ...row })).status).toBe(409);
    expect((await releaseOf(app, of)).state).toBe('proposed');
    // The case cannot say no while the release says yes.
    await browsers.omar.open(of.path);
    const decided = await browsers.omar.press('Send and close as decided', { 'Your words': 'No.' });
    expect([decided.status, decided.text]).toEqual([409, expect.stringContaining('still open')]);
    // Approved: nothing shortens the hold, and no page shows the link or a way to it.
    expect((await send(browsers.elena, { act: 'approve', ...row })).notice).toBe(en['desk.done-approve']);
    await browsers.elena.open(of.path);
    expect(browsers.elena.page.html).not.toContain('/recover/grant/');
    // Every step has its agent and no words in the audit trail.
    const events = await app.db.read
      .selectFrom('audit_events')
      .select(['event', 'facts'])
      .where('subject_id', '=', id)
      .orderBy('at')
      .execute();
    expect(events.map(({ event }) => event)).toEqual(['release.proposed', 'release.approved']);
    expect(events[0]?.facts).toContain(agents.dieter.id);
    expect(events[1]?.facts).toContain(agents.elena.id);
    for (const { facts } of events) expect(facts).not.toContain('Read the code');
    expect(browsers.elena.page.text).toContain('Proposed, Dieter');
    expect(browsers.elena.page.text).toContain('Approved, Elena');
    expect(browsers.elena.page.text).toContain('Read the code of the other mailbox to me.');
  });

  it('tells the person which proof was missing: a refusal is humane, and the same for all', async () => {
    const of = await stuck(app);
    await prove(app, of, 'spare-code');
    const elena = await at('elena');
    await propose(elena, of);
    expect((await decide(await at('omar'), of, 'Refuse')).notice).toBe(en['desk.done-refuse']);
    expect((await releaseOf(app, of)).state).toBe('refused');
    await elena.open(of.path);
    expect(elena.page.text).toContain('Refused, Omar');
    await elena.follow('Not enough to go on');
    await elena.press('Send and close as decided');
    const saidNo = await figure('reversed');
    await followCase(of.person, of.kept);
    expect(of.person.page.text).toContain(en['canned.not-enough']);
    expect(of.person.page.text).not.toMatch(/spare|proof|Omar|Elena|Read the code/);
    // The "no" proves wrong: whoever insists and shows more gets the account back, and the figures say so.
    await of.person.press(en['case.write-send'], { [en['case.disagree-label']]: 'I have found my list.' });
    await prove(app, of, 'other-address');
    await propose(await at('elena'), of);
    await decide(await at('omar'), of, 'Approve');
    await waitForGrant(app, of);
    const browser = app.browser();
    await openGrant(app, of, browser);
    await choosePassword(browser);
    expect(await figure('reversed')).toBe(saidNo + 1);
  });
});

describe('a grant', () => {
  it('is nothing to a robot, to another case, after five wrong codes, or after its time', async () => {
    const of = await held();
    await waitForGrant(app, of);
    const path = linkOf(await app.mailTo(of.contact), 'grant');
    const robot = app.browser();
    for (const method of ['GET', 'HEAD'] as const) await robot.send(path, { method });
    for (const code of ['', '12345678', 'nothing']) expect((await robot.post(path, { code })).status).toBe(422);
    expect(await releaseOf(app, of)).toMatchObject({ state: 'released', grant_tries: 0 });
    const other = await stuck(app, { ageMs: 0 });
    expect((await app.browser().post(path, { code: other.kept.code })).status).toBe(422);
    expect((await app.browser().post('/recover/grant/AAAAAAAAAAAAAAAAAAAAAA', { code: of.kept.code })).status).toBe(
      410,
    );
    // The stop link of a notice is no grant, and the grant stops nothing.
    const stop = linkOf(await app.mailTo(of.owner.address), 'stop');
    const crossed = stop.replace('/stop/', '/grant/');
    expect((await app.browser().open(crossed)).status).toBe(410);
    expect((await app.browser().open(path.replace('/grant/', '/stop/'))).status).toBe(410);
    for (let tries = 1; tries < 5; tries += 1)
      expect((await app.browser().post(path, { code: other.kept.code })).status).toBe(tries < 4 ? 422 : 410);
    expect((await app.browser().post(path, { code: of.kept.code })).status).toBe(410);
    expect((await releaseOf(app, of)).state).toBe('lapsed');

    const late = await held();
    await waitForGrant(app, late);
    const lateLink = linkOf(await app.mailTo(late.contact), 'grant');
    app.clock.advance(3 * dayMs);
    expect((await app.browser().open(lateLink)).text).toContain('This link no longer works');
    expect((await app.browser().post(lateLink, { code: late.kept.code })).status).toBe(410);
    await app.deliverMail();
    expect((await releaseOf(app, late)).state).toBe('lapsed');
    // The person reads it, and asks for a new one: the desk has the case again.
    await followCase(late.person, late.kept);
    expect(late.person.page.text).toContain(en['case.release-lapsed']);
    // Nobody refused anything that could be disagreed with.
    expect(late.person.page.text).not.toContain(en['case.disagree-label']);
    await late.person.press(en['case.release-again']);
    expect(late.person.page.text).toContain(en['case.release-again-words']);
    expect(late.person.page.text).not.toContain(en['case.release-lapsed']);
    // What was promised for the first answer is over: it was the decision.
    expect(late.person.page.text).not.toContain(en['case.promise-late']);
    const elena = await at('elena');
    await elena.open(late.path);
    expect(elena.page.text).toContain(`${en['case.state']} ${en['desk.state-received']}`);
    expect(elena.page.html).toContain('value="propose"');
  });

  it('lapses with the hour for the password, and a proposal with its week', async () => {
    const of = await held();
    await waitForGrant(app, of);
    const person = app.browser();
    // The person reads where it stands, on any device, and nothing that could be disagreed with.
    const standing = async () => (await followCase(of.person, of.kept)).text;
    expect(await standing()).toContain('works for 72 hours more');
    await openGrant(app, of, person);
    const opened = await standing();
    expect(opened).toContain('In that browser you can choose the new password for 60 minutes more.');
    expect(opened).not.toContain(en['case.disagree-label']);
    app.clock.advance(hourMs);
    // By the clock, before the worker has looked.
    expect(await standing()).toContain(en['case.release-lapsed']);
    await app.deliverMail();
    expect((await choosePassword(person)).status).toBe(409);
    expect((await releaseOf(app, of)).state).toBe('lapsed');
    expect(await standing()).toContain('no password was chosen within an hour');
    expect(await opens(app, of.owner, of.owner.password)).toBe(true);

    const waiting = await stuck(app);
    await prove(app, waiting, 'spare-code');
    await propose(await at('elena'), waiting);
    await pass(7 * dayMs);
    expect((await releaseOf(app, waiting)).state).toBe('lapsed');
  });

  it('comes for no account that was disabled or erased meanwhile', async () => {
    const disabled = await held();
    await app.db.write((tx) =>
      tx.updateTable('accounts').set({ state: 'disabled' }).where('id', '=', disabled.accountId).execute(),
    );
    await waitForGrant(app, disabled);
    expect((await releaseOf(app, disabled)).state).toBe('withdrawn');
    expect((await app.mailsTo(disabled.contact)).map(({ subject }) => subject)).not.toContain(
      'Your way back into your account at Corner Shop',
    );

    const late = await held();
    await waitForGrant(app, late);
    await app.db.write((tx) =>
      tx.updateTable('accounts').set({ state: 'disabled' }).where('id', '=', late.accountId).execute(),
    );
    expect((await openGrant(app, late, app.browser())).status).toBe(410);

    // Or whose case was emptied, as the person of it was erased: there is nowhere to send a link.
    const emptied = await held();
    await app.db.write((tx) => app.app.cases.empty(tx, [emptied.caseId]));
    await waitForGrant(app, emptied);
    expect((await releaseOf(app, emptied)).state).toBe('withdrawn');
    const choosing = await held();
    await waitForGrant(app, choosing);
    const person = app.browser();
    await openGrant(app, choosing, person);
    await app.db.write((tx) => app.app.cases.empty(tx, [choosing.caseId]));
    expect((await choosePassword(person)).status).toBe(409);
    expect(await opens(app, choosing.owner, choosing.owner.password)).toBe(true);

    const erased = await held();
    const notice = await app.mailTo(erased.owner.address);
    await app.app.eraseAccount(erased.owner.userId);
    await pass(4 * dayMs);
    const stop = linkOf(notice, 'stop');
    expect((await app.browser().open(stop)).status).toBe(410);
    expect((await app.browser().post(stop, { number: numberOf(notice) })).status).toBe(410);
    const elena = await at('elena');
    expect((await elena.open(erased.path)).status).toBe(200);
  });
});

describe('the link of a notice', () => {
  it('does nothing without the number that stands in the same mail', async () => {
    const other = await held();
    const of = await held(['spare-code'], { ageMs: 31 * dayMs });
    const mail = await app.mailTo(of.owner.address);
    const foreign = numberOf(await app.mailTo(other.owner.address));
    const path = linkOf(mail, 'stop');
    const robot = app.browser();
    for (const method of ['GET', 'HEAD'] as const) await robot.send(path, { method });
    for (const number of ['', '12', foreign === numberOf(mail) ? '000000' : foreign])
      expect((await robot.post(path, { number })).status).toBe(422);
    expect((await releaseOf(app, of)).state).toBe('holding');
    expect((await robot.post(path, { number: numberOf(mail) })).text).toContain('We have stopped it.');
    // In Spanish too, and once more: nothing is left to stop, and the page says what stands.
    const again = await app.browser('es').open(path);
    expect([again.status, again.heading]).toEqual([200, 'No he sido yo']);
    expect((await app.browser().post(path, { number: numberOf(mail) })).text).toContain(en['recover.release-stands']);
  });

  it('stops a case before anything is proposed', async () => {
    const of = await stuck(app);
    expect((await disown(app, of)).text).toContain('We have noted it');
    await prove(app, of, 'spare-code');
    const elena = await at('elena');
    await elena.open(of.path);
    expect(elena.page.text).toContain('Contested');
    // One notice of an opening a day.
    const more = await stuck(app, { owner: of.owner });
    expect((await app.mailsTo(of.owner.address)).length).toBe(1);
    await elena.open(more.path);
    expect(elena.page.text).toContain('Contested');
  });
});
