import type { Browser, Page } from '../../src/testing/browser.ts';
import { dayMs, hourMs } from '../../src/base/clock.ts';
import { codeIn, numberIn } from '../../src/testing/mail-text.ts';
import type { Finding, Scenario } from '../scenario.ts';
import type { Inside } from '../target.ts';
import { codeOf, linkOf, numberOf, reachCode } from '../walk.ts';
import {
  closeAccount,
  count,
  lookAtPictures,
  numberOn,
  openCase,
  passOffOneCode,
  sendRelease,
  take,
  versionOn,
} from './24-insiders.ts';

/** What an agent might send to give an account away, whatever the pages offer. */
const wishes: readonly (readonly [path: string, fields: Readonly<Record<string, string>>])[] = [
  ['act', { act: 'release', words: 'It is the owner.' }],
  ['act', { act: 'reset-password', words: 'It is the owner.' }],
  ['act', { act: 'decide', words: 'It is the owner.', password: 'a stolen green bicycle' }],
  ['password', { password: 'a stolen green bicycle' }],
  ['address', { address: 'thief@evil.example' }],
  ['contact', { contact: 'thief@evil.example' }],
];

/** What the forms of a page ask for. */
const fieldsOn = ({ html }: Pick<Page, 'html'>): string[] =>
  Array.from(html.matchAll(/<(?:input|textarea|select)\b[^>]*\bname="([^"]+)"/g), ([, name = '']) => name);

export const supportDesk: Scenario = {
  number: 24,
  name: 'support-desk',
  title: 'Talking the support desk over, or sitting at it',
  cost: 'everything that was ever leaked about the victim; or a place at the desk',
  expectation:
    'no form sets a password, shows a code or sends mail elsewhere; nobody acts beyond the role, or closes an account alone; all of it is in the audit trail',
  settings: { casePictureKb: 100 },

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
    await take(agent, place);
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
    await giveAway(target, { expect, tell });
    await closeAccount(target, { expect, tell });
    await lookAtPictures(target, { expect, tell });
    await passOffOneCode(target, { expect, tell });
  },
};

/** An insider whose accomplice really reads one of the victim's mailboxes: the most that a desk can be fooled with. */
async function giveAway(target: Inside, { expect, tell }: Pick<Finding, 'expect' | 'tell'>): Promise<void> {
  const [first, second, contact] = ['given-away@mail.example', 'second-of-given@mail.example', 'heir@evil.example'];
  const victim = await target.addPerson({ userId: 'given-away', addresses: [first, second] });
  target.clock.advance(40 * dayMs);
  const thief = target.browser();
  const number = await openCase(target, thief, { kind: 'mailbox-lost', identifier: victim.userId, contact });
  const place = `/support/cases/${number}`;
  const insider = await target.agent('agent');
  await take(insider, place);
  const send = (browser: Browser, act: string) => sendRelease(browser, place, act);
  const without = await send(insider, 'propose');
  expect(without >= 400 && without < 500, `a release without a proof was answered with ${without}`);

  await thief.post(`/recover/case/${number}/proofs`, { form: 'address', address: second });
  const coded = (await target.mails()).find((mail) => mail.recipients.includes(second) && codeIn(mail) !== undefined);
  expect(coded !== undefined, 'no code goes to the second address: this says nothing then');
  if (!coded) return;
  await thief.post(`/recover/case/${number}/proofs`, { form: 'address-code', 'address-code': codeOf(coded) });
  expect((await send(insider, 'propose')) === 200, 'a release with its proof is not taken: this says nothing then');
  const own = await send(insider, 'approve');
  expect(own >= 400 && own < 500, `an agent approved the own proposal, and was answered with ${own}`);
  const auditors = await send(await target.agent('auditor'), 'approve');
  expect(auditors === 403, `an auditor approved a release, and was answered with ${auditors}`);
  expect((await send(await target.agent('lead'), 'approve')) === 200, 'a second person cannot approve');

  const grants = async () =>
    (await target.mails()).filter(({ recipients, text }) => recipients.includes(contact) && text.includes('/grant/'));
  // A day, as another address of the account has confirmed it; three where none has.
  target.clock.advance(dayMs - hourMs);
  expect((await grants()).length === 0, 'the grant goes out before the end of the hold');
  const notice = (await target.mails()).find((mail) => mail.recipients.includes(first) && numberIn(mail) !== undefined);
  expect(notice !== undefined, 'the owner is not told that the account is given away');
  if (notice) await target.browser().post(linkOf(notice, 'stop'), { number: numberOf(notice) });
  target.clock.advance(7 * dayMs);
  expect((await grants()).length === 0, 'the grant goes out though the owner stopped it');
  expect(await target.opens(victim, victim.password), 'the owner is locked out');
  const trail = await target.dump();
  for (const event of ['release.proposed', 'release.approved', 'release.vetoed'])
    expect(trail.includes(event), `${event} is not in the audit trail`);
  tell('an insider with an accomplice in a mailbox: two people, a hold of a day, and the owner stopped it');
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
