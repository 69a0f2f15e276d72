// The account of somebody who died (walk 52): closed by two people after two weeks in which every address was told, and by
// nobody alone. Any sign of life ends it. Nobody gets in by it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { es } from '../../src/i18n/es.ts';
import { momentInWords } from '../../src/i18n/translate.ts';
import { closingHoldMs, undoLifeMs } from '../../src/releases/policy.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import { disown, type Life, stuck, type Stuck } from './release-steps.ts';
import {
  choosePassword,
  type DeskAgents,
  enrolDesk,
  followCase,
  keptFrom,
  linkOf,
  opens,
  reachPassword,
  signIn,
  signInAt,
} from './steps.ts';

describe('closing an account', () => {
  let app: TestApp;
  let agents: DeskAgents;
  beforeAll(async () => {
    app = await createTestApp({ createSite: () => async () => undefined });
    agents = await enrolDesk(app);
  });
  beforeEach(() => app.clock.advance(dayMs));
  afterAll(async () => {
    expect(app.faults).toEqual([]);
    await app.close();
  });

  const at = (name: keyof DeskAgents): Promise<Browser> => signInAt(app, agents[name]);
  const why = { [en['desk.release-why']]: 'A sister wrote, and sent the announcement.' };
  const died = () => stuck(app, { kind: en['case.owner-died'], ageMs: dayMs });
  const closingOf = ({ caseId }: Stuck) =>
    app.db.read.selectFrom('closings').selectAll().where('case_id', '=', caseId).executeTakeFirstOrThrow();
  const propose = async (by: Browser, of: Stuck): Promise<Page> => {
    await by.open(of.path);
    if (by.page.html.includes('Take this case')) await by.press('Take this case');
    return by.press(`Propose to close the account ${of.owner.userId}`, why);
  };
  async function held(lives?: Life['lives']): Promise<Stuck> {
    const of = await stuck(app, { kind: en['case.owner-died'], ageMs: dayMs, ...(lives && { lives }) });
    expect((await propose(await at('elena'), of)).notice).toBe(en['desk.done-propose']);
    const dieter = await at('dieter');
    await dieter.open(of.path);
    expect((await dieter.press('Approve', why)).notice).toBe(en['desk.done-approve']);
    await app.deliverMail();
    return of;
  }
  const pass = async (ms: number) => {
    app.clock.advance(ms);
    await app.deliverMail();
  };

  it('takes a proposal, a lead who is another, two weeks and silence; then nobody gets in', async () => {
    const of = await died();
    const elena = await at('elena');
    expect((await propose(elena, of)).text).toContain(en['desk.release-own-lead']);
    const { id, version } = await closingOf(of);
    const send = (by: Browser, act: string, words = 'why') =>
      by.post(`${of.path}/release`, { act, release: id, version: String(version), words });
    expect((await send(elena, 'approve-closing')).text).toContain('You proposed this yourself');
    expect((await send(elena, 'refuse-closing')).status).toBe(409);
    const omar = await at('omar');
    await omar.open(of.path);
    expect(omar.page.html).toMatch(/value="approve-closing" disabled/);
    expect((await send(omar, 'approve-closing')).text).toContain('This one needs a lead.');
    expect((await send(omar, 'withdraw-closing')).status).toBe(409);
    expect((await send(await at('ada'), 'approve-closing')).status).toBe(403);
    const dieter = await at('dieter');
    expect((await dieter.open(of.path)).text).toContain(en['desk.refuse']);
    expect(dieter.page.text).not.toContain(en['desk.withdraw']);
    const without = await send(dieter, 'approve-closing', ' ');
    expect(without.notice).toBe(en['refusal.release-why-missing']);
    expect(without.html).toContain(`id="why-error">${without.notice}<`);
    expect((await send(dieter, 'approve-closing')).notice).toBe(en['desk.done-approve']);
    // Both read the same word.
    expect((await dieter.open(of.path)).text).toContain('How it stands Decided');
    expect((await dieter.open('/support?view=hold')).html).toContain(`>${en['desk.state-decided']}</td>`);
    await followCase(of.person, of.kept);
    expect(of.person.page.text).toContain('How it stands Decided');
    expect((await send(dieter, 'approve-closing')).status).toBe(409);
    // The case says nothing final while that waits.
    await elena.open(of.path);
    expect((await elena.press('Send and close as decided', { 'Your words': 'Done.' })).status).toBe(409);

    await pass(0);
    const told = await app.mailTo(of.owner.address);
    expect(told.subject).toBe('Your account at Corner Shop is about to be closed');
    const { due_at } = await closingOf(of);
    expect(told.text).toContain(`It will be closed on ${momentInWords('en', due_at)}, unless`);
    await elena.open(`${of.path}?lang=es`);
    expect(elena.page.text).toContain(`se cerrará el ${momentInWords('es', due_at)} si nadie`);
    await elena.open(`${of.path}?lang=en`);
    await pass(closingHoldMs - 1);
    expect((await closingOf(of)).state).toBe('holding');
    await pass(1);
    expect((await closingOf(of)).state).toBe('closed');
    expect((await app.mailTo(of.owner.address)).subject).toBe('Your account at Corner Shop was closed');
    expect(await opens(app, of.owner, of.owner.password)).toBe(false);
    const later = await at('dieter');
    await later.open(`${of.path}?lang=es`);
    expect(later.page.text).toContain(es['desk.step-closing-closed']);
    expect(later.page.text).toContain(`La cuenta ${of.owner.userId} se cerró`);
    await followCase(of.person, of.kept);
    // Decided without words: there is no answer to be read.
    expect(of.person.page.text).toContain(en['case.decided-about']);
    expect(of.person.page.text).not.toContain(en['case.decided-read']);
    const events = await app.db.read
      .selectFrom('audit_events')
      .select('event')
      .where('account_id', '=', of.accountId)
      .where('event', 'like', 'closing.%')
      .orderBy('at')
      .execute();
    expect(events.map(({ event }) => event)).toEqual(['closing.proposed', 'closing.approved', 'closing.closed']);

    // Whoever lives says so from the notice, and is back.
    const page = await disown(app, of, { button: en['recover.closed-submit'] });
    expect(page.text).toContain(en['recover.release-reopened']);
    expect((await closingOf(of)).state).toBe('undone');
    expect(await opens(app, of.owner, of.owner.password)).toBe(true);
  });

  it('that is objected to opens no account that the site itself disabled meanwhile', async () => {
    const of = await held();
    await followCase(of.person, of.kept);
    expect(of.person.page.text).toContain(
      `${en['case.decided']} We have decided to close the account. To be safe, we wait 14 days more`,
    );
    const answered = app.db.read.selectFrom('cases').select(['answered_at', 'last_author']).where('id', '=', of.caseId);
    expect(await answered.executeTakeFirst()).toEqual({ answered_at: expect.any(Number), last_author: 'desk' });
    await pass(closingHoldMs);
    await app.db.write((tx) =>
      tx.updateTable('accounts').set({ state: 'disabled' }).where('id', '=', of.accountId).execute(),
    );
    const page = await disown(app, of, { button: en['recover.closed-submit'] });
    expect(page.text).toContain(en['recover.release-stays-closed'].replace('{site}', 'Corner Shop'));
    expect((await closingOf(of)).state).toBe('undone');
    expect(await opens(app, of.owner, of.owner.password)).toBe(false);
    const { state } = (await app.app.directory.find(of.accountId)) ?? {};
    expect(state).toBe('disabled');
  });

  it('ends at a sign-in, a recovery, or a "no" from a notice or the account page, however new that is', async () => {
    const signedIn = await held();
    const browser = app.browser();
    await signIn(browser, signedIn.owner.userId, signedIn.owner.password);
    expect((await browser.open('/account')).text).toContain(en['account.release-closing']);
    await pass(closingHoldMs);
    expect((await closingOf(signedIn)).state).toBe('vetoed');
    expect(await opens(app, signedIn.owner, signedIn.owner.password)).toBe(true);

    // Somebody who was signed in all along, and looks in now and then, has not died either.
    const phone = app.browser();
    const inUse = await held(async ({ userId, password }) => {
      await signIn(phone, userId, password);
    });
    await pass(closingHoldMs / 2);
    expect((await phone.open('/account')).text).toContain(inUse.owner.userId);
    await pass(closingHoldMs / 2);
    expect((await closingOf(inUse)).state).toBe('vetoed');

    const recovered = await held();
    const recovering = app.browser();
    await reachPassword(app, recovering, recovered.owner);
    await choosePassword(recovering);
    await pass(closingHoldMs);
    expect((await closingOf(recovered)).state).toBe('vetoed');

    const noticed = await held();
    const kept = await disown(app, noticed, { button: en['recover.closing-submit'] });
    expect(kept.text).toContain(en['recover.release-not-closed']);
    expect((await closingOf(noticed)).state).toBe('vetoed');
    expect((await disown(app, noticed)).text).toContain(en['recover.release-stands']);

    const onPage = await held();
    const owner = app.browser();
    await signIn(owner, onPage.owner.userId, onPage.owner.password);
    await owner.open('/account');
    expect(owner.page.text).toContain(en['account.closing']);
    await owner.press('This was not me');
    expect(owner.page.notice).toBe(en['account.release-not-closed']);
    expect((await closingOf(onPage)).state).toBe('vetoed');
  });

  it('is of one case of that kind alone, lapses, can be taken back, and is undone for thirty days and no longer', async () => {
    const lost = await stuck(app, { ageMs: dayMs });
    const elena = await at('elena');
    await elena.open(lost.path);
    await elena.press('Take this case');
    expect(elena.page.html).not.toContain('propose-closing');
    const seen = /name="version" value="(\d+)"/.exec(elena.page.html)?.[1] ?? '';
    const asked = { act: 'propose-closing', account: lost.accountId, version: seen, words: 'why' };
    expect((await elena.post(`${lost.path}/release`, asked)).notice).toBe(en['refusal.closing-kind']);

    // Of nobody's account there is nothing to close, and nothing to read about it.
    const relative = app.browser();
    await relative.open('/recover/case');
    await relative.press('Open the case', {
      [en['case.owner-died']]: 'chosen',
      [en['case.identifier']]: 'nobody.of.that.name',
      'What happened?': 'My uncle died.',
      'An email address where we can reach you': 'niece@mail.example',
    });
    await elena.open(`/support/cases/${keptFrom(relative.page).number.replaceAll(' ', '')}`);
    expect(elena.page.text).toContain(en['desk.closing-none']);
    expect(elena.page.text).not.toContain(en['desk.closing-about']);

    const waiting = await died();
    await propose(await at('elena'), waiting);
    // While it is open, the person cannot say that the case is about somebody else.
    const other = await app.addPerson();
    const correction = { form: 'correction', correction: other.userId };
    const path = `/recover/case/${waiting.number}/proofs`;
    expect((await waiting.person.post(path, correction)).status).toBe(409);
    await pass(7 * dayMs);
    expect((await closingOf(waiting)).state).toBe('lapsed');

    const back = await held();
    const omar = await at('dieter');
    await omar.open(back.path);
    expect((await omar.press('Take it back', why)).notice).toBe(en['desk.done-withdraw']);
    await pass(closingHoldMs);
    expect(await opens(app, back.owner, back.owner.password)).toBe(true);

    const closed = await held();
    await pass(closingHoldMs);
    app.clock.advance(undoLifeMs);
    const link = linkOf(await app.mailTo(closed.owner.address), 'stop');
    expect((await app.browser().open(link)).status).toBe(410);
    expect((await closingOf(closed)).state).toBe('closed');
  });
});
