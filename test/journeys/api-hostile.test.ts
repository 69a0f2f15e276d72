// What no honest client sends to the API: every wrong body, path, header and handle gets a clear answer, never a fault of
// ours, and nobody gets anything by it.
import * as fc from 'fast-check';
import { anyCharacter } from '../../src/testing/characters.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hourMs } from '../../src/base/clock.ts';
import { isOperation, type OperationName, operations } from '../../src/http/api/operations.ts';
import { pathOf, type Route, routes } from '../../src/http/routes.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { createProgram, expectAsDescribed, readCalled, startByApi } from './program.ts';
import { codeOf, newPassword } from './steps.ts';

let app: TestApp;
let person: Person;
/** Of a case: where the body is large, nobody else's is read. */
let handle: string;
beforeAll(async () => {
  app = await createTestApp();
  person = await app.addPerson();
  const { body } = await createProgram(app).call('openCase', { body: operations.openCase.example.request });
  handle = String(body['handle']);
});
afterAll(() => app.close());

const names: readonly OperationName[] = Object.keys(operations).filter(isOperation);
const routeOf = (name: OperationName): Route => routes[`api.${name}`];
const withBody = names.filter((name) => routeOf(name).method === 'POST');
const parameters = { challenge: 'A'.repeat(22), id: 'A'.repeat(22), token: 'A'.repeat(22) };
const pathTo = (name: OperationName) => pathOf('', `api.${name}`, parameters);

const problems = z.object({
  reason: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
});

describe.each(withBody)('the body of %s', (name) => {
  const program = () => {
    const created = createProgram(app);
    created.handles.set('case', handle);
    return created;
  };

  it.each([
    ['nothing', ''],
    ['no JSON', '{"a":'],
    ['words', 'hello'],
    ['a string', '"x"'],
    ['a number', '7'],
    ['null', 'null'],
    ['a list', '[]'],
    ['two objects', '{}{}'],
    ['an unknown field', '{"unknownField":1}'],
    ['a prototype', '{"__proto__":{"isAdmin":true}}'],
    ['a constructor', '{"constructor":{"prototype":{}}}'],
    ['deep nesting', `${'['.repeat(8_000)}${']'.repeat(8_000)}`],
    ['deep objects', `${'{"a":'.repeat(2_500)}1${'}'.repeat(2_500)}`],
  ])('that is %s is refused, with the place of the fault', async (_, body) => {
    const { status, body: told } = await program().call(name, { parameters, body });
    expect(status).toBe(400);
    const { reason, errors } = problems.parse(told);
    expect([reason, errors.length > 0]).toEqual(['bad-request', true]);
  });

  it('with a field twice, a half character, or a field of another type names the field', async () => {
    for (const field of Object.keys(operations[name].request?.shape ?? {})) {
      for (const body of [
        `{"${field}":"a","${field}":"b"}`,
        `{"${field}":"\\ud800"}`,
        ...['7', 'true', 'null', '[]', '{}', '["a"]', '1e999', '-0.5'].map((value) => `{"${field}":${value}}`),
      ]) {
        const { status, body: told } = await program().call(name, { parameters, body });
        expect([body, status]).toEqual([body, 400]);
        expect(problems.parse(told).errors.map(({ pointer }) => pointer)).toContainEqual(
          expect.stringContaining(`#/${field}`),
        );
      }
    }
  });

  it('that is not UTF-8, or too long, is refused', async () => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${handle}` };
    const send = (body: Uint8Array<ArrayBuffer>) =>
      fetch(`${app.origin}${pathTo(name)}`, { method: 'POST', headers, body });
    const garbled = await readCalled(await send(new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])));
    expect(garbled.status).toBe(400);
    const { maxBytes: bound = 16 * 1_024, tooLong = 'body-too-large' } = operations[name];
    const maxBytes = typeof bound === 'function' ? bound({ casePictureKb: 0 }) : bound;
    // Without a connection, which the server would hang up in the middle of what it does not read.
    const long = await readCalled(
      await app.app.server.fetch(
        new Request(`${app.origin}${pathTo(name)}`, {
          method: 'POST',
          headers,
          body: `{"code":"${'a'.repeat(maxBytes)}"}`,
        }),
      ),
    );
    expect([long.status, long.body['reason']]).toEqual([413, tooLong]);
  });

  it('has to say that it is JSON', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonx',
      'application/json; charset=utf-16',
      '',
    ]) {
      const { status, body } = await program().call(name, { parameters, body: {}, headers: { 'content-type': type } });
      expect([type, status, body['reason']]).toEqual([type, 415, 'wrong-content-type']);
    }
  });

  it('of whatever shape meets no fault of ours', { timeout: 60_000 }, async () => {
    const fields = Object.keys(operations[name].request?.shape ?? {});
    const anyValue = fc.oneof(fc.string({ unit: anyCharacter }), fc.jsonValue(), fc.string({ maxLength: 400 }));
    const anyBody = fc.dictionary(fc.oneof(fc.constantFrom(...fields), fc.string()), anyValue, { maxKeys: 5 });
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyBody, fc.jsonValue()), async (body) => {
        const { status } = await program().call(name, { parameters, body });
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 10 },
    );
    expect(app.faults).toEqual([]);
  });
});

describe('a request of another site', () => {
  const send = (name: OperationName, headers: Record<string, string>, body: BodyInit = '{}') =>
    fetch(`${app.origin}${pathTo(name)}`, {
      method: routeOf(name).method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(routeOf(name).method === 'POST' && { body }),
    });
  const unsafe = names.filter((name) => routeOf(name).method !== 'GET');

  it.each(unsafe)('changes nothing by %s, with whatever it carries', async (name) => {
    for (const from of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
    ])
      for (const more of [
        {},
        { cookie: 'account-session=x' },
        { authorization: 'Bearer x' },
        { 'account-handle': 'body' },
      ]) {
        const response = await send(name, { ...from, ...more });
        expect(response.status).toBe(403);
        expect(response.headers.getSetCookie()).toEqual([]);
      }
  });

  it.each(unsafe)('is what a cookie without a word of where it comes from counts as, for %s', async (name) => {
    expect((await send(name, { cookie: 'account-session=x' })).status).toBe(403);
    expect((await send(name, { cookie: 'a=b', authorization: 'Basic eDp5' })).status).toBe(403);
    // Who keeps the handle is answered as if there were no cookie.
    expect((await send(name, { cookie: 'account-session=x', authorization: 'Bearer x' })).status).not.toBe(403);
  });

  it('signs nobody in by a plain form, whatever it says it holds', async () => {
    const body = JSON.stringify({ identifier: person.userId, password: person.password });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const response = await send('signIn', { 'content-type': type }, body);
      expect([response.status, response.headers.getSetCookie()]).toEqual([415, []]);
    }
  });

  it('is let in by no header of ours, before or after', async () => {
    for (const name of names) {
      const asked = await fetch(`${app.origin}${pathTo(name)}`, {
        method: 'OPTIONS',
        headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
      });
      expect([name, asked.status]).toEqual([name, 204]);
      expect(asked.headers.get('allow')).toContain(routeOf(name).method);
      expect(Array.from(asked.headers.keys()).filter((header) => header.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('a path', () => {
  const get = async (path: string, init: RequestInit = {}) => readCalled(await fetch(`${app.origin}${path}`, init));

  it('that is none, and a method that is none, are told in JSON and in the language asked for', async () => {
    for (const path of [
      '/api/v1/',
      '/api/v1/nothing',
      '/api/',
      '/api/v2/recoveries',
      '/api/v1/recoveries/',
      '/api/v1/recoveries/x/y',
    ]) {
      const { status, body, headers } = await get(path, { headers: { 'accept-language': 'es' } });
      expect([path, status, body['reason'], body['title']]).toEqual([
        path,
        404,
        'not-found',
        'No hay ninguna página en esta dirección.',
      ]);
      expect(headers.get('content-type')).toBe('application/problem+json');
    }
    for (const method of ['PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
      const { status, body, headers } = await get('/api/v1/recoveries', { method });
      expect([status, body['reason'], headers.get('allow')]).toEqual([405, 'method-not-allowed', 'POST']);
    }
  });

  it('with an id that is none of ours is not found, before anything is looked up', async () => {
    for (const id of ['x', '\u0000', 'A'.repeat(21), 'A'.repeat(23), `${'A'.repeat(21)}'`, '%', 'é'.repeat(11)]) {
      const { status } = await createProgram(app).call('readRecovery', { parameters: { id } });
      expect([id, status]).toEqual([id, 404]);
    }
    expect((await get('/api/v1/recoveries/%E0%A4%A')).status).toBe(404);
  });

  it('answers HEAD as GET, without a body', async () => {
    const { status, text, headers } = await get('/api/v1/openapi.json', { method: 'HEAD' });
    expect([status, text, headers.get('etag') !== null]).toEqual([200, '', true]);
  });

  it('under another host is refused in JSON', async () => {
    const response = await app.app.server.fetch(new Request('http://evil.example/api/v1/accounts/pending'));
    expect((await readCalled(response)).body['reason']).toBe('wrong-host');
  });
});

describe('a handle', () => {
  it('of another kind, of another recovery or of nobody opens nothing', async () => {
    const program = createProgram(app);
    const id = await startByApi(program, person.userId);
    const other = createProgram(app);
    const otherId = await startByApi(other, person.userId);
    await program.call('signIn', { body: { identifier: person.userId, password: person.password } });
    await program.call('signUp', { body: { userId: 'somebody', address: 'some@mail.example', password: newPassword } });
    await program.call('issueHumanCheck', { body: { purpose: 'recovery' } });
    const { handles } = program;
    expect([...handles.keys()].toSorted()).toEqual(['check', 'recovery', 'session', 'sign-up']);

    for (const [kind, handle] of handles) {
      const mine = await program.call('readRecovery', { parameters: { id }, handle });
      expect([kind, mine.status]).toEqual([kind, kind === 'recovery' ? 200 : 409]);
      const pending = await program.call('readSignUp', { handle });
      expect([kind, pending.status]).toEqual([kind, kind === 'sign-up' ? 200 : 409]);
      const theirs = await program.call('readRecovery', { parameters: { id: otherId }, handle });
      expect([kind, theirs.status]).toEqual([kind, 409]);
    }
    for (const handle of ['x', 'A'.repeat(22), 'A'.repeat(200), id]) {
      const { body } = await program.call('readRecovery', { parameters: { id }, handle });
      expect(body['reason']).toBe('recovery-missing');
    }
    const none = await program.call('readRecovery', { parameters: { id }, handle: null });
    expect(none.body['reason']).toBe('recovery-missing');
    const crossed = await program.call('enterCode', { parameters: { id: otherId }, body: { code: '12345678' } });
    expect(crossed.body['reason']).toBe('recovery-other');
  });

  it('of an expired recovery tells that it is over and takes nothing', async () => {
    const program = createProgram(app);
    const parameters = { id: await startByApi(program, person.userId) };
    const code = codeOf(await app.mailTo(person.address));
    app.clock.advance(24 * hourMs);
    expect((await program.call('readRecovery', { parameters })).body).toMatchObject({ step: 'over', why: 'time' });
    const late = await program.call('enterCode', { parameters, body: { code } });
    expect([late.status, late.body['reason']]).toEqual([409, 'recovery-over']);
    const set = await program.call('setPassword', { parameters, body: { password: newPassword } });
    expect([set.status, set.body['reason']]).toEqual([409, 'recovery-step']);
  });

  it('as Bearer in any other form counts as none', async () => {
    const program = createProgram(app);
    const parameters = { id: await startByApi(program, person.userId) };
    const handle = program.handles.get('recovery') ?? '';
    for (const authorization of [
      'Bearer',
      `Bearer ${handle} x`,
      `Bearer ${handle},x`,
      `Bearer "${handle}"`,
      `Basic ${handle}`,
      handle,
    ]) {
      const { body } = await program.call('readRecovery', { parameters, handle: null, headers: { authorization } });
      expect([authorization, body['reason']]).toEqual([authorization, 'recovery-missing']);
    }
    const lower = await program.call('readRecovery', {
      parameters,
      handle: null,
      headers: { authorization: `bearer ${handle}` },
    });
    expect(lower.status).toBe(200);
  });

  it('in a cookie is given to no script: neither in a body, nor by asking for it there', async () => {
    const browser: Browser = app.browser();
    const call = async (
      name: OperationName,
      more: { parameters?: Record<string, string>; body?: object; headers?: Record<string, string> } = {},
    ) => {
      const { method } = routeOf(name);
      const response = await browser.send(pathOf('', `api.${name}`, more.parameters), {
        method,
        headers: { 'content-type': 'application/json', ...more.headers },
        ...(method === 'POST' && { body: JSON.stringify(more.body ?? {}) }),
      });
      const called = await readCalled(response);
      expectAsDescribed(name, called);
      return called;
    };
    const started = await call('startRecovery', { body: { identifier: person.address } });
    const mine = { id: String(started.body['id']) };
    const kept = browser.cookies().get('account-recovery') ?? '';
    expect(kept).toMatch(/^[\w-]{22}$/);
    expect(started.text).not.toContain(kept);
    expect(started.headers.getSetCookie()[0]).toContain('HttpOnly');

    // A script that asks for the handle in the body is nobody, as its cookies are not read.
    const asking = { 'account-handle': 'body' };
    const asked = await call('askForCode', { parameters: mine, body: { method: 'email-code' }, headers: asking });
    expect(asked.body['reason']).toBe('recovery-missing');
    await call('askForCode', { parameters: mine, body: { method: 'email-code' } });
    const code = codeOf(await app.mailTo(person.address));
    const stolen = await call('enterCode', { parameters: mine, body: { code }, headers: asking });
    expect([stolen.body['reason'], stolen.headers.getSetCookie()]).toEqual(['recovery-missing', []]);

    const entered = await call('enterCode', { parameters: mine, body: { code } });
    expect(entered.body['handle']).toBeUndefined();
    expect(browser.cookies().get('account-recovery')).not.toBe(kept);
    await call('setPassword', { parameters: mine, body: { password: newPassword } });
    const session = await call('signIn', { body: { identifier: person.userId, password: newPassword } });
    expect(Object.keys(session.body).toSorted()).toEqual(['lifeMs', 'returnTo', 'step']);
    expect((await browser.open('/account')).text).toContain(`Signed in as ${person.userId}`);
    expect((await call('signOut')).status).toBe(204);
    expect((await browser.open('/account')).text).toContain('Not signed in');
  });
});

it('meets no fault of ours in all of this', () => expect(app.faults).toEqual([]));
