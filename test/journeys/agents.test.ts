// The agents of the support desk: added by the operator, enrolled by a link, signed in with password and second factor, held
// to their roles, and gone the moment they are removed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { agentIdleMs, agentSessionLifeMs, enrolmentLifeMs } from '../../src/agents/policy.ts';
import { dayMs, hourMs, minuteMs, systemClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { runCommand } from '../../src/cli/commands.ts';
import { makeDataFolder } from '../../src/cli/data-folder.ts';
import { keysInUse } from '../../src/cli/keys-in-use.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { en } from '../../src/i18n/en.ts';
import { es } from '../../src/i18n/es.ts';
import { rolesOf } from '../../src/http/console/agent-call.ts';
import { routes } from '../../src/http/routes.ts';
import { limits } from '../../src/limits/limits.ts';
import { stepMs } from '../../src/proofs/totp.ts';
import { agentPassword, codesOn, enrolAgent, signInAgent, type TestAgent } from '../../src/testing/agents.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';

let app: TestApp;
let browser: Browser;
let people = 0;
/** The write that fails; none where it is not above zero. */
let writesBeforeFault = 0;
let writes = 0;
beforeAll(async () => {
  // Accounts may have short passwords; agents may not.
  app = await createTestApp({
    settings: { passwordMinLength: 8 },
    wrap: (db) => ({
      ...db,
      write(work) {
        writes += 1;
        writesBeforeFault -= 1;
        return writesBeforeFault === 0 ? Promise.reject(new Error('the disk is full')) : db.write(work);
      },
    }),
  });
});
beforeEach(async () => {
  await app.db.write((tx) => tx.deleteFrom('counters').execute());
  app.clock.advance(dayMs);
  browser = app.browser();
});
afterAll(() => app.close());

const enrol = (role: 'agent' | 'lead' | 'auditor' = 'agent') =>
  enrolAgent(app, { name: `agent${(people += 1)}`, role });
const add = async (name = `agent${(people += 1)}`) => {
  const added = await app.app.agents.add({ name, role: 'agent', locale: 'es' });
  if (!added.ok) throw new Error(added.reason);
  return { ...added, name, path: `/support/enrol/${added.token}` };
};
const eventsOf = async (agentId: string) =>
  (
    await app.db.read
      .selectFrom('audit_events')
      .select(['event', 'facts'])
      .where('subject_id', '=', agentId)
      .orderBy('at')
      .execute()
  ).map(({ event }) => event);
const signInWith = (by: Browser, fields: Partial<Record<'name' | 'password' | 'code' | 'returnTo', string>>) =>
  by.post('/support/sign-in', { name: '', password: '', code: '', returnTo: '', ...fields });
const failed = en['refusal.agent-sign-in-failed'];

describe('enrolment', () => {
  it('takes a password of 15 characters and the app that the page shows, once', async () => {
    const { path, name, agent } = await add('Elena');
    const page = await browser.open(path);
    expect([page.status, page.heading]).toEqual([200, en['desk.enrol-title']]);
    // Passkeys belong to the name of a host, and an IP address is none.
    expect(page.html + (await app.browser().open('/support/sign-in')).html).not.toContain('data-passkey');
    expect(page.text).toContain('Elena, you were added as agent at Corner Shop.');
    const codeAt = codesOn(page);
    const fields = (more: Record<string, string>) => ({
      'New password': agentPassword,
      'Confirm the new password': agentPassword,
      'Code from the app': codeAt(app.clock.now()),
      ...more,
    });
    const refusals: [Record<string, string>, string, string][] = [
      [{ 'New password': '' }, 'New password', en['refusal.password-missing']],
      [{ 'New password': 'fourteen signs' }, 'New password', en['refusal.password-short'].replace('{length}', '15')],
      [{ 'New password': 'elena1234567890' }, 'New password', en['refusal.password-named']],
      [{ 'Confirm the new password': 'another one' }, 'Confirm the new password', en['refusal.passwords-differ']],
      [{ 'Code from the app': '12 34' }, 'Code from the app', en['refusal.agent-code-shape']],
      [{ 'Code from the app': 'ACDEFGHJKM' }, 'Code from the app', en['refusal.agent-code-shape']],
      [
        { 'Code from the app': codeAt(app.clock.now() - 10 * minuteMs) },
        'Code from the app',
        en['refusal.agent-code-wrong'],
      ],
    ];
    for (const [wrong, field, words] of refusals) {
      const refused = await browser.press('Finish', fields(wrong));
      expect([refused.status, refused.errorAt(field)]).toEqual([422, words]);
      // Reload, a refusal and the other language show the same app, and keep what was typed.
      expect(codesOn(refused)(0)).toBe(codeAt(0));
    }
    expect(browser.page.valueOf('New password')).toBe(agentPassword);
    expect((await browser.open(`${path}?lang=es`)).heading).toBe(es['desk.enrol-title']);
    await browser.open(`${path}?lang=en`);

    const done = await browser.press('Finish', fields({}));
    expect([done.path, done.notice]).toEqual(['/support/sign-in?enrolled=app', en['desk.enrolled']]);
    expect(browser.cookies().has('account-agent')).toBe(false);
    for (const late of [await browser.open(path), await browser.post(path, { password: agentPassword })])
      expect([late.status, late.notice]).toEqual([410, en['refusal.agent-link-over']]);
    // The code that switched the app on is spent.
    const again = await signInWith(browser, { name, password: agentPassword, code: codeAt(app.clock.now()) });
    expect([again.status, again.notice]).toEqual([422, failed]);
    app.clock.advance(stepMs);
    const home = await signInWith(browser, { name: ' eLENA ', password: agentPassword, code: codeAt(app.clock.now()) });
    expect([home.path, home.text.includes('Elena agent')]).toEqual(['/support', true]);
    // An operator who rotates keys is told what still needs the old one.
    const needing = (await keysInUse(app.db)).get('test') ?? [];
    expect(needing.filter((what) => / agents?$/.test(what))).toHaveLength(2);
    expect(await eventsOf(agent.id)).toEqual([
      'agent.added',
      'agent.enrolled',
      'agent.sign_in_failed',
      'agent.signed_in',
    ]);
  });

  it('that is none is tried sixty times an hour from one network', async () => {
    const post = () => browser.post('/support/enrol/made-up', { password: agentPassword });
    for (let times = 0; times < limits['agent-sign-in-source'].max; times += 1) expect((await post()).status).toBe(410);
    expect((await post()).status).toBe(429);
    const { path } = await add();
    expect((await browser.open(path)).status).toBe(200);
    app.clock.advance(hourMs);
    expect((await post()).status).toBe(410);
  });

  it('is over after a day, by a newer link, and with the agent', async () => {
    const late = await add();
    app.clock.advance(enrolmentLifeMs - 1);
    expect((await browser.open(late.path)).status).toBe(200);
    app.clock.advance(1);
    expect((await browser.open(late.path)).status).toBe(410);
    const renewed = await app.app.agents.renewLink(late.agent.id);
    expect(renewed.ok && (await browser.open(`/support/enrol/${renewed.token}`)).status).toBe(200);
    const newest = await app.app.agents.renewLink(late.agent.id);
    expect(renewed.ok && (await browser.open(`/support/enrol/${renewed.token}`)).status).toBe(410);
    await app.app.agents.remove(late.agent.id);
    expect(newest.ok && (await browser.open(`/support/enrol/${newest.token}`)).status).toBe(410);
    for (const path of ['/support/enrol/nothing', `/support/enrol/${'x'.repeat(3_000)}`])
      expect((await browser.open(path)).status).toBe(410);
  });

  it('a new link changes nothing until it is used, and then everything', async () => {
    const agent = await enrol();
    await signInAgent(browser, agent);
    const link = await app.app.agents.renewLink(agent.id);
    if (!link.ok) throw new Error(link.reason);
    expect((await browser.open('/support')).status).toBe(200);
    const other = app.browser();
    const path = `/support/enrol/${link.token}`;
    const codeAt = codesOn(await other.open(path));
    const password = 'seven green umbrellas';
    await other.post(path, { password, repeated: password, code: codeAt(app.clock.now()) });
    expect((await browser.open('/support')).path).toContain('/support/sign-in');
    app.clock.advance(stepMs);
    expect((await signInAgent(browser, agent)).notice).toBe(failed);
    const { name } = agent;
    expect((await signInWith(browser, { name, password, code: codeAt(app.clock.now()) })).path).toBe('/support');
  });

  it('is no way in for anybody else: no page makes an agent, and a name is taken once', async () => {
    await add('Olga');
    expect(await app.app.agents.add({ name: 'OLGA', role: 'lead', locale: 'en' })).toMatchObject({
      reason: 'name-taken',
    });
    for (const name of ['', 'a', 'a b', 'a@b.example', '<b>bold</b>', 'ﬁona', 'x'.repeat(40)])
      expect(await app.app.agents.add({ name, role: 'agent', locale: 'en' })).toMatchObject({ reason: 'name-shape' });
    const waiting = await signInWith(browser, { name: 'Olga', password: agentPassword, code: '123456' });
    expect(waiting.notice).toBe(failed);
  });
});

describe('signing in', () => {
  let agent: TestAgent;
  beforeEach(async () => {
    agent = await enrol();
  });

  it('answers a wrong name, password and code, and a spent code, with the same words', async () => {
    const right = { name: agent.name, password: agent.password, code: agent.code() };
    await signInWith(app.browser(), right);
    const answers: string[] = [];
    const written: number[] = [];
    for (const wrong of [
      { ...right, name: 'nobody' },
      { ...right, password: 'not the right one at all' },
      { ...right, code: '000000' },
      right,
    ]) {
      writes = 0;
      const page = await signInWith(browser, wrong);
      written.push(writes);
      expect([page.status, page.notice]).toEqual([422, failed]);
      expect(browser.cookies().has('account-agent')).toBe(false);
      answers.push(page.html.replace(wrong.name, 'NAME'));
    }
    expect(new Set(answers).size).toBe(1);
    // Nor does what was wrong show in how much there is to do.
    expect(written).toEqual([4, 4, 4, 4]);
    app.clock.advance(stepMs);
    for (const [field, label, words] of [
      ['name', 'Name', en['refusal.agent-name-missing']],
      ['password', 'Password', en['refusal.password-missing']],
      ['code', en['desk.code'], en['refusal.agent-code-shape']],
    ] as const) {
      const page = await signInWith(browser, { ...right, [field]: '' });
      expect([page.status, page.errorAt(label)]).toEqual([422, words]);
    }
    const fresh = agent.code();
    expect((await signInWith(browser, { ...right, code: `${fresh.slice(0, 3)} ${fresh.slice(3)}` })).path).toBe(
      '/support',
    );
  });

  it('comes back to the page of the desk that was asked for, and to no other', async () => {
    const asked = await browser.open('/support/own?x=1');
    expect(asked.path).toBe(`/support/sign-in?${new URLSearchParams({ returnTo: '/support/own?x=1' })}`);
    const fields = { Name: agent.name, Password: agent.password, [en['desk.code']]: agent.code() };
    expect((await browser.press('Sign in', fields)).path).toBe('/support/own?x=1');
    // Whoever is in already is not asked to sign in.
    expect((await browser.open('/support/sign-in')).path).toBe('/support');
    expect((await browser.open('/support/sign-in?returnTo=%2Fsupport%2Fown')).path).toBe('/support/own');
    expect((await browser.open('/support/sign-in?returnTo=%2Faccount')).path).toBe('/support');
    for (const returnTo of ['/account', '//evil.example/support', '/supportive', 'https://evil.example/support']) {
      app.clock.advance(stepMs);
      const { name, password } = agent;
      expect((await signInWith(browser, { name, password, code: agent.code(), returnTo })).path).toBe('/support');
    }
  });

  it('has a session of its own: no account opens the desk, and no agent an account', async () => {
    const person = await app.addPerson();
    await browser.post('/sign-in', { identifier: person.userId, password: person.password });
    expect((await browser.open('/support')).path).toContain('/support/sign-in');
    const token = browser.cookies().get('account-session') ?? '';
    browser.setCookie('account-agent', token);
    expect((await browser.open('/support')).path).toContain('/support/sign-in');
    const other = app.browser();
    await signInAgent(other, agent);
    expect((await other.open('/account/password')).path).toContain('/sign-in?');
    other.setCookie('account-session', other.cookies().get('account-agent') ?? '');
    expect((await other.open('/account/password')).path).toContain('/sign-in?');
    const { headers } = await other.send('/support');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('lasts half an hour without a request and eight hours at most', async () => {
    await signInAgent(browser, agent);
    app.clock.advance(agentIdleMs - 1);
    expect((await browser.open('/support')).status).toBe(200);
    app.clock.advance(agentIdleMs);
    expect((await browser.open('/support')).path).toContain('/support/sign-in');
    await signInAgent(browser, agent);
    const begun = app.clock.now();
    for (let at = 20 * minuteMs; at < agentSessionLifeMs; at += 20 * minuteMs) {
      app.clock.advance(20 * minuteMs);
      expect((await browser.open('/support')).path).toBe('/support');
    }
    // A cookie that a browser kept for longer opens nothing either.
    browser.setCookie('account-agent', browser.cookies().get('account-agent') ?? '');
    app.clock.advance(begun + agentSessionLifeMs - app.clock.now());
    expect((await browser.open('/support')).path).toContain('/support/sign-in');
  });

  it('ends by signing out, for a copy of the cookie too', async () => {
    await signInAgent(browser, agent);
    const thief = app.browser();
    thief.setCookie('account-agent', browser.cookies().get('account-agent') ?? '');
    expect((await thief.open('/support')).status).toBe(200);
    expect((await browser.press('Sign out')).path).toBe('/support/sign-in');
    expect((await thief.open('/support')).path).toContain('/support/sign-in');
    const sent = await thief.send('/support/own', { method: 'POST', body: new URLSearchParams({ backOn: '' }) });
    expect(sent.status).toBe(401);
    expect(await sent.text()).toContain('Sign in again in another tab');
    expect(await eventsOf(agent.id)).toContain('agent.signed_out');
  });

  it('is over in the very request after the agent was removed', async () => {
    await signInAgent(browser, agent);
    await app.app.agents.remove(agent.id);
    expect((await browser.open('/support')).path).toContain('/support/sign-in');
    const sent = await browser.send('/support/own', { method: 'POST', body: new URLSearchParams({ backOn: '' }) });
    expect(sent.status).toBe(401);
    app.clock.advance(stepMs);
    expect((await signInAgent(browser, agent)).notice).toBe(failed);
    expect(await app.app.agents.remove(agent.id)).toMatchObject({ reason: 'agent-gone' });
    const row = await app.db.read.selectFrom('agents').selectAll().where('id', '=', agent.id).executeTakeFirstOrThrow();
    expect([row.password_hash, row.secret_sealed, row.name]).toEqual([null, null, agent.name]);
    // The name may be given again, to somebody else.
    expect((await add(agent.name)).agent.id).not.toBe(agent.id);
  });

  it('speaks the language of the agent where the browser has chosen none', async () => {
    const { path, name } = await add();
    const codeAt = codesOn(await browser.open(path));
    await browser.post(path, { password: agentPassword, repeated: agentPassword, code: codeAt(app.clock.now()) });
    app.clock.advance(stepMs);
    const page = await signInWith(browser, { name, password: agentPassword, code: codeAt(app.clock.now()) });
    expect([page.language, page.heading]).toEqual(['es', es['desk.queue']]);
  });
});

describe('limits', () => {
  it('stop a name in one network, and nobody else', async () => {
    const [agent, colleague] = [await enrol(), await enrol()];
    const wrong = { name: agent.name, password: 'not the right one at all', code: '000000' };
    const { max } = limits['agent-sign-in'];
    for (let tries = 0; tries < max; tries += 1) expect((await signInWith(browser, wrong)).status).toBe(422);
    const refused = await signInWith(browser, wrong);
    expect([refused.status, refused.notice]).toEqual([429, en['refusal.agent-later'].replace('{wait}', '60 minutes')]);
    expect((await signInAgent(browser, agent)).status).toBe(429);
    // The same network, another agent; another network, the same agent.
    expect((await signInAgent(browser, colleague)).path).toBe('/support');
    expect((await signInAgent(app.browser(), agent)).path).toBe('/support');
    app.clock.advance(hourMs);
    expect((await signInWith(browser, wrong)).status).toBe(422);
    expect((await signInAgent(browser, agent)).path).toBe('/support');
  });

  it('stop a network that tries many names', async () => {
    const agent = await enrol();
    const { max } = limits['agent-sign-in-source'];
    const tryName = (at: number) =>
      signInWith(browser, { name: `guess${at}`, password: 'not the right one at all', code: '000000' });
    await tryName(0);
    const counted = (tx: typeof app.db.read) =>
      tx.updateTable('counters').where('key', 'like', 'agent-sign-in-source/%');
    await app.db.write((tx) =>
      counted(tx)
        .set({ count: max - 1 })
        .execute(),
    );
    expect((await tryName(1)).status).toBe(422);
    expect((await tryName(2)).status).toBe(429);
    expect((await signInAgent(browser, agent)).status).toBe(429);
    expect((await signInAgent(app.browser(), agent)).path).toBe('/support');
    app.clock.advance(hourMs);
    expect((await tryName(3)).status).toBe(422);
  });

  it('rest the codes after five wrong ones beside the right password, wherever they come from, and ring the alarm', {
    timeout: 60_000,
  }, async () => {
    const agent = await enrol();
    const { max } = limits['agent-second-factor'];
    const wrongCode = () => signInWith(app.browser(), { name: agent.name, password: agent.password, code: '000000' });
    // Wrong passwords use up nothing of it.
    for (let tries = 0; tries <= max; tries += 1)
      await signInWith(browser, { name: agent.name, password: 'not the right one at all', code: '000000' });
    for (let tries = 0; tries < max; tries += 1) await wrongCode();
    expect((await signInAgent(app.browser(), agent)).notice).toBe(failed);
    expect((await eventsOf(agent.id)).filter((event) => event === 'agent.limit_reached')).toHaveLength(2);
    app.clock.advance(hourMs);
    for (let tries = 1; tries < max; tries += 1) await wrongCode();
    expect((await signInAgent(app.browser(), agent)).path).toBe('/support');
    // A right sign-in is not counted.
    app.clock.advance(stepMs);
    expect((await signInAgent(app.browser(), agent)).path).toBe('/support');
  });

  it('count no fault of ours: the right sign-in that met it goes through the next time', async () => {
    const agent = await enrol();
    // Two counts of the try, one of the code, and the fourth is the sign-in itself.
    writesBeforeFault = 4;
    expect((await signInAgent(browser, agent)).status).toBe(500);
    expect(await app.db.read.selectFrom('counters').select('count').where('count', '>', 0).execute()).toEqual([]);
    expect((await signInAgent(browser, agent)).path).toBe('/support');
  });

  it('of what an agent does in an hour refuse the first beyond it, once with an alarm, and count anew after it', async () => {
    const [agent, colleague] = [await enrol(), await enrol()];
    const { within } = app.app.agents;
    const { max } = limits['agent-unmask'];
    for (let times = 0; times < max; times += 1)
      expect(await within('agent-unmask', agent.id)).toMatchObject({ ok: true });
    for (let times = 0; times < 3; times += 1)
      expect(await within('agent-unmask', agent.id)).toEqual({
        ok: false,
        reason: 'agent-limit',
        retryAfterMs: hourMs,
      });
    expect((await eventsOf(agent.id)).filter((event) => event === 'agent.limit_reached')).toHaveLength(1);
    expect(await within('agent-unmask', colleague.id)).toMatchObject({ ok: true });
    expect(await within('agent-case', agent.id)).toMatchObject({ ok: true });
    app.clock.advance(hourMs);
    expect(await within('agent-unmask', agent.id)).toMatchObject({ ok: true });
  });
});

describe('at the desk', () => {
  it('every page and form is for who is signed in, and for the roles that it names', async () => {
    const roles = ['agent', 'lead', 'auditor'] as const;
    const signedIn = await Promise.all(
      roles.map(async (role) => {
        const by = app.browser();
        await signInAgent(by, await enrol(role));
        return { role, by };
      }),
    );
    const ofAgents = Object.values(routes).flatMap(({ method, path, audience }) =>
      audience in rolesOf ? [{ method, path: path.replace(/:\w+/g, 'x'), audience }] : [],
    );
    expect(ofAgents.length).toBeGreaterThan(3);
    for (const { method, path, audience } of ofAgents) {
      const ask = (by: Browser) => by.send(path, { method, ...(method === 'POST' && { body: 'unknown=1' }) });
      const stranger = await ask(app.browser());
      expect([path, stranger.status]).toEqual([path, method === 'GET' ? 303 : 401]);
      for (const { role, by } of signedIn) {
        const isAllowed = Object.entries(rolesOf).some(([name, those]) => name === audience && those.includes(role));
        // An unknown field is refused beyond the door.
        const { status } = await ask(by);
        expect([path, role, status === 403]).toEqual([path, role, !isAllowed]);
        if (method === 'POST' && isAllowed) expect([path, status]).toEqual([path, 415]);
      }
    }
  });

  it('a changed role counts from the next request on', async () => {
    const agent = await enrol();
    await signInAgent(browser, agent);
    await app.app.agents.setRole(agent.id, 'auditor');
    expect((await browser.open('/support')).text).toContain(`${agent.name} auditor`);
    expect(await eventsOf(agent.id)).toContain('agent.role_changed');
  });

  it('who is away is given no case until the day of coming back', async () => {
    const [agent, lead, auditor] = [await enrol(), await enrol('lead'), await enrol('auditor')];
    const waiting = await add();
    const here = async () => (await app.app.agents.present()).map(({ id }) => id);
    expect(await here()).toEqual(expect.arrayContaining([agent.id, lead.id]));
    for (const id of [auditor.id, waiting.agent.id]) expect(await here()).not.toContain(id);
    await signInAgent(browser, agent);
    await browser.open('/support/own');
    const day = (at: number) => new Date(at).toISOString().slice(0, 10);
    for (const backOn of ['tomorrow', '2020-01-01', '9999-01-01', '2027-02-31', day(app.clock.now())]) {
      const refused = await browser.press('Save', { 'Back on': backOn });
      expect([refused.status, refused.errorAt('Back on'), refused.valueOf('Back on')]).toEqual([
        422,
        en['refusal.agent-day-shape'],
        backOn,
      ]);
    }
    const kept = await browser.press('Save', { 'Back on': day(app.clock.now() + 3 * dayMs) });
    expect([kept.notice, kept.text.includes('No case is given to you until then.')]).toEqual([
      en['desk.away-kept'],
      true,
    ]);
    expect(await here()).not.toContain(agent.id);
    app.clock.advance(3 * dayMs);
    expect(await here()).toContain(agent.id);
    await app.app.agents.setAway(agent.id, app.clock.now() + dayMs);
    expect(await here()).not.toContain(agent.id);
    await app.app.agents.setAway(agent.id, null);
    expect(await here()).toContain(agent.id);
  });
});

it('rekey agents adds, lists, changes and removes agents, and says in one sentence what it cannot do', async () => {
  const path = await mkdtemp(join(tmpdir(), 'agents-'));
  const folder = await makeDataFolder(path, { isReset: false });
  const db = await openDatabase(folder.database, { log: createLog('silent') });
  await migrate(db, { clock: systemClock });
  await db.close();
  // In this process: that each command starts in one of its own is told elsewhere.
  const said = { stdout: '', stderr: '' };
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((line) => void (said.stdout += `${String(line)}\n`)),
    vi.spyOn(console, 'error').mockImplementation((line) => void (said.stderr += `${String(line)}\n`)),
  ];
  onTestFinished(() => spies.forEach((spy) => spy.mockRestore()));
  const run = async (...args: string[]) => {
    Object.assign(said, { stdout: '', stderr: '' });
    const code = await runCommand(['agents', ...args, '--data', path]);
    return { code, ...said };
  };

  const added = await run('add', 'elena', '--role', 'lead');
  expect(added.stdout).toMatch(
    /^elena was added as lead\. This link works once, until [\d-]+ [\d:]+ UTC:\n\n {2}http:\/\/127\.0\.0\.1:4400\/support\/enrol\/[\w-]{22}\n$/,
  );
  const refused: [string[], string][] = [
    [['add', 'ELENA'], 'There is an agent ELENA already.'],
    [['link', 'olga'], 'There is no agent olga. See rekey agents list.'],
    [['away', 'elena', 'soon'], '"soon" is no day to come, such as 2027-01-31, within two years.'],
  ];
  for (const [args, sentence] of refused)
    expect(await run(...args)).toMatchObject({ code: 3, stderr: `${sentence}\n`, stdout: '' });
  await run('role', 'elena', 'auditor');
  await run('away', 'elena', new Date(systemClock.now() + 9 * dayMs).toISOString().slice(0, 10));
  const [listed]: unknown[] = JSON.parse((await run('list', '--json')).stdout);
  expect(listed).toMatchObject({ name: 'elena', role: 'auditor', enrolledAt: null });
  expect((await run('list')).stdout).toBe('elena  auditor  has not used the link yet\n');
  const { link }: { link: string } = JSON.parse((await run('link', 'elena', '--json')).stdout);
  expect(added.stdout).not.toContain(link);
  expect((await run('remove', 'elena')).stdout).toBe('elena was removed and is signed out.\n');
  expect((await run('list')).stdout).toBe('There are no agents. Add one with rekey agents add.\n');
  await rm(path, { recursive: true });
});

it('nothing of all this met a fault of ours but the one that was made', () =>
  expect(app.faults).toEqual([new Error('the disk is full')]));
