// The client as an app uses it: the walk in a program that pays for its human check, and what it does with whatever else
// can come back.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/base/random.ts';
import { ClientError, createClient, type Handles } from '../../src/client/client.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { codeOf, newPassword, wrong } from './steps.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({
    settings: { humanCheck: 'on' },
    // Four bytes are the counter of the human check's work: it is the first that is tried.
    random: { bytes: (length) => (length === 4 ? Buffer.alloc(4) : systemRandom.bytes(length)) },
  });
});
afterAll(() => app.close());

let networks = 0;

/** In a network of its own. A wait that the server asks for goes by at once, on its clock. */
function programOf(handles: Handles = {}, locale: 'en' | 'es' = 'en') {
  networks += 1;
  const network = `10.220.${networks}.1`;
  return createClient({
    origin: app.origin,
    locale,
    handles,
    async fetch(url, init) {
      const headers = new Headers(init?.headers);
      headers.set('x-forwarded-for', network);
      const response = await fetch(url, { ...init, headers });
      const text = await response.text();
      const waitMs = Number(/"waitMs":(\d+)/.exec(text)?.[1] ?? 0);
      app.clock.advance(waitMs);
      const body = text === '' ? null : text.replace(/"waitMs":\d+/, '"waitMs":0');
      return new Response(body, { status: response.status, headers: response.headers });
    },
  });
}

const errorOf = async (promise: Promise<unknown>): Promise<ClientError> => {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof ClientError)) throw new Error(`no ClientError: ${String(thrown)}`);
  return thrown;
};

describe('in a program', () => {
  it('takes a person through the whole walk, its human check paid for', async () => {
    const person = await app.addPerson();
    const handles: Handles = {};
    const client = programOf(handles, 'es');
    const unpaid = await client.startRecovery({ identifier: person.address });
    expect(unpaid).toMatchObject({ ok: false, reason: 'check-missing' });
    expect(await client.solve('recovery')).toEqual({ ok: true });
    expect(handles.check).toMatch(/^[\w-]{22}$/);

    const started = await client.startRecovery({ identifier: person.address });
    if (!started.ok || started.step !== 'method') throw new Error(JSON.stringify(started));
    const { id } = started;
    expect(started.handle).toBe(handles.recovery);
    const asked = await client.askForCode({ id, method: 'email-code' });
    expect(asked).toMatchObject({ ok: true, step: 'code', triesLeft: 5 });
    const code = codeOf(await app.mailTo(person.address));
    const refused = await client.enterCode({ id, code: wrong(code) });
    expect(refused).toMatchObject({
      ok: false,
      reason: 'code-wrong',
      field: 'code',
      detail: 'Este código no es correcto. Compáralo con el correo más reciente.',
    });
    const before = handles.recovery;
    expect(await client.enterCode({ id, code })).toMatchObject({ ok: true, step: 'password', userId: person.userId });
    expect(handles.recovery).not.toBe(before);

    // Kept by the program, the handles go on in another client.
    const later = programOf({ ...handles });
    expect(await later.readRecovery({ id })).toMatchObject({ ok: true, step: 'password' });
    expect(await later.setPassword({ id, password: newPassword })).toMatchObject({ ok: true, step: 'done' });

    const signedIn = await client.signIn({ identifier: person.userId, password: newPassword });
    expect(signedIn).toMatchObject({ ok: true, step: 'signed-in' });
    expect(handles.session && handles.device).toBeTruthy();
    expect(await client.signOut()).toEqual({ ok: true });
    expect(handles.session).toBeUndefined();
  });

  it('spends a solved check once', async () => {
    const client = programOf();
    await client.solve('recovery');
    expect(await client.startRecovery({ identifier: 'nobody' })).toMatchObject({ ok: true });
    expect(await client.startRecovery({ identifier: 'nobody' })).toMatchObject({ ok: false, reason: 'check-missing' });
  });

  it('shows the letters of a check to a person, or speaks them, without a cookie', async () => {
    const handles: Handles = {};
    const client = programOf(handles, 'es');
    const ask = async () => {
      const task = await client.issueHumanCheck({ purpose: 'recovery', kind: 'letters' });
      if (!task.ok) throw new Error(task.reason);
      return task.challenge;
    };
    const onPage = (challenge: string) => ({ html: `name="challenge" value="${challenge}"` });
    const answer = (challenge: string, letters: string) =>
      client.answerHumanCheck({ purpose: 'recovery', mode: 'letters', challenge, letters });

    const seen = await ask();
    const picture = await client.readLetters({ challenge: seen });
    const png = Buffer.from(picture.ok ? picture.png : '', 'base64');
    expect([png.subarray(1, 4).toString(), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(['PNG', 200, 70]);
    expect(await answer(seen, app.lettersOn(onPage(seen)))).toEqual({ ok: true, outcome: 'passed' });
    expect(await client.startRecovery({ identifier: 'nobody' })).toMatchObject({ ok: true });

    const heard = await ask();
    const sound = await client.readSound({ challenge: heard });
    const wav = Buffer.from(sound.ok ? sound.wav : '', 'base64');
    expect([wav.subarray(0, 4).toString(), wav.readUInt32LE(4)]).toEqual(['RIFF', wav.length - 8]);
    expect(await answer(heard, app.digitsOn(onPage(heard)))).toEqual({ ok: true, outcome: 'passed' });
    expect(await client.startRecovery({ identifier: 'nobody' })).toMatchObject({ ok: true });

    // Nobody else's, and nothing that is no letters challenge.
    const wait = await client.issueHumanCheck({ purpose: 'recovery', kind: 'wait' });
    const other = await ask();
    for (const [by, challenge] of [
      [programOf(), other],
      [programOf({ check: 'A'.repeat(22) }), other],
      [client, wait.ok ? wait.challenge : ''],
      [client, 'x'],
      [client, `${other}x`],
      [client, 'x'.repeat(5_000)],
    ] as const) {
      for (const asked of [by.readLetters({ challenge }), by.readSound({ challenge })])
        expect((await errorOf(asked)).reason).toBe('not-found');
    }
    // The pictures and sounds of one network are bounded, and those of the page with them.
    let refused = await client.readLetters({ challenge: other });
    for (let times = 0; refused.ok && times < 60; times += 1) refused = await client.readLetters({ challenge: other });
    expect(refused).toMatchObject({ ok: false, reason: 'too-many' });
    expect(await client.readSound({ challenge: other })).toMatchObject({ ok: false, reason: 'too-many' });
  });

  it('gives up a solve that is no longer wanted', async () => {
    const client = createClient({ origin: app.origin, handles: {} });
    const leaving = new AbortController();
    const solving = client.solve('recovery', { signal: leaving.signal });
    leaving.abort(new Error('left'));
    await expect(solving).rejects.toThrow('left');
  });
});

describe('what is thrown', () => {
  it('is a problem with its name and its words', async () => {
    const fault = await errorOf(programOf().readRecovery({ id: 'x' }));
    expect([fault.reason, fault.status, fault.problem?.title]).toEqual([
      'not-found',
      404,
      'There is no page at this address.',
    ]);
  });

  /** A server that is not Rekey, or no longer there. */
  async function serverThat(answer: Parameters<typeof createServer>[1]) {
    const server = createServer(answer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    return { origin, close: () => server.close().closeAllConnections() };
  }

  it.each([
    ['a page', 502, 'text/html', '<h1>Bad gateway</h1>'],
    ['nothing', 500, 'text/plain', ''],
    ['another JSON', 400, 'application/json', '{"error":"x"}'],
    ['no object', 200, 'application/json', '[]x'],
  ])('is told where a proxy answers with %s', async (_, status, type, body) => {
    const server = await serverThat((__, response) => response.writeHead(status, { 'content-type': type }).end(body));
    const fault = await errorOf(createClient({ origin: server.origin, handles: {} }).readSignUp());
    server.close();
    expect([fault.reason, fault.status]).toEqual(['no-answer-of-ours', status]);
  });

  it('is told where nobody answers, or not in time, or leads elsewhere', async () => {
    const gone = await serverThat(() => {});
    gone.close();
    expect((await errorOf(createClient({ origin: gone.origin, handles: {} }).readSignUp())).reason).toBe('network');
    const silent = await serverThat(() => {});
    const client = createClient({ origin: silent.origin, handles: {}, timeoutMs: 50 });
    expect((await errorOf(client.readSignUp())).reason).toBe('time-out');
    silent.close();
    const moved = await serverThat((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    expect((await errorOf(createClient({ origin: moved.origin, handles: {} }).readSignUp())).reason).toBe('network');
    moved.close();
  });
});

it('meets no fault of the server in all of this', () => expect(app.faults).toEqual([]));
