// Changes of password, and their undoing, sixteen at once on both engines, through the whole server: whoever comes first,
// no session and no password is left that should have ended.
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import type { ReceivedMail } from '../../src/testing/mailbox.ts';
import { atOnce, engines, warmUp } from '../engines.ts';
import {
  choosePassword,
  eventsOf,
  linkOf,
  newPassword,
  numberOf,
  opens,
  reachPassword,
  signIn,
  wrong,
} from '../journeys/steps.ts';

const thiefs = 'a stolen green bicycle';
const headers = { 'content-type': 'application/x-www-form-urlencoded' };
const post = (browser: Browser, path: string, fields: Record<string, string>) =>
  browser.send(path, { method: 'POST', headers, body: new URLSearchParams(fields) });

describe.each(engines)('sixteen at once on $engine', ({ createDatabase }) => {
  let app: TestApp;
  let person: Person;
  /** Of both addresses, about the change that the thief made. */
  let notices: readonly ReceivedMail[];
  let people = 0;
  beforeAll(async () => {
    app = await createTestApp({ createDatabase });
    await warmUp(app.db);
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    people += 1;
    const [first, second] = [`owner${people}@mail.example`, `owner${people}@second.example`];
    person = await app.addPerson({ userId: `owner${people}`, addresses: [first, second] });
    const thief = app.browser();
    await reachPassword(app, thief, person);
    await choosePassword(thief, thiefs);
    notices = [await app.mailTo(first), await app.mailTo(second)];
  });

  const disown = (notice: ReceivedMail | undefined, browser = app.browser()) => {
    if (!notice) throw new Error('no notice');
    return post(browser, linkOf(notice, 'stop'), { number: numberOf(notice) });
  };
  const countEvents = async (event: string) => (await eventsOf(app, person, event)).length;
  const isIn = async (browser: Browser) => (await browser.open('/account')).text.includes('Signed in as');
  const idOnPage = ({ page }: Browser) => /name="recovery" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
  const reset = (browser: Browser, id: string) =>
    post(browser, '/recover/password', { recovery: id, username: '', password: newPassword, repeated: newPassword });
  const change = (browser: Browser, current: string, password: string) =>
    post(browser, '/account/password', { username: '', current, password, repeated: password });

  it('two notices of one change end everything once, and both say so', async () => {
    const inside = app.browser();
    await signIn(inside, person.userId, thiefs);
    const answers = await atOnce(16, (index) => disown(notices[index % 2]));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 200));
    expect(await countEvents('password.disowned')).toBe(1);
    expect(await isIn(inside)).toBe(false);
    expect(await opens(app, person, thiefs)).toBe(false);
  });

  it('a notice gives out its tries and no more', async () => {
    const [notice] = notices;
    if (!notice) throw new Error('no notice');
    const guess = wrong(numberOf(notice));
    for (const round of [1, 2]) {
      const answers = await atOnce(16, () => post(app.browser(), linkOf(notice, 'stop'), { number: guess }));
      const compared = answers.filter(({ status }) => status === 422).length;
      expect([round, compared]).toEqual([round, round === 1 ? 16 : 4]);
    }
    expect(await countEvents('notice.number_wrong')).toBe(20);
  });

  it('a browser gives out its tries and no more', async () => {
    const [notice] = notices;
    if (!notice) throw new Error('no notice');
    const browser = app.browser();
    await browser.open(linkOf(notice, 'stop'));
    const guess = wrong(numberOf(notice));
    const answers = await atOnce(16, () => post(browser, linkOf(notice, 'stop'), { number: guess }));
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(11);
  });

  it('a sign-in with the password that is being suspended leaves no session', async () => {
    const browsers = Array.from({ length: 15 }, () => app.browser());
    await Promise.all([
      disown(notices[0]),
      ...browsers.map((browser) =>
        post(browser, '/sign-in', { identifier: person.userId, password: thiefs, returnTo: '' }),
      ),
    ]);
    for (const browser of browsers) expect(await isIn(browser)).toBe(false);
  });

  it('a notice and a reset: the reset stands or is over, and the password of the notice is worth nothing', async () => {
    const owner = app.browser();
    await reachPassword(app, owner, person);
    const id = idOnPage(owner);
    const [done] = await Promise.all([
      reset(owner, id),
      ...Array.from({ length: 15 }, (_, at) => disown(notices[at % 2])),
    ]);
    expect([303, 409]).toContain(done.status);
    expect(await opens(app, person, newPassword)).toBe(done.status === 303);
    expect(await opens(app, person, thiefs)).toBe(false);
  });

  it('a change in a session and a reset: one of them is made, and no session of before lives on', async () => {
    const thief = app.browser();
    await signIn(thief, person.userId, thiefs);
    const owner = app.browser();
    await reachPassword(app, owner, person);
    const id = idOnPage(owner);
    const others = 'another stolen bicycle';
    const [done, ...changed] = await Promise.all([
      reset(owner, id),
      ...Array.from({ length: 15 }, () => change(thief, thiefs, others)),
    ]);
    const changes = changed.filter((answer) => answer.headers.get('location')?.endsWith('/done')).length;
    expect([done.status === 303, changes]).toEqual(done.status === 303 ? [true, 0] : [false, 1]);
    expect(await opens(app, person, newPassword)).toBe(done.status === 303);
    expect(await opens(app, person, others)).toBe(changes === 1);
    expect(await opens(app, person, thiefs)).toBe(false);
  });

  it('a change in a session and a notice of the one before: nobody stays in', async () => {
    const thief = app.browser();
    await signIn(thief, person.userId, thiefs);
    const others = 'another stolen bicycle';
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, at) => (at % 2 ? disown(notices[0]) : change(thief, thiefs, others))),
    );
    const changes = answers.filter((answer) => answer.headers.get('location')?.endsWith('/done')).length;
    expect(changes).toBeLessThanOrEqual(1);
    expect(await opens(app, person, thiefs)).toBe(false);
    // Where the change came first, its session ended with the notice; where the notice did, there was none to change in.
    expect(await isIn(thief)).toBe(false);
    expect(await opens(app, person, others)).toBe(changes === 1);
  });

  it('a flood of recoveries by strangers, more than a statement can name, keeps nobody from setting a password', async () => {
    // The parameters that a statement of this engine may have.
    const most = app.db.engine === 'sqlite' ? 32_766 : 65_535;
    const stranger = app.browser();
    await stranger.open('/recover');
    await stranger.press('Continue', { 'Email or user ID': person.userId });
    const begun = app.db.read.selectFrom('recoveries').selectAll().where('step', '=', 'method');
    const one = await begun.orderBy('created_at', 'desc').executeTakeFirst();
    if (!one) throw new Error('no recovery was begun');
    const names = Object.keys(one);
    const more = names.map((name) =>
      name === 'id' || name === 'handle_hash' ? sql`${sql.ref(name)} || '-' || i` : sql.ref(name),
    );
    await app.db.write((tx) =>
      sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${most + 1})
        INSERT INTO recoveries (${sql.join(names.map((name) => sql.ref(name)))})
        SELECT ${sql.join(more)} FROM recoveries, n WHERE recoveries.id = ${one.id}`.execute(tx),
    );
    const owner = app.browser();
    await reachPassword(app, owner, person);
    await choosePassword(owner);
    expect(await opens(app, person, newPassword)).toBe(true);
    const left = app.db.read.selectFrom('recoveries').select(({ fn }) => fn.countAll<number>().as('count'));
    const { count } = await left
      .where('account_id', '=', one.account_id)
      .where('step', 'in', ['method', 'code'])
      .executeTakeFirstOrThrow();
    expect(count).toBe(0);
  });

  it('met no fault of ours', () => {
    expect(app.faults).toEqual([]);
  });
});
