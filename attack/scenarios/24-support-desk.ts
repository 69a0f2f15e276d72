import type { Browser, Page } from '../../src/testing/browser.ts';
import type { Scenario } from '../scenario.ts';
import { codeOf, linkOf, reachCode } from '../walk.ts';

/** What an agent might send to give an account away, whatever the pages offer. */
const wishes: readonly (readonly [path: string, fields: Readonly<Record<string, string>>])[] = [
  ['act', { act: 'release', words: 'It is the owner.' }],
  ['act', { act: 'reset-password', words: 'It is the owner.' }],
  ['act', { act: 'decide', words: 'It is the owner.', password: 'a stolen green bicycle' }],
  ['password', { password: 'a stolen green bicycle' }],
  ['address', { address: 'thief@evil.example' }],
  ['contact', { contact: 'thief@evil.example' }],
];

const versionOn = ({ html }: Pick<Page, 'html'>): string => /name="version" value="(\d+)"/.exec(html)?.[1] ?? '0';

const numberOn = ({ html }: Pick<Page, 'html'>): string => /\/recover\/case\/(\w+)/.exec(html)?.[1] ?? '';

/** What the forms of a page ask for. */
const fieldsOn = ({ html }: Pick<Page, 'html'>): string[] =>
  Array.from(html.matchAll(/<(?:input|textarea|select)\b[^>]*\bname="([^"]+)"/g), ([, name = '']) => name);

export const supportDesk: Scenario = {
  number: 24,
  name: 'support-desk',
  title: 'Talking the support desk over, or sitting at it',
  cost: 'everything that was ever leaked about the victim; or a place at the desk',
  expectation:
    'no form sets a password, shows a code or sends mail elsewhere; nobody acts beyond the role; all of it is in the audit trail',

  async inside(target, { expect, tell }) {
    const victim = await target.addPerson({ userId: 'talked-over', address: 'talked-over@mail.example' });
    // The victim is just getting back in: code and links are on their way.
    await reachCode(target, target.browser(), victim.address);
    const mail = await target.mailTo(victim.address);

    // Who knows everything about the victim opens a case, and asks for a new address.
    const contact = 'fraud@evil.example';
    const fraud = target.browser();
    const words = `I am the owner: ${victim.userId}, ${victim.address}, born on the 3rd. Send it to ${contact}.`;
    const opened = await fraud.post('/recover/case', {
      kind: 'taken-over',
      identifier: victim.address,
      words,
      contact,
    });
    const number = numberOn(opened);
    await fraud.post(`/recover/case/${number}/contact`, { code: codeOf(await target.mailTo(contact)) });
    const place = `/support/cases/${number}`;

    const agent = await target.agent('agent');
    const seen = await agent.open(place);
    expect(seen.status === 200, 'the case is not at the desk: this says nothing then');
    await agent.post(`${place}/take`, { version: versionOn(seen) });
    const taken = await agent.open(place);
    const secrets = {
      'the code that was mailed': codeOf(mail),
      'the link that was mailed': linkOf(mail, 'link').split('/').at(-1) ?? '',
      'the whole contact': contact,
    };
    // The person's own words are shown as they were written; the rest of the page may hold none of these.
    const shown = taken.html.replaceAll(escaped(words), '');
    for (const [what, secret] of Object.entries(secrets)) expect(!shown.includes(secret), `the desk shows ${what}`);
    const asked = fieldsOn(taken).filter((name) => /password|^code$|address|email/i.test(name));
    expect(asked.length === 0, `a form of the desk asks for ${asked.join(' and ')}`);

    // Facts prove nothing, and whoever sends them is not told what was right, nor whether there is an account.
    const prove = async (browser: Browser, own: string, identifier: string) => {
      const told: string[] = [];
      for (const fields of [
        { form: 'address', address: identifier },
        { form: 'address-code', 'address-code': '12345678' },
        { form: 'code', code: '123456' },
        { form: 'browser' },
      ]) {
        const { status, text } = await browser.post(`/recover/case/${own}/proofs`, fields);
        told.push(`${status} ${text.replaceAll(identifier, 'WHO').replace(/[A-Z\d]{3}(?: [A-Z\d]{3}){2}/g, 'NUMBER')}`);
      }
      return told.join('\n');
    };
    const other = target.browser();
    const nobody = 'nobody-at-all@mail.example';
    const second = await other.post('/recover/case', { kind: 'taken-over', identifier: nobody, words: 'x', contact });
    const ofVictim = await prove(fraud, number, victim.address);
    expect(ofVictim.includes('Thank you'), 'no proof is taken: this says nothing then');
    const ofNobody = await prove(other, numberOn(second), nobody);
    expect(ofVictim === ofNobody, 'the proofs of a case tell who has an account');
    const claimed = (await target.mails()).filter(({ text }) => text.includes(contact));
    expect(claimed.length === 0, 'a mail about a case names its contact');
    expect((await agent.open(place)).text.includes('Nothing yet'), 'a guess is shown as a proof');

    let refused = 0;
    const tryWishes = async (browser: Browser, who: string) => {
      const current = await browser.open(place);
      for (const [path, fields] of wishes) {
        const body = new URLSearchParams({ ...fields, version: versionOn(current) });
        const { status } = await browser.send(`${place}/${path}`, { method: 'POST', body });
        expect(
          status >= 400 && status < 500,
          `${who} sent ${path} ${JSON.stringify(fields)}, and was answered with ${status}`,
        );
        refused += 1;
      }
    };
    await tryWishes(agent, 'an agent');
    await tryWishes(await target.agent('lead'), 'a lead');
    const auditor = await target.agent('auditor');
    await tryWishes(auditor, 'an auditor');
    for (const [path, fields] of [
      ['take', {}],
      ['hand-over', { to: '' }],
      ['act', { act: 'note', words: 'x' }],
    ] as const) {
      const body = new URLSearchParams({ ...fields, version: versionOn(await auditor.open(place)) });
      const { status } = await auditor.send(`${place}/${path}`, { method: 'POST', body });
      expect(status === 403, `an auditor sent ${path}, and was answered with ${status}`);
    }
    // A visitor, and a person with an account, are no agents.
    const { status } = await target
      .browser()
      .send(`${place}/take`, { method: 'POST', body: new URLSearchParams({ version: '1' }) });
    expect(status === 401 || status === 403, `a visitor took a case, and was answered with ${status}`);

    // To see the contact whole takes a reason, which is kept.
    const before = count(await target.dump(), 'case.unmasked');
    await agent.post(`${place}/unmask`, { reason: '' });
    await agent.post(`${place}/unmask`, { reason: 'curious' });
    expect(count(await target.dump(), 'case.unmasked') === before, 'a contact is unmasked without a reason');
    await agent.post(`${place}/unmask`, { reason: 'compare' });
    const trail = await target.dump();
    expect(count(trail, 'case.unmasked') === before + 1, 'a look at the whole contact is not in the audit trail');
    for (const event of ['case.viewed', 'case.assigned'])
      expect(trail.includes(event), `${event} is not in the audit trail`);

    expect(await target.opens(victim, victim.password), 'the password of the victim is gone');
    expect(!(await target.opens(victim, 'a stolen green bicycle')), 'a password of the thief opens the account');
    const toThief = (await target.mails()).filter(({ recipients }) => recipients.includes(contact));
    expect(
      !toThief.some(({ text }) => text.includes('/recover/link/')),
      'a recovery mail went to the contact of the case',
    );
    tell(`${refused} wishes refused, in three roles`);
  },
};

const count = (text: string, what: string): number => text.split(what).length - 1;
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
