// Passkeys of agents: made behind the enrolment link, answered beside the password, and refused in every way that a forger,
// a copy or another site could answer.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { challengeLifeMs } from '../../src/agents/policy.ts';
import { dayMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { agentPassword, codesOn } from '../../src/testing/agents.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import { createPasskeyDevice, type Lies, type PasskeyDevice, passkeyOptionsOn } from '../passkey.ts';

let app: TestApp;
let browser: Browser;
let names = 0;
beforeAll(async () => {
  app = await createTestApp({ host: 'localhost' });
});
beforeEach(async () => {
  await app.db.write((tx) => tx.deleteFrom('counters').execute());
  app.clock.advance(dayMs);
  browser = app.browser();
});
afterAll(() => app.close());

interface Enrolled {
  readonly id: string;
  readonly name: string;
  readonly device: PasskeyDevice;
}

const newDevice = (counts = true) => createPasskeyDevice({ origin: app.origin, counts });
const linkOf = async (name: string) => {
  const added = await app.app.agents.add({ name, role: 'agent', locale: 'en' });
  if (!added.ok) throw new Error(added.reason);
  return { path: `/support/enrol/${added.token}`, id: added.agent.id };
};
const fields = { username: '', password: agentPassword, repeated: agentPassword, code: '' };

async function enrol(device = newDevice()): Promise<Enrolled> {
  const name = `agent${(names += 1)}`;
  const { path, id } = await linkOf(name);
  const passkey = device.make(passkeyOptionsOn(await app.browser().open(path)));
  expect((await app.browser().post(path, { ...fields, passkey })).path).toBe('/support/sign-in?enrolled=passkey');
  return { id, name, device };
}

/** Of a browser in which nobody is signed in. */
const signInPage = () => app.browser().open('/support/sign-in');
const send = (name: string, passkey: string, password = agentPassword): Promise<Page> =>
  browser.post('/support/sign-in', { name, password, code: '', passkey, returnTo: '' });
const signIn = async ({ name, device }: Enrolled, lies: Lies = {}) =>
  send(name, device.answer(passkeyOptionsOn(await signInPage()), lies));
const failed = { status: 422, notice: en['refusal.agent-sign-in-failed'] };
const passkeysOf = (agentId: string) =>
  app.db.read.selectFrom('agent_passkeys').selectAll().where('agent_id', '=', agentId).execute();

describe('enrolment with a passkey', () => {
  it('makes it the second factor: password and passkey sign in, a code does not', async () => {
    const agent = await enrol();
    const row = await app.db.read.selectFrom('agents').selectAll().where('id', '=', agent.id).executeTakeFirst();
    expect(row).toMatchObject({ secret_sealed: null });
    const code = { name: agent.name, password: agentPassword, code: '000000', passkey: '', returnTo: '' };
    expect(await browser.post('/support/sign-in', code)).toMatchObject(failed);
    expect((await signIn(agent)).path).toBe('/support');
    expect((await passkeysOf(agent.id)).map(({ uses }) => uses)).toEqual([2]);
  });

  it('takes none that was made elsewhere, for somebody else, twice, late, or with a statement of who made it', async () => {
    const { path, id } = await linkOf(`agent${(names += 1)}`);
    const other = await linkOf(`agent${(names += 1)}`);
    const device = newDevice();
    const options = async (of = path) => passkeyOptionsOn(await browser.open(of));
    const spent = device.make(await options());
    const wrong: string[] = [
      device.make(await options(), { origin: 'http://evil.example' }),
      device.make(await options(), { rpId: 'evil.example' }),
      device.make(await options(), { flags: 0 }),
      device.make(await options(), { fmt: 'packed' }),
      device.make(await options(), { fmt: 'tpm' }),
      device.make(await options(), { type: 'webauthn.get' }),
      device.make(await options(), { challenge: Buffer.from('a challenge of my own').toString('base64url') }),
      device.make(await options(other.path)),
      device.make(passkeyOptionsOn(await signInPage())),
      '{}',
      'no JSON at all',
      '[]',
      JSON.stringify({ id: '', rawId: '', type: 'public-key', clientExtensionResults: {}, response: {} }),
      'x'.repeat(12_001),
    ];
    for (const passkey of wrong) {
      const page = await browser.post(path, { ...fields, passkey });
      expect([passkey.slice(0, 40), page.status, page.notice]).toEqual([
        passkey.slice(0, 40),
        422,
        en['refusal.agent-passkey-wrong'],
      ]);
    }
    // A refusal spends the challenge too, and the page brings a new one.
    await browser.post(path, { ...fields, password: 'short', passkey: spent });
    const late = device.make(await options());
    app.clock.advance(challengeLifeMs);
    expect((await browser.post(path, { ...fields, passkey: late })).status).toBe(422);
    expect(await passkeysOf(id)).toEqual([]);
    expect((await browser.post(path, { ...fields, passkey: device.make(await options()) })).text).toContain(
      en['desk.enrolled-passkey'],
    );
    expect((await passkeysOf(id)).map(({ credential_id }) => credential_id)).toEqual([device.credentialId]);

    // Forged: no device gives two passkeys one name.
    const taken = newDevice().make(await options(other.path), { credentialId: device.credentialId });
    expect((await browser.post(other.path, { ...fields, passkey: taken })).status).toBe(400);
    expect((await browser.open(other.path)).status).toBe(200);
  });
});

describe('signing in with a passkey', () => {
  it('is refused like any wrong sign-in: wrong password, another agent, forged, elsewhere, twice, late, or a copy', async () => {
    const [agent, colleague] = [await enrol(), await enrol()];
    const options = async () => passkeyOptionsOn(await signInPage());
    const { name, device } = agent;
    expect(await send(name, device.answer(await options()), 'not the right one at all')).toMatchObject(failed);
    expect(await send(name, colleague.device.answer(await options()))).toMatchObject(failed);
    expect(await send('nobody', device.answer(await options()))).toMatchObject(failed);
    const link = await linkOf(`agent${(names += 1)}`);
    const wrong: string[] = [
      device.answer(await options(), { origin: 'http://evil.example' }),
      device.answer(await options(), { origin: app.origin.replace('http:', 'https:') }),
      device.answer(await options(), { rpId: 'evil.example' }),
      device.answer(await options(), { flags: 0 }),
      device.answer(await options(), { type: 'webauthn.create' }),
      device.answer(await options(), { challenge: 'b3duIGNoYWxsZW5nZQ' }),
      device.answer(passkeyOptionsOn(await browser.open(link.path))),
      newDevice().answer(await options(), { credentialId: device.credentialId }),
      newDevice().answer(await options()),
      device.answer(await options()).replace(/"signature":"..../, '"signature":"AAAA'),
      '{"id":1}',
      'null',
    ];
    for (const passkey of wrong) {
      await app.db.write((tx) => tx.deleteFrom('counters').execute());
      expect(await send(name, passkey)).toMatchObject(failed);
    }
    await app.db.write((tx) => tx.deleteFrom('counters').execute());
    const used = device.answer(await options());
    expect((await send(name, used)).path).toBe('/support');
    expect(await send(name, used)).toMatchObject(failed);
    const late = device.answer(await options());
    app.clock.advance(challengeLifeMs);
    expect(await send(name, late)).toMatchObject(failed);
    // A copy that has been used less often than the original.
    expect(await signIn(agent, { uses: 2 })).toMatchObject(failed);
    expect((await signIn(agent)).path).toBe('/support');
  });

  it('works with one that does not count, and each answer once', async () => {
    const agent = await enrol(newDevice(false));
    const options = passkeyOptionsOn(await signInPage());
    const answer = agent.device.answer(options);
    expect((await send(agent.name, answer)).path).toBe('/support');
    expect(await send(agent.name, answer)).toMatchObject(failed);
    expect((await signIn(agent)).path).toBe('/support');
  });

  it('lets one of five in that send the same answer at once', async () => {
    const agent = await enrol(newDevice(false));
    const passkey = agent.device.answer(passkeyOptionsOn(await signInPage()));
    const paths = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const by = app.browser();
        const sent = { name: agent.name, password: agentPassword, code: '', passkey, returnTo: '' };
        return (await by.post('/support/sign-in', sent)).path;
      }),
    );
    expect(paths.filter((path) => path === '/support')).toHaveLength(1);
  });
});

describe('the own passkeys', () => {
  const own = '/support/own';
  const change = (more: Record<string, string>) =>
    browser.post(`${own}/passkeys`, { username: '', password: agentPassword, passkey: '', remove: '', ...more });

  it('are added and removed with the password, but for the only second factor', async () => {
    const agent = await enrol();
    await signIn(agent);
    const second = newDevice();
    const options = async () => passkeyOptionsOn(await browser.open(own));
    const wrong = await change({ password: 'not the right one at all', passkey: second.make(await options()) });
    expect([wrong.status, wrong.errorAt('Your password')]).toEqual([422, en['refusal.password-wrong']]);
    const empty = await change({ password: '' });
    expect(empty.errorAt('Your password')).toBe(en['refusal.password-missing']);
    const foreign = await change({ passkey: second.make(await options(), { origin: 'http://evil.example' }) });
    expect([foreign.status, foreign.notice]).toEqual([422, en['refusal.agent-passkey-wrong']]);
    const [first] = await passkeysOf(agent.id);
    const last = await change({ remove: first?.id ?? '' });
    expect([last.status, last.notice]).toEqual([409, en['refusal.agent-factor-last']]);
    const added = await change({ passkey: second.make(await options()) });
    expect([added.path, added.notice]).toEqual([`${own}?done=passkey-added`, en['desk.passkey-added']]);
    expect((await browser.open(`${own}/passkeys`)).path).toBe(own);

    const other = await enrol();
    const [foreignKey] = await passkeysOf(other.id);
    await change({ remove: foreignKey?.id ?? '' });
    expect(await passkeysOf(other.id)).toHaveLength(1);
    expect((await change({ remove: first?.id ?? '' })).notice).toBe(en['desk.passkey-removed']);
    expect(await signIn(agent)).toMatchObject(failed);
    expect((await signIn({ ...agent, device: second })).path).toBe('/support');
    const events = await app.db.read
      .selectFrom('audit_events')
      .select('event')
      .where('subject_id', '=', agent.id)
      .execute();
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['agent.passkey_added', 'agent.passkey_removed', 'agent.sign_in_failed']),
    );
  });

  it('may all go where there is an app', async () => {
    const name = `agent${(names += 1)}`;
    const { path, id } = await linkOf(name);
    const codeAt = codesOn(await browser.open(path));
    await browser.post(path, { ...fields, passkey: '', code: codeAt(app.clock.now() - 30_000) });
    const code = codeAt(app.clock.now());
    await browser.post('/support/sign-in', { name, password: agentPassword, code, passkey: '', returnTo: '' });
    await change({ passkey: newDevice().make(passkeyOptionsOn(await browser.open(own))) });
    const [added] = await passkeysOf(id);
    expect((await change({ remove: added?.id ?? '' })).notice).toBe(en['desk.passkey-removed']);
    expect(await passkeysOf(id)).toEqual([]);
  });
});

it('nothing of all this met a fault of ours', () => expect(app.faults).toEqual([]));
