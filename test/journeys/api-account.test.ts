// The own account by API: each operation right, with a wrong password, without a session, and for what belongs to others.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationName } from '../../src/http/api/operations.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import { type CallWith, createProgram, type Program } from './program.ts';

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

describe('without a live session', () => {
  const password = 'an old and quiet lamp';
  const all: readonly { readonly name: OperationName; readonly body?: object }[] = [
    { name: 'listSessions' },
    { name: 'endSession', body: { password } },
    { name: 'endOtherSessions', body: { password } },
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
