// What the statements of a recovery change and what they leave alone, one after the other. That of sixteen at once one wins is in
// test/races/, on both databases.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../base/clock.ts';
import type { Database, Transaction } from '../database/database.ts';
import { maxTries } from '../proofs/email-code.ts';
import { createTestSqlite, type TestDatabase } from '../testing/databases.ts';
import { maxLinkTries, typingRestsAfterWrong } from './policy.ts';
import * as rows from './recovery-rows.ts';
import type { MailedCode, Recovery } from './recovery-rows.ts';

const now = 1_800_000_000_000;
let test: TestDatabase;
let db: Database;
beforeAll(async () => {
  test = await createTestSqlite();
  ({ db } = test);
});
afterAll(() => test.remove());

let made = 0;
/** With an account, an address and a mailbox of its own where nothing else is said. */
async function begin(more: Partial<Recovery> = {}): Promise<Recovery> {
  const at = ++made;
  const begun = rows.begunRecovery({
    id: `recovery-${at}`,
    site: 'default',
    handle_hash: `handle-${at}`,
    identifier_sealed: 'sealed',
    mailbox_hash: `mailbox-${at}`,
    address_id: `address-${at}`,
    account_id: `account-${at}`,
    locale: 'es',
    return_to: null,
    created_at: now,
    expires_at: now + dayMs,
  });
  const recovery = { ...begun, ...more };
  await db.write((tx) => rows.insertRecovery(tx, recovery));
  return recovery;
}

async function mail(recovery: Recovery, more: Partial<MailedCode> = {}): Promise<MailedCode> {
  const at = ++made;
  const mailed: MailedCode = {
    id: `mail-${at}`,
    site: 'default',
    recovery_id: recovery.id,
    generation: recovery.code_generation,
    mailbox_hash: recovery.mailbox_hash,
    code_hash: `code-${at}`,
    key_id: 'a',
    continue_hash: `continue-${at}`,
    stop_hash: `stop-${at}`,
    link_tries: 0,
    link_expires_at: now + 1_000,
    created_at: now,
    typing_ended_at: null,
    ended_at: null,
    ...more,
  };
  await db.write((tx) => rows.insertMailedCode(tx, mailed));
  return mailed;
}

const openMailbox = (
  { mailbox_hash }: Recovery,
  more: { wrong_in_a_row?: number; used_at?: number; silent_until?: number } = {},
) =>
  db.write((tx) =>
    tx
      .insertInto('mailboxes')
      .values({
        mailbox_hash,
        site: 'default',
        version: 0,
        sent_at: '[]',
        silent_until: 0,
        wrong_in_a_row: 0,
        used_at: now,
        ...more,
      })
      .execute(),
  );

const readRecovery = ({ id }: { readonly id: string }) => rows.findRecoveryById(db, id);
const readMail = ({ id }: MailedCode) =>
  db.read.selectFrom('mailed_codes').selectAll().where('id', '=', id).executeTakeFirst();
const readMailbox = ({ mailbox_hash }: Recovery) =>
  db.read.selectFrom('mailboxes').selectAll().where('mailbox_hash', '=', mailbox_hash).executeTakeFirst();
const write = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => db.write(work);

describe('a recovery', () => {
  it('begins with nothing asked and nothing proved, and is found by its handle under any live key', async () => {
    const recovery = await begin();
    await begin();
    expect(recovery).toMatchObject({
      step: 'method',
      version: 1,
      tries: 0,
      mails_asked: 0,
      check_mode: null,
    });
    expect(await readRecovery(recovery)).toEqual(recovery);
    const handleHashes = ['under-another-key', recovery.handle_hash];
    expect(await rows.findRecovery(db.read, { handleHashes })).toEqual(recovery);
    expect(await rows.findRecovery(db.read, { handleHashes: ['unknown'] })).toBeUndefined();
  });

  it('is moved once from the version that was read, and no other with it', async () => {
    const [recovery, other] = [await begin(), await begin()];
    const moved = await write((tx) => rows.moveRecovery(tx, recovery, { step: 'code', code_digits: 12 }));
    expect(moved).toEqual({ ...recovery, step: 'code', code_digits: 12, version: 2 });
    expect(await readRecovery(recovery)).toEqual(moved);
    expect(await write((tx) => rows.moveRecovery(tx, recovery, { step: 'done' }))).toBeUndefined();
    expect(await readRecovery(recovery)).toEqual(moved);
    expect(await readRecovery(other)).toEqual(other);
  });

  it('has so many tries, and only while a code is asked for', async () => {
    const [recovery, other] = [await begin({ step: 'code' }), await begin({ step: 'code' })];
    let read = recovery;
    for (let tries = 1; tries <= maxTries; tries += 1) {
      const taken = await write((tx) => rows.takeTry(tx, read));
      expect(taken).toEqual({ ...recovery, tries, version: 1 + tries });
      expect(await readRecovery(recovery)).toEqual(taken);
      read = taken ?? read;
    }
    expect(await write((tx) => rows.takeTry(tx, read))).toBeUndefined();
    expect(await readRecovery(recovery)).toEqual(read);
    expect(await readRecovery(other)).toEqual(other);
    const proven = await begin({ step: 'password' });
    expect(await write((tx) => rows.takeTry(tx, proven))).toBeUndefined();
  });

  it('whose code was asked for again since it was read is tried as it now is', async () => {
    const read = await begin({ step: 'code' });
    await begin({ step: 'code' });
    await write((tx) => rows.moveRecovery(tx, read, { code_generation: 1, code_random: 'new' }));
    const taken = await write((tx) => rows.takeTry(tx, read));
    expect(taken).toEqual({ ...read, code_generation: 1, code_random: 'new', tries: 1, version: 3 });
  });

  it('that becomes a decoy keeps its looks and loses what it could lead to', async () => {
    const whole = await begin({ step: 'code', check_mode: 'drag', check_score: 3, check_policy: 'always', tries: 2 });
    const other = await begin();
    await write((tx) => rows.makeDecoy(tx, whole.id));
    const emptied = { account_id: null, address_id: null, check_mode: null, check_score: null, check_policy: null };
    expect(await readRecovery(whole)).toEqual({ ...whole, ...emptied, version: 2 });
    expect(await readRecovery(other)).toEqual(other);
  });

  it('is held for a mail only while its code of today is awaited at an address', async () => {
    const awaiting = await begin({ step: 'code', code_generation: 1 });
    const hold = (recovery: Recovery) => write((tx) => rows.holdForMail(tx, recovery));
    expect(await hold(awaiting)).toBe(true);
    await write((tx) => rows.holdRecovery(tx, awaiting.id));
    expect(await readRecovery(awaiting)).toEqual(awaiting);
    expect(await hold({ ...awaiting, code_generation: 0 })).toBe(false);
    expect(await hold({ ...awaiting, id: 'unknown' })).toBe(false);
    expect(await hold(await begin({ step: 'password', code_generation: 1 }))).toBe(false);
    expect(await hold(await begin({ step: 'code', address_id: null }))).toBe(false);
  });
});

describe('a mailed code', () => {
  it('is found by either of its links, each for its own purpose, under any live key', async () => {
    const recovery = await begin();
    const mailed = await mail(recovery);
    await mail(await begin());
    const [going, stopping] = [
      ['under-another-key', mailed.continue_hash],
      ['under-another-key', mailed.stop_hash],
    ];
    expect(await rows.findLink(db, going)).toEqual(mailed);
    expect(await rows.findStop(db, stopping)).toEqual(mailed);
    expect(await rows.findRecoveryOfLink(db, going)).toEqual(recovery);
    expect([await rows.findLink(db, stopping), await rows.findStop(db, going)]).toEqual([undefined, undefined]);
    expect(await rows.findRecoveryOfLink(db, stopping)).toBeUndefined();
  });

  it('has so many tries by its links, which share them, until the links are over', async () => {
    const recovery = await begin();
    const [mailed, other] = [await mail(recovery), await mail(recovery)];
    const take = {
      going: ({ continue_hash }: MailedCode, at = now) => write((tx) => rows.takeLinkTry(tx, ['x', continue_hash], at)),
      stopping: ({ stop_hash }: MailedCode, at = now) => write((tx) => rows.takeStopTry(tx, ['x', stop_hash], at)),
    };
    expect(await take.going(mailed, mailed.link_expires_at)).toBeUndefined();
    expect(await take.stopping(mailed, mailed.link_expires_at)).toBeUndefined();
    for (let tries = 1; tries <= maxLinkTries; tries += 1) {
      const taken = await (tries % 2 ? take.going : take.stopping)(mailed, mailed.link_expires_at - 1);
      expect(taken).toEqual({ ...mailed, link_tries: tries });
    }
    expect([await take.going(mailed), await take.stopping(mailed)]).toEqual([undefined, undefined]);
    expect(await readMail(other)).toEqual(other);
    const spent = await mail(recovery, { ended_at: now });
    expect(await take.going(spent)).toBeUndefined();
    expect(await take.stopping(spent)).toEqual({ ...spent, link_tries: 1 });
  });

  it('can be typed while it is of today, and neither silenced nor spent', async () => {
    const recovery = await begin({ code_generation: 1 });
    const typable = [await mail(recovery), await mail(recovery)];
    await mail(recovery, { generation: 0 });
    await mail(recovery, { typing_ended_at: now });
    await mail(recovery, { ended_at: now });
    await mail(await begin({ code_generation: 1 }));
    const found = await rows.typableCodes(db.read, { recoveryId: recovery.id });
    expect(found.map((code) => code.code_hash).toSorted()).toEqual(typable.map((code) => code.code_hash).toSorted());
  });

  it('is spent with all others of its recovery, and keeps the moment of an earlier end', async () => {
    const recovery = await begin();
    const [mailed, again] = [await mail(recovery), await mail(recovery)];
    const earlier = await mail(recovery, { ended_at: now - 5 });
    const other = await mail(await begin());
    await write((tx) => rows.spendMailedCodes(tx, { recoveryId: recovery.id, now }));
    const ends = await Promise.all([mailed, again, earlier, other].map(readMail));
    expect(ends.map((each) => each?.ended_at)).toEqual([now, now, now - 5, null]);
  });
});

describe('what else leads into an account', () => {
  it('ends with it: what is not proven becomes a decoy, what is proven is handed over, and all its mail is spent', async () => {
    const kept = await begin({ step: 'password' });
    const ofAccount = { account_id: kept.account_id };
    const ofMailbox = { account_id: null, mailbox_hash: kept.mailbox_hash };
    const ended = {
      code: await begin({ ...ofAccount, step: 'code' }),
      method: await begin({ ...ofMailbox, step: 'method' }),
    };
    const proven = {
      password: await begin({ ...ofAccount, step: 'password' }),
      account: await begin({ ...ofMailbox, step: 'account' }),
    };
    const left = {
      decoy: await begin({ ...ofMailbox, address_id: null, step: 'code' }),
      done: await begin({ ...ofAccount, step: 'done' }),
      released: await begin({ ...ofAccount, step: 'password', release_id: 'a-release' }),
      // Another account's, of the same mailbox.
      chosen: await begin({ mailbox_hash: kept.mailbox_hash, step: 'password' }),
      other: await begin({ step: 'code' }),
      otherUnchosen: await begin({ account_id: null, step: 'code' }),
    };
    const spent = await Promise.all(
      [kept, ...Object.values(ended), ...Object.values(proven)].map((each) => mail(each)),
    );
    const earlier = await mail(ended.code, { ended_at: now - 5 });
    const open = await Promise.all(Object.values(left).map((each) => mail(each)));

    const whose = {
      accountId: kept.account_id ?? '',
      mailboxHashes: ['mailbox-of-its-own', kept.mailbox_hash],
      keptId: kept.id,
    };
    const handed = await write((tx) => rows.endOtherRecoveries(tx, whose, now));
    expect(handed.map(({ id }) => id).toSorted()).toEqual([proven.password.id, proven.account.id].toSorted());
    for (const each of Object.values(ended))
      expect(await readRecovery(each)).toEqual({ ...each, account_id: null, address_id: null, version: 2 });
    for (const each of Object.values(proven)) expect(await readRecovery(each)).toEqual({ ...each, version: 2 });
    for (const each of [kept, ...Object.values(left)]) expect(await readRecovery(each)).toEqual(each);
    for (const each of spent) expect(await readMail(each)).toEqual({ ...each, ended_at: now });
    for (const each of [earlier, ...open]) expect(await readMail(each)).toEqual(each);
  });

  it('ends also where none is kept and no mailbox is its own; none of those is there twice', async () => {
    const unproven = await begin({ step: 'code' });
    const unchosen = await begin({ account_id: null, mailbox_hash: unproven.mailbox_hash, step: 'code' });
    const end = () =>
      write((tx) =>
        rows.endOtherRecoveries(tx, { accountId: unproven.account_id ?? '', mailboxHashes: [], keptId: null }, now),
      );
    expect(await end()).toEqual([]);
    expect((await readRecovery(unproven))?.account_id).toBeNull();
    expect(await readRecovery(unchosen)).toEqual(unchosen);
    expect(await end()).toEqual([]);
  });

  it('is found where a code proved it: by its mailbox, and by its account where one is known', async () => {
    const through = await begin({ step: 'account', account_id: null });
    const { mailbox_hash } = through;
    const elsewhere = await begin({ step: 'password' });
    const { account_id } = elsewhere;
    await begin({ mailbox_hash, account_id, step: 'code' });
    await begin({ mailbox_hash, account_id, step: 'done' });
    await begin({ mailbox_hash, account_id, step: 'password', release_id: 'a-release' });
    await begin({ step: 'password' });
    const ids = (found: readonly Recovery[]) => found.map(({ id }) => id).toSorted();
    const whose = { mailboxHash: mailbox_hash, accountId: account_id };
    expect(ids(await rows.findProven(db, whose))).toEqual([through.id, elsewhere.id].toSorted());
    expect(ids(await rows.findProven(db, { ...whose, accountId: null }))).toEqual([through.id]);
    const held = await write((tx) => rows.holdProven(tx, whose));
    expect(held).toHaveLength(2);
    expect(held).toEqual(expect.arrayContaining([through, elsewhere]));
  });
});

describe('a mailbox', () => {
  it('that asked for silence gets none of its codes typed, nor those of its account elsewhere, until it is ended', async () => {
    const [recovery, elsewhere, other] = [await begin(), await begin(), await begin()];
    for (const each of [recovery, other]) await openMailbox(each);
    const [mailed, mailedElsewhere, toOther] = [await mail(recovery), await mail(elsewhere), await mail(other)];
    const earlier = await mail(recovery, { typing_ended_at: now - 5 });
    const silence = (accountId: string | null) =>
      write((tx) =>
        rows.silence(tx, { mailboxHash: recovery.mailbox_hash, accountId }, { now: now + 1, until: now + dayMs }),
      );
    await silence(null);
    expect(await readMail(mailed)).toEqual({ ...mailed, typing_ended_at: now + 1 });
    expect(await readMail(earlier)).toEqual(earlier);
    expect(await readMail(mailedElsewhere)).toEqual(mailedElsewhere);
    expect(await readMailbox(recovery)).toMatchObject({ silent_until: now + dayMs, used_at: now + 1 });
    expect(await readMailbox(other)).toMatchObject({ silent_until: 0, used_at: now });
    await silence(elsewhere.account_id);
    expect(await readMail(mailedElsewhere)).toEqual({ ...mailedElsewhere, typing_ended_at: now + 1 });
    expect(await readMail(toOther)).toEqual(toOther);

    await write((tx) =>
      rows.silence(tx, { mailboxHash: other.mailbox_hash, accountId: null }, { now, until: now + 9 }),
    );
    await write((tx) => rows.endSilence(tx, recovery.mailbox_hash));
    expect((await readMailbox(recovery))?.silent_until).toBe(0);
    expect((await readMailbox(other))?.silent_until).toBe(now + 9);
  });

  it('counts wrong codes in a row, and the right one ends them, until too many were wrong', async () => {
    const [recovery, other] = [await begin({ code_generation: 1 }), await begin()];
    for (const each of [recovery, other]) await openMailbox(each);
    await mail(recovery);
    const wrong = ({ mailbox_hash }: Recovery) => write((tx) => rows.wrongCodesInARow(tx, mailbox_hash));
    const type = (code: 'mailed' | 'other') => write((tx) => rows.countCode(tx, recovery, code));
    expect([await type('other'), await type('other'), await wrong(recovery)]).toEqual([false, false, 2]);
    expect([await type('mailed'), await wrong(recovery)]).toEqual([true, 0]);
    const set = (count: number) =>
      write((tx) =>
        tx
          .updateTable('mailboxes')
          .set({ wrong_in_a_row: count })
          .where('mailbox_hash', 'in', [recovery.mailbox_hash, other.mailbox_hash])
          .execute(),
      );
    await set(typingRestsAfterWrong - 1);
    expect([await type('mailed'), await wrong(recovery)]).toEqual([true, 0]);
    await set(typingRestsAfterWrong);
    expect([await type('mailed'), await wrong(recovery)]).toEqual([false, typingRestsAfterWrong + 1]);
    await write((tx) => rows.clearWrongCodes(tx, { mailboxHash: recovery.mailbox_hash }));
    expect([await wrong(recovery), await wrong(other)]).toEqual([0, typingRestsAfterWrong]);
    expect(await wrong(await begin())).toBe(0);
  });

  it('counts nothing where no mail was sent for the code: not for this recovery, or not for the code of today', async () => {
    const recovery = await begin({ code_generation: 1 });
    await openMailbox(recovery);
    await mail(recovery, { generation: 0 });
    await mail(await begin({ mailbox_hash: recovery.mailbox_hash, code_generation: 1 }));
    expect(await write((tx) => rows.countCode(tx, recovery, 'other'))).toBe(false);
    expect((await readMailbox(recovery))?.wrong_in_a_row).toBe(0);
  });
});

describe('what is over', () => {
  it('goes, each at its time, and a case keeps the recovery that it came from', async () => {
    const before = { codes: now + 10, mails: now + 20, recoveries: now + 30, mailboxes: now + 40 };
    const code = (expires_at: number) => begin({ expires_at, code_random: 'random' });
    const [coded, stillCoded] = [await code(before.codes - 1), await code(before.codes + 30)];
    const lasting = await begin({ expires_at: before.recoveries });
    const ofCase = await begin({ expires_at: before.recoveries - 1, handle_hash: 'of-a-case' });
    const over = await begin({ expires_at: before.recoveries - 1 });
    const [sent, stillSent] = [
      await mail(over, { created_at: before.mails - 1 }),
      await mail(lasting, { created_at: before.mails }),
    ];
    await write((tx) =>
      tx
        .insertInto('cases')
        .values({
          id: 'a-case',
          site: 'default',
          number: '1',
          code_hash: 'hash',
          kind: 'no-access',
          state: 'open',
          version: 1,
          words_sealed: '',
          recovery_id: ofCase.id,
          locale: 'en',
          promised_at: now,
          due_at: now,
          created_at: now,
          ended_at: null,
          emptied_at: null,
          agent_id: null,
          last_author: 'person',
          last_at: now,
          answered_at: null,
          identifier_sealed: '',
          identifier_hash: '',
          decided_at: null,
          reopened_at: null,
          corrected_at: null,
          earlier_sealed: null,
          earlier_hash: null,
        })
        .execute(),
    );
    const last = before.mailboxes - 1;
    await openMailbox(over, { used_at: last, silent_until: last });
    await openMailbox(coded, { used_at: before.mailboxes });
    await openMailbox(ofCase, { used_at: last, silent_until: before.mailboxes });
    await openMailbox(lasting, { used_at: last, wrong_in_a_row: 1 });

    await rows.deleteRecoveries(db, { ...before, recoveries: now });
    expect((await readRecovery(coded))?.code_random).toBeNull();
    expect((await readRecovery(stillCoded))?.code_random).toBe('random');
    expect([await readMail(sent), (await readMail(stillSent))?.id]).toEqual([undefined, stillSent.id]);
    expect(await readRecovery(over)).toEqual(over);
    await rows.deleteRecoveries(db, before);
    const left = await Promise.all([over, coded, ofCase, lasting, stillCoded].map(readRecovery));
    expect(left.map((each) => each !== undefined)).toEqual([false, false, true, true, true]);
    const boxes = await Promise.all([over, coded, ofCase, lasting].map(readMailbox));
    expect(boxes.map((each) => each !== undefined)).toEqual([false, true, true, true]);
  });
});
