// Releases, sixteen and fifty at once on both engines: one proposal, one approval, one release, one opened grant, one
// password; and whoever stops it meanwhile has stopped it.
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agent, AgentRole } from '../../src/agents/agents.ts';
import { dayMs } from '../../src/base/clock.ts';
import { moveRelease } from '../../src/releases/release-rows.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { openGrant, prove, releaseOf, stuck, type Stuck, waitForGrant } from '../journeys/release-steps.ts';
import { choosePassword, linkOf, newPassword, numberOf, opens } from '../journeys/steps.ts';
import { atOnce, engines, warmUp } from '../engines.ts';

describe.each(engines)('releases on $engine', ({ createDatabase }) => {
  let app: TestApp;
  const team: Agent[] = [];
  beforeAll(async () => {
    app = await createTestApp({ createDatabase });
    await warmUp(app.db);
    const roles: readonly AgentRole[] = ['agent', 'lead', 'lead', 'lead'];
    for (const [at, role] of roles.entries()) {
      const added = await app.app.agents.add({ name: `agent${at}`, role, locale: 'en' });
      if (added.ok) team.push(added.agent);
    }
  }, 60_000);
  afterAll(async () => {
    expect(app.faults).toEqual([]);
    await app.close();
  });

  const agent = (at: number): Agent => {
    const found = team[at % team.length];
    if (!found) throw new Error('no agent was added');
    return found;
  };
  const stepsOf = async ({ caseId }: Stuck, event: string) =>
    app.db.read
      .selectFrom('release_steps')
      .selectAll()
      .where('case_id', '=', caseId)
      .where('event', '=', event)
      .execute();
  const succeeded = (all: readonly { readonly ok: boolean }[]) => all.filter(({ ok }) => ok).length;

  async function propose(of: Stuck) {
    const { desk } = app.app;
    const row = await app.app.cases.byNumber(of.number);
    await desk.take(agent(0), { number: of.number, version: row?.version ?? 0 });
    const seen = { number: of.number, version: (row?.version ?? 0) + 1 };
    return atOnce(16, () => desk.propose(agent(0), seen, { accountId: of.accountId, words: 'why', act: 'propose' }));
  }

  /** As far as the hold. */
  async function held(): Promise<Stuck> {
    app.clock.advance(dayMs);
    const of = await stuck(app);
    await prove(app, of, 'spare-code', 'authenticator');
    expect(succeeded(await propose(of))).toBe(1);
    const { id, version } = await releaseOf(app, of);
    const approved = await atOnce(16, (at) =>
      app.app.releases.approve({ id, version }, { agent: agent(at), words: 'why' }),
    );
    expect(succeeded(approved)).toBe(1);
    await app.deliverMail();
    return of;
  }

  it('are proposed once, approved once by another, and released once, each told once', async () => {
    const of = await held();
    const { proposed_by, approved_by } = await releaseOf(app, of);
    expect(approved_by).not.toBe(proposed_by);
    expect(await stepsOf(of, 'approved')).toHaveLength(1);
    app.clock.advance(3 * dayMs);
    await atOnce(16, () => app.app.releases.settle());
    await app.deliverMail();
    expect((await releaseOf(app, of)).state).toBe('released');
    expect(await stepsOf(of, 'released')).toHaveLength(1);
    const subjects = (await app.mailsTo(of.contact)).map(({ subject }) => subject);
    expect(subjects.filter((subject) => subject.startsWith('Your way back'))).toHaveLength(1);
    expect(await app.mailsTo(of.owner.address)).toHaveLength(3);
  });

  it('open to one of fifty right codes, and to none after five wrong ones', async () => {
    const of = await held();
    await waitForGrant(app, of);
    const token =
      linkOf(await app.mailTo(of.contact), 'grant')
        .split('/')
        .at(-1) ?? '';
    const open = (typed: string) => (at: number) =>
      app.app.releases.grants.open({ token, typed, browser: `browser ${at}`, source: `source ${at}`, locale: 'en' });
    const wrong = await atOnce(4, open('ACDEFGHJKMNPQRTV'));
    expect(wrong.map((each) => !each.ok && each.reason)).toEqual(Array.from({ length: 4 }, () => 'grant-code-wrong'));
    expect(succeeded(await atOnce(50, open(of.kept.code)))).toBe(1);
    const recoveries = await app.db.read
      .selectFrom('recoveries')
      .select('id')
      .where('release_id', '=', (await releaseOf(app, of)).id)
      .execute();
    expect(recoveries).toHaveLength(1);

    const other = await held();
    await waitForGrant(app, other);
    const second =
      linkOf(await app.mailTo(other.contact), 'grant')
        .split('/')
        .at(-1) ?? '';
    const guesses = await atOnce(50, (at) =>
      app.app.releases.grants.open({
        token: second,
        typed: at === 49 ? other.kept.code : 'ACDEFGHJKMNPQRTV',
        browser: `browser ${at}`,
        source: `source ${at}`,
        locale: 'en',
      }),
    );
    const tried = guesses.filter((each) => each.ok || each.reason === 'grant-code-wrong').length;
    expect(tried).toBeLessThanOrEqual(5);
    expect((await releaseOf(app, other)).grant_tries).toBeLessThanOrEqual(5);
  });

  it('are of the account that their case names, though the person corrects that at the same moment', async () => {
    const [of, other] = [await stuck(app), await app.addPerson()];
    await prove(app, of, 'spare-code', 'authenticator');
    const { desk, cases } = app.app;
    const before = await cases.byNumber(of.number);
    await desk.take(agent(0), { number: of.number, version: before?.version ?? 0 });
    const row = await cases.byNumber(of.number);
    if (!row) throw new Error('there is no such case');
    const isPostgres = app.db.engine === 'postgres';
    const waitFor = async (count: number) => {
      let waiting = isPostgres ? 0 : count;
      while (waiting < count) {
        const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(app.db.read);
        waiting = Number(rows[0]?.count);
      }
    };
    // Holds up the proposal after it has looked at the case, until the correction waits for it.
    const locked = Promise.withResolvers<void>();
    const locking = app.db.write(async (tx) => {
      if (isPostgres) await sql`LOCK TABLE release_steps IN SHARE MODE`.execute(tx);
      locked.resolve();
      await waitFor(2);
    });
    await locked.promise;
    const seen = { number: of.number, version: row.version };
    const proposing = desk.propose(agent(0), seen, { accountId: of.accountId, words: 'why', act: 'propose' });
    await waitFor(1);
    const correcting = cases.correctAccount(row, { identifier: other.userId, source: 'source' });
    await locking;
    const [proposed, corrected] = await Promise.all([proposing, correcting]);
    expect([proposed.ok, corrected.ok]).toEqual([isPostgres, !isPostgres]);
    const named = cases.identifierOf((await cases.byNumber(of.number)) ?? row);
    expect(named).toBe(isPostgres ? of.owner.userId : other.userId);
  });

  it('end by who signs in with a known browser, though they move at the same moment', async () => {
    const of = await held();
    const release = await releaseOf(app, of);
    const moved = Promise.withResolvers<void>();
    const areWaiting = async () => {
      const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(app.db.read);
      return Number(rows[0]?.count) > 0;
    };
    const moving = app.db.write(async (tx) => {
      await moveRelease(tx, release, {});
      moved.resolve();
      // On SQLite whoever comes second waits without having read anything.
      while (app.db.engine === 'postgres' && !(await areWaiting()));
    });
    await moved.promise;
    const comingIn = app.db.write((tx) =>
      app.app.releases.comesIn(tx, { accountId: of.accountId, source: '', addressConfirmedAt: 0 }),
    );
    await Promise.all([moving, comingIn]);
    expect((await releaseOf(app, of)).state).toBe('vetoed');
  });

  it('end with a veto or with a password, and never with both', async () => {
    for (let round = 0; round < 4; round += 1) {
      const of = await held();
      await waitForGrant(app, of);
      const mail = await app.mailTo(of.owner.address);
      const token = linkOf(mail, 'stop').split('/').at(-1) ?? '';
      const person = app.browser();
      await openGrant(app, of, person);
      const veto = (at: number) =>
        app.app.releases.objectFromNotice({
          token,
          typed: numberOf(mail),
          browser: `browser ${at}`,
          source: 'source',
        });
      const [stopped] = await Promise.all([atOnce(round % 2 ? 1 : 16, veto), choosePassword(person)]);
      const { state, spent_at, vetoed_at } = await releaseOf(app, of);
      expect(succeeded(stopped)).toBeGreaterThanOrEqual(1);
      // Whichever came first, the veto is what stands: before the password it stops it, after it it undoes it.
      expect(['vetoed', 'undone']).toContain(state);
      expect(spent_at !== null && vetoed_at !== null).toBe(false);
      expect(await opens(app, of.owner, newPassword)).toBe(false);
      expect(await opens(app, of.owner, of.owner.password)).toBe(state === 'vetoed');
    }
  });

  it('are not approved by whoever is just being removed, nor after a veto', async () => {
    app.clock.advance(dayMs);
    const of = await stuck(app);
    await prove(app, of, 'spare-code', 'authenticator');
    expect(succeeded(await propose(of))).toBe(1);
    const { id, version } = await releaseOf(app, of);
    const added = await app.app.agents.add({ name: `leaving${version}${id.slice(0, 4)}`, role: 'lead', locale: 'en' });
    if (!added.ok) throw new Error(added.reason);
    const [removed, approved] = await Promise.all([
      app.app.agents.remove(added.agent.id),
      app.app.releases.approve({ id, version }, { agent: added.agent, words: 'why' }),
    ]);
    expect(removed.ok).toBe(true);
    const after = await releaseOf(app, of);
    expect(after.state).toBe(approved.ok ? 'holding' : 'proposed');
    // Once removed, never.
    const again = await app.app.releases.withdraw({ id, version: after.version }, { agent: added.agent, words: 'why' });
    expect(again).toEqual({ ok: false, reason: 'release-state' });
    expect(after.version).toBe((await releaseOf(app, of)).version);
  });
});
