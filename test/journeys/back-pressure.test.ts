// When more come than can be served: some are told at once to come again, in their language; nobody is kept waiting for ever,
// nothing breaks, no page stops answering, and whoever was told so gets through afterwards with nothing lost.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { begunPerHash, createPasswords } from '../../src/accounts/passwords.ts';
import { es } from '../../src/i18n/es.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { createCounted } from '../counted.ts';
import { createProgram } from './program.ts';
import { codeOf, newPassword } from './steps.ts';

const queueMax = 6;
const crowd = 24;
/** Seconds: from three to thirty. */
const aWhile = /^([3-9]|[12]\d|30)$/;

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
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.stringMatching(aWhile)]);
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
  const crowded = Array.from({ length: begunPerHash + 2 * queueMax }, async () => {
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
  expect(browser.page.headers.get('retry-after')).toMatch(aWhile);
  expect(browser.page.text).toMatch(/Prueba de nuevo en \d+ segundos/);
  expect(browser.page.text).toContain(es['page.send-again']);
  await browser.follow('Probar de nuevo');
  expect([browser.page.status, browser.page.text]).toEqual([200, expect.stringContaining(es['sign-in.title'])]);
});

it('whoever waits for a hash, or is refused one, has had nothing read or counted; pages go on', async () => {
  const counted = createCounted();
  const held = Promise.withResolvers<void>();
  let hashing = 0;
  const holding =
    <Given extends unknown[], T>(act: (...given: Given) => Promise<T>) =>
    async (...given: Given): Promise<T> => {
      hashing += 1;
      await held.promise;
      return act(...given);
    };
  const own = await createTestApp({
    settings: { humanCheck: 'off' },
    wrap: counted.wrap,
    makers: {
      passwords(needs) {
        const passwords = createPasswords({ ...needs, concurrency: 1, queueMax });
        return { ...passwords, verify: holding(passwords.verify) };
      },
    },
  });
  try {
    const person = await own.addPerson();
    const program = createProgram(own);
    const started = await program.call('startRecovery', { body: { identifier: person.address, method: 'email-code' } });
    const parameters = { id: String(started.body['id']) };
    const code = codeOf(await own.mailTo(person.address));
    await program.call('enterCode', { parameters, body: { code } });
    const setPassword = () => program.call('setPassword', { parameters, body: { password: newPassword } });
    const signIn = (identifier: string, password = person.password) =>
      createProgram(own).call('signIn', { body: { identifier, password } });

    const begun = Array.from({ length: begunPerHash }, () => signIn(person.address));
    await expect.poll(() => hashing).toBe(begun.length);
    counted.take();
    const more = Array.from({ length: queueMax + 1 }, (_, at) => signIn(at % 2 ? person.address : 'nobody'));
    // One of these is too many: then the others wait.
    const tooMany = await Promise.race(more);
    expect(tooMany.status).toBe(503);
    const signUp = { userId: 'newcomer', address: 'newcomer@mail.example', password: newPassword };
    for (const refused of [
      await signIn(person.address),
      await signIn('nobody'),
      await setPassword(),
      await program.call('signUp', { body: signUp }),
    ])
      expect([refused.status, refused.body['reason']]).toEqual([503, 'busy']);
    expect([counted.take(), hashing]).toEqual([{ statements: 0, commits: 0 }, begun.length]);
    for (const page of ['/sign-in', '/sign-up', '/recover'])
      expect((await fetch(own.origin + page)).status, page).toBe(200);

    held.resolve();
    expect((await Promise.all(begun)).map(({ status }) => status)).toEqual(begun.map(() => 200));
    const served = (await Promise.all(more)).filter((each) => each !== tooMany);
    expect(served.map(({ status }) => status)).not.toContain(503);
    expect((await setPassword()).body['step']).toBe('done');
    expect((await signIn(person.address, newPassword)).status).toBe(200);
  } finally {
    held.resolve();
    await own.close();
  }
});
