// Nodes and a worker as processes of their own on one PostgreSQL: each goes on with what another began, and mail goes out by
// the worker alone.
import { request } from 'node:http';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createTestPostgres, type TestDatabase } from '../../src/testing/databases.ts';
import { type Mailbox, startMailbox } from '../../src/testing/mailbox.ts';
import { codeIn } from '../../src/testing/mail-text.ts';
import { production, rekeyWith, type Serving, startServing, startWorker, typeTo } from '../journeys/command-line.ts';

let database: TestDatabase;
let mailbox: Mailbox;
let variables: Record<string, string>;
const running: Pick<Serving, 'process' | 'exited'>[] = [];

beforeAll(async () => {
  database = await createTestPostgres(inject('postgresUrl'));
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

it('a recovery goes on at another node, its mail is sent by the worker alone, and a session ends everywhere at once', async () => {
  const add = ['accounts', 'add', 'lucia', '--email', 'lucia@mail.example', '--password-stdin'];
  expect(await typeTo('an old and quiet lamp\n', variables, ...add)).toMatchObject({ code: 0 });
  const [first, second] = await Promise.all([
    startServing(variables, '--no-jobs'),
    startServing(variables, '--no-jobs'),
  ]);
  running.push(first, second);

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

  worker.process.kill('SIGTERM');
  expect(await worker.exited).toBe(0);
  expect(worker.log.at(-1)).toMatchObject({ msg: 'stopped' });
});

it('there is no worker of its own on SQLite', async () => {
  const { code, stderr } = await rekeyWith({ ...variables, REKEY_DATABASE: 'sqlite:none.db' }, 'worker');
  expect([code, stderr]).toEqual([3, expect.stringMatching(/^A SQLite file belongs to one process: .*\n$/)]);
});
