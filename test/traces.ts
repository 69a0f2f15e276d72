// Rows that a person leaves behind on the way to somewhere, for tests of what becomes of them.
import { createAccountImport } from '../src/accounts/import.ts';
import { createAudit } from '../src/audit/audit.ts';
import { dayMs } from '../src/base/clock.ts';
import { systemRandom } from '../src/base/random.ts';
import { enrolAgent, signInAgent } from '../src/testing/agents.ts';
import type { Person, TestApp } from '../src/testing/app.ts';
import {
  choosePassword,
  type KeptCase,
  newPassword,
  openCase,
  opens,
  reachCode,
  reachPassword,
  signIn,
  writeToDesk,
} from './journeys/steps.ts';

/** An address that is being added, and the memory of one that was removed. */
export async function leaveAddressTraces(app: TestApp, person: Person): Promise<void> {
  const { id } = await app.db.read
    .selectFrom('accounts')
    .select('id')
    .where('user_id', '=', person.userId)
    .executeTakeFirstOrThrow();
  const session = await app.db.read
    .selectFrom('sessions')
    .select('id')
    .where('account_id', '=', id)
    .executeTakeFirstOrThrow();
  const of = { id: `of ${person.userId}`, account_id: id, site: 'default', version: 1 };
  const address_sealed = app.keys.seal(`${person.userId}.third@mail.example`);
  const now = app.clock.now();
  const code = { code_random: '', code_key_id: '', code_expires_at: now, mail_asked_at: now, tries: 0 };
  const claim = { session_id: session.id, locale: 'en', expires_at: now + dayMs };
  await app.db.write(async (tx) => {
    await tx
      .insertInto('address_claims')
      .values({ ...of, ...code, ...claim, address_sealed })
      .execute();
    const change = { address_id: 'gone', what: 'removed', address_sealed, changed_at: now };
    const { version: _, ...which } = of;
    await tx
      .insertInto('address_changes')
      .values({ ...which, ...change })
      .execute();
  });
}

/** What a case proved of a person's account, and an address that it named for that. */
export async function leaveEvidence(app: TestApp, { userId }: Person, { number }: KeptCase): Promise<void> {
  const { id: account_id } = await app.db.read
    .selectFrom('accounts')
    .select('id')
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  const { id: case_id } = await app.db.read
    .selectFrom('cases')
    .select('id')
    .where('number', '=', number.replaceAll(' ', ''))
    .executeTakeFirstOrThrow();
  const now = app.clock.now();
  const proven = { id: `proof of ${userId}`, site: 'default', kind: 'spare-code', proven_at: now };
  const code = { code_random: '', code_key_id: '', code_expires_at: now, mail_asked_at: now, tries: 0, version: 1 };
  const asked = {
    id: `asked by ${userId}`,
    site: 'default',
    address_sealed: app.keys.seal(`${userId}.second@mail.example`),
  };
  await app.db.write(async (tx) => {
    await tx
      .insertInto('case_evidence')
      .values({ ...proven, case_id, account_id })
      .execute();
    await tx
      .insertInto('case_pictures')
      .values({
        id: `picture of ${case_id}`,
        site: 'default',
        case_id,
        picture_sealed: app.keys.seal('x'),
        added_at: now,
      })
      .execute();
    await tx
      .insertInto('case_address_codes')
      .values({ ...asked, ...code, case_id, address_id: null, created_at: now, replaced_at: null })
      .execute();
  });
}

/** A release of a person's account that was taken back, and the notice of it. */
export async function leaveRelease(app: TestApp, { userId }: Person, { number }: KeptCase): Promise<void> {
  const account = await app.db.read
    .selectFrom('accounts')
    .select('id')
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  const of = await app.db.read
    .selectFrom('cases')
    .select('id')
    .where('number', '=', number.replaceAll(' ', ''))
    .executeTakeFirstOrThrow();
  const added = await app.app.agents.add({
    name: `desk-${(await app.app.agents.list()).length}`,
    role: 'agent',
    locale: 'en',
  });
  if (!added.ok) throw new Error(added.reason);
  const at = app.clock.now();
  const id = `release of ${userId}`;
  const owned = { site: 'default', account_id: account.id };
  const needs = { proofs: 1, proofs_needed: 1, lead_needed: 0, confirmed_elsewhere: 0, grant_tries: 0 };
  const times = { proposed_at: at, due_at: at, ended_at: at };
  await app.db.write(async (tx) => {
    const release = { id, case_id: of.id, contact_id: 'contact', state: 'withdrawn', version: 2 };
    await tx
      .insertInto('releases')
      .values({ ...owned, ...needs, ...times, ...release, proposed_by: added.agent.id })
      .execute();
    const closing = { id, case_id: of.id, state: 'withdrawn', version: 2, proposed_by: added.agent.id };
    await tx
      .insertInto('closings')
      .values({ ...owned, ...times, ...closing })
      .execute();
    const step = { id, case_id: of.id, release_id: id, event: 'withdrawn', agent_id: added.agent.id };
    const words_sealed = app.keys.seal(`the words about ${userId}`);
    await tx
      .insertInto('release_steps')
      .values({ ...owned, ...step, words_sealed, at })
      .execute();
    const hashes = { stop_hash: id, number_hash: id, key_id: 'test' };
    const notice = { id, step_id: id, address_id: 'address', address_confirmed_at: at, tries: 0, created_at: at };
    await tx
      .insertInto('release_notices')
      .values({ ...owned, ...notice, ...hashes })
      .execute();
  });
}

/** An agent who is signed in, one who has not used the link yet, and a challenge that was answered. */
export async function leaveAgentTraces(app: TestApp): Promise<void> {
  const { agents } = app.app;
  const name = `agent${(await agents.list()).length}`;
  await signInAgent(app.browser(), await enrolAgent(app, { name }));
  await agents.add({ name: `${name}-waits`, role: 'auditor', locale: 'es' });
  const expires_at = app.clock.now();
  await app.db.write((tx) =>
    tx.insertInto('agent_challenges').values({ nonce: name, site: 'default', expires_at }).execute(),
  );
}

/** A passed check, its answer and its drag's sketch: with the check switched off nobody leaves one. */
const leaveChecks = (app: TestApp): Promise<unknown> =>
  app.db.write(async (tx) => {
    const expires_at = app.clock.now() + dayMs;
    await tx.insertInto('human_check_answers').values({ nonce: 'n', site: 'default', expires_at }).execute();
    await tx.insertInto('slide_sketches').values({ sketch_hash: 's', site: 'default', expires_at }).execute();
    const check = { id: 'c', site: 'default', handle_hash: '', purpose: 'case', verdict: 'passed', level: 1 };
    const facts = { mode: 'drag', score: 0, reasons: '[]', policy: '1', created_at: 0, spent_at: null };
    await tx
      .insertInto('human_checks')
      .values({ ...check, ...facts, expires_at })
      .execute();
  });

/** An app that was never switched on, and a sign-in whose code was never typed. */
const leaveHalfSteps = (app: TestApp, { userId }: Person): Promise<unknown> =>
  app.db.write(async (tx) => {
    const { id } = await tx.selectFrom('accounts').select('id').where('user_id', '=', userId).executeTakeFirstOrThrow();
    const both = { account_id: id, site: 'default', expires_at: app.clock.now() };
    const begun = { session_id: 's', secret_sealed: '' };
    await tx
      .insertInto('authenticator_set_ups')
      .values({ ...both, ...begun })
      .execute();
    const aside = {
      secret_sealed: '',
      last_step: 0,
      created_at: 0,
      spare_codes: '[]',
      set_aside_at: app.clock.now(),
    };
    await tx
      .insertInto('factors_set_aside')
      .values({ id: userId, account_id: id, site: 'default', ...aside })
      .execute();
    const waiting = { id: userId, handle_hash: userId, return_to: null, tries: 0, created_at: 0, ended_at: null };
    await tx
      .insertInto('second_steps')
      .values({ ...both, ...waiting })
      .execute();
  });

/** An import that was killed before its end. */
const leaveImport = (app: TestApp): Promise<unknown> => {
  const parts = { db: app.db, keys: app.keys, clock: app.clock, random: systemRandom, site: 'default' };
  const address = { address: 'staged@mail.example', key: 'staged@mail.example' };
  const account = { line: 2, userId: 'staged', userIdKey: 'staged', addresses: [address], provider: null };
  return createAccountImport({ ...parts, audit: createAudit(parts) }).stage([
    { ...account, state: 'active', locale: 'en' },
  ]);
};

/** Somebody does everything that leaves a row behind. */
export async function leaveEverything(app: TestApp): Promise<{ person: Person; kept: KeptCase }> {
  const person = await app.addPerson();
  const browser = app.browser();
  await reachPassword(app, browser, person);
  await choosePassword(browser);
  await opens(app, person, newPassword);
  await signIn(app.browser(), person.userId, 'not the right one');
  const signingUp = app.browser();
  await signingUp.open('/sign-up');
  await signingUp.press('Create account', { 'User ID': 'pending', Email: 'p@mail.example', Password: newPassword });
  const stuck = app.browser();
  await reachCode(stuck, person.userId);
  const kept = await openCase(stuck, 'stuck@mail.example');
  await writeToDesk(stuck, kept, 'It is the blue one.');
  await app.deliverMail();
  await leaveChecks(app);
  await leaveHalfSteps(app, person);
  await leaveAddressTraces(app, person);
  await leaveEvidence(app, person, kept);
  await leaveRelease(app, person, kept);
  await leaveImport(app);
  await leaveAgentTraces(app);
  return { person, kept };
}
