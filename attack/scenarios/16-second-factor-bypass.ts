import type { Scenario } from '../scenario.ts';
import { cookieOf, prove, setPassword, signIn } from '../walk.ts';

export const secondFactorBypass: Scenario = {
  number: 16,
  name: 'second-factor-bypass',
  title: 'Past the second factor by way of a reset',
  cost: "the victim's mailbox",
  expectation: 'the new password alone gives no session and removes no factor; every other address is told',

  async inside(target, { expect, tell }) {
    const other = 'second-of-noor@mail.example';
    const person = await target.addPerson({ userId: 'noor-of-two', addresses: ['noor-of-two@mail.example', other] });
    const authenticator = await target.addAuthenticator(person);
    // Older than a newcomer is.
    target.clock.advance(4 * 86_400_000);
    const thief = target.browser();
    await setPassword(target, thief, await prove(target, thief, person.address), 'a stolen green bicycle');
    expect((await target.visitor(thief)) === undefined, 'the reset signs in');
    const asked = await signIn(target, thief, person.userId, 'a stolen green bicycle');
    expect(asked.path.startsWith('/sign-in/second-factor'), `after the password comes ${asked.path}`);
    expect((await target.visitor(thief)) === undefined, 'the password alone gives a session');
    expect(
      cookieOf(thief, 'session')[1] === '' || cookieOf(thief, 'device')[1] === '',
      'the password alone is remembered',
    );
    for (const [path, fields] of [
      ['/account/authenticator/change', { password: 'a stolen green bicycle', code: '123456', what: 'remove' }],
      ['/account/addresses', { address: 'thief@evil.example', password: 'a stolen green bicycle' }],
      [
        '/account/password',
        { current: 'a stolen green bicycle', password: 'seven green umbrellas', repeated: 'seven green umbrellas' },
      ],
    ] as const) {
      const answered = await thief.post(path, fields);
      expect(
        answered.path.startsWith('/sign-in') || answered.status >= 400,
        `${path} is open between password and code`,
      );
    }
    for (let times = 0; times < 6; times += 1)
      await thief.post('/sign-in/second-factor', { code: String(100_000 + times) });
    expect((await target.visitor(thief)) === undefined, 'a guessed code gives a session');
    const told = (await target.mails()).filter(({ recipients }) => recipients.includes(other));
    expect(told.length > 0, 'the other address is not told of the reset');

    const owner = target.browser();
    await signIn(target, owner, person.userId, 'a stolen green bicycle');
    await owner.post('/sign-in/second-factor', { code: authenticator.code() });
    expect((await target.visitor(owner)) === person.userId, 'with its code the factor does not let in: it is gone');
    tell(`${told.length} mails to the other address`);
  },
};
