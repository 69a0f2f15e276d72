import type { Scenario } from '../scenario.ts';
import { linksIn } from '../../src/testing/mail-text.ts';
import { askForCode, begin, recoveryOn } from '../walk.ts';

const evil = 'evil.example';

/** What a proxy or a framework may take the host from. */
const forwarded = ['x-forwarded-host', 'x-original-host', 'x-host', 'x-forwarded-server', 'x-http-host-override'];

export const hostPoisoning: Scenario = {
  number: 1,
  name: 'host-poisoning',
  title: 'Links in mail to a host of the attacker',
  cost: 'one request with a forged host for each victim',
  expectation: 'refused, or answered as if nothing had been forged: no page, redirect or mail names the forged host',

  async outside({ origin, path, send }, { expect }) {
    const { host, protocol } = new URL(origin);
    const form = [
      'content-type',
      'application/x-www-form-urlencoded',
      'origin',
      origin,
      'sec-fetch-site',
      'same-origin',
    ];
    const requests = [
      { target: path('/recover'), headers: ['host', evil] },
      { target: path('/recover'), headers: ['host', `${host}:@${evil}`] },
      { target: path('/recover'), headers: ['host', `${evil}:443`] },
      { target: path('/recover'), headers: ['host', `${host}.`] },
      { target: path('/recover'), headers: ['host', host, 'host', evil] },
      { target: path('/recover'), headers: ['host', evil, 'host', host] },
      { target: `${protocol}//${evil}${path('/recover')}`, headers: ['host', host] },
      ...forwarded.map((name) => ({ target: path('/recover'), headers: ['host', host, name, evil] })),
      { target: path('/recover'), headers: ['host', host, 'forwarded', `host=${evil};proto=https`] },
      { target: `/${evil}/..//${evil}/x`, headers: ['host', host] },
    ];
    for (const request of requests) {
      for (const method of ['GET', 'POST']) {
        const isForm = method === 'POST';
        const headers = isForm ? [...request.headers, ...form] : request.headers;
        const answer = await send({ ...request, method, headers, body: isForm ? 'identifier=nobody-at' : '' });
        const what = `${method} ${request.target} with ${request.headers.join(' ')}`;
        const isRefused = answer.status >= 400 && answer.status < 500;
        const namesEvil = `${answer.headers}${answer.body}`.includes(evil);
        expect(isRefused || (answer.status < 400 && !namesEvil), `${what} was answered with ${answer.status}`);
        expect(!/^location\nhttps?:\/\//im.test(answer.headers) || !namesEvil, `${what} redirects to ${evil}`);
      }
    }
  },

  async inside(target, { expect, tell }) {
    const { addPerson, browser, origin, mailTo } = target;
    let links = 0;
    for (const name of [...forwarded, 'forwarded']) {
      const [person, stranger] = [await addPerson(), browser()];
      const recovery = recoveryOn(await begin(target, stranger, person.address));
      const headers = { [name]: name === 'forwarded' ? `host=${evil}` : evil };
      await stranger.send('/recover/method', { method: 'POST', headers, body: new URLSearchParams({ recovery }) });
      await askForCode(target, stranger, recovery);
      const { text, html } = await mailTo(person.address);
      links += linksIn({ text }).length;
      expect(!`${text}${html}`.includes(evil), `a mail asked for with ${name} names ${evil}`);
      const elsewhere = linksIn({ text }).filter((link) => new URL(link).origin !== origin);
      expect(elsewhere.length === 0, `a mail asked for with ${name} links to ${elsewhere.join(' ')}`);
    }
    expect(links > 0, 'no mail had a link');
    tell(`${links} links in mails, all to the configured origin`);
  },
};
