import type { Browser } from '../../src/testing/browser.ts';
import type { Scenario } from '../scenario.ts';
import { linksIn } from '../../src/testing/mail-text.ts';
import { codeOf, cookieOf, prove, setPassword, signIn, thiefWith } from '../walk.ts';

export const preHijack: Scenario = {
  number: 14,
  name: 'pre-hijack',
  title: 'Being in the account, or signed up for it, before its owner comes back',
  cost: "the victim's address; or once the password",
  expectation:
    "a sign-up that was not confirmed opens nothing; after the owner's reset every session, token, pending address and set-up is dead",

  async inside(target, { expect, tell }) {
    const squatted = 'squatted@mail.example';
    const squatter = target.browser();
    await squatter.post('/sign-up', { userId: 'squatter', address: squatted, password: 'the squatter knows this' });
    await signIn(target, squatter, squatted, 'the squatter knows this');
    expect((await target.visitor(squatter)) === undefined, 'a sign-up that was not confirmed signs in');
    const owner = target.browser();
    await owner.post('/sign-up', { userId: 'rightful', address: squatted, password: 'the owner knows that one' });
    await owner.post('/sign-up/code', { code: codeOf(await target.mailTo(squatted)) });
    expect((await target.visitor(owner)) === 'rightful', 'the owner of the address cannot sign up any more');
    await squatter.post('/sign-up/code', { code: '12345678' });
    expect(
      !(await target.opens({ userId: 'rightful', address: squatted, password: '' }, 'the squatter knows this')),
      'the password of the squatter opens the account',
    );

    const begunByAnother = { userId: 'begun', address: 'begun@mail.example', password: 'the squatter knows this' };
    await squatter.post('/sign-up', begunByAnother);
    const welcome = await target.mailTo(begunByAnother.address);
    const reader = target.browser();
    await reader.post(linksIn(welcome)[0] ?? '', { code: codeOf(welcome) });
    await reader.post('/sign-up/password', { password: 'the reader knows that', repeated: 'the reader knows that' });
    expect((await target.visitor(reader)) === 'begun', 'the link of a sign-up does not lead into the account');
    expect(
      !(await target.opens(begunByAnother, begunByAnother.password)),
      'the password of whoever began the sign-up opens the account of its reader',
    );
    await squatter.post('/sign-up/code', { code: codeOf(welcome) });
    expect((await target.visitor(squatter)) === undefined, 'whoever began the sign-up is in the account of its reader');

    const victim = await target.addPerson();
    const inside = target.browser();
    await signIn(target, inside, victim.userId, victim.password);
    expect((await target.visitor(inside)) === victim.userId, 'nobody was in before: this says nothing then');
    const session = cookieOf(inside, 'session');
    const program = target.browser();
    const bearer = await signInByApi(program, victim.userId, victim.password);
    expect((await readByApi(program, bearer)) === 200, 'no program was in before: this says nothing then');
    await inside.post('/account/addresses', { address: 'pending@evil.example', password: victim.password });
    const pending = codeOf(await target.mailTo('pending@evil.example'));
    await inside.post('/account/authenticator', { password: victim.password });
    target.clock.advance(60_000);

    const back = target.browser();
    await setPassword(target, back, await prove(target, back, victim.address), 'the victim is back again');
    expect((await target.visitor(inside)) === undefined, 'a session lives on after the reset');
    expect(
      (await target.visitor(thiefWith(target, session))) === undefined,
      'a stolen cookie lives on after the reset',
    );
    expect((await readByApi(program, bearer)) === 401, 'a token of the API lives on after the reset');
    const confirmed = await inside.post('/account/addresses/code', { code: pending });
    expect(!confirmed.text.includes('pending@evil.example'), 'a pending address is confirmed after the reset');
    await inside.post('/account/authenticator/set-up', { code: '123456' });
    expect(!(await target.opens(victim, victim.password)), 'the old password opens the account after the reset');
    expect(await target.opens(victim, 'the victim is back again'), 'the owner does not get in after the reset');
    tell('two sign-ups, a session, a token of the API, a pending address and a set-up that was begun');
  },
};

async function signInByApi(program: Browser, identifier: string, password: string): Promise<string> {
  const response = await program.send('/api/v1/sessions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'account-handle': 'body' },
    body: JSON.stringify({ identifier, password }),
  });
  return /"handle":"([^"]+)"/.exec(await response.text())?.[1] ?? '';
}

const readByApi = async (program: Browser, bearer: string): Promise<number> =>
  (await program.send('/api/v1/account', { headers: { authorization: `Bearer ${bearer}`, 'account-handle': 'body' } }))
    .status;
