import type { Scenario } from '../scenario.ts';
import { asksForPassword, begin, codeOf, enterCode, reachCode, recoveryOn, setPassword } from '../walk.ts';

const wanted = 'fourteen copper lanterns';

export const crossedUsers: Scenario = {
  number: 9,
  name: 'crossed-users',
  title: 'Two recoveries in one browser, crossed',
  cost: "an account of one's own and good timing",
  expectation: 'a code and a proof count for the account of their own recovery alone',

  async inside(target, { expect, tell }) {
    const rounds = target.sized(2, 20);
    for (let round = 0; round < rounds; round += 1) {
      const [attacker, victim] = [await target.addPerson(), await target.addPerson()];
      const browser = target.browser();
      const own = await reachCode(target, browser, attacker.address);
      const code = codeOf(await target.mailTo(attacker.address));
      const others = await reachCode(target, browser, victim.address);
      const crossed = await enterCode(target, browser, own, code);
      expect(crossed.status === 409, `a form of another recovery was answered with ${crossed.status}`);
      expect(
        !asksForPassword(await enterCode(target, browser, others, code)),
        'the code of one account proved another',
      );

      // Who is it for, and is it right: both at the same moment, in one browser.
      const racing = target.browser();
      const again = await target.addPerson();
      const first = await reachCode(target, racing, again.address);
      const right = codeOf(await target.mailTo(again.address));
      const send = (path: string, fields: Record<string, string>) =>
        racing.send(path, { method: 'POST', body: new URLSearchParams(fields) });
      await Promise.all([
        send('/recover/code', { recovery: first, code: right }),
        send('/recover', { identifier: victim.address }),
      ]);
      await racing.open('/recover/method');
      const now = recoveryOn(racing.page);
      for (const recovery of [first, now]) await setPassword(target, racing, recovery, wanted);
      expect(!(await target.opens(victim, wanted)), 'the proof of one account set the password of another');
      expect(await target.opens(victim, victim.password), 'the password of the other account is gone');
    }
    const stranger = target.browser();
    await begin(target, stranger, 'nobody-at');
    tell(`${rounds} times two recoveries, in turn and at once`);
  },
};
