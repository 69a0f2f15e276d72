import type { Scenario } from '../scenario.ts';
import { asksForPassword, codeOf, cookieOf, enterCode, reachCode, setPassword, signIn, thiefWith } from '../walk.ts';

const planted = 'AAAAAAAAAAAAAAAAAAAAAA';

export const sessionSurvival: Scenario = {
  number: 15,
  name: 'session-survival',
  title: 'A session that outlives the reset, or was planted before it',
  cost: 'a cookie, stolen or planted',
  expectation:
    'new values at every proof and sign-in; what was there before opens nothing; all sessions end with the reset',

  async inside(target, { expect, tell }) {
    const person = await target.addPerson();
    const devices = Array.from({ length: 3 }, () => target.browser());
    for (const device of devices) await signIn(target, device, person.userId, person.password);

    const browser = target.browser();
    for (const name of ['session', 'recovery', 'check', 'device', 'second-step', 'sign-up'])
      browser.setCookie(`account-${name}`, planted);
    const recovery = await reachCode(target, browser, person.address);
    const before = cookieOf(browser, 'recovery');
    expect(before[1] !== planted, 'a planted recovery cookie is taken over');
    await enterCode(target, browser, recovery, codeOf(await target.mailTo(person.address)));
    expect(cookieOf(browser, 'recovery')[1] !== before[1], 'the recovery cookie is the same after the proof');
    const thief = thiefWith(target, before);
    expect(
      !asksForPassword(await thief.open('/recover/password')),
      'the cookie from before the proof leads to the new password',
    );
    const proven = cookieOf(browser, 'recovery');
    expect(
      (await target.visitor(thiefWith(target, ['account-session', proven[1]]))) === undefined,
      'the handle of a recovery is a session',
    );
    await setPassword(target, browser, recovery);
    expect((await target.visitor(browser)) === undefined, 'a reset signs in');
    for (const device of devices)
      expect((await target.visitor(device)) === undefined, 'a session lives on after the reset');

    const fixed = target.browser();
    fixed.setCookie('account-session', planted);
    await signIn(target, fixed, person.userId, 'seven green umbrellas');
    expect((await target.visitor(fixed)) === person.userId, 'the new password does not sign in');
    expect(cookieOf(fixed, 'session')[1] !== planted, 'a planted session cookie is taken over');
    expect(
      (await target.visitor(thiefWith(target, ['account-session', planted]))) === undefined,
      'a planted session is signed in',
    );
    const first = cookieOf(fixed, 'session');
    await fixed.post('/sign-out', {});
    expect((await target.visitor(thiefWith(target, first))) === undefined, 'a session lives on after its sign-out');
    tell(`${devices.length} sessions and six planted cookies`);
  },
};
