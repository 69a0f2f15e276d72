// Evidence by the person of a case (walks 44, 48 and 51): what proves, what does not, and that nobody but the desk is told.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { es } from '../../src/i18n/es.ts';
import { limits } from '../../src/limits/limits.ts';
import { provenOf } from '../../src/support/evidence.ts';
import { proofAgeMs } from '../../src/support/policy.ts';
import { enrolAgent, signInAgent, type TestAgent } from '../../src/testing/agents.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import { authenticatorOf, caseOf, openCaseAbout, provedIn } from './proof-steps.ts';
import { casePath, codeOf, type KeptCase, signIn, wrong } from './steps.ts';

describe('the proofs of a case', () => {
  let app: TestApp;
  let elena: TestAgent;
  let people = 0;
  beforeAll(async () => {
    app = await createTestApp();
    elena = await enrolAgent(app, { name: 'Elena' });
  });
  beforeEach(() => {
    people += 1;
    app.clock.advance(dayMs);
  });
  afterAll(async () => {
    expect(app.faults).toEqual([]);
    await app.close();
  });

  const second = () => `second${people}@mail.example`;
  const withTwo = () => app.addPerson({ addresses: [`first${people}@mail.example`, second()] });
  const openAbout = (identifier: string, browser = app.browser(), kind?: string) =>
    openCaseAbout(browser, {
      identifier,
      contact: `stuck${people}@mail.example`,
      ...(kind === undefined ? {} : { kind }),
    });

  const askAddress = (browser: Browser, address: string) =>
    browser.press(en['proof.address-send'], { [en['proof.address-label']]: address });
  const typeAddressCode = (browser: Browser, code: string) =>
    browser.press(en['recover.confirm'], { [en['recover.code']]: code });
  const typeCode = (browser: Browser, code: string) =>
    browser.press(en['proof.send'], { [en['proof.code-label']]: code });
  const showBrowser = (browser: Browser) => browser.press(en['proof.browser-send']);

  /** What still counts of it. */
  async function countedIn(kept: KeptCase): Promise<readonly string[]> {
    const { id } = await caseOf(app, kept);
    const { account_id } = await app.db.read
      .selectFrom('case_evidence')
      .select('account_id')
      .where('case_id', '=', id)
      .executeTakeFirstOrThrow();
    return provenOf(app.db.read, id, account_id);
  }
  async function deskPage(kept: KeptCase): Promise<string> {
    const desk = app.browser();
    app.clock.advance(minuteMs);
    await signInAgent(desk, elena);
    return (await desk.open(`/support/cases/${kept.number.replaceAll(' ', '')}`)).text;
  }

  it('are a code to another address, a code of the app, a spare code and the browser; facts alone are none', async () => {
    const person = await withTwo();
    const phone = await authenticatorOf(app, person);
    const known = app.browser();
    await known.post('/sign-in', { identifier: person.userId, password: person.password });
    await known.post('/sign-in/second-factor', { code: phone.code() });
    app.clock.advance(minuteMs);
    const { browser, kept } = await openAbout(person.userId, known);
    // Walk 48: name, birthday and order number prove nothing.
    expect(await deskPage(kept)).toContain('Proved by the person Nothing yet');

    const asked = await askAddress(browser, second().toUpperCase().replace('MAIL.EXAMPLE', 'mail.example'));
    expect(asked.status).toBe(200);
    await askAddress(browser, second());
    app.clock.advance(minuteMs);
    await browser.open(`${casePath(kept)}/proofs`);
    const thanks = await askAddress(browser, second());
    expect(thanks.notice).toBe(en['proof.asked']);
    const mail = await app.mailTo(second());
    expect(mail.subject).toBe(en['mail.case-proof.subject'].replace('{site}', 'Corner Shop'));
    expect(mail.text).not.toContain(person.userId);
    expect((await typeAddressCode(browser, ` ${codeOf(mail)}\n`)).notice).toBe(en['proof.sent']);
    expect((await typeCode(browser, phone.pair())).notice).toBe(en['proof.sent']);
    expect((await typeCode(browser, phone.spareCodes[0]?.toLowerCase() ?? '')).notice).toBe(en['proof.sent']);
    expect((await showBrowser(browser)).notice).toBe(en['proof.sent']);
    expect(await provedIn(app, kept)).toEqual(['authenticator', 'device', 'other-address', 'session', 'spare-code']);

    const text = await deskPage(kept);
    for (const kind of ['other-address', 'spare-code', 'authenticator', 'session', 'device'] as const)
      expect(text).toContain(en[`desk.proof-${kind}`]);
    // What was proved once is there once, and what was spent is spent: for its owner too.
    await browser.open(`${casePath(kept)}/proofs`);
    await typeCode(browser, phone.spareCodes[0] ?? '');
    expect(await provedIn(app, kept)).toHaveLength(5);
    const owner = app.browser();
    await signIn(owner, person.userId, person.password);
    expect((await owner.press('Continue', { Code: phone.spareCodes[0] ?? '' })).status).toBe(422);
    expect((await owner.press('Continue', { Code: phone.spareCodes[1] ?? '' })).text).toContain(
      `Signed in as ${person.userId}`,
    );
    // Walk 51: nothing that the person sees says what was proved.
    expect((await browser.open(casePath(kept))).text).not.toContain('Proved');
    const events = await app.db.read
      .selectFrom('audit_events')
      .select('event')
      .where('subject_id', '=', (await caseOf(app, kept)).id)
      .execute();
    const count = (name: string) => events.filter(({ event }) => event === name).length;
    expect([count('case.proved'), count('case.proof_wrong')]).toEqual([5, 1]);
  });

  it('count no longer once what proved them is gone: signed out, taken off, or set up anew', async () => {
    const person = await withTwo();
    const phone = await authenticatorOf(app, person);
    const known = app.browser();
    await known.post('/sign-in', { identifier: person.userId, password: person.password });
    await known.post('/sign-in/second-factor', { code: phone.code() });
    app.clock.advance(minuteMs);
    const { browser, kept } = await openAbout(person.userId, known);
    await askAddress(browser, second());
    await typeAddressCode(browser, codeOf(await app.mailTo(second())));
    await typeCode(browser, phone.pair());
    await typeCode(browser, phone.spareCodes[0] ?? '');
    await showBrowser(browser);
    expect(await countedIn(kept)).toHaveLength(5);
    const owner = app.browser();
    await owner.post('/sign-in', { identifier: person.userId, password: person.password });
    await owner.post('/sign-in/second-factor', { code: phone.spareCodes[1] ?? '' });
    await owner.post('/account/sessions', { session: 'others', password: person.password });
    await app.db.write(async (tx) => {
      await tx.deleteFrom('addresses').where('address_key', '=', second()).execute();
      await tx
        .updateTable('authenticators')
        .set({ created_at: app.clock.now() + 1 })
        .execute();
      await tx.deleteFrom('spare_codes').where('spent_at', 'is not', null).execute();
    });
    expect(await countedIn(kept)).toEqual([]);
  });

  it('count no longer once the owner changed the password, though in the browser that proved them', async () => {
    const person = await withTwo();
    const known = app.browser();
    await signIn(known, person.userId, person.password);
    app.clock.advance(minuteMs);
    const { browser, kept } = await openAbout(person.userId, known);
    await showBrowser(browser);
    expect(await countedIn(kept)).toEqual(['session', 'device']);
    app.clock.advance(minuteMs);
    await known.open('/account/password');
    const changed = await known.press('Continue', {
      'The password you have now': person.password,
      'New password': 'a new and quiet lamp',
      'Confirm the new password': 'a new and quiet lamp',
    });
    expect(changed.status).toBe(200);
    expect(await countedIn(kept)).toEqual([]);
    // The browser itself is known as before: shown again, it counts.
    await known.open(`${casePath(kept)}/proofs`);
    await showBrowser(known);
    expect(await countedIn(kept)).toContain('device');
  });

  it('are of an account too that has no confirmed email, by its user ID', async () => {
    const userId = `mailless${people}`;
    const made = await app.db.write((tx) =>
      app.app.directory.create(tx, { userId, locale: 'en', password: null, addresses: [] }),
    );
    if (!made.ok) throw new Error(made.reason);
    const spare = { id: userId, site: 'default', account_id: made.accountId, created_at: app.clock.now() };
    const code_hash = app.keys.hash('spare-code', made.accountId, 'ACDEFGHJKM');
    await app.db.write((tx) =>
      tx
        .insertInto('spare_codes')
        .values({ ...spare, code_hash, spent_at: null })
        .execute(),
    );
    const { browser, kept } = await openAbout(userId);
    await typeCode(browser, 'ACDE-FGHJ-KM');
    expect(await provedIn(app, kept)).toEqual(['spare-code']);
    expect(await deskPage(kept)).toContain(en['desk.proof-spare-code']);
  });

  it('answer alike for right and wrong, and for an account that does not exist, in pages and in rows', async () => {
    const person = await withTwo();
    const phone = await authenticatorOf(app, person);
    const answers = async (identifier: string, code: string, isRight: 'right' | 'wrong') => {
      const { browser, kept } = await openAbout(identifier);
      const pages: Page[] = [browser.page];
      pages.push(await askAddress(browser, second()));
      const mailed = isRight === 'right' ? codeOf(await app.mailTo(second())) : '12345678';
      await app.deliverMail();
      pages.push(await typeAddressCode(browser, mailed), await typeAddressCode(browser, wrong(mailed)));
      pages.push(await typeCode(browser, code), await showBrowser(browser), await browser.open(casePath(kept)));
      const { id } = await caseOf(app, kept);
      const rows = await app.db.read
        .selectFrom('case_address_codes')
        .select(['id', 'tries'])
        .where('case_id', '=', id)
        .execute();
      const outbox = await app.db.read
        .selectFrom('outbox')
        .select('kind')
        .where(
          'subject_id',
          'in',
          rows.map((row) => row.id),
        )
        .execute();
      const shown = pages.map(({ status, html }) => [
        status,
        html
          .replaceAll(kept.number.replaceAll(' ', ''), 'NUMBER')
          .replaceAll(kept.number, 'NUMBER')
          .replaceAll(kept.number.replaceAll(' ', '\u00a0'), 'NUMBER')
          .replaceAll(identifier, 'WHO'),
      ]);
      return { shown, tries: rows.map(({ tries }) => tries), outbox, proved: await provedIn(app, kept) };
    };
    const right = await answers(person.userId, phone.pair(), 'right');
    const nobody = await answers('nobody.here', '123456123456', 'wrong');
    expect(nobody.shown).toEqual(right.shown);
    expect(nobody.tries).toEqual(right.tries);
    expect([right.proved, nobody.proved]).toEqual([['authenticator', 'other-address'], []]);
    expect([right.outbox, nobody.outbox]).toEqual([[{ kind: 'case-proof' }], [{ kind: 'none' }]]);
  });

  it('that are younger than thirty days prove nothing and spend nothing: a thief may have added them', async () => {
    const person = await app.addPerson();
    app.clock.advance(2 * hourMs);
    const phone = await authenticatorOf(app, person);
    const thief = await openAbout(person.userId);
    await typeCode(thief.browser, phone.pair());
    await typeCode(thief.browser, phone.spareCodes[0] ?? '');
    expect(await provedIn(app, thief.kept)).toEqual([]);
    app.clock.advance(proofAgeMs);
    const later = await openAbout(person.userId);
    await typeCode(later.browser, phone.spareCodes[0] ?? '');
    expect(await provedIn(app, later.kept)).toEqual(['spare-code']);
  });

  it('are bounded for a case in a day and for no account: strangers neither guess the codes nor keep their owner from showing them', async () => {
    const person = await app.addPerson();
    const phone = await authenticatorOf(app, person);
    const { max } = limits['case-proof'];
    const first = await openAbout(person.userId);
    for (let times = 0; times < max; times += 1) await typeCode(first.browser, '000000000000');
    const refused = await typeCode(first.browser, '000000000000');
    expect([refused.status, refused.errorAt(en['proof.code-label'])]).toEqual([
      429,
      expect.stringContaining('Too many'),
    ]);
    // One code is not enough, and what was typed stays for the next one.
    const second = await openAbout(person.userId);
    const one = await typeCode(second.browser, phone.code());
    expect([one.errorAt(en['proof.code-label']), one.valueOf(en['proof.code-label'])]).toEqual([
      en['refusal.proof-code-one'],
      phone.code(),
    ]);
    // Nothing of it is taken from the owner's own tries.
    const owner = app.browser();
    await signIn(owner, person.userId, person.password);
    expect((await owner.press('Continue', { Code: phone.code() })).text).toContain(`Signed in as ${person.userId}`);
    app.clock.advance(minuteMs);
    const [now, later] = [phone.pair().slice(0, 6), phone.pair().slice(6)];
    for (const wrongPair of [later + now, now + now, `${now}000000`]) await typeCode(second.browser, wrongPair);
    expect(await provedIn(app, second.kept)).toEqual([]);
    // Typed a minute and a half later, with spaces, as they stand on the phone.
    app.clock.advance(90_000);
    expect((await typeCode(second.browser, `${now.slice(0, 3)} ${now.slice(3)} ${later}`)).notice).toBe(
      en['proof.sent'],
    );
    expect(await provedIn(app, second.kept)).toEqual(['authenticator']);
    const third = await openAbout(person.userId);
    await typeCode(third.browser, now + later);
    expect(await provedIn(app, third.kept)).toEqual([]);
    app.clock.advance(2 * minuteMs);
    const late = phone.pair();
    app.clock.advance(5 * minuteMs);
    await typeCode(third.browser, late);
    expect(await provedIn(app, third.kept)).toEqual([]);
  });

  it('by mail are few: three a day to a mailbox, none to one that asked for silence or is of another account, and codes end', async () => {
    const person = await withTwo();
    const other = await app.addPerson();
    for (let times = 0; times < limits['mail-case-proof'].max + 1; times += 1)
      await askAddress((await openAbout(person.userId)).browser, second());
    expect(await app.mailsTo(second())).toHaveLength(limits['mail-case-proof'].max);
    app.clock.advance(dayMs);
    const stranger = await openAbout(person.userId);
    await askAddress(stranger.browser, other.address);
    expect(await app.mailsTo(other.address)).toEqual([]);

    const late = await openAbout(person.userId);
    await askAddress(late.browser, second());
    const code = codeOf(await app.mailTo(second()));
    for (let times = 0; times < 5; times += 1)
      expect((await typeAddressCode(late.browser, wrong(code))).notice).toBe(en['proof.sent']);
    expect((await typeAddressCode(late.browser, code)).notice).toBe(en['proof.sent']);
    expect(await provedIn(app, late.kept)).toEqual([]);
    app.clock.advance(hourMs);
    expect((await typeAddressCode(late.browser, code)).errorAt(en['recover.code'])).toBe(en['refusal.code-expired']);

    await app.db.write((tx) =>
      tx
        .insertInto('mailboxes')
        .values({
          mailbox_hash: app.keys.hash('mailbox', 'default', second()),
          site: 'default',
          version: 1,
          sent_at: '[]',
          silent_until: app.clock.now() + dayMs,
          wrong_in_a_row: 0,
          used_at: app.clock.now(),
        })
        .execute(),
    );
    // From a release on an old address gets notices alone.
    await app.db.write((tx) =>
      tx
        .updateTable('addresses')
        .set({ notices_only_since: app.clock.now() })
        .where('address_key', '=', person.address)
        .execute(),
    );
    const noticed = await openAbout(person.userId);
    await askAddress(noticed.browser, person.address);
    expect(await app.mailsTo(person.address)).toEqual([]);

    const before = (await app.mailsTo(second())).length;
    await askAddress((await openAbout(person.userId)).browser, second());
    expect(await app.mailsTo(second())).toHaveLength(before);
  });

  it('end with the account that was named wrongly: it is corrected once, its owner is told, and the desk sees both', async () => {
    const [person, other] = [await withTwo(), await app.addPerson()];
    const { browser, kept } = await openAbout(person.userId);
    const page = `${casePath(kept)}/proofs`;
    await askAddress(browser, second());
    await typeAddressCode(browser, codeOf(await app.mailTo(second())));
    expect(await provedIn(app, kept)).toEqual(['other-address']);
    const correct = (account: string) =>
      browser.press(en['proof.correct-send'], { [en['proof.which-account']]: account });
    expect((await correct('a b@')).status).toBe(422);
    expect((await correct(person.userId.toUpperCase())).status).toBe(200);
    expect(await provedIn(app, kept)).toEqual(['other-address']);
    await browser.open(page);
    expect((await correct(other.userId)).notice).toBe(en['proof.corrected']);
    expect(browser.page.text).toContain(`${en['proof.account']} ${other.userId}`);
    expect(browser.page.text).not.toContain(en['proof.correct']);
    expect(await provedIn(app, kept)).toEqual([]);
    // From a tab in which it is still open: the page has no field for it any more, so it says why above.
    const again = await browser.post(page, { form: 'correction', correction: person.userId });
    expect([again.status, again.notice]).toEqual([409, en['refusal.case-state']]);
    // The code that was asked for before is none of the other account.
    expect((await browser.post(page, { form: 'address-code', 'address-code': '12345678' })).status).toBe(409);
    await app.deliverMail();
    const { id } = await caseOf(app, kept);
    await app.db.write((tx) =>
      tx.updateTable('case_contacts').set({ confirmed_at: app.clock.now() }).where('case_id', '=', id).execute(),
    );
    await app.deliverMail();
    expect((await app.mailTo(other.address)).subject).toContain('Somebody opened a case about your account');
    const text = await deskPage(kept);
    expect(text).toMatch(new RegExp(`Corrected .*; before that: ${person.userId}`, 'i'));
    // Erased, the first account is in no case any more.
    await app.app.eraseAccount(person.userId);
    expect((await caseOf(app, kept)).earlier_sealed).toBeNull();
  });

  it('take no other input: shapes are told, an account can be named once, and a decided or foreign case takes nothing', async () => {
    const person = await app.addPerson();
    const phone = await authenticatorOf(app, person);
    const { browser, kept } = await openAbout('');
    const path = `${casePath(kept)}/proofs`;
    expect(browser.page.text).not.toContain(en['proof.code']);
    expect((await browser.press(en['page.continue'], { [en['proof.which-account']]: ' ' })).status).toBe(422);
    await browser.press(en['page.continue'], { [en['proof.which-account']]: person.userId });
    expect(browser.page.text).toContain(`${en['proof.account']} ${person.userId}`);
    const send = (fields: Record<string, string>) => browser.post(path, { ...fields });
    expect((await send({ form: 'account', account: 'somebody' })).status).toBe(409);
    for (const [form, text] of [
      ['code', ''],
      ['code', '12'],
      ['code', '123456'],
      ['code', '1234567890123'],
      ['code', '<script>alert(1)</script>'],
      ['code', '\u202E123456789'.repeat(20)],
      ['address', 'not an address'],
      ['address', 'a@b.example, c@d.example'],
    ] as const) {
      const page = await send({ form, [form]: text });
      expect([text, page.status, page.html.includes('<script>alert')]).toEqual([text, 422, false]);
    }
    expect((await send({ form: 'release' })).status).toBe(400);
    expect((await send({ form: 'address-code', 'address-code': '12345678' })).status).toBe(409);
    const spanish = await browser.open(`${path}?lang=es`);
    expect([spanish.heading, spanish.language]).toEqual([es['proof.title'], 'es']);

    const stranger = app.browser();
    expect((await stranger.open(path)).path).toMatch(/^\/recover\/case\/status/);
    const foreign = await stranger.post(path, { form: 'code', code: phone.pair() });
    expect(foreign.notice).toBe(en['refusal.case-missing']);
    await app.db.write((tx) =>
      tx
        .updateTable('cases')
        .set({ state: 'decided', ended_at: app.clock.now() })
        .where('number', '=', kept.number.replaceAll(' ', ''))
        .execute(),
    );
    expect((await send({ form: 'code', code: phone.pair() })).status).toBe(409);
    expect((await browser.open(path)).path).toBe(casePath(kept));
    expect(await provedIn(app, kept)).toEqual([]);
    // Relatives are never asked to prove that they are somebody who died (walk 52).
    const died = await openAbout(person.userId, app.browser(), en['case.owner-died']);
    expect(died.browser.page.path).toBe(casePath(died.kept));
    expect(died.browser.page.text).not.toContain(en['proof.title']);
  });
});
