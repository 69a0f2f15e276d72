// What a signed-in person does, many at once over real HTTP on both engines, beside a reset that ends it all.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs } from '../../src/base/clock.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { atOnce, engines } from '../engines.ts';
import { codeOf, newPassword, reachPassword, signIn } from '../journeys/steps.ts';

describe.each(engines)('at once on $engine', ({ createDatabase }) => {
  let app: TestApp;
  let person: Person;
  let browser: Browser;
  let second: string;
  let people = 0;
  beforeAll(async () => {
    app = await createTestApp({ createDatabase, createSite: () => async () => undefined });
  });
  beforeEach(async () => {
    app.clock.advance(dayMs);
    people += 1;
    second = `second${people}@mail.example`;
    person = await app.addPerson();
    browser = await signedIn();
  });
  afterAll(() => app.close());

  async function signedIn(): Promise<Browser> {
    const by = app.browser();
    await signIn(by, person.userId, person.password);
    return by;
  }
  const post = (by: Browser, path: string, fields: Record<string, string>) =>
    by.send(path, { method: 'POST', body: new URLSearchParams(fields) });
  async function claimedCode(): Promise<string> {
    await browser.open('/account/addresses');
    await browser.press('Add', { Email: second, 'Your password': person.password });
    return codeOf(await app.mailTo(second));
  }
  const addresses = () =>
    app.db.read
      .selectFrom('addresses')
      .innerJoin('accounts', 'accounts.id', 'addresses.account_id')
      .select(['addresses.id', 'address'])
      .where('user_id', '=', person.userId)
      .execute();
  const changes = (what: string) =>
    app.db.read
      .selectFrom('address_changes')
      .innerJoin('accounts', 'accounts.id', 'address_changes.account_id')
      .select('address_changes.id')
      .where('user_id', '=', person.userId)
      .where('what', '=', what)
      .execute();

  it('sixteen right codes add one address and tell of it once', async () => {
    const code = await claimedCode();
    const answers = await atOnce(16, () => post(browser, '/account/addresses/code', { code }));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(await addresses()).toHaveLength(2);
    expect(await changes('added')).toHaveLength(1);
  });

  it('a code and a reset: whichever is first, nothing is added to an account after its reset', async () => {
    const code = await claimedCode();
    const recovering = app.browser();
    await reachPassword(app, recovering, person);
    const [, recovery = ''] = /name="recovery" value="([^"]+)"/.exec(recovering.page.html) ?? [];
    const form = { recovery, username: person.userId, password: newPassword, repeated: newPassword };
    const answers = await atOnce(16, (index) =>
      index === 7 ? post(recovering, '/recover/password', form) : post(browser, '/account/addresses/code', { code }),
    );
    expect(answers[7]?.headers.get('location')).toContain('/recover/done');
    const added = answers.filter(({ headers }) => headers.get('location')?.endsWith('/account/addresses?added'));
    expect(await addresses()).toHaveLength(1 + added.length);
    const after = await post(browser, '/account/addresses/code', { code });
    expect(after.headers.get('location')).toContain('/sign-in');
    expect(await addresses()).toHaveLength(1 + added.length);
  });

  it('sixteen removals of two addresses leave one', async () => {
    await browser.open('/account/addresses');
    const code = await claimedCode();
    await post(browser, '/account/addresses/code', { code });
    const all = await addresses();
    await atOnce(16, (index) =>
      post(browser, `/account/addresses/remove/${all[index % 2]?.id ?? ''}`, { password: person.password }),
    );
    expect(await addresses()).toHaveLength(1);
    expect(await changes('removed')).toHaveLength(1);
  });

  it('of eight that sign out everywhere else, one is left', async () => {
    const all = [browser, ...(await atOnce(7, signedIn))];
    await Promise.all(all.map((by) => post(by, '/account/sessions', { session: 'others', password: person.password })));
    const left = await Promise.all(all.map(async (by) => (await by.send('/account')).status));
    expect(left.filter((status) => status === 200)).toHaveLength(1);
  });

  it('meets no fault of ours in all of this', () => {
    expect(app.faults).toEqual([]);
  });
});
