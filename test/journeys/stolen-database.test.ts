// Whoever reads the whole database in the middle of everything (attack 25) finds no code, link, cookie or password that
// works, and no word that a person wrote to support.
import { expect, it } from 'vitest';
import { createTestApp } from '../../src/testing/app.ts';
import { codeOf, linkOf, newPassword, openCase, reachCode, reachPassword, signIn } from './steps.ts';

it('the database holds nothing that opens anything', async () => {
  const app = await createTestApp({ settings: { humanCheck: 'off' } });
  try {
    const waiting = app.browser();
    const first = await app.addPerson();
    await reachCode(waiting, first.address);
    const mail = await app.mailTo(first.address);

    const proven = app.browser();
    await reachPassword(app, proven, await app.addPerson());

    const signedIn = app.browser();
    await signIn(signedIn, first.userId, first.password);
    await signedIn.open('/account/addresses');
    await signedIn.press('Add', { Email: 'lighthouse@mail.example', 'Your password': first.password });
    const claimed = await app.mailTo('lighthouse@mail.example');

    const signingUp = app.browser();
    await signingUp.open('/sign-up');
    await signingUp.press('Create account', { 'User ID': 'new.one', Email: 'new@mail.example', Password: newPassword });
    const welcome = await app.mailTo('new@mail.example');

    const stuck = app.browser();
    const { number, code: caseCode } = await openCase(stuck, 'harbour@mail.example');
    const confirming = await app.mailTo('harbour@mail.example');

    const secrets = [
      codeOf(mail),
      codeOf(welcome),
      codeOf(claimed),
      'lighthouse@mail.example',
      linkOf(mail, 'link').split('/').at(-1) ?? '',
      linkOf(mail, 'stop').split('/').at(-1) ?? '',
      ...[waiting, proven, signedIn, signingUp, stuck].flatMap((browser) => [...browser.cookies().values()]),
      first.password,
      newPassword,
      'telephone fell into the harbour',
      codeOf(confirming),
      'harbour@mail.example',
      caseCode.replaceAll(' ', ''),
    ].filter((secret) => secret !== '');

    const { read } = app.db;
    const dump = JSON.stringify(
      await Promise.all(
        (
          [
            ...(['accounts', 'addresses', 'sessions', 'sign_ups', 'human_checks', 'human_check_answers'] as const),
            ...([
              'recoveries',
              'mailed_codes',
              'address_claims',
              'address_changes',
              'mailboxes',
              'outbox',
              'cases',
              'counters',
              'audit_events',
            ] as const),
            ...(['case_contacts', 'case_handles', 'devices', 'password_tries', 'second_steps'] as const),
          ] as const
        ).map((table) => read.selectFrom(table).selectAll().execute()),
      ),
    );
    // The dump is one: what is no secret is there.
    expect(dump).toContain(first.userId);
    expect(dump).toContain(number.replaceAll(' ', ''));
    for (const secret of secrets) expect(dump).not.toContain(secret);
    expect(app.faults).toEqual([]);
  } finally {
    await app.close();
  }
});
