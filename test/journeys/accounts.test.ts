// Accounts from the command line: a person who was brought in gets in, and a file with faults brings in nobody.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestSqlite, type TestDatabase } from '../../src/testing/databases.ts';
import { production, rekeyHere, typeTo } from './command-line.ts';

let folder: string;
let database: TestDatabase;
let variables: Record<string, string>;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'accounts-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  database = await createTestSqlite();
  variables = { ...production, REKEY_DATABASE: database.address };
});
afterEach(() => database.remove());

// Each command is a process of its own, on a machine that does other things too.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

async function write(content: string | Buffer): Promise<string> {
  files += 1;
  const path = join(folder, `${files}.csv`);
  await writeFile(path, content);
  return path;
}

const importing = (path: string, ...more: string[]) => rekeyHere(variables, 'accounts', 'import', path, ...more);
const exported = async () => (await rekeyHere(variables, 'accounts', 'export')).stdout;

/** How many rows there are of accounts, and of lines that wait to become some. */
async function rows(): Promise<{ readonly accounts: number; readonly staged: number }> {
  const accounts = await database.db.read.selectFrom('accounts').select('id').execute();
  const staged = await database.db.read.selectFrom('import_rows').select('line').execute();
  return { accounts: accounts.length, staged: staged.length };
}

describe('rekey accounts import', () => {
  it('takes a file as a spreadsheet saves it: byte order mark, CRLF, quotes, semicolons; and exports it again', async () => {
    const path = await write(
      '\ufeffEmail;User_ID;locale;state;provider\r\nlucia@mail.site;lucía;es;;\r\n\r\n"mark@mail.site";"ma.rk";en;disabled;\r\n;noor;;;Example\r\n',
    );
    const { code, stdout } = await importing(path);
    expect(stdout).toContain('3 accounts imported.');
    expect(stdout).toContain('1 of them have no email');
    expect(code).toBe(0);
    const [header, ...lines] = (await exported()).trim().split('\r\n');
    expect(header).toBe('user_id,email,email2,email3,locale,state,provider');
    expect(lines.toSorted()).toEqual([
      'lucía,lucia@mail.site,,,es,active,',
      'ma.rk,mark@mail.site,,,en,disabled,',
      'noor,,,,en,active,Example',
    ]);
    const json = (await rekeyHere(variables, 'accounts', 'export', '--json')).stdout.trim().split('\n');
    expect(json.map((line) => JSON.parse(line).hasPassword)).toEqual([false, false, false]);
  });

  it('tells every fault by the number of its line, and imports nothing', async () => {
    const path = await write(
      [
        'user_id,email,email2,locale,state,provider,password_hash',
        'fine,fine@mail.site,,,,,',
        'has@sign,a@mail.site,,,,,',
        'bad-mail,not an address,,,,,',
        'fine,other@mail.site,,,,,',
        'two-lines,"b@mail.site\r\n",,,,,',
        'twice,c@mail.site,C@mail.site,,,,',
        'french,d@mail.site,,fr,,,',
        'gone,e@mail.site,,,deleted,,',
        'hashed,f@mail.site,,,,,$2b$10$abc',
        'short,g@mail.site',
        ',h@mail.site,,,,,',
        `${'x'.repeat(65)},i@mail.site,,,,,`,
        'last,j@mail.site,,,,,\u001b[2J',
      ].join('\r\n'),
    );
    const { code, stderr } = await importing(path);
    expect(code).toBe(3);
    const told = stderr.split('\n').flatMap((line) => /^Line (\d+): (.*)/.exec(line)?.slice(1, 3).join(' ') ?? []);
    expect(told).toEqual([
      '3 user_id "has@sign" holds an @, which only an email may',
      '4 email "not an address" is no address that mail goes to',
      '5 user_id "fine" stands in line 2 already',
      '8 email2 "C@mail.site" stands there twice',
      '9 locale "fr" is not en or es',
      '10 state "deleted" is not active or disabled',
      expect.stringContaining('11 password_hash cannot be taken from elsewhere'),
      '12 has 2 fields, and the header has 7',
      '13 has no user_id',
      expect.stringContaining('14 user_id "xxx'),
      expect.stringContaining('15 password_hash'),
    ]);
    expect(stderr).toContain('Nothing was imported.');
    expect(stderr).not.toContain('\u001b[2J');
    expect(await rows()).toEqual({ accounts: 0, staged: 0 });
  });

  it.each([
    ['is empty', ''],
    ['holds no account', 'user_id,email\n'],
    ['is in UTF-16', Buffer.from('\ufeffuser_id\na\n', 'utf16le')],
    ['holds a zero byte in line 1', Buffer.from('user_id\na\n', 'utf16le')],
    ['is not in UTF-8 (see line 3)', Buffer.from('user_id\nlucia\nmar\xeda\n', 'latin1')],
    ['there is no column "emial"; did you mean email?', 'user_id,emial\na,b\n'],
    ['the column user_id is missing', 'email\na@mail.site\n'],
    ['the column email stands there twice', 'user_id,email,email\na,b,c\n'],
    ['Line 3: has a quote in the middle', 'user_id,email\na,a@mail.site\nb,"b"c\nd,d@mail.site\n'],
    ['is not closed', `user_id,email\na,"a@mail.site\n${'b,b@mail.site\n'.repeat(2_000)}`],
  ])('of a file that %s says so, and imports nothing', async (words, content) => {
    const { code, stderr } = await importing(await write(content));
    expect(code).toBe(3);
    expect(stderr).toContain(words);
    expect(await rows()).toEqual({ accounts: 0, staged: 0 });
  });

  it('of a place where no file is says so', async () => {
    const missing = await importing(join(folder, 'none.csv'));
    expect(missing).toMatchObject({ code: 3, stderr: `${join(folder, 'none.csv')} is not there.\n` });
    expect((await importing(folder)).stderr).toBe(`${folder} is a folder, not a file.\n`);
  });

  it('takes 2,500 rows, tells the first twenty of 2,500 faults, and with --dry-run checks only', async () => {
    const lines = Array.from({ length: 2_500 }, (_, at) => `person${at},person${at}@mail.site`).join('\n');
    const path = await write(`user_id,email\n${lines}\n`);
    const dry = await importing(path, '--dry-run', '--json');
    expect(JSON.parse(dry.stdout)).toMatchObject({ rows: 2_500, imported: 0, faultCount: 0 });
    expect(await importing(path)).toMatchObject({ code: 0, stdout: '2,500 accounts imported.\n' });
    expect((await exported()).trim().split('\r\n')).toHaveLength(2_501);
    const { code, stderr } = await importing(path);
    expect(code).toBe(3);
    expect(stderr.match(/^Line \d+: .* is taken by an account$/gm)).toHaveLength(20);
    expect(stderr).toContain('And 2,480 more.');
  });
});

describe('rekey accounts add', () => {
  const add = (...args: string[]) => rekeyHere(variables, 'accounts', 'add', ...args);

  it('adds an account with a password from standard input, or without one', async () => {
    const args = ['accounts', 'add', 'lucia', '--email', 'lucia@mail.site', '--locale', 'es', '--password-stdin'];
    expect(await typeTo('three green umbrellas\n', variables, ...args)).toMatchObject({
      code: 0,
      stdout: 'The account lucia was added.\n',
    });
    expect((await add('mark', '--email', 'a@mail.site', 'b@mail.site', '--no-password', '--json')).stdout).toBe(
      '{"userId":"mark"}\n',
    );
    expect((await exported()).split('\r\n').toSorted()).toEqual(
      expect.arrayContaining(['lucia,lucia@mail.site,,,es,active,', 'mark,a@mail.site,b@mail.site,,en,active,']),
    );
    const events = (await rekeyHere(variables, 'audit', 'export')).stdout.trim().split('\n');
    expect(events.map((line) => JSON.parse(line).event)).toEqual(['accounts_added', 'accounts_added']);
    expect(events.join()).not.toContain('lucia');
  });

  it.each([
    [['x'], 'The user ID "x" cannot be used.'],
    [['a@b', '--no-password'], 'The user ID "a@b" cannot be used.'],
    [['mark', '--email', 'nowhere', '--no-password'], '"nowhere" is no address that mail goes to.'],
    [['mark'], 'Nobody is here to type a password. Use --password-stdin, or --no-password.'],
  ])('refuses %j with 3 and one sentence', async (args, words) => {
    const { code, stderr } = await add(...args);
    expect(code).toBe(3);
    expect(stderr).toContain(words);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('refuses a password that no sign-up would take, and a user ID that is taken', async () => {
    const args = ['accounts', 'add', 'mark', '--password-stdin'];
    for (const typed of ['short', 'mark mark mark mark', '']) {
      const { code, stderr } = await typeTo(typed, variables, ...args);
      expect([code, stderr.trim().split('\n').length]).toEqual([3, 1]);
    }
    expect((await add('mark', '--no-password')).code).toBe(0);
    expect((await add('MARK', '--no-password')).stderr).toBe('The user ID MARK is taken.\n');
  });
});
