import type { Browser } from '../../src/testing/browser.ts';
import type { Scenario } from '../scenario.ts';
import { begin, codeOf, enterCode, newPassword, prove, reachCode, recoveryOn, setPassword, wrong } from '../walk.ts';

const wanted = 'twelve silver kettles';

export const stepSkipping: Scenario = {
  number: 10,
  name: 'step-skipping',
  title: 'The new password before its turn',
  cost: 'one request by hand',
  expectation: 'refused at every step but its own, by page and by API, with every verb; nothing is changed',

  async outside(target, { expect }) {
    const browser = target.browser();
    const forms: [string, Record<string, string>][] = [
      ['/recover/password', { recovery: 'x', username: '', password: wanted, repeated: wanted }],
      ['/recover/code', { recovery: 'x', code: '12345678' }],
      ['/recover/account', { recovery: 'x', account: 'x' }],
      ['/recover/method', { recovery: 'x' }],
      ['/recover/code/again', { recovery: 'x' }],
    ];
    for (const [path, fields] of forms) {
      const { status } = await browser.send(target.path(path), { method: 'POST', body: new URLSearchParams(fields) });
      expect(status === 409, `a form for ${path} without a recovery was answered with ${status}`);
      for (const method of ['PUT', 'PATCH', 'DELETE']) {
        const answer = await browser.send(target.path(path), { method, body: new URLSearchParams(fields) });
        expect(answer.status === 405 || answer.status === 404, `${method} ${path} was answered with ${answer.status}`);
      }
    }
  },

  async inside(target, { expect, tell }) {
    let refused = 0;
    const { addPerson } = target;
    /** By page and by API; then neither may have set it. */
    async function tryPassword(browser: Browser, recovery: string, where: string): Promise<void> {
      const page = await setPassword(target, browser, recovery, wanted);
      expect(page.status === 409, `the new password ${where} was answered with ${page.status}`);
      const { status } = await browser.send(`/api/v1/recoveries/${recovery}/password`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ password: wanted }),
      });
      expect(status >= 400 && status < 500, `the same by API was answered with ${status}`);
      refused += 2;
    }
    const person = await addPerson();
    const browser = target.browser();
    const recovery = recoveryOn(await begin(target, browser, person.address));
    await tryPassword(browser, recovery, 'before a way was chosen');
    await reachCode(target, browser, person.address);
    const current = recoveryOn(browser.page);
    await tryPassword(browser, current, 'before the code');
    const code = codeOf(await target.mailTo(person.address));
    await enterCode(target, browser, current, wrong(code));
    await tryPassword(browser, current, 'after a wrong code');
    expect(!(await target.opens(person, wanted)), 'a password was set without a code');

    const done = target.browser();
    const own = await prove(
      target,
      done,
      (await addPerson({ userId: 'skipper', address: 'skipper@mail.example' })).address,
    );
    await setPassword(target, done, own, newPassword);
    await tryPassword(done, own, 'of a recovery that is done');
    expect(
      !(await target.opens({ userId: 'skipper', address: '', password: '' }, wanted)),
      'a recovery was used twice',
    );

    // Proved for one account, then turned to another: a new start is a new recovery, without a proof.
    const [own2, victim] = [await addPerson(), await addPerson()];
    const turned = target.browser();
    const proven = await prove(target, turned, own2.address);
    const next = recoveryOn(await begin(target, turned, victim.address));
    await tryPassword(turned, next, 'after the identifier was changed');
    await tryPassword(turned, proven, 'of the recovery before');
    expect(!(await target.opens(victim, wanted)), 'a proof counted for another account');
    tell(`${refused} forms out of turn refused`);
  },
};
