import type { Scenario } from '../scenario.ts';
import { asksForPassword, codeOf, enterCode, prove, reachCode, setPassword, wrong } from '../walk.ts';

export const doubleSpend: Scenario = {
  number: 8,
  name: 'double-spend',
  title: 'Many requests at once: one code spent twice, one limit passed',
  cost: 'one connection and good timing',
  expectation: 'one success of all that come at once, five tries, one password, one mail',

  async inside(target, { expect, tell }) {
    const atOnce = target.sized(16, 50);
    const rounds = target.sized(1, 5);
    const all = <T>(act: (at: number) => Promise<T>) => Promise.all(Array.from({ length: atOnce }, (_, at) => act(at)));
    for (let round = 0; round < rounds; round += 1) {
      const person = await target.addPerson();
      const browser = target.browser();
      const form = (fields: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(fields) });
      const recovery = await reachCode(target, browser, person.address);
      const code = codeOf(await target.mailTo(person.address));
      const answers = await all(() => browser.send('/recover/code', form({ recovery, code })));
      const passed = answers.filter(
        ({ status, headers }) => status === 303 && headers.get('location')?.endsWith('/password'),
      );
      expect(passed.length === 1, `the same right code passed ${passed.length} times of ${atOnce}`);

      const other = target.browser();
      const guessed = await target.addPerson();
      const guessing = await reachCode(target, other, guessed.address);
      const right = codeOf(await target.mailTo(guessed.address));
      const guess = (at: number) =>
        String(Number(right) + at + 1)
          .padStart(8, '0')
          .slice(-8);
      await all((at) => other.send('/recover/code', form({ recovery: guessing, code: guess(at) })));
      const after = await enterCode(target, other, guessing, right);
      expect(!asksForPassword(after), `the right code counted after ${atOnce} wrong ones at once`);

      const owner = target.browser();
      const reset = await target.addPerson();
      const proven = await prove(target, owner, reset.address);
      const passwordOf = (at: number) => `${'abcdefghijklmnopqrstuvwxyz'[at % 26]}${at} yellow umbrellas`;
      await all((at) => {
        const password = passwordOf(at);
        return owner.send('/recover/password', form({ recovery: proven, username: '', password, repeated: password }));
      });
      const opened: number[] = [];
      for (let at = 0; at < atOnce; at += 1) if (await target.opens(reset, passwordOf(at))) opened.push(at);
      expect(opened.length === 1, `${opened.length} of ${atOnce} passwords set at once open the account`);
      // It is over now, for this one too.
      await setPassword(target, owner, proven, 'nine orange umbrellas');
      expect(!(await target.opens(reset, 'nine orange umbrellas')), 'a finished recovery set a password again');

      const asking = target.browser();
      const mailed = await target.addPerson();
      const asked = await reachCode(target, asking, mailed.address);
      await all(() => asking.send('/recover/code/again', form({ recovery: asked })));
      const mails = (await target.mails()).filter(({ recipients }) => recipients.includes(mailed.address));
      expect(mails.length === 1, `${mails.length} mails went out for ${atOnce + 1} wishes in one minute`);
      expect(wrong(code) !== code, 'a code is no digits');
    }
    tell(`${rounds * 4} races of ${atOnce}`);
  },
};
