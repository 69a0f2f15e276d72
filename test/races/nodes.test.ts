// Nodes and a worker as processes of their own on one PostgreSQL: each goes on with what another began, and mail goes out by
// the worker alone.
import { request } from 'node:http';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Clock, minuteMs } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { createRekey } from '../../src/index.ts';
import { createTestPostgres, type TestDatabase } from '../../src/testing/databases.ts';
import { type Mailbox, startMailbox } from '../../src/testing/mailbox.ts';
import { codeIn } from '../../src/testing/mail-text.ts';
import { askFor } from '../ask.ts';
import { production, rekeyWith, type Serving, startServing, startWorker, typeTo } from '../journeys/command-line.ts';

let database: TestDatabase;
let mailbox: Mailbox;
let variables: Record<string, string>;
const running: Pick<Serving, 'process' | 'exited'>[] = [];

beforeAll(async () => {
  database = await createTestPostgres(await askFor('postgres'));
  mailbox = await startMailbox();
  variables = {
    ...production,
    REKEY_DATABASE: database.address,
    REKEY_SMTP: mailbox.url,
    REKEY_HUMAN_CHECK: 'off',
    REKEY_MODE: 'development',
    REKEY_ORIGIN: 'http://127.0.0.1',
  };
});
afterAll(async () => {
  for (const { process, exited } of running) {
    process.kill('SIGKILL');
    await exited;
  }
  await mailbox.close();
  await database.remove();
});

/** As a proxy passes on what a program sends. */
const call = (
  node: Serving,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  { body, handle }: { readonly body?: object; readonly handle?: string } = {},
): Promise<{ readonly status: number | undefined; readonly told: Record<string, unknown> }> =>
  new Promise((resolve, reject) => {
    const sent = body && JSON.stringify(body);
    const headers = {
      host: '127.0.0.1',
      'account-handle': 'body',
      ...(sent !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
      ...(handle !== undefined && { authorization: `Bearer ${handle}` }),
    };
    request(new URL(path, node.address), { method, headers }, (answer) => {
      let text = '';
      answer
        .setEncoding('utf8')
        .on('data', (part: string) => (text += part))
        .on('end', () => {
          const told: unknown = text === '' ? {} : JSON.parse(text);
          resolve({ status: answer.statusCode, told: Object(told) });
        });
    })
      .on('error', reject)
      .end(sent);
  });

/** A process whose clock is twenty minutes ahead of everybody's. */
const aheadMs = 20 * minuteMs;
const ahead = {
  NODE_OPTIONS: `--import=data:text/javascript,const/**/now=Date.now;Date.now=()=>now()+${aheadMs}`,
};

it('a recovery goes on at another node, whose clock is wrong, its mail is sent by the worker alone, and a session ends everywhere at once', async () => {
  const add = ['accounts', 'add', 'lucia', '--email', 'lucia@mail.example', '--password-stdin'];
  expect(await typeTo('an old and quiet lamp\n', variables, ...add)).toMatchObject({ code: 0 });
  const [first, second] = await Promise.all([
    startServing(variables, '--no-jobs'),
    startServing({ ...variables, ...ahead }, '--no-jobs'),
  ]);
  running.push(first, second);
  expect(Number(second.log.at(-1)?.['time']) - Number(first.log.at(-1)?.['time'])).toBeGreaterThan(aheadMs / 2);

  const started = await call(first, 'POST', '/api/v1/recoveries', { body: { identifier: 'lucia' } });
  expect(started.status).toBe(201);
  const handle = String(started.told['handle']);
  const path = `/api/v1/recoveries/${String(started.told['id'])}`;
  expect((await call(second, 'POST', `${path}/proofs`, { handle, body: { method: 'email-code' } })).status).toBe(200);
  // The worker takes longer to start than jobs of the nodes would take to send it.
  expect(mailbox.messages()).toEqual([]);

  const worker = await startWorker(variables);
  running.push(worker);
  await expect.poll(() => mailbox.messages().length, { timeout: 20_000 }).toBe(1);
  const [mail] = mailbox.messages();
  const code = mail && codeIn(mail);
  const verified = await call(first, 'POST', `${path}/proofs/email-code/verify`, { handle, body: { code } });
  expect(verified).toMatchObject({ status: 200 });
  const next = String(verified.told['handle']);
  const password = 'a long and new sentence';
  const changed = await call(second, 'POST', `${path}/password`, {
    handle: next,
    body: { password },
  });
  expect(changed).toMatchObject({ status: 200 });

  const entered = await call(first, 'POST', '/api/v1/sessions', { body: { identifier: 'lucia', password } });
  const session = String(entered.told['handle']);
  expect((await call(second, 'GET', '/api/v1/account', { handle: session })).status).toBe(200);
  expect((await call(second, 'DELETE', '/api/v1/sessions/current', { handle: session })).status).toBe(204);
  expect((await call(first, 'GET', '/api/v1/account', { handle: session })).status).toBe(401);
  // Whatever the node with the wrong clock wrote down has the time of the database.
  const { rows } = await sql<{
    off: number;
  }>`SELECT max(abs(at - extract(epoch FROM clock_timestamp()) * 1000))::bigint AS off
    FROM audit_events`.execute(database.db.read);
  expect(rows[0]?.off).toBeLessThan(5 * minuteMs);

  worker.process.kill('SIGTERM');
  expect(await worker.exited).toBe(0);
  expect(worker.log.at(-1)).toMatchObject({ msg: 'stopped' });
});

it('workers of one node share its port, one that dies is replaced, and all end at one signal', async () => {
  const node = await startServing(variables, '--workers', '2', '--no-jobs');
  running.push(node);
  const ready = () => node.log.filter(({ msg }) => msg === 'ready');
  await expect.poll(() => ready().length, { timeout: 30_000 }).toBe(2);
  expect(new Set(ready().map(({ address }) => address))).toEqual(new Set([node.address]));
  expect(new Set(ready().map(({ pid }) => pid)).size).toBe(2);
  const ask = () => call(node, 'POST', '/api/v1/recoveries', { body: { identifier: 'nobody' } });
  expect((await Promise.all(Array.from({ length: 8 }, ask))).map(({ status }) => status)).toEqual(Array(8).fill(201));

  process.kill(Number(ready()[0]?.['pid']), 'SIGKILL');
  await expect.poll(() => ready().length, { timeout: 30_000 }).toBe(3);
  expect(node.log.filter(({ msg }) => String(msg).startsWith('a worker ended by itself'))).toHaveLength(1);
  expect((await ask()).status).toBe(201);
  node.process.kill('SIGTERM');
  expect(await node.exited).toBe(0);
  expect(node.log.filter(({ msg }) => msg === 'stopped')).toHaveLength(2);
  // By themselves, and not because their time was over.
  expect(node.log.at(-1)?.['msg']).toBe('stopped');
});

/** A node within this process, on the database that all share. */
const nodeWith = (keys: string, clock?: Clock) =>
  createRekey({
    log: createLog('silent'),
    ...(clock && { clock }),
    settings: {
      mode: 'development',
      origin: 'http://127.0.0.1',
      database: database.address,
      smtp: mailbox.url,
      keys,
      siteName: 'Corner Shop',
      senderAddress: 'help@shop.site',
      humanCheck: 'off',
    },
  });
type Node = Awaited<ReturnType<typeof nodeWith>>;

const ask = (node: Node, method: string, path: string, more: { handle?: string; body?: object } = {}) =>
  node.fetch(
    new Request(`http://127.0.0.1${path}`, {
      method,
      headers: {
        'account-handle': 'body',
        'content-type': 'application/json',
        ...(more.handle !== undefined && { authorization: `Bearer ${more.handle}` }),
      },
      ...(more.body && { body: JSON.stringify(more.body) }),
    }),
  );

it('keys rotate in two steps while people are signed in and sign in, and nobody is signed out', async () => {
  const old = production.REKEY_KEYS;
  const fresh = `k2:${Buffer.from(Array.from({ length: 32 }, (_, at) => (at * 97 + 13) % 251)).toString('base64')}`;
  const password = 'a lamp that is quiet';
  const handles: string[] = [];
  async function signIn(node: Node): Promise<void> {
    const entered = await ask(node, 'POST', '/api/v1/sessions', { body: { identifier: 'rosa', password } });
    const { handle, ...told }: { handle?: unknown } = Object(await entered.json());
    expect([entered.ok, told]).toEqual([true, told]);
    handles.push(String(handle));
  }

  let nodes = [await nodeWith(old), await nodeWith(old)];
  const [anyNode] = nodes;
  await anyNode?.accounts.add({ userId: 'rosa', addresses: ['rosa@mail.example'], password, locale: 'en' });
  // First every node learns the new key, one after another, and only then does one sign with it.
  for (const keys of [`${old},${fresh}`, `${fresh},${old}`]) {
    for (const at of [0, 1]) {
      await Promise.all(nodes.map(signIn));
      await nodes[at]?.close();
      nodes = nodes.with(at, await nodeWith(keys));
      await Promise.all(nodes.map(signIn));
      const statuses = await Promise.all(
        nodes.flatMap((node) =>
          handles.map(async (handle) => (await ask(node, 'GET', '/api/v1/account', { handle })).status),
        ),
      );
      expect(statuses).toEqual(statuses.map(() => 200));
    }
  }
  expect(handles).toHaveLength(16);
  await Promise.all(nodes.map((node) => node.close()));
});

it('a node that runs no jobs notes itself that its sessions are used', async () => {
  let now = Date.now();
  const node = await nodeWith(production.REKEY_KEYS, { now: () => now });
  const account = {
    userId: 'ramon',
    addresses: ['ramon@mail.example'],
    password: 'a lamp that is quiet',
    locale: 'en',
  } as const;
  await node.accounts.add(account);
  const body = { identifier: account.userId, password: account.password };
  const { handle }: { handle?: unknown } = Object(await (await ask(node, 'POST', '/api/v1/sessions', { body })).json());
  now += 3 * 60 * minuteMs;
  expect((await ask(node, 'GET', '/api/v1/account', { handle: String(handle) })).status).toBe(200);
  const used = async () => {
    const rows = await database.db.read.selectFrom('sessions').select('id').where('last_used_at', '=', now).execute();
    return rows.length;
  };
  await expect.poll(used, { timeout: 10_000 }).toBe(1);
  await node.close();
});

it('workers that cannot start end with the reason of the first, once', async () => {
  const away = { ...variables, REKEY_DATABASE: 'postgres://nobody@127.0.0.1:9/none' };
  const { code, stderr } = await rekeyWith(away, 'serve', '--port', '0', '--workers', '2');
  expect([code, stderr]).toEqual([
    3,
    expect.stringMatching(/^PostgreSQL at 127\.0\.0\.1:9\/none cannot be reached .*\n$/),
  ]);
});

it('there is no worker of its own on SQLite, and no second process', async () => {
  const { code, stderr } = await rekeyWith({ ...variables, REKEY_DATABASE: 'sqlite:none.db' }, 'worker');
  expect([code, stderr]).toEqual([3, expect.stringMatching(/^A SQLite file belongs to one process: .*\n$/)]);
  const two = await rekeyWith({ ...variables, REKEY_DATABASE: 'sqlite:none.db' }, 'serve', '--workers', '2');
  expect([two.code, two.stderr]).toEqual([3, expect.stringMatching(/^A SQLite file belongs to one process: .*\n$/)]);
});
