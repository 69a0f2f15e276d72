// How often a step waits for PostgreSQL: what is asked in one turn leaves in one message, and is waited for once. On SQLite nothing
// waits; its statements are counted in recovery-cost.test.ts.
import { Socket } from 'node:net';
import { expect, it, vi } from 'vitest';
import { createTestApp } from '../../src/testing/app.ts';
import { createTestPostgres } from '../../src/testing/databases.ts';
import { askFor } from '../ask.ts';
import { createProgram } from './program.ts';
import { codeOf, newPassword } from './steps.ts';

/** Reads of one moment mostly share a connection, and then wait once less. */
const mostWaits = { startRecovery: 4, enterCode: 6, setPassword: 6, signIn: 12 };

it('a recovery and a sign-in wait for PostgreSQL no more often than this', async () => {
  const port = Number(new URL(await askFor('postgres')).port || 5432);
  let writes = 0;
  const cork = vi.spyOn(Socket.prototype, 'cork').mockImplementation(function count(this: Socket) {
    // Not what is held back within what is held back.
    if (this.remotePort === port && this.writableCorked === 0) writes += 1;
    Object.getPrototypeOf(Socket.prototype).cork.call(this);
  });
  const app = await createTestApp({
    settings: { humanCheck: 'off' },
    createDatabase: async () => createTestPostgres(await askFor('postgres')),
  });
  try {
    const waits: Record<string, number> = {};
    const recover = async () => {
      const person = await app.addPerson();
      const program = createProgram(app);
      const call = async (name: Parameters<typeof program.call>[0], id: unknown, body: object) => {
        writes = 0;
        const called = await program.call(name, { parameters: { id: String(id) }, body });
        waits[name] = writes;
        return called.body;
      };
      const { id } = await call('startRecovery', '', { identifier: person.address, method: 'email-code' });
      await call('enterCode', id, { code: codeOf(await app.mailTo(person.address)) });
      const set = await call('setPassword', id, { password: newPassword });
      expect(set['step']).toBe('done');
      await call('signIn', '', { identifier: person.userId, password: newPassword });
    };
    // Connections are opened by the first.
    await recover();
    await recover();
    for (const [name, most] of Object.entries(mostWaits)) expect(waits[name], name).toBeLessThanOrEqual(most);
    expect(Object.keys(waits).toSorted()).toEqual(Object.keys(mostWaits).toSorted());
  } finally {
    cork.mockRestore();
    await app.close();
  }
});
