import { hourMs, minuteMs } from '../../src/base/clock.ts';
import { linksIn } from '../../src/testing/mail-text.ts';
import type { Scenario } from '../scenario.ts';
import { asksForPassword, codeOf, linkOf, newPassword, reachCode } from '../walk.ts';

/** D3 and D8: mails an hour to a stored mailbox, and a day to an address that was only typed. */
const [mostAnHour, mostTyped] = [3, 3];

export const mailBombing: Scenario = {
  number: 20,
  name: 'mail-bombing',
  title: 'A mailbox filled, or the mail of the whole site used up',
  cost: 'ten thousand requests from as many networks',
  expectation:
    'three recovery mails an hour for a mailbox, three a day for a typed address; recovery mail goes on under a flood of sign-ups; the owner gets in',

  async inside(target, { expect, tell }) {
    const victim = await target.addPerson({ userId: 'bombed', address: 'bombed@mail.example' });
    const requests = target.sized(8, 3_000);
    const to = async (address: string) =>
      (await target.mails()).filter(({ recipients }) => recipients.includes(address));
    for (let times = 0; times < requests; times += 1) {
      const browser = target.browser();
      const recovery = await reachCode(target, browser, times % 2 === 0 ? victim.address : victim.userId);
      if (times % 4 === 0) await browser.post('/recover/code/again', { recovery });
    }
    const bombs = await to(victim.address);
    expect(bombs.length <= mostAnHour, `${bombs.length} mails in an hour for ${requests} requests`);
    expect(
      bombs.every(({ text }) => linksIn({ text }).some((link) => link.includes('/recover/stop/'))),
      'a mail has no way to stop them',
    );

    // Sign-ups and contacts of cases go to whatever was typed: to one address, and to ever new ones.
    const typed = 'typed-at@mail.example';
    for (let times = 0; times < target.sized(4, 500); times += 1) {
      const browser = target.browser();
      await browser.post('/sign-up', { userId: `flood${times}`, address: typed, password: newPassword });
      await browser.post('/recover/case', { kind: 'other', identifier: '', words: 'x', contact: typed });
      await reachCode(target, target.browser(), typed);
    }
    const unwanted = await to(typed);
    expect(unwanted.length <= mostTyped, `${unwanted.length} mails in a day to an address that was only typed`);
    const flood = target.sized(5, 2_500);
    for (let times = 0; times < flood; times += 1)
      await target
        .browser()
        .post('/sign-up', { userId: `flood${times}`, address: `flood${times}@mail.example`, password: newPassword });
    const before = (await target.mails()).filter(({ recipients }) =>
      recipients.some((each) => each.startsWith('flood')),
    );
    const other = await target.addPerson({ userId: 'in-need', address: 'in-need@mail.example' });
    await reachCode(target, target.browser(), other.address);
    expect((await to(other.address)).length === 1, 'no recovery mail goes out under a flood of sign-ups');

    // Who was bombed gets in by the newest of those mails, though their caps are used up.
    const owner = target.browser();
    await reachCode(target, owner, victim.address);
    const [newest] = await to(victim.address);
    const proven = newest && (await owner.post(linkOf(newest, 'link'), { code: codeOf(newest) }));
    expect(proven !== undefined && asksForPassword(proven), 'the owner does not get in by the newest mail');
    expect(await target.opens(victim, victim.password), 'the owner cannot sign in with the password');

    // "This was not me" silences them for a day.
    const bothered = await target.addPerson();
    await reachCode(target, target.browser(), bothered.address);
    const mail = await target.mailTo(bothered.address);
    await target.browser().post(linkOf(mail, 'stop'), { code: codeOf(mail) });
    target.clock.advance(hourMs + minuteMs);
    await reachCode(target, target.browser(), bothered.address);
    expect((await to(bothered.address)).length === 1, 'mails go on after "This was not me"');
    tell(
      `${bombs.length} mails for ${requests} requests; ${unwanted.length} to a typed address; ${before.length} of ${flood} sign-ups got one`,
    );
  },
};
