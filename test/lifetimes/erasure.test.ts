// Erasing a person (walk 61), on both engines: nothing of theirs is left in any table, nothing of anybody else's is
// touched, cases answer in words, and the audit trail, which holds ids alone, still verifies.
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../src/i18n/en.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { dayMs, minuteMs } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { erasure } from '../../src/retention/belongings.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import { engines, atOnce, listColumns, warmUp } from '../engines.ts';
import {
  askForCode,
  choosePassword,
  codeOf,
  enterCode,
  followCase,
  type KeptCase,
  newPassword,
  openCase,
  opens,
  reachCode,
  reachPassword,
  signIn,
  startRecovery,
  wrong,
  writeToDesk,
} from '../journeys/steps.ts';
import { leaveAddressTraces, leaveEvidence, leaveRelease } from '../traces.ts';

describe.each(engines)('erasing on $engine', ({ createDatabase }) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ createDatabase });
    await warmUp(app.db);
  }, 60_000);
  afterAll(() => app.close());

  /** Every row of every table, with what is sealed in it opened, as text. */
  async function dump(): Promise<ReadonlyMap<string, readonly string[]>> {
    const tables = [...new Set((await listColumns(app.db)).map(({ table }) => table))];
    const read = async (table: string) => {
      const { rows } = await sql<Record<string, unknown>>`SELECT * FROM ${sql.table(table)}`.execute(app.db.read);
      return rows.map((row) =>
        JSON.stringify(
          Object.entries(row).map(([column, value]) =>
            column.endsWith('_sealed') && typeof value === 'string' ? [column, app.keys.open(value)] : [column, value],
          ),
        ),
      );
    };
    return new Map(await Promise.all(tables.map(async (table) => [table, await read(table)] as const)));
  }

  const accountOf = ({ userId }: Pick<Person, 'userId'>) =>
    app.db.read.selectFrom('accounts').selectAll().where('user_id', '=', userId).executeTakeFirstOrThrow();

  /** An authenticator app that is on, another that is being set up, a spare code, and a sign-in that waits for one. */
  async function addSecondFactor(person: Person): Promise<void> {
    const { id } = await accountOf(person);
    const of = { account_id: id, site: 'default' };
    const secret_sealed = app.keys.seal(`the secret of ${person.userId}`);
    const name = `of ${person.userId}`;
    const now = app.clock.now();
    await app.db.write(async (tx) => {
      const on = { ...of, secret_sealed, last_step: 0, created_at: now };
      const begun = { ...of, secret_sealed, session_id: name, expires_at: now + dayMs };
      const spare = { ...of, id: name, code_hash: name, created_at: now, spent_at: null };
      const waiting = {
        ...of,
        id: name,
        handle_hash: name,
        return_to: null,
        tries: 0,
        created_at: now,
        ended_at: null,
      };
      await tx.insertInto('authenticators').values(on).execute();
      await tx.insertInto('authenticator_set_ups').values(begun).execute();
      await tx.insertInto('spare_codes').values(spare).execute();
      const aside = { ...on, id: name, spare_codes: '[]', set_aside_at: now };
      await tx.insertInto('factors_set_aside').values(aside).execute();
      // An import that was killed before it came to this user ID.
      const line = { import_id: name, line: 1, staged_at: now, account_id: name };
      const staged = {
        site: 'default',
        user_id: person.userId,
        user_id_key: person.userId,
        locale: 'en',
        provider: null,
      };
      await tx
        .insertInto('import_rows')
        .values({ ...line, ...staged, state: 'active' })
        .execute();
      await tx
        .insertInto('import_addresses')
        .values({ ...line, place: 1, id: name, address: person.address, address_key: person.address })
        .execute();
      await tx
        .insertInto('second_steps')
        .values({ ...waiting, expires_at: now + dayMs })
        .execute();
    });
  }

  /** Does everything that leaves something of a person behind. */
  async function live(name: string): Promise<{ person: Person; cases: readonly KeptCase[] }> {
    const second = `${name}.second@mail.example`;
    const person = await app.addPerson({ userId: name, addresses: [`${name}@mail.example`, second] });
    // A reset, its notices, sessions, a remembered device.
    const browser = app.browser();
    await reachPassword(app, browser, person);
    await choosePassword(browser);
    const here = app.browser();
    await signIn(here, name, newPassword);
    await app.deliverMail();
    // Wrong passwords, by user ID and by email.
    for (const typed of [name, second]) await signIn(app.browser(), typed, 'not the right one');
    // Recoveries at every step, by everything that the person may be called.
    const asked = app.browser();
    await reachCode(asked, person.address);
    await enterCode(asked, wrong(codeOf(await app.mailTo(person.address))));
    await startRecovery(app.browser(), name.toUpperCase());
    app.clock.advance(minuteMs);
    // A sign-up by somebody with the same address, never proved.
    const signingUp = app.browser();
    await signingUp.open('/sign-up');
    await signingUp.press('Create account', {
      'User ID': `${name}.again`,
      Email: second.toUpperCase().replace('MAIL.EXAMPLE', 'mail.example'),
      Password: newPassword,
    });
    // A case that came from a recovery, with somebody else's contact; and one with an own address, confirmed.
    const from = await openCase(asked, `friend.of.${name}@mail.example`);
    const stuck = app.browser();
    const own = await openCase(stuck, second);
    await writeToDesk(stuck, own, `${name} again`);
    await stuck.open(`/recover/case/${own.number.replaceAll(' ', '')}`);
    await stuck.follow('Confirm it');
    await enterCode(stuck, codeOf(await app.mailTo(second)));
    // Mail that is still to go out.
    const late = app.browser();
    await startRecovery(late, second);
    await askForCode(late);
    await addSecondFactor(person);
    await leaveAddressTraces(app, person);
    await leaveEvidence(app, person, own);
    await leaveRelease(app, person, own);
    return { person, cases: [from, own] };
  }

  it('leaves nothing of the person in any table, and everything of the others', { timeout: 120_000 }, async () => {
    const { person, cases } = await live('lucia');
    const other = await live('ramon');
    // Shares one of her addresses, and is somebody else.
    const shares = await app.addPerson({ userId: 'partner', addresses: ['lucia@mail.example'] });
    // A stranger says that it is about her, and that one of her mailboxes is theirs.
    const stranger = app.browser();
    const about = await openCase(stranger, 'stranger@elsewhere.example');
    await stranger.open(`/recover/case/${about.number.replaceAll(' ', '')}/proofs`);
    await stranger.press('Continue', { [en['proof.which-account']]: 'lucia' });
    await stranger.press(en['proof.address-send'], { [en['proof.address-label']]: 'lucia.second@mail.example' });
    expect(
      await app.db.read.selectFrom('case_address_codes').select('id').where('address_id', 'is not', null).execute(),
    ).not.toEqual([]);
    const { id } = await accountOf(person);
    const addresses = await app.db.read.selectFrom('addresses').selectAll().where('account_id', '=', id).execute();
    const recoveries = await app.db.read.selectFrom('recoveries').select('id').where('account_id', '=', id).execute();
    const before = await dump();
    const of = (name: string, rows: ReadonlyMap<string, readonly string[]>) =>
      [...rows].flatMap(([table, all]) =>
        table === 'audit_events' ? [] : all.filter((row) => row.toLowerCase().includes(name)),
      );
    expect(of('lucia', before).length).toBeGreaterThan(10);

    const erased = await app.app.eraseAccount('LUCIA');
    expect(erased).toMatchObject({ accountId: id, userId: 'lucia' });
    // What was there to erase was erased in every table that has something to erase.
    const all = Object.entries(erasure).filter(([, erase]) => erase !== 'nothing');
    expect(Object.keys(erased?.rows ?? {}).toSorted()).toEqual(all.map(([table]) => table).toSorted());

    const after = await dump();
    const sharedRows = of('lucia@mail.example', after);
    expect(sharedRows).toHaveLength(1);
    expect(of('lucia', after)).toEqual(sharedRows);
    const second = addresses.find(({ address }) => address.startsWith('lucia.second'));
    const needles = [
      id,
      ...addresses.map((address) => address.id),
      ...recoveries.map((recovery) => recovery.id),
      app.keys.hash('mailbox', 'default', second?.address_key ?? ''),
      app.keys.hash('mailbox', 'default', 'lucia'),
      app.keys.hash('identifier', 'default', 'user-id', 'lucia'),
      app.keys.hash('password-tries', 'default', 'account', id),
      app.keys.hash('password-tries', 'default', 'name', 'user-id', 'lucia'),
    ];
    for (const needle of needles) expect([needle, of(needle.toLowerCase(), after)]).toEqual([needle, []]);

    // The others are as they were, to the last row.
    expect(of('ramon', after)).toEqual(of('ramon', before));
    const ramon = await accountOf(other.person);
    expect(of(ramon.id.toLowerCase(), after)).toEqual(of(ramon.id.toLowerCase(), before));
    expect((await signIn(app.browser(), 'ramon', newPassword)).path).toContain('second-factor');
    expect(await opens(app, shares, shares.password)).toBe(true);
    const browser = app.browser();
    await reachCode(browser, shares.address);
    expect(codeOf(await app.mailTo(shares.address))).toMatch(/^\d{8}$/);

    for (const kept of cases) {
      const page = await followCase(app.browser(), kept);
      expect([page.status, page.text]).toEqual([200, expect.stringContaining('have been deleted')]);
    }
    expect((await followCase(app.browser(), about)).text).not.toContain('deleted');
    const codes = app.db.read.selectFrom('case_address_codes').select('id').where('address_id', 'is not', null);
    expect(await codes.execute()).toEqual([]);
    for (const kept of other.cases) expect((await followCase(app.browser(), kept)).text).not.toContain('deleted');
  });

  it('leaves an audit trail that verifies, with ids and no name', async () => {
    await app.deliverMail();
    const audit = createAudit({
      db: app.db,
      keys: app.keys,
      clock: app.clock,
      random: systemRandom,
      site: 'default',
    });
    expect((await audit.verify()).faults).toEqual([]);
    const events = (await dump()).get('audit_events') ?? [];
    expect(events.filter((row) => row.includes('user_erased'))).toHaveLength(1);
    expect(events.filter((row) => /lucia|@/.test(row))).toEqual([]);
  });

  it('ends whatever the person had open, without a fault', async () => {
    const person = await app.addPerson();
    const [signedIn, recovering, typing] = [app.browser(), app.browser(), app.browser()];
    await signIn(signedIn, person.userId, person.password);
    await reachPassword(app, recovering, person);
    await reachCode(typing, person.userId);
    await app.app.eraseAccount(person.userId);
    expect((await signedIn.open('/account')).text).toContain('Not signed in');
    expect((await choosePassword(recovering)).heading).toBe('Get back into your account');
    expect((await enterCode(typing, '12345678')).status).toBe(409);
    expect((await signIn(app.browser(), person.userId, person.password)).status).toBe(422);
    await app.deliverMail();
    expect(await app.app.addAccount({ ...person, addresses: [person.address], locale: 'en' })).toBe(true);
  });

  it('finds the account by its id too, and nobody by anything else', async () => {
    const person = await app.addPerson();
    const { id } = await accountOf(person);
    for (const name of [person.address, `${person.userId}x`, '', id.toLowerCase()])
      expect([name, await app.app.eraseAccount(name)]).toEqual([name, undefined]);
    expect(await app.app.eraseAccount(id)).toMatchObject({ userId: person.userId });
    expect(await app.app.eraseAccount(id)).toBeUndefined();
  });

  it('refuses what names two accounts', async () => {
    const person = await app.addPerson();
    const { id } = await accountOf(person);
    await app.db.write((tx) =>
      tx
        .updateTable('accounts')
        .set({ user_id: id, user_id_key: id.toLowerCase() })
        .where('user_id', '=', 'ramon')
        .execute(),
    );
    await expect(app.app.eraseAccount(id)).rejects.toMatchObject({ problem: 'account-ambiguous' });
    expect(await opens(app, person, person.password)).toBe(true);
  });

  it('happens once, whoever asks for it and signs in at the same time', async () => {
    const person = await app.addPerson();
    const { id } = await accountOf(person);
    const [erased] = await Promise.all([
      atOnce(16, () => app.app.eraseAccount(person.userId)),
      atOnce(4, async () => {
        const browser = app.browser();
        await signIn(browser, person.userId, person.password);
      }),
    ]);
    expect(erased.filter((each) => each !== undefined)).toHaveLength(1);
    for (const table of ['sessions', 'devices', 'addresses'] as const)
      expect(await app.db.read.selectFrom(table).select('id').where('account_id', '=', id).execute()).toEqual([]);
  });

  it('is thought of for every column that may hold something of a person', async () => {
    const personal = /account|address|mailbox|user_id|identifier|subject|session_id|recovery_id|sealed|label|words/;
    const held = (await listColumns(app.db)).filter(({ column }) => personal.test(column));
    const nothing = new Set(Object.entries(erasure).flatMap(([table, erase]) => (erase === 'nothing' ? [table] : [])));
    expect(held.length).toBeGreaterThan(20);
    // The audit trail keeps ids; an agent is nobody with an account.
    const left = held.filter(({ table }) => nothing.has(table)).map(({ table, column }) => `${table}.${column}`);
    expect(left.toSorted()).toEqual(['agents.secret_sealed', 'audit_events.account_id', 'audit_events.subject_id']);
  });

  it('meets no fault of ours in all of this', () => {
    expect(app.faults).toEqual([]);
  });
});
