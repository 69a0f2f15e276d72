import type { Browser, Sent } from '../../src/testing/browser.ts';
import type { Scenario } from '../scenario.ts';
import { codeOf, linkOf, newPassword, recoveryOn } from '../walk.ts';

/** What a client might claim about itself. */
const claims = ['verified', 'step', 'proven', 'tries', 'account_id', 'accountId', 'userId', 'role', 'isAdmin', 'risk'];

export const leak: Scenario = {
  number: 7,
  name: 'leak',
  title: 'A code or an address in an answer, and an answer that is tampered with',
  cost: 'a look at what the browser gets',
  expectation:
    'no answer before the proof holds code, link, address or id; what a client claims about itself is refused',

  async outside({ browser: open, path }, { expect }) {
    for (const claim of claims) {
      const fields = new URLSearchParams({ identifier: 'nobody-at', [claim]: '1' });
      const { status } = await open().send(path('/recover'), { method: 'POST', body: fields });
      expect(status === 400, `a form that claims ${claim} was answered with ${status}`);
      const { status: ofApi } = await open().send(path('/api/v1/recoveries'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ identifier: 'nobody-at', [claim]: true }),
      });
      expect(ofApi === 400 || ofApi === 422, `a request by API that claims ${claim} was answered with ${ofApi}`);
    }
    const page = await open().open(path('/recover'));
    for (const [, asset = ''] of page.html.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)) {
      const { status } = await open().send(`${asset}.map`);
      expect(status === 404, `there is a source map for ${asset}`);
    }
  },

  async inside(target, { expect, tell }) {
    const [one, other] = ['leaky-one@mail.example', 'leaky-other@mail.example'];
    const person = await target.addPerson({ userId: 'leaky-person', addresses: [one, other] });
    const answers: string[] = [];
    const ask = async (browser: Browser, path: string, sent?: Sent) => {
      const response = await browser.send(path, sent);
      const body = await response.text();
      answers.push(`${[...response.headers].join('\n')}\n${body}`);
      return body;
    };
    const form = (fields: Record<string, string>): Sent => ({ method: 'POST', body: new URLSearchParams(fields) });
    const browser = target.browser();
    await ask(browser, '/recover', form({ identifier: person.userId }));
    const recovery = recoveryOn({ html: await ask(browser, '/recover/method') });
    await ask(browser, '/recover/method', form({ recovery }));
    await ask(browser, '/recover/code');
    const mail = await target.mailTo(one);
    const code = codeOf(mail);
    await ask(browser, '/recover/code', form({ recovery, code: '12345678' }));
    await ask(browser, '/recover/code', form({ recovery, code: '1' }));
    await ask(browser, '/recover/code/again', form({ recovery }));
    await ask(
      browser,
      '/recover/password',
      form({ recovery, username: '', password: newPassword, repeated: newPassword }),
    );
    await ask(browser, '/recover/case');
    await ask(browser, '/sign-in', form({ identifier: person.userId, password: 'not the right one' }));
    const stranger = target.browser();
    for (const path of ['link', 'stop'] as const) await ask(stranger, linkOf(mail, path));
    const json = (body: object): Sent => ({
      method: 'POST',
      headers: { 'content-type': 'application/json', 'account-handle': 'body' },
      body: JSON.stringify(body),
    });
    await ask(stranger, '/api/v1/recoveries', json({ identifier: person.userId }));
    await ask(stranger, '/api/v1/recoveries', json({ identifier: person.userId, extra: 1 }));
    await ask(stranger, '/api/v1/sessions', json({ identifier: person.userId, password: 'not the right one' }));
    // The pages of the links have their own address in their form; no other answer may.
    const withoutLinks = answers.map((answer) => answer.replace(/\/recover\/(?:link|stop)\/[\w-]+/g, ''));
    const secrets = {
      code,
      'the code as it is shown': `${code.slice(0, 4)} ${code.slice(4)}`,
      'an address': one,
      'another address': other,
    };
    for (const [what, secret] of Object.entries(secrets))
      expect(!withoutLinks.some((answer) => answer.includes(secret)), `an answer holds ${what}`);
    for (const place of ['link', 'stop'] as const) {
      const token = linkOf(mail, place).split('/').at(-1) ?? '';
      expect(!withoutLinks.some((answer) => answer.includes(token)), `an answer holds the token of the ${place} link`);
    }
    tell(`${answers.length} answers searched`);
  },
};
