// The own account by API: each operation right, with a wrong password, without a session, and for what belongs to others.
import { TOTP, URI } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationName } from '../../src/http/api/operations.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import { type CallWith, createProgram, expectAsDescribed, type Program, readCalled } from './program.ts';
import { codeOf, newPassword, opens, signIn, wrong } from './steps.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const madeUp = 'A'.repeat(22);

async function signedIn({ userId, password }: Person, language = 'en'): Promise<Program> {
  const program = createProgram(app, language);
  const { status } = await program.call('signIn', { body: { identifier: userId, password } });
  expect(status).toBe(200);
  return program;
}

/** How a call was refused: status, reason, field. */
async function refusal(program: Program, name: OperationName, more: CallWith = {}): Promise<unknown[]> {
  const { status, body } = await program.call(name, more);
  return [status, body['reason'], body['field']];
}

const ofThis = (call: { body: Record<string, unknown> }, field: string): Record<string, unknown>[] => {
  const list = call.body[field];
  return Array.isArray(list) ? list : [];
};

describe('where one is signed in', () => {
  it('is listed with the session that asks at the head, and is nobody else’s', async () => {
    const person = await app.addPerson();
    const first = await signedIn(person);
    app.clock.advance(5_000);
    const second = await signedIn(person);
    await signedIn(await app.addPerson());
    const listed = await second.call('listSessions');
    const id = expect.stringMatching(/^[\w-]{22}$/);
    expect(listed.body).toEqual({
      sessions: [
        { id, isThis: true, label: '', begunAgoMs: 0, usedAgoMs: 0 },
        { id, isThis: false, label: '', begunAgoMs: 5_000, usedAgoMs: 5_000 },
      ],
    });
    expect(ofThis(await first.call('listSessions'), 'sessions')[0]).toMatchObject({ isThis: true, begunAgoMs: 5_000 });
  });

  it('ends one by one, with the password', async () => {
    const person = await app.addPerson();
    const phone = await signedIn(person);
    const [{ id } = {}] = ofThis(await phone.call('listSessions'), 'sessions');
    const parameters = { id: String(id) };
    const desk = await signedIn(person);
    const { password } = person;
    const end = (body: object) => refusal(desk, 'endSession', { parameters, body });
    expect(await end({ password: '' })).toEqual([422, 'password-missing', 'password']);
    expect(await end({ password: 'not this one' })).toEqual([422, 'password-wrong', 'password']);
    expect((await phone.call('listSessions')).status).toBe(200);
    const ended = await desk.call('endSession', { parameters, body: { password } });
    expect(ofThis(ended, 'sessions')).toMatchObject([{ isThis: true }]);
    expect(await refusal(phone, 'listSessions')).toEqual([401, 'session-missing', undefined]);
    // Over already, and made up.
    expect((await desk.call('endSession', { parameters, body: { password } })).status).toBe(200);
    expect((await desk.call('endSession', { parameters: { id: madeUp }, body: { password } })).status).toBe(200);
  });

  it('ends for nobody else, whoever knows its id', async () => {
    const owner = await signedIn(await app.addPerson());
    const [{ id } = {}] = ofThis(await owner.call('listSessions'), 'sessions');
    const stranger = await app.addPerson();
    const program = await signedIn(stranger);
    const body = { password: stranger.password };
    expect((await program.call('endSession', { parameters: { id: String(id) }, body })).status).toBe(200);
    expect((await program.call('endOtherSessions', { body })).status).toBe(200);
    expect((await owner.call('listSessions')).status).toBe(200);
  });

  it('ends everywhere else at once, with the password', async () => {
    const person = await app.addPerson();
    const [phone, tablet, desk] = [await signedIn(person), await signedIn(person), await signedIn(person)];
    const wrong = await refusal(desk, 'endOtherSessions', { body: { password: 'not this one' } });
    expect(wrong).toEqual([422, 'password-wrong', 'password']);
    const ended = await desk.call('endOtherSessions', { body: { password: person.password } });
    expect(ofThis(ended, 'sessions')).toMatchObject([{ isThis: true }]);
    for (const other of [phone, tablet])
      expect(await refusal(other, 'listSessions')).toEqual([401, 'session-missing', undefined]);
  });
});

describe('the account', () => {
  it('is told as its page tells it', async () => {
    const person = await app.addPerson({ addresses: ['told1@mail.example', 'told2@mail.example'] });
    const program = await signedIn(person);
    const id = expect.stringMatching(/^[\w-]{22}$/);
    expect((await program.call('readAccount')).body).toEqual({
      id,
      userId: person.userId,
      addresses: [
        { id, address: 'told1@mail.example', removalInMs: 0 },
        { id, address: 'told2@mail.example', removalInMs: 0 },
      ],
      pendingAddress: null,
      hasPassword: true,
      passwordChangedAgoMs: null,
      authenticator: { isOn: false, addedAgoMs: null, spareCodesLeft: 0, removalInMs: 0 },
      otherSessions: 0,
      activity: [{ name: 'signed-in', agoMs: 0 }],
    });
  });
});

describe('an address', () => {
  const address = 'new.one@mail.example';

  it('is added with the password and the code that was mailed to it', async () => {
    const person = await app.addPerson();
    const { password } = person;
    const program = await signedIn(person);
    const add = (body: object) => refusal(program, 'addAddress', { body });
    expect(await add({ address: 'nowhere', password })).toEqual([422, 'address-shape', 'address']);
    expect(await add({ address: person.address, password })).toEqual([422, 'address-own', 'address']);
    expect(await add({ address, password: '' })).toEqual([422, 'password-missing', 'password']);
    expect(await add({ address, password: 'not this one' })).toEqual([422, 'password-wrong', 'password']);
    const again = { body: { method: 'email-code' } };
    expect(await refusal(program, 'askForAddressCode', again)).toEqual([409, 'address-claim-missing', undefined]);
    const early = { body: { code: '12345678' } };
    expect(await refusal(program, 'confirmAddress', early)).toEqual([409, 'address-claim-missing', undefined]);

    const pending = { address, codeLifeMs: 1_800_000, resendInMs: 60_000 };
    expect((await program.call('addAddress', { body: { address, password } })).body).toEqual(pending);
    expect((await program.call('readAccount')).body).toMatchObject({ pendingAddress: pending });
    const elsewhere = await signedIn(person);
    expect((await elsewhere.call('readAccount')).body).toMatchObject({ pendingAddress: null });
    expect(await refusal(program, 'askForAddressCode', again)).toEqual([429, 'resend-soon', undefined]);
    app.clock.advance(60_000);
    expect((await program.call('askForAddressCode', again)).body).toEqual({ ...pending, codeLifeMs: 1_740_000 });

    const code = codeOf(await app.mailTo(address));
    expect(await refusal(program, 'confirmAddress', { body: { code: '' } })).toEqual([422, 'code-missing', 'code']);
    const guess = { body: { code: wrong(code) } };
    expect(await refusal(program, 'confirmAddress', guess)).toEqual([422, 'code-wrong', 'code']);
    // The code is worth something in the session that asked for it alone.
    expect(await refusal(elsewhere, 'confirmAddress', { body: { code } })).toEqual([
      409,
      'address-claim-missing',
      undefined,
    ]);
    const confirmed = await program.call('confirmAddress', { body: { code } });
    expect(ofThis(confirmed, 'addresses')).toMatchObject([
      { address: person.address, removalInMs: 259_200_000 },
      { address, removalInMs: 0 },
    ]);
    expect(await refusal(program, 'confirmAddress', { body: { code } })).toEqual([
      409,
      'address-claim-missing',
      undefined,
    ]);
  });

  it('is removed with the password: not the last one, and nobody else’s', async () => {
    const person = await app.addPerson({ addresses: ['keep@mail.example', 'drop@mail.example'] });
    const { password } = person;
    const program = await signedIn(person);
    const [keep, drop] = ofThis(await program.call('readAccount'), 'addresses');
    const remove = (id: unknown, body: object) =>
      refusal(program, 'removeAddress', { parameters: { id: String(id) }, body });
    expect(await remove(drop?.['id'], { password: 'not this one' })).toEqual([422, 'password-wrong', 'password']);
    expect(await remove(madeUp, { password })).toEqual([409, 'address-gone', undefined]);
    const stranger = await app.addPerson();
    const [theirs] = ofThis(await (await signedIn(stranger)).call('readAccount'), 'addresses');
    expect(await remove(theirs?.['id'], { password })).toEqual([409, 'address-gone', undefined]);
    const removed = await program.call('removeAddress', {
      parameters: { id: String(drop?.['id']) },
      body: { password },
    });
    expect(removed.body).toEqual({ addresses: [keep] });
    expect(await remove(keep?.['id'], { password })).toEqual([422, 'address-last', undefined]);
  });
});

describe('the password', () => {
  it('is changed with the one in force, and its session goes on under a new handle', async () => {
    const person = await app.addPerson({ addresses: ['change1@mail.example', 'change2@mail.example'] });
    const other = await signedIn(person);
    const program = await signedIn(person);
    const change = (currentPassword: string, password: string) =>
      refusal(program, 'changePassword', { body: { currentPassword, password } });
    expect(await change('not this one', newPassword)).toEqual([422, 'password-wrong', 'currentPassword']);
    expect(await change(person.password, 'short')).toEqual([422, 'password-short', 'password']);
    expect(await change(person.password, '')).toEqual([422, 'password-missing', undefined]);
    expect(await change('', newPassword)).toEqual([422, 'password-missing', undefined]);

    const before = program.handles.get('session') ?? '';
    const body = { currentPassword: person.password, password: newPassword };
    const changed = await program.call('changePassword', { body });
    const handle = expect.stringMatching(/^[\w-]{22}$/);
    expect(changed.body).toEqual({ lifeMs: 2_592_000_000, returnTo: '/account', handle, deviceHandle: handle });
    expect(program.handles.get('session')).not.toBe(before);
    const missing = [401, 'session-missing', undefined];
    expect(await refusal(program, 'listSessions', { handle: before })).toEqual(missing);
    expect(await refusal(other, 'listSessions')).toEqual(missing);
    expect(await opens(app, person, newPassword)).toBe(true);
    expect(await opens(app, person, person.password)).toBe(false);

    // What the page does not allow now is not allowed here either.
    const account = await program.call('readAccount');
    expect(account.body).toMatchObject({
      addresses: [{ removalInMs: 259_200_000 }, { removalInMs: 259_200_000 }],
      authenticator: { removalInMs: 259_200_000 },
      passwordChangedAgoMs: 0,
    });
    const [, second] = ofThis(account, 'addresses');
    const removal = { parameters: { id: String(second?.['id']) }, body: { password: newPassword } };
    const refused = await program.call('removeAddress', removal);
    expect([refused.status, refused.body['reason'], refused.body['retryAfterMs']]).toEqual([
      409,
      'removal-later',
      259_200_000,
    ]);
    app.clock.advance(259_200_000);
    expect((await program.call('removeAddress', removal)).status).toBe(200);
  });

  it('in a page’s cookie is changed without a handle for any script', async () => {
    const person = await app.addPerson();
    const browser = app.browser();
    await signIn(browser, person.userId, person.password);
    const before = browser.cookies().get('account-session');
    const response = await browser.send('/api/v1/account/password', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ currentPassword: person.password, password: newPassword }),
    });
    const called = await readCalled(response);
    expectAsDescribed('changePassword', called);
    expect(called.body).toEqual({ lifeMs: 2_592_000_000, returnTo: '/account' });
    expect(browser.cookies().get('account-session')).not.toBe(before);
    expect((await browser.open('/account')).text).toContain(`Signed in as ${person.userId}`);
  });
});

describe('the authenticator app', () => {
  it('is set up, gets new spare codes and is switched off, each with its proofs', async () => {
    const person = await app.addPerson();
    const { password } = person;
    const program = await signedIn(person);
    const begin = (body: object) => refusal(program, 'beginAuthenticator', { body });
    const confirm = (code: string) => refusal(program, 'confirmAuthenticator', { body: { code } });
    expect(await begin({ password: 'not this one' })).toEqual([422, 'password-wrong', 'password']);
    expect(await confirm('123456')).toEqual([409, 'authenticator-over', undefined]);
    const begun = await program.call('beginAuthenticator', { body: { password } });
    const { secret, uri } = begun.body;
    const phone = URI.parse(String(uri));
    if (!(phone instanceof TOTP)) throw new Error(`no TOTP: ${String(uri)}`);
    expect([secret, phone.issuer, phone.label]).toEqual([phone.secret.base32, 'Corner Shop', person.userId]);
    const codeNow = () => phone.generate({ timestamp: app.clock.now() });
    const elsewhere = await signedIn(person);
    expect(await refusal(elsewhere, 'confirmAuthenticator', { body: { code: codeNow() } })).toEqual([
      409,
      'authenticator-over',
      undefined,
    ]);
    expect(await confirm('')).toEqual([422, 'second-missing', 'code']);
    expect(await confirm('12')).toEqual([422, 'second-shape', 'code']);
    expect(await confirm(wrong(codeNow()))).toEqual([422, 'second-wrong', 'code']);
    const on = await program.call('confirmAuthenticator', { body: { code: codeNow() } });
    expect(on.body).toEqual({ spareCodes: Array.from({ length: 10 }, () => expect.stringMatching(/^\w{10}$/)) });
    expect(await begin({ password })).toEqual([409, 'authenticator-over', undefined]);
    expect((await program.call('readAccount')).body).toMatchObject({
      authenticator: { isOn: true, addedAgoMs: 0, spareCodesLeft: 10 },
    });

    const renew = (body: object) => refusal(program, 'renewSpareCodes', { body });
    app.clock.advance(30_000);
    expect(await renew({ password: 'not this one', code: codeNow() })).toEqual([422, 'password-wrong', 'password']);
    expect(await renew({ password, code: wrong(codeNow()) })).toEqual([422, 'second-wrong', 'code']);
    const { spareCodes: old } = on.body;
    const renewed = await program.call('renewSpareCodes', { body: { password, code: codeNow() } });
    expect(renewed.body['spareCodes']).not.toEqual(old);
    const [oldCode] = Array.isArray(old) ? old : [];
    const [newCode] = Array.isArray(renewed.body['spareCodes']) ? renewed.body['spareCodes'] : [];
    const remove = (body: object) => refusal(program, 'removeAuthenticator', { body });
    expect(await remove({ password, code: oldCode })).toEqual([422, 'second-wrong', 'code']);
    expect(await remove({ password: 'not this one', code: newCode })).toEqual([422, 'password-wrong', 'password']);
    expect((await program.call('removeAuthenticator', { body: { password, code: newCode } })).status).toBe(204);
    expect((await program.call('readAccount')).body).toMatchObject({ authenticator: { isOn: false } });
  });
});

it('a device that a program shows again at its second step is the same device', async () => {
  const person = await app.addPerson();
  const { password } = person;
  const setUp = await signedIn(person);
  const begun = await setUp.call('beginAuthenticator', { body: { password } });
  const phone = URI.parse(String(begun.body['uri']));
  await setUp.call('confirmAuthenticator', { body: { code: phone.generate({ timestamp: app.clock.now() }) } });
  const enter = async (device: object) => {
    app.clock.advance(30_000);
    const program = createProgram(app);
    await program.call('signIn', { body: { identifier: person.userId, password, ...device } });
    const code = phone.generate({ timestamp: app.clock.now() });
    return (await program.call('enterSecondCode', { body: { code, ...device } })).body['deviceHandle'];
  };
  const deviceHandle = await enter({});
  expect(deviceHandle).toMatch(/^[\w-]{22}$/);
  expect(await enter({ deviceHandle })).toBe(deviceHandle);
  expect(await enter({})).not.toBe(deviceHandle);
});

describe('without a live session', () => {
  const password = 'an old and quiet lamp';
  const all: readonly { readonly name: OperationName; readonly body?: object }[] = [
    { name: 'listSessions' },
    { name: 'endSession', body: { password } },
    { name: 'endOtherSessions', body: { password } },
    { name: 'readAccount' },
    { name: 'addAddress', body: { address: 'new@mail.example', password } },
    { name: 'askForAddressCode', body: { method: 'email-code' } },
    { name: 'confirmAddress', body: { code: '12345678' } },
    { name: 'removeAddress', body: { password } },
    { name: 'changePassword', body: { currentPassword: password, password: newPassword } },
    { name: 'beginAuthenticator', body: { password } },
    { name: 'confirmAuthenticator', body: { code: '123456' } },
    { name: 'renewSpareCodes', body: { password, code: '123456' } },
    { name: 'removeAuthenticator', body: { password, code: '123456' } },
  ];

  it.each(all)('$name is refused, and says how one is shown', async ({ name, body = {} }) => {
    const person = await app.addPerson();
    const program = await signedIn(person, 'es');
    await program.call('issueHumanCheck', { body: { purpose: 'recovery' } });
    await program.call('startRecovery', { body: { identifier: person.userId } });
    const session = program.handles.get('session') ?? '';
    const parameters = { id: madeUp };
    const others = [program.handles.get('check'), program.handles.get('recovery'), madeUp, 'x', null];
    expect(others).not.toContain(undefined);
    for (const handle of others) {
      const refused = await program.call(name, { parameters, body, handle: handle ?? null });
      expect([handle, refused.status, refused.body['reason'], refused.body['detail']]).toEqual([
        handle,
        401,
        'session-missing',
        'No hay ninguna sesión abierta. Inicia sesión y prueba otra vez.',
      ]);
      expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    }
    // Only of its own kind, and only while it lives.
    const elsewhere = await program.call('readCase', { handle: session });
    expect(elsewhere.body['reason']).toBe('case-missing');
    await program.call('signOut');
    expect(await refusal(program, name, { parameters, body, handle: session })).toEqual([
      401,
      'session-missing',
      undefined,
    ]);
  });
});

it('meets no fault of ours in all of this', () => expect(app.faults).toEqual([]));
