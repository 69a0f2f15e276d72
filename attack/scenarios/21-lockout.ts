import { dayMs, minuteMs } from '../../src/base/clock.ts';
import type { Scenario } from '../scenario.ts';
import { asksForPassword, codeOf, enterCode, linkOf, reachCode, setPassword, signIn } from '../walk.ts';

/** How long the owner may take by mailbox: what is waited for, and no more (D3). */
const mostWaitMs = 2 * minuteMs;

export const lockout: Scenario = {
  number: 21,
  name: 'lockout',
  title: 'Keeping the owner out, for a day',
  cost: '10,000 requests from 1,000 networks, spread over a day',
  expectation:
    'the owner signs in with the password at once, and gets in by mailbox within two minutes, at any moment of that day',

  async inside(target, { expect, tell }) {
    const networks = target.sized(8, 1_000);
    const requests = target.sized(32, 10_000);
    const strangers = Array.from({ length: networks }, () => target.browser());
    const owner = await target.addPerson({ userId: 'besieged', address: 'besieged@mail.example' });
    const own = target.browser();
    await signIn(target, own, owner.userId, owner.password);
    await own.post('/sign-out', {});
    const password = owner.password;
    let longestMs = 0;
    let sent = 0;
    let mails = 0;

    /** What is open to a stranger: begin, type codes, say that the code did not come, guess passwords. */
    async function besiege(times: number): Promise<void> {
      for (let count = 0; count < times; count += 4) {
        const stranger = strangers[sent % strangers.length] ?? target.browser();
        const recovery = await reachCode(target, stranger, sent % 8 === 0 ? owner.userId : owner.address);
        await enterCode(target, stranger, recovery, '12345678');
        await signIn(target, stranger, owner.userId, 'not the right one');
        sent += 4;
      }
    }

    /** By the code that was just asked for, or by a link of the day's mails where these are used up: the newest first. */
    async function getIn(): Promise<boolean> {
      const from = target.clock.now();
      const browser = target.browser();
      const recovery = await reachCode(target, browser, owner.address);
      const mails = (await target.mails()).filter(
        ({ recipients, text }) => recipients.includes(owner.address) && text.includes('/recover/link/'),
      );
      let isIn =
        mails[0] !== undefined && asksForPassword(await enterCode(target, browser, recovery, codeOf(mails[0])));
      for (const mail of mails)
        isIn ||= asksForPassword(await target.browser().post(linkOf(mail, 'link'), { code: codeOf(mail) }));
      longestMs = Math.max(longestMs, target.clock.now() - from);
      return isIn;
    }

    const rounds = target.sized(4, 24);
    for (let round = 0; round < rounds; round += 1) {
      await besiege(requests / rounds);
      await target.mails();
      // The owner's own browser has tries that strangers cannot use up (D4); with its sign-in all others have theirs back.
      await signIn(target, own, owner.userId, password);
      expect((await target.visitor(own)) === owner.userId, `the password does not sign in in round ${round + 1}`);
      await own.post('/sign-out', {});
      expect(await target.opens(owner, password), `the password does not sign in elsewhere in round ${round + 1}`);
      // Who gets in uses up a mail: at the beginning of the day, in its middle and at its end.
      if (round === 0 || round === rounds / 2 || round === rounds - 1)
        expect(await getIn(), `the mailbox does not let in in round ${round + 1}`);
      target.clock.advance(dayMs / rounds);
    }
    mails = (await target.mails()).filter(({ recipients }) => recipients.includes(owner.address)).length;
    expect(longestMs <= mostWaitMs, `the owner waits ${longestMs / 1_000} s`);
    // The next day, to the end.
    target.clock.advance(dayMs);
    const last = target.browser();
    const recovery = await reachCode(target, last, owner.address);
    await enterCode(target, last, recovery, codeOf(await target.mailTo(owner.address)));
    await setPassword(target, last, recovery);
    expect(await target.opens(owner, 'seven green umbrellas'), 'the new password does not sign in');
    tell(
      `${sent} requests from ${networks} networks in a day: ${mails} mails, and the owner in each time, by password and by mailbox, after ${longestMs / 1_000} s of waiting`,
    );
  },
};
