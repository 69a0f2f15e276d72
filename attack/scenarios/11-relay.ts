import { numberIn } from '../../src/testing/mail-text.ts';
import type { Scenario } from '../scenario.ts';
import {
  asksForPassword,
  codeOf,
  enterCode,
  linkOf,
  numberOf,
  prove,
  reachCode,
  setPassword,
  signIn,
} from '../walk.ts';

const thiefs = 'a stolen green bicycle';

export const relay: Scenario = {
  number: 11,
  name: 'relay',
  title: 'A false site that asks its visitor for the mailed code',
  cost: 'a false site, and a visitor who believes it',
  expectation:
    'bounded: the mail says what the code is for and to give it to nobody; a second factor stands; the notice undoes it',

  async inside(target, { expect, tell }) {
    const victim = await target.addPerson();
    const relayed = target.browser();
    const recovery = await reachCode(target, relayed, victim.address);
    const mail = await target.mailTo(victim.address);
    expect(mail.subject.includes('Corner Shop'), 'the mail does not name the site');
    expect(/never type it on another site/i.test(mail.text), 'the mail does not warn of other sites');
    expect(mail.text.includes('/recover/stop/'), 'the mail has no way to say that this was not me');
    await enterCode(target, relayed, recovery, codeOf(mail));
    await setPassword(target, relayed, recovery, thiefs);
    expect(await target.opens(victim, thiefs), 'the relay did not get in: this says nothing then');
    const notice = await target.mailTo(victim.address);
    expect(
      numberIn(notice) !== undefined && notice.text.includes('/recover/stop/'),
      'no notice that can be undone reached the owner',
    );
    if (numberIn(notice) !== undefined) {
      await target.browser().post(linkOf(notice, 'stop'), { number: numberOf(notice) });
      expect(!(await target.opens(victim, thiefs)), 'the password of the thief works after the notice was answered');
      const owner = target.browser();
      await setPassword(target, owner, await prove(target, owner, victim.address), 'the owner is back again');
      expect(await target.opens(victim, 'the owner is back again'), 'the owner does not get back in');
    }

    const careful = await target.addPerson();
    await target.addAuthenticator(careful);
    const other = target.browser();
    await setPassword(target, other, await prove(target, other, careful.address), thiefs);
    await signIn(target, other, careful.userId, thiefs);
    expect((await target.visitor(other)) === undefined, 'a relayed code passed the second factor');
    expect(!asksForPassword(other.page), 'a finished recovery asks for a password');
    tell('who relays the code gets in until the notice is answered; not past a second factor');
  },
};
