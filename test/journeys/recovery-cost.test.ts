// What a recovery and a sign-in ask of the database: counts that no machine changes, so that one statement or commit more is
// seen.
import { expect, it } from 'vitest';
import { createTestApp } from '../../src/testing/app.ts';
import { createCounted } from '../counted.ts';
import { createProgram } from './program.ts';
import { codeOf, newPassword } from './steps.ts';

it('a recovery is one commit for each of its four calls, and it and a sign-in no more statements than these', async () => {
  const counted = createCounted();
  const app = await createTestApp({ settings: { humanCheck: 'off' }, wrap: counted.wrap });
  try {
    const person = await app.addPerson();
    const program = createProgram(app);
    const costs: Record<string, readonly [number, number]> = {};
    const call = async (name: Parameters<typeof program.call>[0], parameters: Record<string, string>, body: object) => {
      counted.take();
      const called = await program.call(name, { parameters, body });
      const { statements, commits } = counted.take();
      costs[name] = [statements, commits];
      return called;
    };
    const started = await call('startRecovery', {}, { identifier: person.address });
    const parameters = { id: String(started.body['id']) };
    await call('askForCode', parameters, { method: 'email-code' });
    const code = codeOf(await app.mailTo(person.address));
    await call('enterCode', parameters, { code });
    const set = await call('setPassword', parameters, { password: newPassword });
    expect(set.body['step']).toBe('done');
    // On PostgreSQL the account is held by a statement of its own.
    const setting = app.db.engine === 'postgres' ? 19 : 18;
    expect(costs).toEqual({ startRecovery: [7, 1], askForCode: [6, 1], enterCode: [9, 1], setPassword: [setting, 1] });

    await call('signIn', {}, { identifier: person.userId, password: newPassword });
    expect(costs['signIn']).toEqual([16, 4]);

    // With its way told at the start it is three calls: what finds the recovery and its accounts again is saved.
    await call('startRecovery', {}, { identifier: person.address, method: 'email-code' });
    expect(costs['startRecovery']).toEqual([9, 1]);
  } finally {
    await app.close();
  }
});
