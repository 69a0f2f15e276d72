import type { Scenario } from '../scenario.ts';
import { cookieOf, signIn } from '../walk.ts';

const evil = 'https://evil.example';

/** What a browser says of a form that another site sends. */
const foreign: readonly (readonly string[])[] = [
  ['sec-fetch-site', 'cross-site', 'origin', evil],
  ['sec-fetch-site', 'same-site', 'origin', evil],
  ['sec-fetch-site', 'none', 'origin', evil],
  ['sec-fetch-site', 'cross-site', 'origin', 'null'],
  ['origin', evil],
  ['origin', 'null'],
  ['referer', `${evil}/page`],
];

const forms: readonly (readonly [path: string, body: string])[] = [
  ['/sign-in', 'identifier=mallory&password=one+of+the+attacker'],
  ['/sign-up', 'userId=mallory&address=m%40mail.example&password=one+of+the+attacker'],
  ['/sign-up/code', 'code=12345678'],
  ['/recover', 'identifier=nobody-at'],
  ['/recover/method', 'recovery=x'],
  ['/recover/code', 'recovery=x&code=12345678'],
  ['/recover/code/again', 'recovery=x'],
  ['/recover/password', 'recovery=x&username=&password=a&repeated=a'],
  ['/recover/case', 'kind=other&words=x&contact=m%40mail.example'],
  ['/sign-out', ''],
  ['/account/password', 'current=a&password=b&repeated=b'],
  ['/support/sign-in', 'name=elena&password=x&code=123456'],
];

export const csrf: Scenario = {
  number: 18,
  name: 'csrf',
  title: "Forms that another site sends in the visitor's browser",
  cost: 'a page that the victim opens',
  expectation: 'refused, with and without cookies; nobody is signed in to the account of somebody else',

  async outside({ origin, path, send }, { expect }) {
    const { host } = new URL(origin);
    for (const [at, [place, body]] of forms.entries()) {
      for (const headers of foreign) {
        const type = ['content-type', 'application/x-www-form-urlencoded', 'cookie', 'account-lang=en'];
        const answer = await send({
          method: 'POST',
          target: path(place),
          headers: ['host', host, ...type, ...headers],
          body,
        });
        const what = `${place} from elsewhere (${headers.join(' ')})`;
        expect(answer.status >= 400 && answer.status < 500, `${what} was answered with ${answer.status}`);
        expect(!/^set-cookie\n/im.test(answer.headers), `${what} sets a cookie`);
        // One sample of each kind is enough for all but the first forms.
        if (at > 3) break;
      }
    }
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      for (const [place, body] of [
        ['/api/v1/recoveries', '{"identifier":"nobody-at"}'],
        ['/api/v1/sessions', '{"identifier":"mallory","password":"one of the attacker"}'],
      ] as const) {
        const headers = ['host', host, 'content-type', type, 'origin', evil, 'sec-fetch-site', 'cross-site'];
        const answer = await send({ method: 'POST', target: path(place), headers, body });
        expect(answer.status >= 400 && answer.status < 500, `${place} as ${type} was answered with ${answer.status}`);
        expect(!/access-control-allow-origin/i.test(answer.headers), `${place} lets another origin in`);
      }
    }
    for (const override of ['x-http-method-override', 'x-method-override', '_method']) {
      const headers = ['host', host, override, 'POST'];
      const answer = await send({ target: path('/sign-out'), headers });
      expect(
        answer.status === 405 || answer.status === 404,
        `GET /sign-out with ${override} was answered with ${answer.status}`,
      );
    }
  },

  async inside(target, { expect, tell }) {
    const [victim, attacker] = [await target.addPerson(), await target.addPerson()];
    const browser = target.browser();
    const headers = { 'sec-fetch-site': 'cross-site', origin: evil };
    const body = new URLSearchParams({ identifier: attacker.userId, password: attacker.password });
    await browser.send('/sign-in', { method: 'POST', headers, body });
    expect((await target.visitor(browser)) === undefined, 'another site signs a visitor in to its own account');
    await signIn(target, browser, victim.userId, victim.password);
    const session = cookieOf(browser, 'session');
    await browser.send('/sign-in', { method: 'POST', headers, body });
    await browser.send('/sign-out', { method: 'POST', headers, body: new URLSearchParams() });
    const changed = new URLSearchParams({
      current: victim.password,
      password: 'a stolen green bicycle',
      repeated: 'a stolen green bicycle',
    });
    await browser.send('/account/password', { method: 'POST', headers, body: changed });
    expect(cookieOf(browser, 'session')[1] === session[1], 'another site changes the session cookie');
    expect(
      (await target.visitor(browser)) === victim.userId,
      'another site signs a visitor out, or in as somebody else',
    );
    expect(await target.opens(victim, victim.password), 'another site changes the password');
    tell(`${forms.length} forms, ${foreign.length} ways to come from elsewhere`);
  },
};
