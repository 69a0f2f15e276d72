// What a case proves, on both engines, where several things happen at once. What proves and what does not is in
// test/journeys/case-proofs.test.ts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../src/base/clock.ts';
import { limits } from '../../src/limits/limits.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { atOnce, engines } from '../engines.ts';
import { authenticatorOf, caseOf, openCaseAbout, provedIn } from '../journeys/proof-steps.ts';
import { casePath } from '../journeys/steps.ts';

describe.each(engines)('the proofs of a case on $engine', ({ createDatabase }) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ createDatabase });
  });
  afterAll(async () => {
    expect(app.faults).toEqual([]);
    await app.close();
  });

  const openAbout = (identifier: string) => openCaseAbout(app.browser(), { identifier, contact: 'stuck@mail.example' });

  it('of one spare code sent sixteen times at once are one, and one code is spent', async () => {
    const person = await app.addPerson();
    const phone = await authenticatorOf(app, person);
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
      return (await browser.send(`${casePath(kept)}/proofs`, { method: 'POST', body })).status;
    });
    const { max } = limits['case-proof'];
    expect(statuses.filter((status) => status === 303)).toHaveLength(max);
    expect(statuses.filter((status) => status === 429)).toHaveLength(16 - max);
    expect(await provedIn(app, kept)).toEqual(['spare-code']);
    const spent = await app.db.read.selectFrom('spare_codes').select('id').where('spent_at', 'is not', null).execute();
    expect(spent.length).toBeGreaterThan(0);
    const proved = await app.db.read
      .selectFrom('audit_events')
      .select('id')
      .where('event', '=', 'case.proved')
      .where('subject_id', '=', (await caseOf(app, kept)).id)
      .execute();
    expect(proved).toHaveLength(1);
  });

  it('prove nothing and spend nothing where the account is corrected at the same moment', async () => {
    const [person, other] = [await app.addPerson(), await app.addPerson()];
    const phone = await authenticatorOf(app, person);
    app.clock.advance(31 * dayMs);
    const { kept } = await openAbout(person.userId);
    const row = await caseOf(app, kept);
    const { cases } = app.app;
    const source = 'source';
    const [corrected, proved] = await Promise.all([
      cases.correctAccount(row, { identifier: other.userId, source }),
      cases.proveCode(row, { typed: phone.spareCodes[0] ?? '', source }),
    ]);
    expect(corrected.ok).toBe(true);
    // Whoever comes first: what is left is what the corrected case has.
    expect(await provedIn(app, kept)).toEqual([]);
    const late = await cases.proveCode(row, { typed: phone.spareCodes[1] ?? '', source });
    expect([late, await provedIn(app, kept)]).toEqual([{ ok: false, reason: 'case-state' }, []]);
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
