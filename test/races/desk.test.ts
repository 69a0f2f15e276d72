// The desk, sixteen at once on both engines: one agent gets a case, one decision is made, and a word of the person in the
// meantime is never talked over.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agent } from '../../src/agents/agents.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { atOnce, engines, warmUp } from '../engines.ts';
import { openCase } from '../journeys/steps.ts';

describe.each(engines)('the desk on $engine', ({ createDatabase }) => {
  let app: TestApp;
  const agents: Agent[] = [];
  beforeAll(async () => {
    app = await createTestApp({ createDatabase });
    await warmUp(app.db);
    for (let each = 0; each < 4; each += 1) {
      const added = await app.app.agents.add({ name: `agent${each}`, role: 'agent', locale: 'en' });
      if (added.ok) agents.push(added.agent);
    }
  }, 60_000);
  afterAll(() => app.close());

  const agentOf = (index: number): Agent => {
    const agent = agents[index % agents.length];
    if (!agent) throw new Error('no agent was added');
    return agent;
  };

  async function begin() {
    const kept = await openCase(app.browser(), 'stuck@mail.example');
    const number = kept.number.replaceAll(' ', '');
    const row = () =>
      app.db.read.selectFrom('cases').selectAll().where('number', '=', number).executeTakeFirstOrThrow();
    const messages = async () =>
      app.db.read
        .selectFrom('case_messages')
        .selectAll()
        .where('case_id', '=', (await row()).id)
        .execute();
    return { number, row, messages };
  }

  it('gives a case to one of those who take it', async () => {
    const { number, row } = await begin();
    const { version } = await row();
    const taken = await atOnce(16, (index) => app.app.desk.take(agentOf(index), { number, version }));
    const winners = new Set(taken.flatMap(({ ok }, index) => (ok ? [agentOf(index).id] : [])));
    expect([...winners]).toEqual([(await row()).agent_id]);
    expect((await row()).version).toBe(version + 1);
  });

  it('does one of sixteen things that were decided upon the same sight of a case', async () => {
    const { number, row, messages } = await begin();
    const agent = agentOf(0);
    await app.app.desk.take(agent, { number, version: (await row()).version });
    const { version } = await row();
    const done = await atOnce(16, (index) =>
      app.app.desk.act(agent, { number, version }, { act: index % 2 ? 'reply' : 'ask', words: `words ${index}` }),
    );
    expect(done.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await messages()).toHaveLength(1);
  });

  it('never talks over what the person wrote meanwhile', async () => {
    const { number, row, messages } = await begin();
    const agent = agentOf(1);
    await app.app.desk.take(agent, { number, version: (await row()).version });
    const seen = await row();
    const [answered, written] = await Promise.all([
      app.app.desk.act(agent, { number, version: seen.version }, { act: 'reply', words: 'from the desk' }),
      app.app.cases.write(seen, { words: 'from the person', source: 'source' }),
    ]);
    expect(written.ok).toBe(true);
    const words = (await messages()).map(({ author }) => author);
    // Either the desk was first, or it is told to look again.
    expect(words.filter((author) => author === 'desk')).toHaveLength(answered.ok ? 1 : 0);
    expect(words).toContain('person');
  });
});
