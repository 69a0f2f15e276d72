// Rekey with a counter store: what is counted where, what stays open while it is away, and that it is found again by itself.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Redis } from 'iovalkey';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { openValkeyCounter } from '../../src/limits/valkey.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { createTestSqlite } from '../../src/testing/databases.ts';
import { askFor } from '../ask.ts';
import { startValkey, type ValkeyServer } from '../valkey.ts';

const why = (await askFor('valkey')) ? '' : ' (skipped: no valkey-server or redis-server here)';
const password = 'an old and quiet lamp';

function noteLog() {
  const logged: unknown[] = [];
  const noteAs = (level: string) => (facts: object, words: string) => void logged.push([level, words, facts]);
  return { logged, log: { info: noteAs('info'), warn: noteAs('warn'), error: noteAs('error') } };
}

const portOf = (server: Server): number | undefined => {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
};

describe.skipIf(why !== '')(`a counter store${why}`, () => {
  // One of its own, to be ended.
  let server: ValkeyServer | undefined;
  let app: TestApp;
  beforeAll(async () => {
    server = await startValkey();
    app = await createTestApp({ settings: { valkey: server?.url }, createDatabase: createTestSqlite });
    await app.addPerson({ userId: 'lucia', address: 'lucia@mail.example', password });
  });
  afterAll(async () => {
    await app.close();
    await server?.stop();
  });

  const signIn = (given: string, language = 'en') =>
    fetch(`${app.origin}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'account-handle': 'body', 'accept-language': language },
      body: JSON.stringify({ identifier: 'lucia', password: given }),
    });
  const pages = ['/', '/sign-in', '/sign-up', '/recover', '/recover/case', '/health/live', '/health/ready'];
  const statuses = () => Promise.all(pages.map(async (path) => (await fetch(app.origin + path)).status));
  const allOpen = pages.map(() => 200);
  const countedInDatabase = async () =>
    (await app.db.read.selectFrom('counters').select('key').execute()).map(({ key }) => key.split('/')[0]);

  it('counts wrong passwords, and the database counts what it guards itself', async () => {
    expect((await signIn('not the right one')).status).toBe(422);
    const browser = app.browser();
    await browser.open('/recover');
    await browser.press('Continue', { 'Email or user ID': 'lucia' });
    expect(new Set(await countedInDatabase())).toEqual(new Set(['recovery-identifier', 'recovery-start']));
    expect(await statuses()).toEqual(allOpen);
  });

  it('that is away leaves pages open and guesses closed, in words and with a time, and comes back by itself', async () => {
    const { log, logged } = noteLog();
    const place = `${server?.url.replace('redis://', '')}/2`;
    const counter = await openValkeyCounter({ deployment: 'shop.example', url: `redis://${place}`, log });
    onTestFinished(() => counter.close());
    expect((await counter.hit('a', 60_000)).count).toBe(1);
    // What is counted with the rows of a transaction cannot be counted here.
    await expect(app.db.write((tx) => counter.hit('a', 60_000, tx))).rejects.toThrow('counted in its database');
    expect(logged).toEqual([]);
    await server?.stop();
    const refused = await signIn(password, 'es');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '3']);
    expect(await refused.json()).toMatchObject({ reason: 'busy', detail: expect.stringMatching(/Prueba de nuevo/) });
    expect(await statuses()).toEqual(allOpen);
    const browser = app.browser('es');
    await browser.open('/sign-in');
    const page = await browser.press('Iniciar sesión', { 'Email o ID de usuario': 'lucia', Contraseña: password });
    expect([page.status, page.language]).toEqual([503, 'es']);
    expect(app.logged.filter((line) => line.startsWith('the counter store does not answer'))).toHaveLength(1);
    for (const counting of [() => counter.hit('a', 60_000), () => counter.peek('a')])
      await expect(counting()).rejects.toMatchObject({
        problem: 'busy',
        detail: expect.stringContaining(`The counter store at ${place} did not answer: `),
        retryAfterMs: 3_000,
      });
    await counter.giveBack('a');
    const facts = { valkey: place, failure: expect.stringMatching(/./) };
    expect(logged).toEqual([
      ['error', 'the counter store does not answer', facts],
      ['warn', 'a count was not given back', facts],
    ]);

    await server?.start();
    await expect.poll(() => counter.peek('a').catch(() => undefined), { timeout: 15_000 }).toMatchObject({ count: 0 });
    expect(logged.slice(2)).toEqual([['info', 'the counter store answers again', { valkey: place }]]);
    await counter.close();
    await expect(counter.hit('a', 60_000)).rejects.toMatchObject({ problem: 'busy' });
    expect(logged).toHaveLength(3);
    await expect.poll(async () => (await signIn(password)).ok, { timeout: 15_000 }).toBe(true);
    expect(app.logged.filter((line) => line.startsWith('the counter store answers again'))).toHaveLength(1);
    expect(app.faults).toEqual([]);
  });
});

it('a counter store without its package, or with one that is not what it was, is told with what to install', async () => {
  const open = () =>
    openValkeyCounter({ deployment: 'shop.example', url: 'redis://127.0.0.1:1', log: createLog('silent') });
  const missing = new Error('Cannot find package');
  for (const loaded of [() => Promise.reject(missing), () => ({}), () => ({ Redis: 'none' })]) {
    vi.doMock('iovalkey', loaded);
    await expect(open()).rejects.toMatchObject({
      problem: 'valkey-unusable',
      detail: expect.stringMatching(/^The setting valkey needs a package that cannot be loaded: npm install iovalkey@/),
    });
    vi.doUnmock('iovalkey');
  }
});

describe.skipIf(why !== '')(`opening a counter store${why}`, () => {
  const { log, logged } = noteLog();
  const unusable = (words: RegExp) => ({ problem: 'valkey-unusable', detail: expect.stringMatching(words) });

  it('says what is wrong, without the password', async () => {
    const nowhere = openValkeyCounter({ deployment: 'shop.example', url: 'valkey://user:hunter2@127.0.0.1:1/3', log });
    await expect(nowhere).rejects.toMatchObject(
      unusable(/^Valkey at 127\.0\.0\.1:1\/3 cannot be reached \(.*ECONNREFUSED/),
    );
    await expect(nowhere).rejects.not.toMatchObject(unusable(/hunter2/));
    const noAddress = openValkeyCounter({ deployment: 'shop.example', url: 'somewhere', log });
    await expect(noAddress).rejects.toMatchObject(unusable(/^Write the address as valkey:/));
    // With TLS it is asked in TLS: no password goes to it in clear.
    const heard: Buffer[] = [];
    const listener = createServer((socket) => void socket.once('data', (data) => heard.push(data) && socket.destroy()));
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    for (const scheme of ['valkeys', 'rediss']) {
      const url = `${scheme}://:hunter2@127.0.0.1:${portOf(listener)}`;
      await expect(openValkeyCounter({ deployment: 'shop.example', url, log })).rejects.toMatchObject(
        unusable(/cannot be reached/),
      );
    }
    listener.close();
    expect(heard.map((data) => data[0])).toEqual([0x16, 0x16]);
    const locked = await startValkey({ password: 'right' });
    const place = locked?.url.replace('redis://', '') ?? '';
    try {
      for (const user of ['', ':wrong@'])
        await expect(
          openValkeyCounter({ deployment: 'shop.example', url: `valkey://${user}${place}`, log }),
        ).rejects.toMatchObject(unusable(/refused the user or the password/));
      const counter = await openValkeyCounter({ deployment: 'shop.example', url: `valkey://:right@${place}/1`, log });
      expect((await counter.hit('a', 60_000)).count).toBe(1);
      // Another deployment that counts in the same database number.
      const other = await openValkeyCounter({ deployment: 'other.example', url: `valkey://:right@${place}/1`, log });
      expect([await other.hit('a', 60_000), await counter.hit('a', 60_000)]).toMatchObject([
        { count: 1 },
        { count: 2 },
      ]);
      // A user who may count by scripts on these keys is enough, and one who may not is told what is missing.
      const root = new Redis(`redis://:right@${place}/1`);
      // One that was left without an end, such as by a copy of the data, gets one.
      await root.persist('rekey/shop.example/a');
      expect(await counter.hit('a', 60_000)).toEqual({ count: 3, endsInMs: 60_000 });
      expect(await root.pttl('rekey/shop.example/a')).toBeGreaterThan(0);
      await root.call(
        'ACL',
        'SETUSER',
        'counter',
        'on',
        '>c',
        '~rekey/*',
        '+eval',
        '+incr',
        '+pttl',
        '+pexpire',
        '+get',
      );
      await root.call('ACL', 'SETUSER', 'reader', 'on', '>c', '~rekey/*', '+get', '+info');
      root.disconnect();
      const least = await openValkeyCounter({ deployment: 'least.example', url: `redis://counter:c@${place}`, log });
      expect(await least.hit('a', 60_000)).toMatchObject({ count: 1 });
      await least.close();
      await expect(
        openValkeyCounter({ deployment: 'shop.example', url: `redis://reader:c@${place}`, log }),
      ).rejects.toMatchObject(unusable(/lets this user run no scripts: give it \+eval on the keys rekey/));
      await other.close();
      await counter.close();
      // Whoever opens it says what is wrong; the log has only what comes later.
      expect(logged).toEqual([]);
    } finally {
      await locked?.stop();
    }
  });
});

describe.skipIf(why !== '')(`a counter store behind one name${why}`, () => {
  it('is left for the one that took its place: where it became a replica, and where it is silent', async () => {
    const servers = [await startValkey(), await startValkey()].flatMap((server) => server ?? []);
    const ports = servers.map(({ url }) => Number(new URL(url).port));
    let serving = 0;
    const sockets: Socket[] = [];
    // What a name service or a balancer does: whoever connects anew is led to the other, and whoever is connected stays.
    const name = createServer((near) => {
      const far = connect(ports[serving] ?? 0, '127.0.0.1');
      sockets.push(near, far);
      for (const socket of [near, far]) socket.on('error', () => {});
      near.on('close', () => far.destroy()).pipe(far);
      far.on('close', () => near.destroy()).pipe(near);
    });
    await once(name.listen(0, '127.0.0.1'), 'listening');
    const counter = await openValkeyCounter({
      deployment: 'shop.example',
      url: `redis://127.0.0.1:${portOf(name)}`,
      log: createLog('silent'),
    });
    const first = new Redis(servers[0]?.url ?? '');
    const counts = () =>
      counter.hit('a', 60_000).then(
        ({ count }) => count,
        () => 0,
      );
    try {
      expect([await counts(), await counts()]).toEqual([1, 2]);
      serving = 1;
      await first.call('REPLICAOF', '127.0.0.1', '1');
      await expect.poll(counts, { timeout: 10_000 }).toBe(1);

      await first.call('REPLICAOF', 'NO', 'ONE');
      await first.flushall();
      serving = 0;
      for (const socket of sockets) socket.unpipe().pause();
      await expect.poll(counts, { timeout: 10_000 }).toBe(1);
    } finally {
      first.disconnect();
      await counter.close();
      for (const socket of sockets) socket.destroy();
      name.close();
      for (const server of servers) await server.stop();
    }
  });
});
