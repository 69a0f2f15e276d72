// What the database itself refuses of a release, on both engines, whoever writes it: fewer than two people, no hold, a grant
// spent after a veto, two open ones at a time.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hourMs } from '../../src/base/clock.ts';
import type { ReleasesTable } from '../../src/database/tables.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { engines, few } from '../engines.ts';

const at = 1_800_000_000_000;
const holdEnd = at + 72 * hourMs;

const proposed: ReleasesTable = {
  id: 'release',
  site: 'default',
  case_id: 'case',
  account_id: 'account',
  contact_id: 'contact',
  state: 'proposed',
  version: 1,
  proofs: 1,
  proofs_needed: 1,
  lead_needed: 0,
  confirmed_elsewhere: 0,
  proposed_by: 'elena',
  proposed_at: at,
  approved_by: null,
  approver_role: null,
  approved_at: null,
  hold_ends_at: null,
  due_at: at,
  released_at: null,
  grant_hash: null,
  grant_key_id: null,
  grant_tries: 0,
  opened_at: null,
  spent_at: null,
  change_id: null,
  vetoed_at: null,
  undone_at: null,
  ended_at: null,
};
const approved = { approved_by: 'omar', approver_role: 'agent', approved_at: at, hold_ends_at: holdEnd };
const holding = { ...proposed, ...approved, state: 'holding' };
const released = { ...holding, state: 'released', released_at: holdEnd };
const opened = { ...released, state: 'opened', opened_at: holdEnd };
const spent = { ...opened, state: 'spent', spent_at: holdEnd, change_id: 'change', ended_at: holdEnd };
const undone = { ...spent, state: 'undone', undone_at: holdEnd };
const vetoed = { ...holding, state: 'vetoed', vetoed_at: at, ended_at: at };

const allowed = { proposed, holding, released, opened, spent, undone, vetoed };

const forbidden: readonly (readonly [string, Partial<ReleasesTable>])[] = [
  ['a state that there is not', { ...proposed, state: 'given' }],
  ['an approval by who proposed it', { ...holding, approved_by: 'elena' }],
  ['an approval by nobody that we know', { ...holding, approved_by: 'nobody' }],
  ['a hold that nobody approved', { ...proposed, state: 'holding' }],
  ['an approval by an agent where a lead is needed', { ...holding, lead_needed: 1 }],
  ['an approval by an auditor', { ...holding, approver_role: 'auditor' }],
  ['an approval without a time', { ...holding, approved_at: null }],
  ['an approval with too little evidence', { ...holding, proofs: 1, proofs_needed: 2 }],
  ['a need of no evidence', { ...proposed, proofs: 0, proofs_needed: 0 }],
  ['a hold below the floor', { ...holding, hold_ends_at: holdEnd - 1 }],
  ['a short hold below its floor', { ...holding, confirmed_elsewhere: 1, hold_ends_at: at + 24 * hourMs - 1 }],
  ['a release before the end of its hold', { ...released, released_at: holdEnd - 1 }],
  ['a release without a hold', { ...proposed, state: 'released', released_at: holdEnd }],
  ['a grant that is open and was never released', { ...opened, released_at: null }],
  ['a sixth try', { ...released, grant_tries: 6 }],
  ['tries given back', { ...released, grant_tries: -1 }],
  ['a password without a grant', { ...spent, opened_at: null }],
  ['a password that no change set', { ...spent, change_id: null }],
  ['a password after a veto', { ...spent, vetoed_at: at }],
  ['a veto that ends nothing', { ...holding, vetoed_at: at }],
  ['an undoing of what was not done', { ...undone, spent_at: null, change_id: null }],
  ['an end that leaves it open', { ...released, ended_at: at }],
  ['an end without a time', { ...vetoed, ended_at: null }],
];

describe.each(engines)('a release on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createDatabase(few);
    await test.db.write(async (tx) => {
      const of = { site: 'default', locale: 'en' };
      for (const id of ['account', 'other-account']) {
        const account = { id, user_id: id, user_id_key: id, state: 'active', created_at: at };
        await tx
          .insertInto('accounts')
          .values({ ...of, ...account })
          .execute();
      }
      for (const id of ['case', 'other-case']) {
        const opened = {
          id,
          number: id,
          code_hash: '',
          kind: 'other',
          state: 'received',
          version: 1,
          words_sealed: '',
        };
        const facts = { promised_at: at, due_at: at, created_at: at, last_author: 'person', last_at: at };
        const named = { identifier_sealed: '', identifier_hash: '' };
        await tx
          .insertInto('cases')
          .values({ ...of, ...opened, ...facts, ...named })
          .execute();
      }
      for (const id of ['elena', 'omar']) {
        const agent = { id, name: id, name_key: id, role: 'agent', last_step: 0, added_at: at, shortcuts: 'on' };
        await tx
          .insertInto('agents')
          .values({ ...of, ...agent })
          .execute();
      }
    });
  });
  afterAll(() => test.remove());

  const write = (...rows: readonly Partial<ReleasesTable>[]) =>
    test.db.write(async (tx) => {
      for (const row of rows)
        await tx
          .insertInto('releases')
          .values({ ...proposed, ...row })
          .execute();
    });
  const clear = () => test.db.write((tx) => tx.deleteFrom('releases').execute());

  it.each(Object.entries(allowed))('that is %s can be written', async (_, row) => {
    await write(row);
    await clear();
  });

  it.each(forbidden)('with %s cannot', async (_, row) => {
    await expect(write(row)).rejects.toThrow(/CHECK|FOREIGN|check|foreign/);
    expect(await test.db.read.selectFrom('releases').select('id').execute()).toEqual([]);
  });

  it('is the only open one of its account and of its case', async () => {
    const second = { id: 'second', account_id: 'other-account', case_id: 'other-case' };
    await expect(write(holding, { ...second, account_id: 'account' })).rejects.toThrow(/unique/i);
    await expect(write(holding, { ...second, case_id: 'case' })).rejects.toThrow(/unique/i);
    await write(vetoed, { ...holding, id: 'third' }, second);
    expect(await test.db.read.selectFrom('releases').select('id').execute()).toHaveLength(3);
    await clear();
  });
});
