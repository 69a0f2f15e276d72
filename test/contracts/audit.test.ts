// The audit trail on both engines: what tampering shows, and what sixteen writers and two sealers leave behind.
import { type KyselyPlugin, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Audit, type AuditFault, createAudit } from '../../src/audit/audit.ts';
import { secondMs } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import type { Database } from '../../src/database/database.ts';
import type { AuditEventsTable } from '../../src/database/tables.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { atOnce, engines, few, warmUp } from '../engines.ts';

/** Small, so that a few events are more than one batch, one page and all the faults that are kept. */
const sizes = { batch: 8, page: 20, faults: 20 };

const key = (id: string) => ({ id, secret: Buffer.alloc(32, id) });

describe.each(engines)('the audit trail on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  let audit: Audit;
  let now: number;
  beforeAll(async () => {
    test = await createDatabase(few);
    await warmUp(test.db, few);
  });
  beforeEach(async () => {
    await test.db.write(async (tx) => {
      for (const table of ['audit_events', 'audit_heads', 'leases'] as const) await tx.deleteFrom(table).execute();
    });
    now = 1_800_000_000_000;
    audit = createNode('a');
  });
  afterAll(() => test.remove());

  const createNode = (...keyIds: string[]) => createNodeOn(test.db, ...keyIds);
  function createNodeOn(db: Database, ...keyIds: string[]): Audit {
    const keys = createKeys(keyIds.map(key));
    const clock = { now: () => now };
    return createAudit({ db, keys, clock, random: systemRandom, site: 'default', sizes });
  }

  /** Writes one event a second, so that their order is known. */
  const append = (count: number, by = audit) =>
    test.db.write(async (tx) => {
      for (let index = 0; index < count; index += 1) {
        now += secondMs;
        await by.append(tx, {
          event: 'recovery.started',
          subjectId: `recovery-${index}`,
          accountId: 'account',
          source: 'network',
          facts: { index },
        });
      }
    });
  const rows = () => test.db.read.selectFrom('audit_events').selectAll().orderBy('seq').orderBy('at').execute();
  const faults = async () => (await audit.verify()).faults;
  const change = (seq: number, values: Partial<AuditEventsTable>) =>
    test.db.write((tx) => tx.updateTable('audit_events').set(values).where('seq', '=', seq).execute());
  const remove = (...seqs: number[]) =>
    test.db.write((tx) => tx.deleteFrom('audit_events').where('seq', 'in', seqs).execute());
  const fault = (what: AuditFault['what'], seq: number | null) => expect.objectContaining({ what, seq });

  it('chains what was committed, in order and without a gap', async () => {
    await append(5);
    expect(await audit.verify()).toMatchObject({ sealed: 0, unsealed: 5, faults: [], head: { seq: 0, chain: '' } });
    expect(await audit.seal()).toBe(5);
    expect((await rows()).map(({ seq, subject_id }) => [seq, subject_id])).toEqual(
      [0, 1, 2, 3, 4].map((index) => [index + 1, `recovery-${index}`]),
    );
    expect(await audit.verify()).toMatchObject({ sealed: 5, unsealed: 0, faults: [], head: { seq: 5 } });
    expect(await audit.seal()).toBe(0);
  });

  it('chains what happened in one moment in the order in which it did', async () => {
    const told = Array.from({ length: 40 }, (_, index) => `recovery-${index}`);
    await test.db.write(async (tx) => {
      for (const subjectId of told) await audit.append(tx, { event: 'recovery.started', subjectId });
    });
    expect(await audit.seal()).toBe(told.length);
    expect((await rows()).map(({ subject_id }) => subject_id)).toEqual(told);
  });

  it('rolls back with the work that it belongs to', async () => {
    const write = test.db.write(async (tx) => {
      await audit.append(tx, { event: 'recovery.started' });
      throw new Error('no');
    });
    await expect(write).rejects.toThrow('no');
    expect(await rows()).toEqual([]);
  });

  it('seals more than one batch and verifies more than one page', async () => {
    await test.db.write(async (tx) => {
      for (let index = 0; index < 41; index += 1) await audit.append(tx, { event: 'authn_login_fail' });
    });
    expect(await audit.verify()).toMatchObject({ sealed: 0, unsealed: 41, faults: [] });
    expect(await audit.seal()).toBe(41);
    expect(await audit.verify()).toMatchObject({ sealed: 41, unsealed: 0, faults: [], head: { seq: 41 } });
    const lines: string[] = [];
    for await (const line of audit.export()) lines.push(line);
    expect(lines).toHaveLength(41);
  });

  it('is cut at its beginning, by two nodes at once, also while it is verified, and what is left verifies', async () => {
    await append(30);
    await audit.seal();
    expect(await audit.verify()).toMatchObject({ sealed: 30, cut: 0, faults: [] });
    // Where the oldest is not that old nobody takes the lease.
    await test.db.write((tx) => tx.deleteFrom('leases').execute());
    await audit.forget(now - 60 * secondMs);
    expect(await test.db.read.selectFrom('leases').selectAll().execute()).toEqual([]);
    const [, , seen] = await Promise.all([
      audit.forget(now - 9 * secondMs),
      createNode('a').forget(now - 9 * secondMs),
      audit.verify(),
    ]);
    expect(seen.faults).toEqual([]);
    expect((await rows()).map(({ seq }) => seq)).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
    expect(await audit.verify()).toMatchObject({ sealed: 10, cut: 20, faults: [], head: { seq: 30 } });
    await append(3);
    // Whichever of the two was last has the lease, and the other would seal nothing.
    await test.db.write((tx) => tx.deleteFrom('leases').execute());
    expect(await audit.seal()).toBe(3);
    // The newest stays however old it is: the head is held against it.
    now += 1_000 * secondMs;
    const rotated = createNode('b', 'a');
    await rotated.forget(now);
    expect(await rotated.verify()).toMatchObject({ sealed: 1, cut: 32, faults: [], head: { seq: 33 } });
  });

  it('is verified while it is cut, and cut again before it is asked how far', async () => {
    await append(30);
    await audit.seal();
    // After the head and the start were read, and after the first page was.
    const cuts = [undefined, now - 25 * secondMs, now - 9 * secondMs];
    const cutBetween: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        const before = cuts.shift();
        if (before !== undefined) await audit.forget(before);
        return result;
      },
    };
    const db = { ...test.db, read: test.db.read.withPlugin(cutBetween) };
    expect((await createNodeOn(db, 'a').verify()).faults).toEqual([]);
    expect(cuts).toEqual([]);
    expect((await rows()).map(({ seq }) => seq)).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
  });

  it('shows a start that was changed or removed, and what was removed behind it', async () => {
    await append(10);
    await audit.seal();
    await audit.forget(now - 4 * secondMs);
    const [start] = await test.db.read.selectFrom('audit_heads').selectAll().where('name', '=', 'start').execute();
    expect(start?.seq).toBe(5);
    await remove(6, 7);
    expect(await faults()).toEqual([fault('removed', 6)]);
    const set = (values: object) =>
      test.db.write((tx) => tx.updateTable('audit_heads').set(values).where('name', '=', 'start').execute());
    await set({ seq: 7 });
    expect(await faults()).toEqual([fault('start', null), fault('moved', 8)]);
    // What the head says is signed as the head, and passes for no start.
    const head = await test.db.read
      .selectFrom('audit_heads')
      .selectAll()
      .where('name', '=', 'chain')
      .executeTakeFirst();
    await set({ seq: head?.seq, chain: head?.chain, mac: head?.mac });
    expect(await faults()).toContainEqual(fault('start', null));
    await audit.forget(now);
    expect(await rows()).toHaveLength(3);
    await test.db.write((tx) => tx.deleteFrom('audit_heads').where('name', '=', 'start').execute());
    expect(await faults()).toEqual([fault('removed', 1)]);
  });

  it.each<[string, () => Promise<unknown>, AuditFault['what'], number]>([
    ['was changed', () => change(3, { facts: '{}' }), 'changed', 2],
    ['follows a gap', () => remove(2), 'removed', 1],
  ])('does not cut what %s', async (_, tamper, what, cut) => {
    await append(10);
    await audit.seal();
    await tamper();
    await audit.forget(now);
    const report = await audit.verify();
    expect(report.cut).toBe(cut);
    expect(report.faults.map((each) => each.what)).toContain(what);
  });

  it('seals an event that was committed late, after newer ones', async () => {
    const early = now;
    await append(2);
    await audit.seal();
    now = early;
    await append(1);
    await audit.seal();
    expect((await rows()).map(({ at }) => at - early)).toEqual([1_000, 2_000, 1_000]);
    expect(await audit.verify()).toMatchObject({ sealed: 3, unsealed: 0, faults: [] });
  });

  it.each([
    { site: 'other' },
    { at: 1 },
    { event: 'recovery.completed' },
    { subject_id: 'other' },
    { subject_id: null },
    { subject_id: '' },
    { account_id: 'other' },
    { account_id: null },
    { source_hash: 'other' },
    { source_hash: null },
    { facts: '{"index":7}' },
    { mac: 'a.AAAA' },
    { id: 'other' },
  ])('shows a changed column: %o', async (values) => {
    await append(3);
    await audit.seal();
    await change(2, values);
    expect(await faults()).toEqual([fault('changed', 2)]);
  });

  it('shows a changed column of an event that is not sealed yet, and still after it was sealed', async () => {
    await append(1);
    await test.db.write((tx) => tx.updateTable('audit_events').set({ facts: '{}' }).execute());
    expect(await faults()).toEqual([fault('changed', null)]);
    await audit.seal();
    expect(await faults()).toEqual([fault('changed', 1)]);
  });

  it('tells an empty text from none', async () => {
    await test.db.write((tx) => audit.append(tx, { event: 'case.opened', accountId: null }));
    await audit.seal();
    await change(1, { account_id: '' });
    expect(await faults()).toEqual([fault('changed', 1)]);
  });

  it('shows a changed place in the chain', async () => {
    await append(3);
    await audit.seal();
    await change(2, { chain: 'a.AAAA' });
    expect(await faults()).toEqual([fault('moved', 2), fault('moved', 3)]);
  });

  it('shows events in the middle that were removed', async () => {
    await append(6);
    await audit.seal();
    await remove(2, 3, 5);
    expect(await faults()).toEqual([fault('removed', 2), fault('removed', 5)]);
  });

  it('shows a removed event even when the later ones moved up', async () => {
    await append(3);
    await audit.seal();
    await remove(2);
    await change(3, { seq: 2 });
    expect(await faults()).toEqual([fault('moved', 2), fault('removed', 3)]);
  });

  it('shows a removed first event and a removed tail, and after more was sealed too', async () => {
    await append(4);
    await audit.seal();
    await remove(1, 4);
    expect(await faults()).toEqual([fault('removed', 1), fault('removed', 4)]);
    await append(1);
    await audit.seal();
    expect(await faults()).toEqual([fault('removed', 1), fault('removed', 4)]);
  });

  it('shows that everything was removed', async () => {
    await append(2);
    await audit.seal();
    await remove(1, 2);
    expect(await faults()).toEqual([fault('removed', 1)]);
  });

  it('shows two events that changed places', async () => {
    await append(4);
    await audit.seal();
    await change(2, { seq: 99 });
    await change(3, { seq: 2 });
    await change(99, { seq: 3 });
    expect(await faults()).toEqual([fault('moved', 2), fault('moved', 3), fault('moved', 4)]);
  });

  it('shows a sealed event that was put back among the unsealed', async () => {
    await append(3);
    await audit.seal();
    await change(2, { seq: null, chain: null });
    expect(await faults()).toEqual([fault('removed', 2)]);
    await audit.seal();
    expect(await faults()).toEqual([fault('removed', 2)]);
  });

  it('shows an event that nobody with the key wrote', async () => {
    await append(2);
    await audit.seal();
    const [copied] = await rows();
    if (!copied) throw new Error('no row');
    await test.db.write((tx) =>
      tx
        .insertInto('audit_events')
        .values({ ...copied, id: 'forged', seq: null, chain: null })
        .execute(),
    );
    expect(await faults()).toEqual([{ what: 'changed', seq: null, id: 'forged' }]);
    await audit.seal();
    expect(await faults()).toEqual([{ what: 'changed', seq: 3, id: 'forged' }]);
  });

  it('shows a head that was changed, and seals nothing over it', async () => {
    await append(3);
    await audit.seal();
    const [, second] = await rows();
    await remove(3);
    await test.db.write((tx) =>
      tx
        .updateTable('audit_heads')
        .set({ seq: 2, chain: second?.chain ?? '' })
        .execute(),
    );
    expect(await faults()).toEqual([fault('head', null)]);
    await append(1);
    await expect(audit.seal()).rejects.toThrow(/head of the audit chain was changed/);
    expect(await faults()).toEqual([fault('head', null)]);
  });

  it('shows a head that was removed, and starts no second chain', async () => {
    await append(2);
    await audit.seal();
    await test.db.write((tx) => tx.deleteFrom('audit_heads').execute());
    expect(await faults()).toEqual([fault('head', null)]);
    await append(1);
    await expect(audit.seal()).rejects.toThrow(/unique/i);
  });

  it('goes on over a change of keys, and says which events only a lost key can prove', async () => {
    await append(2);
    await audit.seal();
    const rotated = createNode('b', 'a');
    now += 20 * secondMs; // the first node's lease
    await append(2, rotated);
    await rotated.seal();
    expect(await rotated.verify()).toMatchObject({ sealed: 4, faults: [] });
    expect((await rows()).map(({ mac, chain }) => [mac[0], chain?.[0]])).toEqual([
      ['a', 'a'],
      ['a', 'a'],
      ['b', 'b'],
      ['b', 'b'],
    ]);
    expect((await createNode('b').verify()).faults).toEqual([fault('key-gone', 1), fault('key-gone', 2)]);
  });

  it('keeps the first of many faults', async () => {
    await test.db.write(async (tx) => {
      for (let index = 0; index < 21; index += 1) await audit.append(tx, { event: 'authn_login_fail' });
    });
    await test.db.write((tx) => tx.updateTable('audit_events').set({ facts: '[]' }).execute());
    expect(await faults()).toHaveLength(20);
  });

  it('exports one JSON object a line, the sealed events first', async () => {
    await append(2);
    await audit.seal();
    await append(1);
    const lines: string[] = [];
    for await (const line of audit.export()) lines.push(line);
    expect(lines.every((line) => line.endsWith('}\n'))).toBe(true);
    expect(lines.map((line) => JSON.parse(line))).toEqual((await rows()).toSorted((a, b) => a.at - b.at));
  });

  it('leaves sealing to one node, until its lease is over', async () => {
    const other = createNode('a');
    await append(1);
    expect(await audit.seal()).toBe(1);
    await append(1);
    expect(await other.seal()).toBe(0);
    expect(await audit.seal()).toBe(1); // renews it
    await append(1);
    now += 10 * secondMs;
    expect(await other.seal()).toBe(1);
    await append(1);
    expect(await audit.seal()).toBe(0);
    expect(await audit.verify()).toMatchObject({ sealed: 3, unsealed: 1, faults: [] });
  });

  it('stays one chain without a gap under sixteen writers and two sealers whose leases never hold', async () => {
    const nodes = [createNode('a'), createNode('a')];
    const left = { writers: 16 };
    const writing = atOnce(left.writers, async (writer) => {
      for (let index = 0; index < 6; index += 1) {
        await test.db.write((tx) => audit.append(tx, { event: 'authn_login_fail', facts: { writer, index } }));
      }
      left.writers -= 1;
    });
    const sealing = nodes.map(async (node) => {
      for (; left.writers > 0; now += 11 * secondMs) await node.seal();
    });
    await Promise.all([writing, ...sealing]);
    now += 11 * secondMs;
    await nodes[0]?.seal();
    expect(await audit.verify()).toMatchObject({ sealed: 96, unsealed: 0, faults: [] });
    const { rows: places } = await sql<{ first: number; last: number; count: number }>`
      SELECT min(seq) AS first, max(seq) AS last, count(DISTINCT seq) AS count FROM audit_events`.execute(test.db.read);
    expect(places).toEqual([{ first: 1, last: 96, count: 96 }]);
  });
});
