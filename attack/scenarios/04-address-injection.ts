import type { Scenario } from '../scenario.ts';
import { askForCode, recoveryOn } from '../walk.ts';

/** What might be read as two addresses, as a header, or as another address than it says. */
const hostile = (victim: string, evil: string): readonly string[] => [
  `${victim},${evil}`,
  `${victim};${evil}`,
  `${victim}|${evil}`,
  `${victim} ${evil}`,
  `${victim}\nBcc: ${evil}`,
  `${victim}\r\nBcc: ${evil}`,
  `${victim}%0abcc:${evil}`,
  `${victim}\0${evil}`,
  `${victim}%00${evil}`,
  `"${victim}"@evil.example`,
  `"${evil}"${victim}`,
  `<${victim}> ${evil}`,
  `${evil} <${victim}>`,
  `(${evil})${victim}`,
  `${victim}(${evil})`,
  `${victim}@evil.example`,
  `@evil.example:${victim}`,
  `${evil}%${victim.split('@')[1]}@${victim.split('@')[1]}`,
  `${victim}\u2028${evil}`,
  `${victim}\u0000`,
  `\uFEFF${victim}`,
];

export const addressInjection: Scenario = {
  number: 4,
  name: 'address-injection',
  title: 'Mail to an address of the attacker, beside or instead of the stored one',
  cost: 'one request for each victim',
  expectation:
    'repeated and nested parameters are refused; every mail goes to one stored address and has no header of the attacker',

  async outside({ browser: open, path }, { expect }) {
    const bodies: [string, string][] = [
      ['identifier=a%40mail.example&identifier=b%40mail.example', 'a repeated field'],
      ['identifier[]=a%40mail.example&identifier[]=b%40mail.example', 'a list'],
      ['identifier[email]=a%40mail.example', 'a nested field'],
      ['identifier=a%40mail.example&email=b%40mail.example', 'a second name'],
    ];
    for (const [body, what] of bodies) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const { status } = await open().send(path('/recover'), { method: 'POST', headers, body });
      expect(status === 400, `${what} was answered with ${status}`);
    }
    const identifiers: unknown[] = [['a@mail.example', 'b@mail.example'], { email: 'a@mail.example' }, 7, null, true];
    for (const identifier of identifiers) {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ identifier });
      const { status } = await open().send(path('/api/v1/recoveries'), { method: 'POST', headers, body });
      expect(status === 400 || status === 422, `${body} by API was answered with ${status}`);
    }
    for (const identifier of hostile('a@mail.example', 'b@evil.example')) {
      const { status } = await open().send(path('/recover'), {
        method: 'POST',
        body: new URLSearchParams({ identifier }),
      });
      expect(status < 500, `${JSON.stringify(identifier)} was answered with ${status}`);
    }
  },

  async inside(target, { expect, tell }) {
    const victim = await target.addPerson();
    const evil = 'thief@evil.example';
    const before = (await target.mails()).length;
    const all = hostile(victim.address, evil);
    for (const typed of all) {
      const browser = target.browser();
      const begun = await browser.post('/recover', { identifier: typed });
      if (begun.status < 400) await askForCode(target, browser, recoveryOn(begun));
      await target
        .browser()
        .post('/sign-up', { userId: 'injector', address: typed, password: 'seven green umbrellas' });
      await target.browser().post('/recover/case', { kind: 'other', identifier: typed, words: 'x', contact: typed });
    }
    const mails = (await target.mails()).slice(0, -before || undefined);
    for (const { recipients, source } of mails) {
      const [head = ''] = source.split(/\r?\n\r?\n/);
      expect(recipients.length === 1, `a mail went to ${recipients.join(' and ')}`);
      expect(!recipients.some((each) => each.includes('evil.example')), `a mail went to ${recipients.join()}`);
      expect(!/^(?:bcc|cc):/im.test(head), 'a mail has a header of the attacker');
    }
    // The victim's own address among others opens nothing.
    const codes = mails.filter(({ recipients }) => recipients.includes(victim.address));
    expect(codes.length <= 3, `${codes.length} mails to the stored address for ${all.length} that are not it`);
    tell(`${all.length} hostile addresses, in three forms each`);
  },
};
