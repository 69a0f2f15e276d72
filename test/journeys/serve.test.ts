// `rekey serve` as a process manager sees it: what it refuses, what it says, and how it stops.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { production, rekeyWith, type Serving, startServing } from './command-line.ts';

let folder: string;
let variables: Record<string, string>;
const running: Serving[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serve-'));
  variables = { ...production, REKEY_DATABASE: `sqlite:${join(folder, 'rekey.db')}` };
});
afterEach(async () => {
  for (const { process, exited } of running.splice(0)) {
    process.kill('SIGKILL');
    await exited;
  }
});
afterAll(() => rm(folder, { recursive: true }));

async function serve(...args: string[]): Promise<Serving> {
  const serving = await startServing(variables, ...args);
  running.push(serving);
  return serving;
}

/** As a proxy asks on behalf of a browser. */
function ask(
  address: string,
  path: string,
  agent = new Agent(),
): Promise<{ status?: number | undefined; headers: object }> {
  return new Promise((resolve, reject) => {
    request(new URL(path, address), { headers: { host: 'shop.site' }, agent }, (answer) => {
      answer.resume().on('end', () => resolve({ status: answer.statusCode, headers: answer.headers }));
    })
      .on('error', reject)
      .end();
  });
}

/** Of a form that the server waits for. */
const headOfSignIn = (length: number): string =>
  [
    'POST /sign-in HTTP/1.1',
    'Host: shop.site',
    'Origin: https://shop.site',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${length}`,
    '\r\n',
  ].join('\r\n');

describe('rekey serve', () => {
  it('makes its database, says in one line that it is ready, warns once of each risk, and stops at SIGTERM', async () => {
    const { process, log, address, exited } = await serve();
    expect(log.filter(({ msg }) => msg === 'ready')).toEqual([
      expect.objectContaining({
        origin: 'https://shop.site',
        address: expect.stringMatching(/^http:\/\/127.0.0.1:\d+$/),
      }),
    ]);
    expect(log.filter(({ msg }) => String(msg).startsWith('trustedProxies is 0'))).toHaveLength(1);
    expect((await ask(address, '/sign-in')).status).toBe(200);
    expect((await ask(address, '/health/live')).status).toBe(200);
    expect((await ask(address, '/nothing')).status).toBe(404);
    process.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(log.at(-1)).toMatchObject({ msg: 'stopped' });
  });

  it('leads from a home that nobody else answers for to a page of its own', async () => {
    const { address } = await serve();
    const { status, headers } = await ask(address, '/');
    expect(status).toBe(303);
    const { location } = { location: '', ...headers };
    expect((await ask(address, location)).status).toBeLessThan(400);
  });

  it('finishes a request that has begun, takes no new one, and is not held up by connections that wait', async () => {
    const { process, log, address, exited } = await serve();
    const idle = new Agent({ keepAlive: true });
    await ask(address, '/sign-in', idle);
    const { port } = new URL(address);
    const slow = connect(Number(port), '127.0.0.1');
    const body = 'identifier=nobody&password=none';
    slow.write(`${headOfSignIn(body.length)}${body.slice(0, 9)}`);
    // The server reads in order: once this is answered, it has seen the other.
    await ask(address, '/health/live');
    process.kill('SIGTERM');
    await expect.poll(() => log.some(({ signal }) => signal === 'SIGTERM')).toBe(true);
    await expect(ask(address, '/sign-in')).rejects.toThrow('ECONNREFUSED');
    slow.write(body.slice(9));
    const answer = await text(slow);
    expect(answer).toMatch(/^HTTP\/1.1 422 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(answer).toContain('</html>');
    expect(await exited).toBe(0);
    idle.destroy();
  });

  it('while it drains it answers all but the probe that sends it more', async () => {
    const { process, log, address, exited } = await serve('--drain', '3');
    expect((await ask(address, '/health/ready')).status).toBe(200);
    process.kill('SIGTERM');
    await expect.poll(() => log.some(({ signal }) => signal === 'SIGTERM')).toBe(true);
    const statuses = await Promise.all(
      ['/health/ready', '/health/live', '/sign-in'].map(async (path) => (await ask(address, path)).status),
    );
    expect(statuses).toEqual([503, 200, 200]);
    expect(await exited).toBe(0);
    await expect(ask(address, '/health/live')).rejects.toThrow('ECONNREFUSED');
  });

  it('ends at once at a second signal, and not at the same one passed on twice', async () => {
    const { process, log, address, exited } = await serve();
    const stuck = connect(Number(new URL(address).port), '127.0.0.1').on('error', () => {});
    stuck.write(headOfSignIn(9));
    await ask(address, '/health/live');
    process.kill('SIGINT');
    process.kill('SIGINT');
    await expect.poll(() => log.some(({ signal }) => signal === 'SIGINT')).toBe(true);
    expect(process.exitCode).toBe(null);
    const again = () => {
      process.kill('SIGINT');
      return process.exitCode;
    };
    await expect.poll(again, { timeout: 10_000, interval: 300 }).toBe(130);
    await exited;
    stuck.destroy();
  });

  it('answers a taken port with 3 and one sentence', async () => {
    const { address } = await serve();
    const { port } = new URL(address);
    const { code, stderr } = await rekeyWith(
      { ...variables, REKEY_DATABASE: `sqlite:${join(folder, 'other.db')}`, REKEY_PORT: port },
      'serve',
    );
    expect(code).toBe(3);
    expect(stderr).toBe(`Port ${port} on 127.0.0.1 is taken by another program. Use another with --port.\n`);
  });

  it('answers an address that is not of this machine with 3 and one sentence', async () => {
    const { code, stderr } = await rekeyWith(variables, 'serve', '--host', '203.0.113.1');
    expect(code).toBe(3);
    expect(stderr).toBe('203.0.113.1 is no address of this machine. Use --host 127.0.0.1.\n');
  });

  it('walk 59: refuses test switches and the demo key in production, all at once', async () => {
    const { code, stdout, stderr } = await rekeyWith(
      {
        ...variables,
        REKEY_HUMAN_CHECK: 'off',
        REKEY_ALWAYS_LETTERS: 'true',
        REKEY_ORIGIN: 'http://shop.site',
        REKEY_KEYS: production.REKEY_KEYS.replace('k1', 'demo'),
      },
      'serve',
    );
    expect(code).toBe(3);
    expect(stdout).toBe('');
    for (const name of ['REKEY_HUMAN_CHECK', 'REKEY_ALWAYS_LETTERS', 'REKEY_ORIGIN', 'REKEY_KEYS'])
      expect(stderr).toContain(`${name}: `);
  });

  it('answers a place where no database can be with 3 and one sentence', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const { code, stderr } = await rekeyWith(
      { ...variables, REKEY_DATABASE: `sqlite:${file}/below/rekey.db` },
      'serve',
    );
    expect(code).toBe(3);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
