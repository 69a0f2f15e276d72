import type { Scenario } from '../scenario.ts';
import { asksForPassword, codeOf, enterCode, reachCode, wrong } from '../walk.ts';

/** D3: 5 tries a recovery, and 3 mails an hour, 6 a day, that a try can be right for. */
const maxTries = 5;
const maxMails = 3;

export const distributedGuessing: Scenario = {
  number: 3,
  name: 'distributed-guessing',
  title: 'Guessing the code of one account from many networks',
  cost: 'a thousand networks, ten thousand requests',
  expectation:
    'five codes compared for each mail, three mails an hour; then a right code is refused too, and the owner signs in',

  async inside(target, { expect, tell }) {
    const owner = await target.addPerson();
    const strangers = Array.from({ length: target.sized(4, 2_000) }, () => target.browser());
    const recoveries: string[] = [];
    for (const stranger of strangers) recoveries.push(await reachCode(target, stranger, owner.userId));
    const mailed = (await target.mails()).filter(({ recipients }) => recipients.includes(owner.address));
    expect(mailed.length > 0 && mailed.length <= maxMails, `${mailed.length} mails went out in an hour`);
    const codes = mailed.map(codeOf);
    let guesses = 0;
    let passed = 0;
    for (const [at, stranger] of strangers.entries()) {
      // Never one that is right: that would be luck, and this counts tries.
      for (let times = 0; times < maxTries; times += 1) {
        let guess = String((at * maxTries + times) * 7_919 + 10_000_000).slice(0, 8);
        while (codes.includes(guess)) guess = wrong(guess);
        guesses += 1;
        if (asksForPassword(await enterCode(target, stranger, recoveries[at] ?? '', guess))) passed += 1;
      }
    }
    expect(passed === 0, `${passed} wrong codes were taken`);
    for (const [at, stranger] of strangers.slice(0, 2 * maxMails).entries())
      for (const code of codes)
        expect(
          !asksForPassword(await enterCode(target, stranger, recoveries[at] ?? '', code)),
          'a code was compared after five wrong ones',
        );
    expect(await target.opens(owner, owner.password), 'the owner cannot sign in with the password meanwhile');
    tell(`${guesses} codes typed, at most ${mailed.length * maxTries} of them compared with anything`);
  },
};
