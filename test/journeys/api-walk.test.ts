// The whole walk by API, as a program takes it that has neither page nor cookie, and as the document's examples say.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { minuteMs } from '../../src/base/clock.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { createProgram, startByApi } from './program.ts';
import { codeOf, linkOf, newPassword, opens, wrong } from './steps.ts';

const opaque = /^[\w-]{22}$/;

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

/** What the audit says of a recovery, by the name of the event. */
const trailOf = (recoveryId: string) =>
  app.db.read
    .selectFrom('audit_events')
    .leftJoin('accounts', 'accounts.id', 'audit_events.account_id')
    .select(['event', 'facts', 'source_hash', 'user_id'])
    .where('subject_id', '=', recoveryId)
    .where('event', 'like', 'recovery.%')
    .orderBy('event')
    .orderBy('facts')
    .execute();
/** What is kept of a recovery. */
const rowOf = (recoveryId: string) =>
  app.db.read.selectFrom('recoveries').selectAll().where('id', '=', recoveryId).executeTakeFirstOrThrow();

const wrongCodesOnSite = async () =>
  (
    await app.db.read
      .selectFrom('counters')
      .select('count')
      .where('key', '=', 'code-wrong-site/default')
      .executeTakeFirst()
  )?.count ?? 0;

describe('a recovery', () => {
  it('asks for its mail at the start where it is told the way, for known and unknown alike', async () => {
    const nora = await app.addPerson();
    const start = async (identifier: string) => {
      const program = createProgram(app);
      const started = await program.call('startRecovery', { body: { identifier, method: 'email-code' } });
      const { id, identifier: typed, handle, ...standing } = started.body;
      expect([typed, String(id), String(handle)]).toEqual([
        identifier,
        ...Array(2).fill(expect.stringMatching(opaque)),
      ]);
      return { program, parameters: { id: String(id) }, standing };
    };
    const known = await start(nora.address);
    const unknown = await start('nobody-at-all');
    expect(known.standing).toEqual({
      step: 'code',
      lifeMs: 86_400_000,
      codeLifeMs: 1_800_000,
      triesLeft: 5,
      resendInMs: 60_000,
      offerSupportInMs: 120_000,
    });
    expect(unknown.standing).toEqual(known.standing);
    const { program, parameters } = known;
    const soon = await program.call('askForCode', { parameters, body: { method: 'email-code' } });
    expect(soon.body['reason']).toBe('resend-soon');
    const code = codeOf(await app.mailTo(nora.address));
    const guessed = await unknown.program.call('enterCode', { parameters: unknown.parameters, body: { code } });
    expect(guessed.body['reason']).toBe('code-wrong');
    const entered = await program.call('enterCode', { parameters, body: { code } });
    expect(entered.body['step']).toBe('password');
    const set = await program.call('setPassword', { parameters, body: { password: newPassword } });
    expect(set.body['step']).toBe('done');
    // The audit: which network did what in whose account, and nobody in that of a decoy.
    const { source_hash } = (await trailOf(parameters.id))[0] ?? {};
    expect(source_hash).toMatch(/./);
    const by = (event: string, facts: string, user_id: string | null = nora.userId) => ({ event, facts, user_id });
    expect(await trailOf(parameters.id)).toEqual(
      [
        by('recovery.code_right', '{}'),
        by('recovery.completed', '{}'),
        by('recovery.email_chosen', '{}'),
        by('recovery.started', '{}'),
      ].map((event) => ({ ...event, source_hash })),
    );
    const ofDecoy = await trailOf(unknown.parameters.id);
    expect(ofDecoy.map(({ source_hash: network, ...event }) => [network !== source_hash, event])).toEqual(
      [
        by('recovery.code_wrong', '{"tries":1}', null),
        by('recovery.email_chosen', '{}', null),
        by('recovery.started', '{}', null),
      ].map((event) => [true, event]),
    );
  });

  it('leads from the identifier to a new password and a sign-in, with what the pages show', async () => {
    const lucia = await app.addPerson({ userId: 'lucia34', address: 'lucia@mail.example', locale: 'es' });
    const program = createProgram(app, 'es');
    const started = await program.call('startRecovery', { body: { identifier: lucia.address, returnTo: '/orders/7' } });
    const id = String(started.body['id']);
    expect(started.body).toEqual({
      step: 'method',
      id,
      identifier: lucia.address,
      lifeMs: 86_400_000,
      handle: expect.stringMatching(/^[\w-]{22}$/),
    });
    expect(started.headers.getSetCookie()).toEqual([]);

    const parameters = { id };
    const asked = await program.call('askForCode', { parameters, body: { method: 'email-code' } });
    expect(asked.body).toEqual({
      step: 'code',
      id,
      identifier: lucia.address,
      lifeMs: 86_400_000,
      codeLifeMs: 1_800_000,
      triesLeft: 5,
      resendInMs: 60_000,
      offerSupportInMs: 120_000,
    });
    const mail = await app.mailTo(lucia.address);
    expect(mail.subject).toBe('Tu código de verificación para Corner Shop');
    const code = codeOf(mail);

    const refused = await program.call('enterCode', { parameters, body: { code: wrong(code) } });
    expect(refused.body).toEqual({
      type: '/api/v1/openapi.json#/components/examples/code-wrong',
      title: 'Este código no es correcto.',
      status: 422,
      detail: 'Este código no es correcto. Compáralo con el correo más reciente.',
      reason: 'code-wrong',
      field: 'code',
    });
    const soon = await program.call('askForCode', { parameters, body: { method: 'email-code' } });
    expect([soon.status, soon.body['reason'], soon.body['retryAfterMs']]).toEqual([429, 'resend-soon', 60_000]);
    expect(soon.headers.get('retry-after')).toBe('60');
    expect((await program.call('readRecovery', { parameters })).body).toMatchObject({ step: 'code', triesLeft: 4 });

    const before = program.handles.get('recovery') ?? '';
    const entered = await program.call('enterCode', { parameters, body: { code: ` ${code}\n` } });
    expect(entered.body).toEqual({
      step: 'password',
      id,
      identifier: lucia.address,
      lifeMs: 3_600_000,
      passwordLifeMs: 3_600_000,
      passwordMinLength: 15,
      userId: 'lucia34',
      handle: expect.stringMatching(/^[\w-]{22}$/),
    });
    expect(entered.body['handle']).not.toBe(before);
    const old = await program.call('readRecovery', { parameters, handle: before });
    expect([old.status, old.body['reason']]).toEqual([409, 'recovery-missing']);

    const short = await program.call('setPassword', { parameters, body: { password: 'short' } });
    expect([short.status, short.body['reason'], short.body['field']]).toEqual([422, 'password-short', 'password']);
    const set = await program.call('setPassword', { parameters, body: { password: newPassword } });
    const done = { step: 'done', id, userId: 'lucia34', returnTo: '/orders/7' };
    expect(set.body).toEqual({ ...done, dropped: { addresses: 0, authenticator: false } });
    expect((await program.call('readRecovery', { parameters })).body).toEqual(done);
    expect(await opens(app, lucia, lucia.password)).toBe(false);
    const now = app.clock.now();
    const proven = { proven_at: now, password_until: now + 3_600_000 };
    expect(await rowOf(id)).toMatchObject({ ...proven, ended_at: now, end_reason: null, locale: 'es' });

    const wrongSignIn = { identifier: 'lucia34', password: 'not this one' };
    expect((await program.call('signIn', { body: wrongSignIn })).body['reason']).toBe('sign-in-failed');
    const session = await program.call('signIn', { body: { identifier: 'lucia34', password: newPassword } });
    expect(session.body).toEqual({
      step: 'signed-in',
      lifeMs: 2_592_000_000,
      returnTo: '/account',
      handle: expect.stringMatching(/^[\w-]{22}$/),
      deviceHandle: expect.stringMatching(/^[\w-]{22}$/),
    });
    expect((await program.call('signOut')).status).toBe(204);
  });

  it('that was wrong five times is over, and says why', async () => {
    const person = await app.addPerson();
    const program = createProgram(app);
    const parameters = { id: await startByApi(program, person.userId) };
    await app.deliverMail();
    const before = await wrongCodesOnSite();
    const reasons: unknown[] = [];
    for (let times = 0; times < 6; times += 1)
      reasons.push((await program.call('enterCode', { parameters, body: { code: '12345678' } })).body['reason']);
    expect(reasons).toEqual([...Array(4).fill('code-wrong'), 'tries-used', 'recovery-over']);
    // What was compared counts for the whole site; many of them raise the price of a start.
    expect((await wrongCodesOnSite()) - before).toBe(5);
    expect((await program.call('readRecovery', { parameters })).body).toEqual({
      step: 'over',
      id: parameters.id,
      why: 'tries-used',
    });
    expect((await trailOf(parameters.id)).map(({ event, facts }) => `${event} ${facts}`)).toEqual([
      ...[1, 2, 3, 4].map((tries) => `recovery.code_wrong {"tries":${tries}}`),
      'recovery.email_chosen {}',
      'recovery.ended {"reason":"tries-used"}',
      'recovery.started {}',
    ]);
    expect(await rowOf(parameters.id)).toMatchObject({
      tries: 5,
      end_reason: 'tries-used',
      ended_at: app.clock.now(),
      proven_at: null,
    });
  });

  it('of an address with several accounts asks which, and takes none that is not listed', async () => {
    const address = 'family@mail.example';
    await app.addPerson({ userId: 'parent1', address });
    app.clock.advance(1);
    const child = await app.addPerson({ userId: 'child1', address });
    const other = await app.addPerson();
    const program = createProgram(app);
    const parameters = { id: await startByApi(program, address) };
    const entered = await program.call('enterCode', { parameters, body: { code: codeOf(await app.mailTo(address)) } });
    expect(entered.body).toMatchObject({ step: 'account', accounts: [{ userId: 'parent1' }, { userId: 'child1' }] });
    const accounts = entered.body['accounts'];
    const ids = Array.isArray(accounts) ? accounts.map((each: { id: string }) => each.id) : [];
    const foreign = await program.call('chooseAccount', { parameters, body: { accountId: other.userId } });
    expect([foreign.status, foreign.body['reason']]).toEqual([422, 'account-missing']);
    const chosen = await program.call('chooseAccount', { parameters, body: { accountId: ids[1] } });
    expect(chosen.body).toMatchObject({ step: 'password', userId: 'child1' });
    await program.call('setPassword', { parameters, body: { password: newPassword } });
    expect(await opens(app, child, newPassword)).toBe(true);
  });

  it('refuses what is out of its turn or of another recovery, and goes on all the same', async () => {
    const nora = await app.addPerson({ userId: 'nora.of.the.harbour' });
    const program = createProgram(app);
    const odd = await program.call('startRecovery', { body: { identifier: 'a b' } });
    expect([odd.status, odd.body['reason']]).toEqual([422, 'identifier-shape']);
    const other = await startByApi(createProgram(app), 'nobody-at-all');
    const id = await startByApi(program, nora.address);
    const answer = async (name: (typeof steps)[number][0], body: object, of = id) =>
      (await program.call(name, { parameters: { id: of }, body })).body;
    const steps = [
      ['askForCode', { method: 'email-code' }],
      ['enterCode', { code: '12345678' }],
      ['chooseAccount', { accountId: 'x' }],
      ['setPassword', { password: newPassword }],
    ] as const;
    for (const [name, body] of steps)
      expect([name, (await answer(name, body, other))['reason']]).toEqual([name, 'recovery-other']);
    for (const [name, body] of steps.slice(2))
      expect([name, (await answer(name, body))['reason']]).toEqual([name, 'recovery-step']);
    const before = await wrongCodesOnSite();
    expect((await answer('enterCode', { code: 'abc' }))['reason']).toBe('code-shape');
    expect([(await rowOf(id)).tries, await wrongCodesOnSite()]).toEqual([0, before]);

    // The same code as long as it is alive, and from the moment on in which it is not, another.
    const first = codeOf(await app.mailTo(nora.address));
    app.clock.advance(minuteMs);
    await answer('askForCode', { method: 'email-code' });
    expect((await app.mailsTo(nora.address)).map(codeOf)).toEqual([first, first]);
    app.clock.advance(29 * minuteMs);
    expect((await answer('enterCode', { code: first }))['reason']).toBe('code-expired');
    expect(await answer('askForCode', { method: 'email-code' })).toMatchObject({ codeLifeMs: 30 * minuteMs });
    const second = codeOf(await app.mailTo(nora.address));
    expect([second === first, (await rowOf(id)).code_generation]).toEqual([false, 2]);
    expect((await answer('enterCode', { code: second }))['step']).toBe('password');
    expect(await wrongCodesOnSite()).toBe(before);

    const named = await answer('setPassword', { password: 'nora.of.the.harbour-1' });
    expect(named['reason']).toBe('password-named');
    const disabled = { state: 'disabled' };
    await app.db.write((tx) => tx.updateTable('accounts').set(disabled).where('user_id', '=', nora.userId).execute());
    expect((await answer('setPassword', { password: newPassword }))['reason']).toBe('recovery-over');
  });
});

describe('the links of a mail', () => {
  it('go on in another program, with the code of that mail alone', async () => {
    const person = await app.addPerson();
    await startByApi(createProgram(app), person.address);
    const mail = await app.mailTo(person.address);
    const token = linkOf(mail, 'link').split('/').at(-1) ?? '';
    const program = createProgram(app);
    const guessed = await program.call('continueFromMail', { parameters: { token }, body: { code: '12345678' } });
    expect(guessed.body['reason']).toBe('code-wrong');
    const went = await program.call('continueFromMail', { parameters: { token }, body: { code: codeOf(mail) } });
    expect(went.body).toMatchObject({ step: 'password', userId: person.userId });
    const parameters = { id: String(went.body['id']) };
    expect((await program.call('setPassword', { parameters, body: { password: newPassword } })).status).toBe(200);
    const again = await program.call('continueFromMail', { parameters: { token }, body: { code: codeOf(mail) } });
    expect([again.status, again.body['reason']]).toEqual([410, 'link-over']);
  });

  it('stop what somebody else began, and tell the way back in', async () => {
    const person = await app.addPerson();
    const stranger = createProgram(app);
    const id = await startByApi(stranger, person.address);
    const mail = await app.mailTo(person.address);
    const token = linkOf(mail, 'stop').split('/').at(-1) ?? '';
    const owner = createProgram(app);
    expect((await owner.call('readLink', { parameters: { token } })).body).toEqual({ leadsTo: 'stop' });
    const stopped = await owner.call('stopFromMail', { parameters: { token }, body: { code: codeOf(mail) } });
    expect(stopped.body).toEqual({ continueToken: linkOf(mail, 'link').split('/').at(-1) });
    const late = await stranger.call('enterCode', { parameters: { id }, body: { code: codeOf(mail) } });
    expect(late.body['reason']).toBe('code-wrong');
  });

  it('of a notice suspend the password that was set, with the number in it', async () => {
    const person = await app.addPerson();
    const program = createProgram(app);
    const parameters = { id: await startByApi(program, person.address) };
    await program.call('enterCode', { parameters, body: { code: codeOf(await app.mailTo(person.address)) } });
    await program.call('setPassword', { parameters, body: { password: newPassword } });
    const notice = (await app.mailsTo(person.address)).find(({ subject }) => subject.includes('changed'));
    const number = /\d{3} \d{3}/.exec(notice?.text ?? '')?.[0] ?? '';
    const token = notice ? (linkOf(notice, 'stop').split('/').at(-1) ?? '') : '';
    const owner = createProgram(app);
    expect((await owner.call('readLink', { parameters: { token } })).body).toEqual({ leadsTo: 'disown' });
    const wrongNumber = String((Number(number.replace(' ', '')) + 1) % 1_000_000).padStart(6, '0');
    const guessed = await owner.call('disownFromNotice', { parameters: { token }, body: { number: wrongNumber } });
    expect([guessed.body['reason'], guessed.body['field']]).toEqual(['number-wrong', 'number']);
    const done = await owner.call('disownFromNotice', { parameters: { token }, body: { number } });
    expect(done.body).toEqual({ isSuspended: true, address: person.address });
    expect(await opens(app, person, newPassword)).toBe(false);
  });

  it('that are made up lead nowhere', async () => {
    for (const token of ['A'.repeat(22), 'x', '\u0000', '../x', 'é']) {
      const program = createProgram(app);
      const body = { code: '12345678' };
      expect((await program.call('continueFromMail', { parameters: { token }, body })).status).toBe(410);
      expect((await program.call('stopFromMail', { parameters: { token }, body })).status).toBe(410);
      expect((await program.call('resumeFromMail', { parameters: { token }, body })).status).toBe(410);
      expect((await program.call('readLink', { parameters: { token } })).status).toBe(410);
      const notice = { parameters: { token }, body: { number: '123456' } };
      expect((await program.call('disownFromNotice', notice)).status).toBe(410);
    }
  });
});

describe('signing up', () => {
  it('makes the account once the code was entered, and signs in', async () => {
    const program = createProgram(app);
    const body = { userId: 'nuria', address: 'nuria@mail.example', password: newPassword };
    const begun = await program.call('signUp', { body });
    expect(begun.body).toMatchObject({ step: 'code', address: 'nuria@mail.example', resendInMs: 60_000 });
    expect((await program.call('askForSignUpCode', { body: { method: 'email-code' } })).body['reason']).toBe(
      'resend-soon',
    );
    app.clock.advance(60_000);
    expect((await program.call('askForSignUpCode', { body: { method: 'email-code' } })).status).toBe(200);
    const code = codeOf(await app.mailTo('nuria@mail.example'));
    expect((await program.call('enterSignUpCode', { body: { code: wrong(code) } })).body['reason']).toBe('code-wrong');
    const joined = await program.call('enterSignUpCode', { body: { code } });
    expect(joined.body).toMatchObject({ returnTo: '/account', lifeMs: 2_592_000_000 });
    expect((await program.call('readSignUp')).body['reason']).toBe('sign-up-missing');
    expect(await opens(app, { ...body, userId: 'nuria' }, newPassword)).toBe(true);
  });

  it('with a user ID that is taken asks for another one, after the code', async () => {
    const { userId } = await app.addPerson();
    const program = createProgram(app);
    await program.call('signUp', { body: { userId, address: 'second@mail.example', password: newPassword } });
    const code = codeOf(await app.mailTo('second@mail.example'));
    const taken = await program.call('enterSignUpCode', { body: { code } });
    expect([taken.status, taken.body['reason'], taken.body['field']]).toEqual([422, 'user-id-taken', 'userId']);
    expect((await program.call('readSignUp')).body).toEqual({ step: 'user-id', userId });
    expect((await program.call('chooseUserId', { body: { userId: 'a b' } })).body['reason']).toBe('user-id-shape');
    expect((await program.call('chooseUserId', { body: { userId: 'second-one' } })).status).toBe(200);
  });
});

it('a case is opened with its number and its code, which follow it elsewhere', async () => {
  const body = { kind: 'mailbox-lost', words: 'It is closed.', contact: 'new@mail.example' };
  const program = createProgram(app);
  const opened = await program.call('openCase', { body });
  const { number, code } = opened.body;
  expect(opened.body).toEqual({
    number: expect.stringMatching(/^[A-Z\d]{9}$/),
    code: expect.stringMatching(/^[A-Z\d]{16}$/),
    handle: expect.stringMatching(/^[\w-]{22}$/),
  });
  expect((await program.call('readCase')).body).toMatchObject({
    number,
    state: 'received',
    answerInMs: 172_800_000,
    contact: { address: 'new@mail.example', isConfirmed: false },
  });
  const mailed = codeOf(await app.mailTo('new@mail.example'));
  expect((await program.call('confirmContact', { body: { code: wrong(mailed) } })).body['reason']).toBe('code-wrong');
  const confirmed = await program.call('confirmContact', { body: { code: mailed } });
  expect(confirmed.body).toMatchObject({ contact: { isConfirmed: true } });
  const words = 'I have the receipt.';
  const written = await program.call('writeToDesk', { body: { words } });
  expect(written.body['messages']).toEqual([{ author: 'person', words, writtenAgoMs: 0 }]);
  const empty = await program.call('writeToDesk', { body: { words: ' ' } });
  expect([empty.body['reason'], empty.body['field']]).toEqual(['case-words-missing', 'words']);
  const late = await program.call('changeContact', { body: { contact: 'another@mail.example' } });
  expect([late.status, late.body['reason']]).toEqual([409, 'case-state']);

  // Whose account it is, and what shows that: thanked alike, right or wrong.
  const other = `other.${String(number).toLowerCase()}@mail.example`;
  const owner = await app.addPerson({ addresses: [`first.${String(number).toLowerCase()}@mail.example`, other] });
  expect((await program.call('nameCaseAccount', { body: { identifier: ' ' } })).body['field']).toBe('identifier');
  expect((await program.call('nameCaseAccount', { body: { identifier: 'nobody.here' } })).body).toMatchObject({
    account: 'nobody.here',
    mayCorrectAccount: true,
  });
  expect((await program.call('nameCaseAccount', { body: { identifier: owner.userId } })).body).toMatchObject({
    account: owner.userId,
    mayCorrectAccount: false,
  });
  expect((await program.call('nameCaseAccount', { body: { identifier: 'again' } })).body['reason']).toBe('case-state');
  const asked = await program.call('askForCaseAddressCode', { body: { address: other } });
  expect(asked.body).toMatchObject({ askedAddress: { address: other, resendInMs: 60_000 } });
  const mails = await app.mailsTo(other);
  const onFile = codeOf(mails.find(({ subject }) => subject.startsWith('Your code')) ?? (await app.mailTo(other)));
  for (const code of [wrong(onFile), onFile])
    expect((await program.call('proveCaseAddress', { body: { code } })).status).toBe(204);
  const one = await program.call('proveCaseCode', { body: { code: '123456' } });
  expect([one.body['reason'], one.body['field']]).toEqual(['proof-code-one', 'code']);
  expect((await program.call('proveCaseCode', { body: { code: '123456654321' } })).status).toBe(204);
  const known = createProgram(app);
  const signedIn = await known.call('signIn', { body: { identifier: owner.userId, password: owner.password } });
  const { handle: sessionHandle, deviceHandle } = signedIn.body;
  expect((await program.call('proveCaseBrowser', { body: { sessionHandle, deviceHandle } })).status).toBe(204);
  const proved = await app.db.read.selectFrom('case_evidence').select('kind').orderBy('kind').execute();
  expect(proved.map(({ kind }) => kind)).toEqual(['device', 'other-address', 'session']);

  const elsewhere = createProgram(app);
  expect((await elsewhere.call('readCase')).body['reason']).toBe('case-missing');
  const guess = { number, code: 'ACDEFGHJKMNPQRTV' };
  const guessed = await elsewhere.call('followCase', { body: guess });
  const unknown = await elsewhere.call('followCase', { body: { ...guess, number: 'ACDEFGHJK' } });
  expect([guessed.status, guessed.body]).toEqual([422, unknown.body]);
  expect((await elsewhere.call('followCase', { body: { number, code } })).body).toMatchObject({ number });
  expect((await elsewhere.call('readCase')).status).toBe(200);
  const refused = await createProgram(app).call('openCase', { body: { ...body, contact: 'nowhere' } });
  expect([refused.body['reason'], refused.body['field']]).toEqual(['address-shape', 'contact']);
});

it('meets no fault of ours in all of this', () => expect(app.faults).toEqual([]));
