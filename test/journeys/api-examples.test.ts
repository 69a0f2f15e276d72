// Every example of docs/api.md and docs/client.md does what the page says of it: the curl lines by curl, over real HTTP, and
// the TypeScript as it stands. (What is said to print something is run by test/promises.test.ts.)
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { secondMs } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { type Client, createClient, type Handles } from '../../src/client/client.ts';
import { derive } from '../../src/human-check/proof-of-work.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { codeOf, newPassword, opens } from './steps.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({
    settings: { humanCheck: 'on' },
    // Four bytes are the counter of the human check's work: the first is the right one.
    random: { bytes: (length) => (length === 4 ? Buffer.alloc(4) : systemRandom.bytes(length)) },
  });
});
afterAll(() => app.close());

const blocksOf = async (page: string, language: string): Promise<string[]> => {
  const text = await readFile(join(root, page), 'utf8');
  return Array.from(
    text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm')),
    ([, code = '']) => code,
  );
};

it('the curl lines of docs/api.md take a recovery to its end, its human check passed by work and by letters', async () => {
  const script = (await blocksOf('docs/api.md', 'sh')).join('').replaceAll('\\\n', '').split('\n');
  const named = script
    .filter((line) => /^\w+=/.test(line))
    .join('\n')
    .replace('https://shop.example', app.origin);
  const lines = script.filter((line) => line.startsWith('curl '));
  const known: Record<string, string> = { PATH: process.env['PATH'] ?? '' };
  const ran = new Set<string>();

  /** Runs the one line with this in it, with what no page can know in its place. */
  async function curl(part: string, inPlace: Readonly<Record<string, string>> = {}) {
    const found = lines.filter((line) => line.includes(part));
    expect([part, found.length]).toEqual([part, 1]);
    const line = found[0] ?? '';
    ran.add(line);
    const filled = Object.entries(inPlace).reduce((text, [words, value]) => text.replace(words, value), line);
    const { stdout } = await run('sh', ['-c', `${named}\n${filled} -s -w '\\n%{http_code}'`], { env: known });
    const [, body = '', status = ''] = /^([\s\S]*)\n(\d+)$/.exec(stdout) ?? [];
    expect([filled, Number(status) < 300, body]).toEqual([filled, true, expect.any(String)]);
    return z.looseObject({}).parse(JSON.parse(body));
  }

  const person = await app.addPerson({ userId: 'lucia' });
  const task = await curl('"kind":"wait"');
  known['check'] = String(task['handle']);
  const { nonce } = z.looseObject({ nonce: z.string() }).parse(task['work']);
  app.clock.advance(20 * secondMs);
  const solved = {
    '"challenge":"..."': `"challenge":"${String(task['challenge'])}"`,
    '"work":"..."': `"work":"${derive(nonce, 0)}"`,
  };
  expect(await curl('"mode":"wait"', solved)).toEqual({ outcome: 'passed' });

  const started = await curl('{"identifier":"lucia"}');
  Object.assign(known, { id: started['id'], handle: started['handle'] });
  expect(await curl('{"method":"email-code"}')).toMatchObject({ step: 'code' });
  const entered = await curl('/verify', { '4711 0815': codeOf(await app.mailTo(person.address)) });
  known['newHandle'] = String(entered['handle']);
  expect(await curl('/password')).toMatchObject({ step: 'done', userId: 'lucia' });
  expect(await opens(app, person, newPassword)).toBe(true);

  const letters = createClient({ origin: app.origin, handles: { check: known['check'] } });
  const issued = await letters.issueHumanCheck({ purpose: 'recovery', kind: 'letters' });
  if (!issued.ok) throw new Error(issued.reason);
  known['challenge'] = issued.challenge;
  app.clock.advance(issued.waitMs);
  expect(await curl('/letters')).toEqual({ png: expect.stringMatching(/^iVBOR/) });
  expect(await curl('/sound')).toEqual({ wav: expect.stringMatching(/^UklGR/) });
  const shown = app.lettersOn({ html: `name="challenge" value="${issued.challenge}"` });
  const typed = { '"challenge":"..."': `"challenge":"${issued.challenge}"`, GQXHK: shown };
  expect(await curl('"mode":"letters"', typed)).toEqual({ outcome: 'passed' });
  expect([...ran].toSorted()).toEqual(lines.toSorted());
});

describe('the TypeScript of docs/client.md', () => {
  let folder: string;
  let files: string[];
  const used = new Set<number>();
  beforeAll(async () => {
    // Inside the package, so that it finds itself by its name.
    await mkdir(join(root, 'test/.artifacts'), { recursive: true });
    folder = await mkdtemp(join(root, 'test/.artifacts/client-'));
    const blocks = await blocksOf('docs/client.md', 'ts');
    files = await Promise.all(
      blocks.map(async (code, at) => {
        const file = join(folder, `example-${at}.ts`);
        await writeFile(file, code);
        return file;
      }),
    );
  });
  afterEach(() => vi.unstubAllGlobals());
  afterAll(() => rm(folder, { recursive: true }));

  /** Runs the one block that holds these words; gives what it exports under this name, if it does. */
  async function example(words: string): Promise<(...given: readonly unknown[]) => unknown> {
    const codes = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const at = codes.findIndex((code) => code.includes(words));
    used.add(at);
    const exported: unknown = Object(await import(/* @vite-ignore */ files[at] ?? words))[words];
    return isFunction(exported) ? exported : () => undefined;
  }
  const isFunction = (value: unknown): value is (...given: readonly unknown[]) => unknown =>
    typeof value === 'function';

  const sent: Headers[] = [];
  /** What a page or a program calls: the shop is this server, and a wait that it asks for goes by at once, on its clock. */
  function stubFetch(send: (path: string, init: RequestInit) => Promise<Response>): void {
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      sent.push(new Headers(init.headers));
      const response = await send(url.replace(/^https?:\/\/[^/]+/, ''), init);
      const text = await response.text();
      app.clock.advance(Number(/"waitMs":(\d+)/.exec(text)?.[1] ?? 0));
      return new Response(text === '' ? null : text.replace(/"waitMs":\d+/, '"waitMs":0'), response);
    });
  }
  const realFetch = globalThis.fetch;
  const asProgram = () => stubFetch((path, init) => realFetch(app.origin + path, init));

  it('in a page: asks for a code, with the handles in cookies', async () => {
    const { address } = await app.addPerson();
    const browser = app.browser();
    stubFetch((path, { method = 'GET', headers, body }) =>
      browser.send(path, {
        method,
        headers: Object.fromEntries(new Headers(headers)),
        ...(typeof body === 'string' && { body }),
      }),
    );
    vi.stubGlobal('location', { origin: app.origin });
    await createClient({ origin: app.origin }).solve('recovery');
    const forgotten = await example('forgotten');
    expect(await forgotten(address)).toBe('A code is on its way, if there is an account.');
    expect(codeOf(await app.mailTo(address))).toMatch(/^[\d ]+$/);
    expect([...browser.cookies().keys()].toSorted()).toEqual(['account-check', 'account-recovery']);
  });

  async function signedIn(): Promise<{ client: Client; password: string; userId: string }> {
    const { userId, password } = await app.addPerson();
    const handles: Handles = {};
    const client = createClient({ origin: app.origin, handles });
    await client.signIn({ identifier: userId, password });
    return { client, password, userId };
  }

  it('signed in: leaves everywhere else', async () => {
    const { client, password, userId } = await signedIn();
    const other = createClient({ origin: app.origin, handles: {} });
    await other.signIn({ identifier: userId, password });
    const leaveEverywhereElse = await example('leaveEverywhereElse');
    expect(await leaveEverywhereElse(client, password)).toContain('Done.');
    await expect(other.listSessions()).resolves.toMatchObject({ ok: false, reason: 'session-missing' });
  });

  it("for visitors: passes the visitor's address on", async () => {
    asProgram();
    const clientOf = await example('clientOf');
    const client: Partial<Client> = Object(clientOf('203.0.113.9'));
    expect(await client.issueHumanCheck?.({ purpose: 'recovery' })).toMatchObject({ ok: true });
    expect(sent.at(-1)?.get('x-forwarded-for')).toBe('203.0.113.9');
  });

  it('with a person: shows the letters and lets them be heard', async () => {
    const showLetters = await example('showLetters');
    const [image, audio] = [{ src: '' }, { src: '' }];
    const client = createClient({ origin: app.origin, handles: {} });
    expect(await showLetters(client, image, audio)).toContain('Type the letters');
    expect([image.src.slice(0, 27), audio.src.slice(0, 27)]).toEqual([
      'data:image/png;base64,iVBOR',
      'data:audio/wav;base64,UklGR',
    ]);
  });

  it('without one: solves the human check and starts a recovery', async () => {
    asProgram();
    const count = async () => (await app.db.read.selectFrom('recoveries').select('id').execute()).length;
    const before = await count();
    await example("client.solve('recovery')");
    expect(await count()).toBe(before + 1);
  });

  it('is all of it', () => expect(used.size).toBe(files.length));
});

it('meets no fault of ours in all of this', () => expect(app.faults).toEqual([]));
