import { minuteMs } from '../../src/base/clock.ts';
import type { Page } from '../../src/testing/browser.ts';
import type { Scenario } from '../scenario.ts';
import { codeOf, linkOf, reachCode } from '../walk.ts';

/** What a page loads or sends by itself, and where it leads. */
const addressesIn = ({ html }: Pick<Page, 'html'>): string[] =>
  Array.from(html.matchAll(/\b(?:src|href|action|formaction|poster|srcset)="([^"]*)"/g), ([, address = '']) => address);

export const referrerLeak: Scenario = {
  number: 12,
  name: 'referrer-leak',
  title: 'A token by the referrer, the history, a cache or a log',
  cost: 'a link on the page, or a look at a log',
  expectation: 'no page sends a referrer, is stored, or asks another site for anything; no token or code is logged',

  async outside({ browser: open, path, origin }, { expect }) {
    for (const place of [
      '/sign-in',
      '/sign-up',
      '/recover',
      '/recover/case',
      '/recover/case/status',
      '/recover/link/AAAAAAAAAAAAAAAAAAAAAA',
      '/recover/stop/AAAAAAAAAAAAAAAAAAAAAA',
      '/support/sign-in',
    ]) {
      const page = await open().open(path(place));
      const header = (name: string) => page.headers.get(name) ?? '';
      const isTrusted = origin.startsWith('https:') || /\/\/(127\.|localhost)/.test(origin);
      expect(
        header('referrer-policy') === (isTrusted ? 'no-referrer' : 'same-origin'),
        `${place} sends a referrer: ${header('referrer-policy') || 'no policy'}`,
      );
      expect(/no-store/.test(header('cache-control')), `${place} may be stored: ${header('cache-control')}`);
      const elsewhere = addressesIn(page).filter(
        (address) => /^(?:\w+:)?\/\//.test(address) && !address.startsWith(origin),
      );
      expect(elsewhere.length === 0, `${place} leads to ${elsewhere.join(' ')}`);
    }
  },

  async inside(target, { expect, tell }) {
    const person = await target.addPerson();
    const browser = target.browser();
    const recovery = await reachCode(target, browser, person.address);
    await target.refuseMail();
    target.clock.advance(minuteMs);
    await browser.post('/recover/code/again', { recovery });
    const mail = await target.mailTo(person.address);
    const code = codeOf(mail);
    const link = linkOf(mail, 'link');
    const token = link.split('/').at(-1) ?? '';
    const stop = linkOf(mail, 'stop').split('/').at(-1) ?? '';

    const other = target.browser();
    const opened = await other.open(link);
    const out = Array.from(opened.links.values()).filter(
      (address) => address.includes(token) && !address.startsWith('?'),
    );
    expect(out.length === 0, `the page of the link carries its token on to ${out.join(' ')}`);
    await other.post(link, { code });
    expect(!other.page.path.includes(token), 'the token stays in the address after the code');
    expect(!other.page.html.includes(token), 'the token stays in the page after the code');
    const logs = target.logs();
    expect(logs.includes('@'), 'nothing is logged of a mail that did not get through: this says nothing then');
    for (const [what, secret] of Object.entries({
      'the code': code,
      'the token of a link': token,
      'the token of the stop link': stop,
      'an address': person.address,
    }))
      expect(!logs.includes(secret), `${what} is logged`);
    tell(`${logs.length} characters of log searched`);
  },
};
