// What no page sends: every form refuses it in words, in the language of the page, with the right status and never a 500,
// and nothing is lost by it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rolesOf } from '../../src/http/console/agent-call.ts';
import { pathOf, type Route, type RouteName, routes } from '../../src/http/routes.ts';
import { enrolAgent, signInAgent } from '../../src/testing/agents.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { codeOf, newPassword } from './steps.ts';

let app: TestApp;
let person: Person;
let code: string;
/** In the middle of a recovery, in Spanish. */
let browser: Browser;
/** Signed in, as a person and as a lead of the support desk, in Spanish. */
let signedIn: Browser;
beforeAll(async () => {
  app = await createTestApp();
  person = await app.addPerson();
  browser = app.browser('es');
  await browser.open('/recover');
  await browser.press('Continuar', { 'Email o ID de usuario': person.address });
  await browser.press('Verificar ahora', {}, 'Verificación de email (Recomendado)');
  code = codeOf(await app.mailTo(person.address));
  signedIn = app.browser('es');
  await signInAgent(signedIn, await enrolAgent(app, { name: 'elena', role: 'lead', locale: 'es' }));
  const { userId, password } = await app.addPerson();
  await signedIn.open('/sign-in');
  await signedIn.press('Iniciar sesión', { 'Email o ID de usuario': userId, Contraseña: password });
});
afterAll(() => app.close());

const table: readonly (readonly [string, Route])[] = Object.entries(routes);
const named = (name: string): name is RouteName => Object.hasOwn(routes, name);
const pathOfRoute = (name: string) =>
  named(name)
    ? pathOf('', name, { token: 'A'.repeat(22), challenge: 'A', number: 'A'.repeat(9), address: 'A', picture: 'A' })
    : '';
// The JSON API has tests of its own.
const pages = table.filter(([name]) => !name.startsWith('api'));
/** One says nothing, and one is a file, which has tests of its own. */
const otherForms: ReadonlySet<string> = new Set(['check.wait.send', 'case.picture.send']);
const isForm = ([name, { method }]: readonly [string, Route]) => method === 'POST' && !otherForms.has(name);
const forms = pages.filter(isForm).map(([name]) => [name, pathOfRoute(name)] as const);

/** What takes the words of a case, in any script. */
const hasWords: ReadonlySet<string> = new Set([
  'recover.case.send',
  'case.message.send',
  'support.case.act.send',
  'support.case.release.send',
]);

/** Whoever is not signed in is led to the sign-in by these, or told of it, whatever they send. */
const signedInNames = new Set(
  pages.flatMap(([name, { audience }]) => (audience === 'signed-in' || audience in rolesOf ? [name] : [])),
);

const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };

/** A page in words and in Spanish, with this status. */
async function expectWords(response: Response, status: number): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain('text/html');
  const html = await response.text();
  expect(html).toContain('<html lang="es">');
  expect(html).toMatch(/<h1[^>]*>[^<]+<\/h1>/);
}

describe.each(forms)('the form %s', (name, path) => {
  const sender = () => (signedInNames.has(name) ? signedIn : browser);

  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencodedx'])(
    'as %s is no form',
    async (type) => {
      const sent = { method: 'POST', body: '{"identifier":"x"}', headers: { 'content-type': type } };
      await expectWords(await sender().send(path, sent), 415);
    },
  );

  it('without a media type is no form', async () => {
    await expectWords(await sender().send(path, { method: 'POST' }), 415);
  });

  it.each([
    ['an unknown field', 'unknown=1'],
    ['a list', 'identifier[]=a&identifier[]=b'],
    ['a field of objects', '__proto__=1'],
    ['a field twice', 'code=1&code=2&identifier=1&identifier=2&password=1&password=2&kind=a&kind=b&userId=a&userId=b'],
  ])('with %s is refused', async (__, body) => {
    await expectWords(await sender().send(path, { method: 'POST', body, headers: urlencoded }), 400);
  });

  // A case has room for 4,000 letters of any script.
  const maxKilobytes = hasWords.has(name) ? 64 : 16;

  it(`of more than ${maxKilobytes} KB is refused`, async () => {
    const body = `identifier=${'a'.repeat(maxKilobytes * 1_024 + 1 - 'identifier='.length)}`;
    await expectWords(await sender().send(path, { method: 'POST', body, headers: urlencoded }), 413);
  });

  it('from another site is refused', async () => {
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site', origin: 'null' },
    ])
      await expectWords(await sender().send(path, { method: 'POST', headers: { ...urlencoded, ...headers } }), 403);
  });

  it('that is empty or garbled is no fault of ours', async () => {
    for (const body of ['', '=', '&&&', '%', '%ED%A0%80=%00', '\u0000', 'code=%FF%FE&recovery=%00']) {
      const response = await app.browser('es').send(path, { method: 'POST', body, headers: urlencoded });
      expect([303, 400, 401, 409, 410, 422]).toContain(response.status);
    }
  });
});

describe('every route', () => {
  // Where the account page would be stands a page of the site here, which answers whatever comes.
  const own = pages.filter(([name]) => name !== 'asset' && name !== 'account');

  it.each(own)('%s answers other methods with a 4xx', async (name) => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
      const { status } = await browser.send(pathOfRoute(name), { method, headers: urlencoded });
      expect([name, method, status]).toEqual([name, method, 405]);
    }
  });

  it('that is none is told so, under any method', async () => {
    for (const path of [
      '/nowhere',
      '/recover/nowhere',
      '/recover/code/',
      '/RECOVER',
      '/assets/none.js',
      '/recover%2Fcode',
    ])
      await expectWords(await browser.send(path), 404);
    await expectWords(await browser.send('/nowhere', { method: 'POST', headers: urlencoded }), 404);
  });

  it('says which methods it knows', async () => {
    const response = await browser.send('/recover', { method: 'DELETE' });
    expect(response.headers.get('allow')).toBe('GET, POST');
  });
});

describe('cookies', () => {
  it.each([
    ['empty', ''],
    ['too long', 'a'.repeat(1_000)],
    ['of no shape', '%E0%A4%A'],
    ['with a quote', '"; DROP TABLE recoveries; --'],
  ])('that are %s count as none', async (_, value) => {
    const broken = app.browser('es');
    for (const name of ['check', 'recovery', 'sign-up', 'session', 'agent', 'lang'])
      broken.setCookie(`account-${name}`, value);
    for (const [name, { method }] of pages) {
      // Nobody has agreed to be attacked, whatever the cookies.
      if (method !== 'GET' || name === 'asset' || name === 'attack-consent' || name.startsWith('check.')) continue;
      const { status } = await broken.send(pathOfRoute(name));
      expect([200, 303, 409, 410]).toContain(status);
    }
    for (const [, path] of forms) {
      const { status } = await broken.send(path, { method: 'POST', body: '', headers: urlencoded });
      expect([303, 401, 409, 410, 422]).toContain(status);
    }
  });
});

describe('words that are too much', () => {
  it('a password of 10 MB is refused unread, quickly', async () => {
    const body = `identifier=x&password=${'a'.repeat(10 * 1024 * 1024)}`;
    const before = performance.now();
    const response = await browser
      .send('/sign-in', { method: 'POST', body, headers: urlencoded })
      .catch(() => undefined);
    // The server may hang up before all of it is sent; it never answers anything else.
    if (response) await expectWords(response, 413);
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it('a long password, identifier and return address are refused in words or dropped', async () => {
    const long = 'a'.repeat(10_000);
    expect(
      (await browser.send('/sign-in', { method: 'POST', body: `identifier=x&password=${long}`, headers: urlencoded }))
        .status,
    ).toBe(422);
    expect((await app.browser().post('/recover', { identifier: long })).status).toBe(422);
    const page = await app.browser().post('/recover', { identifier: person.userId, returnTo: `/${long}` });
    expect(page.status).toBe(200);
  });

  it.each(['xx', 'en-US', '../es', '<script>', 'en&lang=es'])('a language named %j is none', async (lang) => {
    const page = await app.browser('es').open(`/recover?${new URLSearchParams({ lang })}`);
    expect([page.status, page.language]).toEqual([200, 'es']);
  });
});

describe('markup in what is typed', () => {
  it('stays text on every page', async () => {
    const inert = app.browser();
    const markup = '<img src=x onerror=alert(1)>"\'&amp;';
    for (const page of [
      await inert.post('/recover', { identifier: markup }),
      await inert.post('/recover', { identifier: `a&b'c@mail.example` }),
      await inert.post('/sign-in', { identifier: markup, password: markup, returnTo: `/"><script>` }),
      await inert.post('/sign-up', { userId: markup, address: markup, password: markup }),
      await inert.post('/support/sign-in', {
        name: markup,
        password: markup,
        code: '000000',
        returnTo: `/support/"><b>`,
      }),
      await inert.post('/recover/case', { kind: 'other', words: markup, contact: markup }),
      await inert.open(`/recover?returnTo=${encodeURIComponent('/"><script>alert(1)</script>')}`),
    ]) {
      expect(page.html).not.toContain('<img src=x');
      expect(page.html).not.toContain('<script>');
    }
  });
});

it('after all of this the recovery goes on, and nothing met a fault of ours', async () => {
  expect(app.faults).toEqual([]);
  await browser.open('/recover/code');
  await browser.press('Confirmar', { 'Código de verificación': code });
  await browser.press('Continuar', { 'Nueva contraseña': newPassword, 'Confirma la nueva contraseña': newPassword });
  expect(browser.page.heading).toBe('Tu contraseña se ha cambiado.');
});
