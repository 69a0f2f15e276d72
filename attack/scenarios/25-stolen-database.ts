import { minuteMs } from '../../src/base/clock.ts';
import type { Browser } from '../../src/testing/browser.ts';
import type { Scenario } from '../scenario.ts';
import { codeOf, enterCode, linkOf, newPassword, prove, reachCode, setPassword, signIn, thiefWith } from '../walk.ts';

const words = 'My old telephone fell into the harbour.';

export const stolenDatabase: Scenario = {
  number: 25,
  name: 'stolen-database',
  title: 'The whole database and all logs, in the middle of everything',
  cost: 'a backup, a replica, or a look at the logs',
  expectation:
    'no code, link, cookie, password or word to support stands in them, in any of the usual writings; nothing in them opens anything',

  async inside(target, { expect, tell }) {
    const person = await target.addPerson({ userId: 'stolen-from', address: 'stolen-from@mail.example' });
    const secrets = new Map<string, string>();
    const keepCookies = (who: string, browser: Browser) => {
      for (const [name, value] of browser.cookies())
        if (value.length > 8) secrets.set(`the cookie ${name} of ${who}`, value);
    };
    const waiting = target.browser();
    const recovery = await reachCode(target, waiting, person.address);
    // A mail that is refused is logged: the log is not empty.
    await target.refuseMail();
    target.clock.advance(minuteMs);
    await waiting.post('/recover/code/again', { recovery });
    const mail = await target.mailTo(person.address);
    secrets.set('a code', codeOf(mail));
    for (const place of ['link', 'stop'] as const)
      secrets.set(`the token of a ${place} link`, linkOf(mail, place).split('/').at(-1) ?? '');
    keepCookies('a recovery', waiting);

    const proven = target.browser();
    const other = await target.addPerson();
    const proving = await prove(target, proven, other.address);
    keepCookies('a proof', proven);

    const signedIn = target.browser();
    await signIn(target, signedIn, person.userId, person.password);
    await signedIn.post('/account/addresses', { address: 'lighthouse@mail.example', password: person.password });
    secrets.set('the code for a further address', codeOf(await target.mailTo('lighthouse@mail.example')));
    secrets.set('a further address', 'lighthouse@mail.example');
    keepCookies('a session', signedIn);

    const signingUp = target.browser();
    await signingUp.post('/sign-up', { userId: 'new.one', address: 'new@mail.example', password: newPassword });
    secrets.set('the code of a sign-up', codeOf(await target.mailTo('new@mail.example')));
    keepCookies('a sign-up', signingUp);

    const stuck = target.browser();
    const opened = await stuck.post('/recover/case', {
      kind: 'other',
      identifier: '',
      words,
      contact: 'harbour@mail.example',
    });
    const [, number = '', caseCode = ''] =
      /([A-Z\d]{3}(?: [A-Z\d]{3}){2})\b.*?([A-Z\d]{4}(?: [A-Z\d]{4}){3})\b/.exec(opened.text) ?? [];
    secrets.set('the code of a case', caseCode.replaceAll(' ', ''));
    secrets.set('the code of a contact', codeOf(await target.mailTo('harbour@mail.example')));
    secrets.set('the contact of a case', 'harbour@mail.example');
    secrets.set('what a person wrote', 'telephone fell into the harbour');
    keepCookies('a case', stuck);
    secrets.set('a password', person.password);
    secrets.set('a password of a sign-up', newPassword);

    const [dump, logs] = [await target.dump(), target.logs()];
    expect(
      dump.includes(person.userId) && dump.includes(number.replaceAll(' ', '')),
      'the dump is none: this says nothing then',
    );
    expect(logs.length > 0, 'nothing was logged: this says nothing then');
    let searched = 0;
    for (const [what, secret] of secrets) {
      expect(secret.length > 5, `${what} is not known: this says nothing then`);
      const writings = [
        secret,
        ...['base64', 'base64url', 'hex'].map((way) =>
          Buffer.from(secret)
            .toString(way === 'hex' ? 'hex' : way === 'base64' ? 'base64' : 'base64url')
            .replace(/=+$/, ''),
        ),
      ];
      for (const written of writings) {
        searched += 1;
        expect(!dump.includes(written), `${what} stands in the database`);
        expect(!logs.includes(written), `${what} stands in the log`);
      }
    }
    expect(!logs.includes(person.address), 'an address stands in the log');

    // Whatever stands there in place of a cookie or a code is worth nothing.
    const hashes = Array.from(new Set(dump.match(/test\.[\w-]{43}/g) ?? []));
    const some = hashes.slice(0, target.sized(8, 500));
    expect(some.length > 0, 'no keyed hash stands in the database: this says nothing then');
    for (const hash of some) {
      const thief = thiefWith(target, ['account-session', hash]);
      expect((await target.visitor(thief)) === undefined, 'what stands in the database signs in');
      const own = thiefWith(target, ['account-recovery', hash.slice(5, 27)]);
      await enterCode(target, own, recovery, hash.replace(/\D/g, '').slice(0, 8).padEnd(8, '1'));
      await setPassword(target, own, proving, 'a stolen green bicycle');
    }
    expect(!(await target.opens(other, 'a stolen green bicycle')), 'what stands in the database sets a password');
    tell(
      `${secrets.size} secrets in ${searched} writings searched for in ${dump.length} characters of database and ${logs.length} of log`,
    );
  },
};
