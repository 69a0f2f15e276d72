// What a case proves, on both engines, where several things happen at once. What proves and what does not is in
// test/journeys/case-proofs.test.ts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { limits } from '../../src/limits/limits.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import { setUpAuthenticator } from '../../src/testing/authenticator.ts';
import { atOnce, engines } from '../engines.ts';
import { type KeptCase, keptFrom } from '../journeys/steps.ts';

describe.each(engines)('the proofs of a case on $engine', ({ createDatabase }) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ createDatabase });
  });
  afterAll(async () => {
    expect(app.faults).toEqual([]);
    await app.close();
  });

  const pathOf = ({ number }: KeptCase) => `/recover/case/${number.replaceAll(' ', '')}`;
  const authenticatorOf = (account: Person) =>
    setUpAuthenticator({ browser: app.browser(), clock: app.clock, basePath: '/', account });

  async function openAbout(identifier: string, browser = app.browser(), kind = 'I cannot use my mailbox') {
    await browser.open('/recover/case');
    await browser.press('Open the case', {
      [kind]: 'chosen',
      [en['case.identifier']]: identifier,
      'What happened?': 'My mailbox is gone. Name, birthday, order number and last digits I can tell you.',
      'An email where we can reach you': `stuck@mail.example`,
    });
    const kept = keptFrom(browser.page);
    await browser.open(`${pathOf(kept)}/proofs`);
    return { browser, kept };
  }

  const caseOf = ({ number }: KeptCase) =>
    app.db.read
      .selectFrom('cases')
      .selectAll()
      .where('number', '=', number.replaceAll(' ', ''))
      .executeTakeFirstOrThrow();
  async function provedIn(kept: KeptCase): Promise<string[]> {
    const { id } = await caseOf(kept);
    const rows = await app.db.read.selectFrom('case_evidence').select('kind').where('case_id', '=', id).execute();
    return rows.map(({ kind }) => kind).toSorted((a, b) => a.localeCompare(b));
  }
  it('of one spare code sent sixteen times at once are one, and one code is spent', async () => {
    const person = await app.addPerson();
    const phone = await authenticatorOf(person);
    const { browser, kept } = await openAbout(person.userId);
    const statuses = await atOnce(16, async () => {
      const body = new URLSearchParams({
        form: 'code',
        account: '',
        address: '',
        'address-code': '',
        correction: '',
        code: phone.spareCodes[0] ?? '',
      });
      return (await browser.send(`${pathOf(kept)}/proofs`, { method: 'POST', body })).status;
    });
    const { max } = limits['case-proof'];
    expect(statuses.filter((status) => status === 303)).toHaveLength(max);
    expect(statuses.filter((status) => status === 429)).toHaveLength(16 - max);
    expect(await provedIn(kept)).toEqual(['spare-code']);
    const spent = await app.db.read.selectFrom('spare_codes').select('id').where('spent_at', 'is not', null).execute();
    expect(spent.length).toBeGreaterThan(0);
    const proved = await app.db.read
      .selectFrom('audit_events')
      .select('id')
      .where('event', '=', 'case.proved')
      .where('subject_id', '=', (await caseOf(kept)).id)
      .execute();
    expect(proved).toHaveLength(1);
  });

  it('prove nothing and spend nothing where the account is corrected at the same moment', async () => {
    const [person, other] = [await app.addPerson(), await app.addPerson()];
    const phone = await authenticatorOf(person);
    app.clock.advance(31 * dayMs);
    const { kept } = await openAbout(person.userId);
    const row = await caseOf(kept);
    const { cases } = app.app;
    const source = 'source';
    const [corrected, proved] = await Promise.all([
      cases.correctAccount(row, { identifier: other.userId, source }),
      cases.proveCode(row, { typed: phone.spareCodes[0] ?? '', source }),
    ]);
    expect(corrected.ok).toBe(true);
    // Whoever comes first: what is left is what the corrected case has.
    expect(await provedIn(kept)).toEqual([]);
    const late = await cases.proveCode(row, { typed: phone.spareCodes[1] ?? '', source });
    expect([late, await provedIn(kept)]).toEqual([{ ok: false, reason: 'case-state' }, []]);
    const spent = await app.db.read
      .selectFrom('spare_codes')
      .select('id')
      .where(
        'account_id',
        '=',
        (await app.app.directory.findForSignIn({ kind: 'user-id', key: person.userId, typed: person.userId }))?.id ??
          '',
      )
      .where('spent_at', 'is not', null)
      .execute();
    expect(spent).toHaveLength(proved.ok ? 1 : 0);
  });
});
