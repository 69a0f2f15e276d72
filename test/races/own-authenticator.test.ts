// The authenticator app of an account whose owner resets it while somebody else is signed in and knows the old password:
// what was begun before the reset, and proved with the password of then, changes nothing after it (D10). On both engines.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs } from '../../src/base/clock.ts';
import type { Database } from '../../src/database/database.ts';
import { stepMs } from '../../src/proofs/totp.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import { setUpAuthenticator, type TestAuthenticator } from '../../src/testing/authenticator.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { engines } from '../engines.ts';
import { choosePassword, reachPassword, signIn } from '../journeys/steps.ts';

const page = '/account/authenticator';

describe.each(engines)('beside a reset on $engine', ({ createDatabase }) => {
  let app: TestApp;
  /** Runs before the write that comes after this many others. */
  let between: { writes: number; act: () => Promise<unknown> } | undefined;
  const wrap = (db: Database): Database => ({
    ...db,
    async write(work) {
      const due = between;
      if (due && due.writes === 0) {
        between = undefined;
        await due.act();
      } else if (due) due.writes -= 1;
      return db.write(work);
    },
  });
  beforeAll(async () => {
    app = await createTestApp({ createDatabase, createSite: () => async () => undefined, wrap });
  });
  beforeEach(() => {
    between = undefined;
  });
  afterAll(() => app.close());

  async function somebodyWithApp(): Promise<{ person: Person; thief: Browser; phone: TestAuthenticator }> {
    app.clock.advance(dayMs);
    const person = await app.addPerson();
    const phone = await setUpAuthenticator({ browser: app.browser(), clock: app.clock, basePath: '', account: person });
    const thief = app.browser();
    await signIn(thief, person.userId, person.password);
    await thief.press('Continue', { Code: phone.code() });
    app.clock.advance(stepMs);
    // The notice of the app, so that it does not come beside the code of the recovery.
    await app.deliverMail();
    return { person, thief, phone };
  }

  const accountOf = async ({ userId }: Person) =>
    (await app.db.read.selectFrom('accounts').select('id').where('user_id', '=', userId).executeTakeFirstOrThrow()).id;
  const kept = async (person: Person) => {
    const id = await accountOf(person);
    const of = (table: 'authenticators' | 'authenticator_set_ups' | 'spare_codes') =>
      app.db.read.selectFrom(table).selectAll().where('account_id', '=', id).execute();
    return {
      apps: (await of('authenticators')).length,
      setUps: (await of('authenticator_set_ups')).length,
      spareCodes: JSON.stringify(await of('spare_codes')),
    };
  };

  /** Posts the form, with a reset after `at` writes of it; says where the answer leads, and whether the reset came in. */
  async function postBesideReset(
    person: Person,
    by: Browser,
    path: string,
    fields: Record<string, string>,
    at: number,
  ) {
    const owner = app.browser();
    await reachPassword(app, owner, person);
    let isReset = false;
    between = {
      writes: at,
      async act() {
        isReset = (await choosePassword(owner)).path === '/recover/done';
      },
    };
    const { status, headers } = await by.send(path, { method: 'POST', body: new URLSearchParams(fields) });
    between = undefined;
    return { status, to: headers.get('location') ?? '', isReset };
  }

  it('a removal does not take the app away after it', async () => {
    const { person, thief, phone } = await somebodyWithApp();
    const fields = { change: 'remove', password: person.password, code: phone.code() };
    const { isReset, to } = await postBesideReset(person, thief, `${page}/change`, fields, 3);
    expect([isReset, (await kept(person)).apps]).toEqual([true, 1]);
    expect(to).toContain('/sign-in?');
  });

  it('new spare codes are not made after it', async () => {
    const { person, thief, phone } = await somebodyWithApp();
    const before = await kept(person);
    const fields = { change: 'spare-codes', password: person.password, code: phone.code() };
    const { isReset } = await postBesideReset(person, thief, `${page}/change`, fields, 3);
    expect([isReset, await kept(person)]).toEqual([true, before]);
  });

  it('nothing is set up after it', async () => {
    app.clock.advance(dayMs);
    const person = await app.addPerson();
    const thief = app.browser();
    await signIn(thief, person.userId, person.password);
    const sent = await postBesideReset(person, thief, page, { password: person.password }, 2);
    expect([sent.isReset, (await kept(person)).setUps]).toEqual([true, 0]);
    expect([sent.status, sent.to]).toEqual([303, expect.stringContaining('/sign-in?')]);
  });

  it('meets no fault of ours in all of this', () => {
    expect(app.faults).toEqual([]);
  });
});
