// Agents at the same moment, on both engines: a link is used once, a code works once, an alarm rings once, and whoever is
// just being removed does not get in beside it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs } from '../../src/base/clock.ts';
import { limits } from '../../src/limits/limits.ts';
import { agentPassword, codesOn, enrolAgent, signInAgent } from '../../src/testing/agents.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { atOnce, engines, warmUp } from '../engines.ts';

describe.each(engines)('agents on $engine', ({ createDatabase }) => {
  let app: TestApp;
  let names = 0;
  beforeAll(async () => {
    app = await createTestApp({ createDatabase, createSite: () => async () => undefined });
    await warmUp(app.db);
  });
  beforeEach(() => app.clock.advance(dayMs));
  afterAll(() => app.close());

  const enrol = () => enrolAgent(app, { name: `agent${(names += 1)}` });
  const eventsOf = async (subjectId: string, event: string) =>
    (
      await app.db.read
        .selectFrom('audit_events')
        .select('id')
        .where('subject_id', '=', subjectId)
        .where('event', '=', event)
        .execute()
    ).length;
  const isIn = (path: string) => path === '/support';

  it('an enrolment link that sixteen use at once is used once', async () => {
    const added = await app.app.agents.add({ name: `agent${(names += 1)}`, role: 'agent', locale: 'en' });
    if (!added.ok) throw new Error(added.reason);
    const path = `/support/enrol/${added.token}`;
    const code = codesOn(await app.browser().open(path))(app.clock.now());
    const statuses = await atOnce(16, async (index) => {
      const password = `${agentPassword} ${index}`;
      return (await app.browser().post(path, { password, repeated: password, code })).status;
    });
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 410)).toHaveLength(15);
    expect(await eventsOf(added.agent.id, 'agent.enrolled')).toBe(1);
  });

  it('a code that sixteen type at once lets one in', async () => {
    const agent = await enrol();
    // Each from a network of its own, as five wrong ones in an hour would stop the others anyway.
    const first = await atOnce(5, async () => (await signInAgent(app.browser(), agent)).path);
    expect(first.filter(isIn)).toHaveLength(1);
    app.clock.advance(dayMs);
    const all = await atOnce(16, async () => (await signInAgent(app.browser(), agent)).path);
    expect(all.filter(isIn).length).toBeLessThanOrEqual(1);
    expect(await eventsOf(agent.id, 'agent.signed_in')).toBe(1 + all.filter(isIn).length);
  });

  it('a removal beside sixteen requests leaves nobody signed in', async () => {
    const agent = await enrol();
    const browser = app.browser();
    await signInAgent(browser, agent);
    app.clock.advance(30_000);
    const late = app.browser();
    const asked = atOnce(15, async () => (await browser.send('/support')).status);
    await Promise.all([asked, signInAgent(late, agent), app.app.agents.remove(agent.id)]);
    for (const by of [browser, late]) expect((await by.open('/support')).path).toContain('/support/sign-in');
    const open = await app.db.read
      .selectFrom('agent_sessions')
      .selectAll()
      .where('agent_id', '=', agent.id)
      .where('ended_at', 'is', null)
      .execute();
    expect(open).toEqual([]);
  });

  it('a limit that sixteen pass at once rings one alarm', async () => {
    const { id } = await enrol();
    const { max } = limits['agent-unmask'];
    const taken = await atOnce(max + 16, () => app.app.agents.within('agent-unmask', id));
    expect(taken.filter(({ ok }) => ok)).toHaveLength(max);
    expect(await eventsOf(id, 'agent.limit_reached')).toBe(1);
  });

  it('no name is given twice, and no link survives a removal', async () => {
    const { agents } = app.app;
    const name = `agent${(names += 1)}`;
    const added = await atOnce(16, () => agents.add({ name, role: 'lead', locale: 'en' }));
    const [one, ...others] = added.flatMap((each) => (each.ok ? [each] : []));
    expect(others).toEqual([]);
    if (!one) throw new Error('nobody was added');
    const links = atOnce(8, () => agents.renewLink(one.agent.id));
    await Promise.all([links, agents.remove(one.agent.id)]);
    expect(
      await app.db.read.selectFrom('agent_enrolments').selectAll().where('agent_id', '=', one.agent.id).execute(),
    ).toEqual([]);
  });

  it('meets no fault of ours in all of this', () => expect(app.faults).toEqual([]));
});
