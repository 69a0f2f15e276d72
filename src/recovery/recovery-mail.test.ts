// What becomes of a recovery's mails, with the accounts, the limits and the database that they have in a site.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccountDirectory, NewAccount } from '../accounts/directory.ts';
import { addressKey } from '../accounts/identifiers.ts';
import { createOwnDirectory } from '../accounts/own.ts';
import { dayMs, hourMs, minuteMs } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { createKeys } from '../base/secret.ts';
import { readSettings } from '../config/read-settings.ts';
import type { Database } from '../database/database.ts';
import { createDatabaseCounter } from '../limits/counter.ts';
import { createLimits, limits as table, type Limits } from '../limits/limits.ts';
import { isCode, linkHashes } from '../proofs/email-code.ts';
import { createFakeClock } from '../testing/clock.ts';
import { createTestSqlite, type TestDatabase } from '../testing/databases.ts';
import { createRecoveryMail, type RecoveryMail } from './recovery-mail.ts';
import { begunRecovery, findRecoveryById, insertRecovery, moveRecovery, type Recovery } from './recovery-rows.ts';

const clock = createFakeClock();
const keys = createKeys([{ id: 'a', secret: Buffer.alloc(32, 1) }]);
const settings = readSettings({
  origin: 'https://shop.example',
  smtp: 'smtp://mail.example',
  keys: 'k1:Zr7mO2uYxq0Jt3fVbKcW9sLhEiNpGdTa5X8vQyRkB4o=',
  siteName: 'Corner Shop',
  senderAddress: 'help@shop.example',
  linkLifeMinutes: 600,
});
const over = { send: false, reason: 'over' };
const capped = { send: false, reason: 'capped' };
const silent = { send: false, reason: 'silent' };

let test: TestDatabase;
let db: Database;
let directory: AccountDirectory;
let limits: Limits;
let mails: RecoveryMail;
// A site of its own for every test: quicker than a database.
let site = 'site-0';
let sites = 0;
beforeAll(async () => {
  test = await createTestSqlite();
  ({ db } = test);
  limits = createLimits({ counter: createDatabaseCounter({ db, clock }) });
});
beforeEach(() => {
  site = `site-${++sites}`;
  directory = createOwnDirectory({ db, clock, random: systemRandom, site });
  mails = createRecoveryMail({ db, keys, clock, limits, directory, settings, site });
});
afterAll(() => test.remove());

async function make(userId: string, address: string, more: Partial<NewAccount> = {}) {
  const key = addressKey(address) ?? '';
  const made = await db.write((tx) =>
    directory.create(tx, {
      userId,
      locale: 'es',
      password: { hash: 'hash', keyId: 'a' },
      addresses: [{ address, key, isConfirmed: true }],
      ...more,
    }),
  );
  if (!made.ok) throw new Error(made.reason);
  const [first] = await directory.addressesOf(made.accountId);
  if (!first) throw new Error('it has no address');
  return { accountId: made.accountId, addressId: first.id };
}

const mailboxOf = (address: string) => keys.hash('mailbox', site, addressKey(address) ?? '');

let begun = 0;
/** One that waits for its code. */
async function begin(typed: string, more: Partial<Recovery> = {}): Promise<Recovery> {
  const id = `recovery-${++begun}`;
  const recovery = {
    ...begunRecovery({
      id,
      site,
      handle_hash: `handle-${begun}`,
      identifier_sealed: keys.seal(typed),
      mailbox_hash: mailboxOf(typed),
      address_id: null,
      account_id: null,
      locale: 'es',
      return_to: null,
      created_at: clock.now(),
      expires_at: clock.now() + dayMs,
    }),
    step: 'code',
    code_generation: 1,
    code_random: 'random',
    code_key_id: 'a',
    code_expires_at: clock.now() + 2 * dayMs,
    ...more,
  };
  await db.write((tx) => insertRecovery(tx, recovery));
  return recovery;
}

async function beginFor(userId: string, more: Partial<Recovery> = {}): Promise<Recovery> {
  const address = `${userId}@mail.example`;
  const { addressId } = await make(userId, address);
  return begin(address, { address_id: addressId, ...more });
}

const readMail = (id: string) => db.read.selectFrom('mailed_codes').selectAll().where('id', '=', id).executeTakeFirst();
const readMailbox = ({ mailbox_hash }: Pick<Recovery, 'mailbox_hash'>) =>
  db.read.selectFrom('mailboxes').selectAll().where('mailbox_hash', '=', mailbox_hash).executeTakeFirst();
const setSilence = ({ mailbox_hash }: Pick<Recovery, 'mailbox_hash'>, silent_until: number) =>
  db.write((tx) =>
    tx.updateTable('mailboxes').set({ silent_until }).where('mailbox_hash', '=', mailbox_hash).execute(),
  );

describe('the mail with a code', () => {
  let mailIds = 0;
  const prepare = (recovery: Recovery, id = `${site}-mail-${++mailIds}`) => mails.prepareCode(id, recovery.id);

  it('goes to the address on file with a code and two links, of which hashes are kept', async () => {
    const recovery = await beginFor('lucia');
    const mail = await prepare(recovery, `${site}-first`);
    if (!mail.send) throw new Error(mail.reason);
    const { code, continueToken, stopToken } = mail;
    const linkExpiresAt = clock.now() + 600 * minuteMs;
    expect(mail).toMatchObject({
      address: 'lucia@mail.example',
      expiresAt: recovery.code_expires_at,
      linkExpiresAt,
    });
    expect(code).toMatch(/^\d{8}$/);
    const kept = await readMail(`${site}-first`);
    expect(kept).toMatchObject({
      site,
      recovery_id: recovery.id,
      generation: 1,
      mailbox_hash: recovery.mailbox_hash,
      key_id: 'a',
      link_expires_at: linkExpiresAt,
      created_at: clock.now(),
      typing_ended_at: null,
      ended_at: null,
    });
    expect(isCode(keys, kept?.code_hash ?? '', recovery.id, code)).toBe(true);
    expect(linkHashes(keys, continueToken)).toEqual([kept?.continue_hash]);
    expect(linkHashes(keys, stopToken)).toEqual([kept?.stop_hash]);
    expect(continueToken).not.toBe(stopToken);
    expect(JSON.stringify(kept)).not.toContain(code);
    expect(await readMailbox(recovery)).toMatchObject({
      site,
      sent_at: JSON.stringify([clock.now()]),
      used_at: clock.now(),
      silent_until: 0,
      wrong_in_a_row: 0,
    });
    expect(await prepare(await beginFor('mateo', { code_digits: 12 }))).toMatchObject({
      code: expect.stringMatching(/^\d{12}$/),
    });
  });

  it('is the same at a retry and counts once, unless its code was spent or its mailbox silenced meanwhile', async () => {
    const recovery = await beginFor('lucia');
    const id = `${site}-again`;
    const mail = await prepare(recovery, id);
    const sent = await readMailbox(recovery);
    clock.advance(minuteMs);
    for (let times = 0; times < 4; times += 1) expect(await prepare(recovery, id)).toEqual(mail);
    expect(await readMailbox(recovery)).toEqual(sent);
    const end = (ended: { typing_ended_at?: number; ended_at?: number }) =>
      db.write((tx) => tx.updateTable('mailed_codes').set(ended).where('id', '=', id).execute());
    await end({ typing_ended_at: clock.now() });
    expect(await prepare(recovery, id)).toEqual(silent);
    await end({ ended_at: clock.now() });
    expect(await prepare(recovery, id)).toEqual(over);
  });

  it('goes nowhere where there is nothing to mail for any more, and counts nothing', async () => {
    const { addressId } = await make('lucia', 'lucia@mail.example');
    const waiting = (more: Partial<Recovery>) => begin('lucia@mail.example', { address_id: addressId, ...more });
    const nothings = [
      { id: 'of-nobody' },
      await waiting({ address_id: null }),
      await waiting({ address_id: 'an-address-that-was-removed' }),
      await waiting({ step: 'password' }),
      await waiting({ code_random: null }),
      await waiting({ code_key_id: null }),
      await waiting({ code_key_id: 'a-key-that-is-gone' }),
      await waiting({ code_expires_at: clock.now() }),
      await waiting({ code_expires_at: null }),
    ];
    for (const { id } of nothings) expect(await mails.prepareCode(`${site}-of-${id}`, id)).toEqual(over);
    expect(await readMailbox({ mailbox_hash: mailboxOf('lucia@mail.example') })).toBeUndefined();
    expect(await prepare(await waiting({ code_expires_at: clock.now() + 1 }))).toMatchObject({ send: true });
  });

  it('is not made where the recovery went on while its address was looked up', async () => {
    const recovery = await beginFor('lucia');
    const slow: AccountDirectory = {
      ...directory,
      async findAddress(addressId) {
        await db.write((tx) => moveRecovery(tx, recovery, { step: 'password' }));
        return directory.findAddress(addressId);
      },
    };
    const late = createRecoveryMail({ db, keys, clock, limits, directory: slow, settings, site });
    expect(await late.prepareCode(`${site}-late`, recovery.id)).toEqual(over);
    expect([await readMail(`${site}-late`), await readMailbox(recovery)]).toEqual([undefined, undefined]);
  });

  it('is one of three to its mailbox in an hour and of six in a day, whichever recovery it is of', async () => {
    const address = 'lucia@mail.example';
    const { addressId } = await make('lucia', address);
    const send = async () => prepare(await begin(address, { address_id: addressId }));
    const sent = async (times: number) => {
      for (let at = 0; at < times; at += 1) expect(await send()).toMatchObject({ send: true });
      expect(await send()).toEqual(capped);
    };
    await sent(3);
    clock.advance(hourMs - 1);
    expect(await send()).toEqual(capped);
    clock.advance(1);
    await sent(3);
    clock.advance(dayMs - hourMs);
    await sent(3);
    clock.advance(hourMs);
    await sent(3);
    const mailbox = await readMailbox({ mailbox_hash: mailboxOf(address) });
    const [earlier, now] = [clock.now() - hourMs, clock.now()];
    expect(mailbox?.sent_at).toBe(JSON.stringify([earlier, earlier, earlier, now, now, now]));
    expect(await prepare(await beginFor('mateo'))).toMatchObject({ send: true });
  });

  it('is withheld from a mailbox that asked for silence, until that is over', async () => {
    const recovery = await beginFor('lucia');
    const { mailbox_hash } = recovery;
    expect(await mails.isSilent(mailbox_hash)).toBe(false);
    await prepare(recovery);
    await setSilence(recovery, clock.now() + minuteMs);
    clock.advance(minuteMs - 1);
    expect([await prepare(recovery), await mails.isSilent(mailbox_hash)]).toEqual([silent, true]);
    const other = await beginFor('mateo');
    expect([(await prepare(other)).send, await mails.isSilent(other.mailbox_hash)]).toEqual([true, false]);
    clock.advance(1);
    expect([(await prepare(recovery)).send, await mails.isSilent(mailbox_hash)]).toEqual([true, false]);
  });
});

describe('the mail to an address that opens no account', () => {
  const address = 'Nobody@mail.example';
  const prepare = (recovery: { readonly id: string }, isRetry = false) =>
    mails.prepareNoAccount({ subjectId: recovery.id, isRetry });

  it('goes out once a day, as it was typed, and a retry is the same mail', async () => {
    const recovery = await begin(address);
    const mail = { send: true, address, isSetAside: false };
    expect([await prepare(recovery), await prepare(await begin(address))]).toEqual([mail, capped]);
    expect(await prepare(recovery, true)).toEqual(mail);
    clock.advance(dayMs);
    expect([await prepare(recovery), await prepare(recovery)]).toEqual([mail, capped]);
  });

  it('says where the address had an account until a release', async () => {
    const { accountId } = await make('lucia', 'nobody@mail.example');
    await db.write((tx) => directory.setAside(tx, { accountId, now: clock.now() }));
    expect(await prepare(await begin(address))).toEqual({ send: true, address, isSetAside: true });
  });

  it('counts among all mails to the address and to typed addresses of the site', async () => {
    for (let times = 0; times < table['mail-typed'].max; times += 1)
      await limits.take('mail-typed', mailboxOf(address));
    expect(await prepare(await begin(address))).toEqual(capped);
    await begin('other@mail.example');
    expect(await limits.count('mail-typed-site', site)).toBe(0);
    await prepare(await begin('other@mail.example'));
    expect(await limits.count('mail-typed-site', site)).toBe(1);
    expect(await limits.count('mail-typed', mailboxOf('other@mail.example'))).toBe(1);
  });

  it('goes nowhere where the recovery is gone, or what was typed cannot be read any more', async () => {
    expect(await prepare({ id: 'gone' })).toEqual(over);
    expect(await prepare(await begin(address, { identifier_sealed: 'gone.x' }))).toEqual(over);
    expect(await limits.count('mail-no-account', mailboxOf(address))).toBe(0);
  });
});

describe('the mail to an account that no code opens', () => {
  const address = 'lucia@mail.example';
  const byProvider = (provider: string) => ({ password: null, provider });
  const prepare = (recovery: { readonly id: string }, addressId: string, isRetry = false) =>
    mails.prepareOther({ subjectId: recovery.id, addressId, isRetry });

  it('names who signs in the accounts of the mailbox, each once, and nobody where they are disabled', async () => {
    const { addressId } = await make('lucia', address, byProvider('Sign-in Co'));
    await make('lucia2', address, byProvider('Sign-in Co'));
    await make('lucia3', address, { state: 'disabled' });
    expect(await prepare(await begin(address), addressId)).toEqual({ send: true, address, providers: ['Sign-in Co'] });
    const disabled = await make('mateo', 'mateo@mail.example', { state: 'disabled' });
    expect(await prepare(await begin('mateo'), disabled.addressId)).toEqual({
      send: true,
      address: 'mateo@mail.example',
      providers: [],
    });
  });

  it('counts against the mailbox like a code, a retry not again', async () => {
    const { addressId } = await make('lucia', address, byProvider('Sign-in Co'));
    const recovery = await begin(address);
    for (let times = 0; times < 3; times += 1) expect((await prepare(recovery, addressId)).send).toBe(true);
    expect(await prepare(recovery, addressId)).toEqual(capped);
    expect((await prepare(recovery, addressId, true)).send).toBe(true);
    clock.advance(hourMs);
    await setSilence(recovery, clock.now() + 1);
    expect(await prepare(recovery, addressId)).toEqual(silent);
    expect(JSON.parse((await readMailbox(recovery))?.sent_at ?? '')).toHaveLength(3);
  });

  it('goes nowhere where it would no longer be the truth', async () => {
    const { addressId } = await make('lucia', address, byProvider('Sign-in Co'));
    const { addressId: elsewhere } = await make('mateo', 'mateo@mail.example', byProvider('Sign-in Co'));
    const recovery = await begin(address);
    expect(await prepare({ id: 'gone' }, addressId)).toEqual(over);
    expect(await prepare(recovery, elsewhere)).toEqual(over);
    expect(await prepare(await begin(address, { step: 'done' }), addressId)).toEqual(over);
    expect(await prepare(await begin(address, { identifier_sealed: 'gone.x' }), addressId)).toEqual(over);
    await make('lucia2', address);
    expect(await prepare(recovery, addressId)).toEqual(over);
    expect(await readMailbox(recovery)).toBeUndefined();
    expect(await findRecoveryById(db, recovery.id)).toEqual(recovery);
  });
});
