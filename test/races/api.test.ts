// The JSON API and the pages, sixteen at once over real HTTP on both engines: one-time things have one winner and limits
// hold exactly, whichever way the requests come, and also when both ways are used together.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { secondMs } from '../../src/base/clock.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import { setUpAuthenticator } from '../../src/testing/authenticator.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { atOnce, engines, warmUp } from '../engines.ts';
import { type Called, createProgram, type Program, startByApi } from '../journeys/program.ts';
import { codeOf, linkOf, newPassword, opens, wrong } from '../journeys/steps.ts';

describe.each(engines)('sixteen at once on $engine', ({ createDatabase }) => {
  let app: TestApp;
  let person: Person;
  beforeAll(async () => {
    app = await createTestApp({ createDatabase, settings: { humanCheck: 'on' } });
    await warmUp(app.db);
  });
  beforeEach(async () => {
    person = await app.addPerson();
  });
  afterAll(() => app.close());

  async function passCheck(program: Program): Promise<void> {
    const { body } = await program.call('issueHumanCheck', { body: { purpose: 'recovery', kind: 'letters' } });
    const challenge = String(body['challenge']);
    app.clock.advance(Number(body['waitMs']));
    const letters = app.lettersOn({ html: `name="challenge" value="${challenge}"` });
    await program.call('answerHumanCheck', { body: { purpose: 'recovery', mode: 'letters', challenge, letters } });
  }
  /** As far as the code of a mail, and that mail. */
  async function begin(program = createProgram(app)) {
    await passCheck(program);
    const id = await startByApi(program, person.address);
    return { program, parameters: { id }, mail: await app.mailTo(person.address) };
  }
  const count = (reasons: readonly unknown[]): Record<string, number> =>
    Object.fromEntries(
      Array.from(Map.groupBy(reasons, String), ([reason, all]): [string, number] => [reason, all.length]),
    );
  const reasonOf = ({ body }: Called) => body['reason'] ?? 'done';

  it('a passed check begins one recovery', async () => {
    const program = createProgram(app);
    await passCheck(program);
    const check = program.handles.get('check') ?? '';
    const started = await atOnce(16, () =>
      program.call('startRecovery', { body: { identifier: person.userId }, handle: check }),
    );
    expect(count(started.map(reasonOf))).toEqual({ 'check-missing': 15, done: 1 });
  });

  it('a recovery compares five codes, and is over for the right one', async () => {
    const { program, parameters, mail } = await begin();
    const guess = wrong(codeOf(mail));
    const tried = await atOnce(16, () => program.call('enterCode', { parameters, body: { code: guess } }));
    const { 'code-wrong': wrongs, 'tries-used': last, ...later } = count(tried.map(reasonOf));
    expect([wrongs, last]).toEqual([4, 1]);
    for (const reason of Object.keys(later)) expect(['recovery-moved', 'recovery-over']).toContain(reason);
    const late = await program.call('enterCode', { parameters, body: { code: codeOf(mail) } });
    expect(late.body['reason']).toBe('recovery-over');
  });

  it('a right code and a new password win once each', async () => {
    const { program, parameters, mail } = await begin();
    const entered = await atOnce(16, () => program.call('enterCode', { parameters, body: { code: codeOf(mail) } }));
    expect(entered.filter(({ status }) => status === 200)).toHaveLength(1);
    // The handle of the one that won; whoever came second has none that fits.
    const handle = String(entered.find(({ status }) => status === 200)?.body['handle']);
    const set = await atOnce(16, (index) =>
      program.call('setPassword', { parameters, handle, body: { password: `${newPassword} ${index}` } }),
    );
    const winner = set.findIndex(({ status }) => status === 200);
    expect(set.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await opens(app, person, `${newPassword} ${winner}`)).toBe(true);
    expect(await opens(app, person, `${newPassword} ${(winner + 1) % 16}`)).toBe(false);
  });

  it('a code of the authenticator app signs in once', async () => {
    const phone = await setUpAuthenticator({ browser: app.browser(), clock: app.clock, basePath: '', account: person });
    app.clock.advance(30 * secondMs);
    const programs = Array.from({ length: 16 }, () => createProgram(app));
    for (const program of programs)
      await program.call('signIn', { body: { identifier: person.userId, password: person.password } });
    const signedIn = await Promise.all(
      programs.map((program) => program.call('enterSecondCode', { body: { code: phone.code() } })),
    );
    expect(count(signedIn.map(reasonOf))).toEqual({ done: 1, 'second-wrong': 15 });
  });

  describe.each([
    ['link', 'continueFromMail'],
    ['stop', 'stopFromMail'],
  ] as const)('the tries of the %s link', (place, operation) => {
    let path: string;
    let token: string;
    let guess: string;
    beforeEach(async () => {
      const { mail } = await begin();
      path = linkOf(mail, place);
      token = path.split('/').at(-1) ?? '';
      guess = wrong(codeOf(mail));
    });
    const byPage = async (browser: Browser): Promise<number> =>
      (await browser.send(path, { method: 'POST', body: new URLSearchParams({ code: guess }) })).status;
    const byApi = async (program: Program, more: { handle?: string } = {}): Promise<number> =>
      (await program.call(operation, { parameters: { token }, body: { code: guess }, ...more })).status;

    it('are five in a browser, by page and API together', async () => {
      const browser = app.browser();
      await browser.open('/recover');
      const handle = browser.cookies().get('account-check') ?? '';
      expect(handle).toMatch(/^[\w-]{22}$/);
      const program = createProgram(app);
      const tried = await atOnce(16, (index) => (index % 2 ? byPage(browser) : byApi(program, { handle })));
      expect(count(tried)).toEqual({ 422: 5, 429: 11 });
    });

    it('are twenty in all, by page and API together', async () => {
      for (const compared of [16, 4]) {
        const tried = await atOnce(16, (index) => (index % 2 ? byPage(app.browser()) : byApi(createProgram(app))));
        expect(count(tried)).toEqual({ 422: compared, ...(compared < 16 && { 410: 16 - compared }) });
      }
      const wrongs = await app.db.read
        .selectFrom('audit_events')
        .select('facts')
        .where('event', '=', 'recovery.code_wrong')
        .where('facts', 'like', `%"by":"${place}"%`)
        .execute();
      // Those of the browser above, and these.
      expect(wrongs).toHaveLength(25);
    });
  });

  it('meets no fault of ours in all of this', () => {
    expect(app.faults).toEqual([]);
  });
});
