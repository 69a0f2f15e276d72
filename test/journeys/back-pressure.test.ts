// When more come than can be served: some are told at once to come again, in their language; nobody is kept waiting for ever,
// nothing breaks, no page stops answering, and whoever was told so gets through afterwards with nothing lost.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPasswords } from '../../src/accounts/passwords.ts';
import { es } from '../../src/i18n/es.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';

const queueMax = 6;
const crowd = 24;

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({
    // One hash at a time at the real cost, and few who may wait for it.
    makers: { passwords: (needs) => createPasswords({ ...needs, cost: undefined, concurrency: 1, queueMax }) },
  });
});
afterAll(() => app.close());

it('many at once never break a page: some are served, all others are told when to come again, and then are served', async () => {
  const { address, password } = await app.addPerson();
  const signIn = (at: number, accept: string) =>
    fetch(`${app.origin}/api/v1/sessions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'account-handle': 'body',
        'accept-language': accept,
        'x-forwarded-for': `10.77.${at}.1`,
      },
      body: JSON.stringify({ identifier: address, password }),
    });
  const pages = ['/sign-in', '/recover', '/health/live', '/health/ready'];
  const [tries, shown] = await Promise.all([
    Promise.all(Array.from({ length: crowd }, (_, at) => signIn(at, 'es'))),
    Promise.all(Array.from({ length: crowd }, (_, at) => fetch(app.origin + (pages[at % pages.length] ?? '/')))),
  ]);
  expect(shown.map(({ status }) => status)).toEqual(shown.map(() => 200));

  const refused = tries.filter(({ ok }) => !ok);
  expect(crowd - refused.length).toBeGreaterThan(queueMax);
  expect(refused.length).toBeGreaterThan(queueMax);
  for (const answer of refused) {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '3']);
    expect(await answer.json()).toMatchObject({ reason: 'busy', detail: expect.stringMatching(/Prueba de nuevo/) });
  }
  // They counted against nobody: one network after another gets in.
  for (let at = 0; at < refused.length; at += 1) expect((await signIn(at, 'en')).ok).toBe(true);
  expect(app.faults).toEqual([]);
});

it('whoever has no script reads it on a page, in the language of that page', async () => {
  const browser = app.browser('es');
  const crowding = new AbortController();
  let added = 0;
  const crowded = Array.from({ length: 2 * queueMax }, async () => {
    while (!crowding.signal.aborted) {
      added += 1;
      const account = {
        userId: `other${added}`,
        addresses: [],
        password: 'an old and quiet lamp',
        locale: 'en',
      } as const;
      await app.app.addAccount(account).catch(() => {});
      // On SQLite a refusal comes without waiting for anything: others have to get their turn.
      await nextTurn();
    }
  });
  try {
    // Now and then there is room: then the password is wrong.
    for (let tries = 0; tries < 20; tries += 1) {
      await browser.open('/sign-in');
      const page = await browser.press('Iniciar sesión', {
        'Email o ID de usuario': 'nadie',
        Contraseña: 'una que no es',
      });
      if (page.status === 503) break;
    }
  } finally {
    crowding.abort();
    await Promise.all(crowded);
  }
  expect(browser.page.status).toBe(503);
  expect(browser.page.headers.get('retry-after')).toBe('3');
  expect(browser.page.text).toMatch(/Prueba de nuevo en 3 segundos/);
  expect(browser.page.text).toContain(es['page.send-again']);
  await browser.follow('Probar de nuevo');
  expect([browser.page.status, browser.page.text]).toEqual([200, expect.stringContaining(es['sign-in.title'])]);
});
