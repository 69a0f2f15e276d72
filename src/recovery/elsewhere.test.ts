// What opens and ends a recovery from outside of it: the grant of a release, an objection to it, an address that goes. With the
// real rows and the real audit; the walks to it are in test/journeys/.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOwnDirectory } from '../accounts/own.ts';
import { createAudit } from '../audit/audit.ts';
import { hourMs } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { createKeys } from '../base/secret.ts';
import { createTestSqlite, type TestDatabase } from '../testing/databases.ts';
import { createMoves, type Moves } from './moves.ts';
import { begunRecovery, insertRecovery, type Recovery } from './recovery-rows.ts';
import { createReleased, type Released } from './released.ts';
import { createEndThroughAddress, type EndThroughAddress } from './through-address.ts';

const now = 1_800_000_000_000;
const site = 'default';
const keys = createKeys([
  { id: 'b', secret: Buffer.alloc(32, 2) },
  { id: 'a', secret: Buffer.alloc(32, 1) },
]);
const oldKeys = createKeys([{ id: 'a', secret: Buffer.alloc(32, 1) }]);

let test: TestDatabase;
let moves: Moves;
let released: Released;
let endThroughAddress: EndThroughAddress;
beforeAll(async () => {
  test = await createTestSqlite();
  const parts = { db: test.db, keys, clock: { now: () => now }, random: systemRandom, site };
  moves = createMoves({ ...parts, audit: createAudit(parts), directory: createOwnDirectory(parts) });
  released = createReleased({ ...parts, audit: createAudit(parts), directory: createOwnDirectory(parts), moves });
  endThroughAddress = createEndThroughAddress({ ...parts, moves });
});
afterAll(() => test.remove());

const rowOf = (id: string): Promise<Recovery> =>
  test.db.read.selectFrom('recoveries').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

/** What the audit says of it. */
const trailOf = (id: string) =>
  test.db.read
    .selectFrom('audit_events')
    .select(['event', 'account_id', 'source_hash', 'facts'])
    .where('subject_id', '=', id)
    .execute();

let made = 0;
/** A recovery with one mail, as far as `more` says. */
async function begin(more: Partial<Recovery>): Promise<string> {
  const id = `recovery-${++made}`;
  const unknown = { address_id: null, account_id: null, mailbox_hash: '', return_to: null };
  const times = { created_at: now, expires_at: now + hourMs };
  const begun = begunRecovery({ id, site, handle_hash: id, identifier_sealed: '', locale: 'en', ...unknown, ...times });
  const codes = { code_hash: id, continue_hash: id, stop_hash: id, link_tries: 0, link_expires_at: now + hourMs };
  const mail = { id, site, recovery_id: id, generation: 0, mailbox_hash: '', key_id: 'b', ...codes };
  await test.db.write(async (tx) => {
    await insertRecovery(tx, { ...begun, step: 'code', ...more });
    await tx
      .insertInto('mailed_codes')
      .values({ ...mail, created_at: now, typing_ended_at: null, ended_at: null })
      .execute();
  });
  return id;
}
const mailEndedAt = async (id: string) =>
  (await test.db.read.selectFrom('mailed_codes').select('ended_at').where('id', '=', id).executeTakeFirstOrThrow())
    .ended_at;

describe('the grant of a release', () => {
  const account = { id: 'account-of-grant', userId: 'lucia' };
  const open = (releaseId: string) =>
    test.db.write((tx) => released.openReleased(tx, { account, releaseId, source: 'a-network', locale: 'es' }));

  it('opens the last step of a recovery for an hour, by the handle it gives, and nothing else of it', async () => {
    const opened = await open('release-1');
    const recovery = await moves.find(opened.ok ? opened.handle : '');
    expect(recovery).toMatchObject({
      site,
      step: 'password',
      account_id: account.id,
      address_id: null,
      mailbox_hash: '',
      locale: 'es',
      return_to: null,
      release_id: 'release-1',
      proven_at: now,
      created_at: now,
      password_until: now + hourMs,
      expires_at: now + hourMs,
      code_generation: 0,
      ended_at: null,
    });
    expect(recovery && moves.identifierOf(recovery)).toBe('lucia');
    expect(await trailOf(recovery?.id ?? '')).toEqual([
      { event: 'recovery.released', account_id: account.id, source_hash: 'a-network', facts: '{}' },
    ]);
  });

  it('opens its account while that is active, whatever was typed, and none that was disabled or erased', async () => {
    const directory = createOwnDirectory({ db: test.db, clock: { now: () => now }, random: systemRandom, site });
    const lucia = { userId: 'lucia', locale: 'en', password: null, addresses: [] };
    await test.db.write((tx) => directory.create(tx, lucia));
    const { id } = await test.db.read.selectFrom('accounts').select('id').executeTakeFirstOrThrow();
    const choicesOf = async (account_id: string | null) =>
      moves.choicesOf({
        recovery: await rowOf(await begin({ step: 'password', release_id: 'release-0', account_id })),
        identifier: 'somebody-else',
      });
    expect(await choicesOf(id)).toEqual({
      accounts: [expect.objectContaining({ id, userId: 'lucia', address: null })],
      provided: [],
    });
    const none = { accounts: [], provided: [] };
    expect(await choicesOf('nobody')).toEqual(none);
    await test.db.write((tx) => tx.updateTable('accounts').set({ state: 'disabled' }).where('id', '=', id).execute());
    expect(await choicesOf(id)).toEqual(none);
  });

  it('that is stopped ends it where it waits for its password: not one that is done, nor that of another release', async () => {
    const waiting = await begin({ step: 'password', release_id: 'release-2', account_id: account.id });
    const done = await begin({ step: 'done', release_id: 'release-2' });
    const other = await begin({ step: 'password', release_id: 'release-3' });
    await test.db.write((tx) => released.endReleased(tx, 'release-2', 'an-objection'));
    expect(await rowOf(waiting)).toMatchObject({ step: 'over', end_reason: 'stopped', ended_at: now });
    expect(await trailOf(waiting)).toEqual([
      {
        event: 'recovery.ended',
        account_id: account.id,
        source_hash: 'an-objection',
        facts: '{"reason":"stopped"}',
      },
    ]);
    expect([await rowOf(done), await rowOf(other)]).toMatchObject([
      { step: 'done', version: 1 },
      { step: 'password', version: 1 },
    ]);
  });
});

describe('an address that is taken off its account', () => {
  const address = {
    id: 'gone',
    accountId: 'its-account',
    address: 'Gone@mail.example',
    key: 'gone@mail.example',
    confirmedAt: 1,
    noticesOnlySince: null,
  };
  const remove = () => test.db.write((tx) => endThroughAddress(tx, address, 'its-owner'));
  /** Of the mailbox that the address names, under a key that is not the one of today. */
  const ofMailbox = { mailbox_hash: oldKeys.hash('mailbox', site, address.key) };

  it('makes a decoy of what waits for its code, and ends what is proven and every mail, whatever names it', async () => {
    const waiting = [
      await begin({ address_id: 'gone', account_id: 'its-account' }),
      await begin({ step: 'method', address_id: 'gone' }),
      await begin({ ...ofMailbox, address_id: 'another', account_id: 'its-account' }),
    ];
    const proven = await begin({ step: 'password', address_id: 'gone', account_id: 'its-account', proven_at: now });
    await remove();
    for (const id of waiting) {
      const { step, ...row } = await rowOf(id);
      expect(row).toMatchObject({ address_id: null, account_id: null, version: 2, end_reason: null, ended_at: null });
      expect(['method', 'code']).toContain(step);
      // Like every decoy: the audit tells nothing of it either.
      expect(await trailOf(id)).toEqual([]);
    }
    expect(await rowOf(proven)).toMatchObject({ step: 'over', end_reason: 'address-removed', ended_at: now });
    expect(await trailOf(proven)).toEqual([
      {
        event: 'recovery.ended',
        account_id: 'its-account',
        source_hash: 'its-owner',
        facts: '{"reason":"address-removed"}',
      },
    ]);
    for (const id of [...waiting, proven]) expect(await mailEndedAt(id)).toBe(now);
  });

  it('leaves alone another mailbox of the account, another account on the mailbox, and what is over', async () => {
    const kept = [
      await begin({ address_id: 'another', account_id: 'its-account' }),
      await begin({ ...ofMailbox, address_id: 'another', account_id: 'another-account' }),
      await begin({ step: 'done', address_id: 'gone', account_id: 'its-account', proven_at: now }),
      await begin({ step: 'over', address_id: 'gone', account_id: 'its-account' }),
    ];
    const before = await Promise.all(kept.map(rowOf));
    await remove();
    expect(await Promise.all(kept.map(rowOf))).toEqual(before);
    expect(await Promise.all(kept.map(mailEndedAt))).toEqual([null, null, null, null]);
  });
});
