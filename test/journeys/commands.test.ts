// The command line as its user sees it: exit codes and sentences.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createOwnDirectory } from '../../src/accounts/own.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { systemClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import { settingsSchema } from '../../src/config/settings.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { type DataFolder, makeDataFolder } from '../../src/cli/data-folder.ts';
import { askFor } from '../ask.ts';
import { production, rekey, rekeyHere, rekeyWith } from './command-line.ts';

const made: string[] = [];
afterAll(() => Promise.all(made.map((path) => rm(path, { recursive: true }))));

async function emptyFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'commands-'));
  made.push(path);
  return path;
}

/** A data folder with two events, after `meddle` had its way with the database. */
async function folderWithEvents(meddle: (db: Awaited<ReturnType<typeof openDatabase>>) => Promise<unknown>) {
  const folder: DataFolder = await makeDataFolder(await emptyFolder(), { isReset: false });
  const db = await openDatabase(folder.database, { log: createLog('silent') });
  await migrate(db, { clock: systemClock });
  const keys = createKeys(settingsSchema.shape.keys.parse(folder.keys));
  // Events of one millisecond have no order among themselves.
  let ticks = 0;
  const clock = { now: () => systemClock.now() + (ticks += 1) };
  const audit = createAudit({ db, keys, clock, random: systemRandom, site: 'default' });
  await db.write(async (tx) => {
    await audit.append(tx, { event: 'recovery.started', subjectId: 'one' });
    await audit.append(tx, { event: 'recovery.completed', subjectId: 'one' });
  });
  await audit.seal();
  await meddle(db);
  await db.close();
  return folder.path;
}

describe('rekey', () => {
  it('answers wrong use with 2 and what there is', async () => {
    for (const args of [
      ['nothing'],
      ['demo', '--port', '70000'],
      ['demo', '--locale', 'fr'],
      ['demo', '--data', ''],
      ['audit', 'verify', '--data', ''],
      ['audit', 'verify', '--data', 'a', '--config', 'b'],
    ]) {
      const { code, stderr } = await rekey(...args);
      expect(code).toBe(2);
      expect(stderr).toContain('--help shows what there is');
    }
    expect((await rekey('--help')).code).toBe(0);
    expect((await rekey('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('keeps what it compiled where nobody else of the machine can put code of their own, or nowhere', async () => {
    const folder = await emptyFolder();
    const home = join(folder, 'home');
    const ours = join(home, '.cache/rekey');
    const theirs = join(folder, 'open/.cache/rekey');
    const named = join(folder, 'named');
    const temporary = join(folder, 'tmp');
    for (const path of [home, theirs, temporary]) await mkdir(path, { recursive: true });
    await chmod(theirs, 0o777);
    const start = (variables: Record<string, string>) =>
      rekeyWith({ TMPDIR: temporary, NODE_COMPILE_CACHE: '', ...variables }, '--version');
    const ended = await Promise.all([
      start({ HOME: home }),
      start({ HOME: join(folder, 'open') }),
      start({ HOME: home, NODE_COMPILE_CACHE: named }),
      start({ HOME: '/dev/null' }),
    ]);
    expect(new Set(ended.map(({ code, stderr }) => `${String(code)} ${stderr}`))).toEqual(new Set(['0 ']));
    expect((await stat(ours)).mode & 0o777).toBe(0o700);
    const kept = await Promise.all([ours, named, theirs, temporary].map((path) => readdir(path)));
    expect(kept.map(({ length }) => length)).toEqual([1, 1, 0, 0]);
  });

  it('has nothing to say where its reader has had enough', async () => {
    const started = spawn(process.execPath, [await askFor('command'), 'accounts', '--help'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.stdout.destroy();
    const told: string[] = [];
    started.stderr.setEncoding('utf8').on('data', (part: string) => told.push(part));
    expect([...(await once(started, 'close')), ...told]).toEqual([0, null]);
  });

  it('answers a data folder that cannot be used with 3 and one sentence', async () => {
    const path = await emptyFolder();
    const { code, stderr } = await rekeyHere({}, 'audit', 'verify', '--data', path);
    expect(code).toBe(3);
    expect(stderr).toBe(`There is no rekey.db in ${path}. Name the folder with --data.\n`);
  });

  it('answers a file that is not a database with 3 and one sentence', async () => {
    const { path } = await makeDataFolder(await emptyFolder(), { isReset: false });
    await writeFile(join(path, 'rekey.db'), 'a letter '.repeat(1_000));
    const { code, stderr } = await rekeyHere({}, 'audit', 'verify', '--data', path);
    expect(code).toBe(3);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('is not a database');
  });

  it('verifies and exports an audit trail that is whole', async () => {
    const path = await folderWithEvents(async () => {});
    const { code, stdout } = await rekeyHere({}, 'audit', 'verify', '--data', path);
    expect(code).toBe(0);
    expect(stdout).toContain('Events sealed: 2. Not sealed yet: 0. Faults: 0.');
    const lines = (await rekeyHere({}, 'audit', 'export', '--data', path)).stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(['recovery.started', 'recovery.completed']);
  });

  it('answers a changed audit trail with 4 and names the event', async () => {
    const path = await folderWithEvents((db) =>
      db.write((tx) => tx.updateTable('audit_events').set({ subject_id: 'two' }).where('seq', '=', 2).execute()),
    );
    const { code, stdout } = await rekeyHere({}, 'audit', 'verify', '--data', path);
    expect(code).toBe(4);
    expect(stdout).toContain('event number 2 is not what was written');
  });

  it('prints the points of slides beside how many proved the code, as a table and as JSON', async () => {
    const code = { code_generation: 0, code_digits: 8, code_random: null, code_key_id: null, code_expires_at: null };
    const mail = { mails_asked: 0, mails_asked_since: 0, mail_asked_at: null };
    const whose = { identifier_sealed: '', mailbox_hash: '', address_id: null, account_id: null, locale: 'en' };
    const over = { password_until: null, end_reason: null, created_at: 1, expires_at: 2, ended_at: 2, return_to: null };
    const row = { site: 'default', step: 'code', version: 1, tries: 0, ...code, ...mail, ...whose, ...over };
    const of = (id: string, check_mode: string, check_score: number | null, proven_at: number | null) => {
      const check = { check_mode, check_score, check_policy: 'slide-2' };
      return { ...row, id, handle_hash: id, proven_at, ...check };
    };
    const rows = [of('a', 'drag', 0, 1), of('b', 'drag', 0, null), of('c', 'wait', null, null)];
    const path = await folderWithEvents((db) => db.write((tx) => tx.insertInto('recoveries').values(rows).execute()));
    const printed = await rekeyHere({}, 'human-check', 'scores', '--data', path);
    expect(printed.stdout.split('\n')).toEqual([
      'Policy   Way   Points  Recoveries  Proved the code',
      'slide-2  drag  0       2           1 (50 %)',
      'slide-2  wait  -       1           0 (0 %)',
      '',
    ]);
    const { stdout } = await rekeyHere({}, 'human-check', 'scores', '--data', path, '--json');
    expect(JSON.parse(stdout)).toEqual({
      scores: [
        { policy: 'slide-2', mode: 'drag', score: 0, recoveries: 2, proved: 1 },
        { policy: 'slide-2', mode: 'wait', score: null, recoveries: 1, proved: 0 },
      ],
    });
  });

  it('answers settings that cannot be used with 3 and all their faults', async () => {
    const { code, stderr } = await rekeyWith({ REKEY_ORIGN: 'x', REKEY_KEYS: 'y' }, 'config');
    expect(code).toBe(3);
    expect(stderr).toContain('REKEY_ORIGN: there is no such setting. Did you mean REKEY_ORIGIN?');
    expect(stderr).toContain('REKEY_KEYS: id:base64');
    expect(stderr).toContain('REKEY_SMTP: must be set');
  });

  it('shows what is set, from where and what is risky, and no secret', async () => {
    const file = join(await emptyFolder(), 'rekey.json');
    await writeFile(file, '{"sessionDays": 7, "preset": "asvs"}');
    const { code, stdout } = await rekeyHere(production, 'config', '--config', file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^smtp +smtps:\/\/\*\*\*@mail.site +REKEY_SMTP$/m);
    expect(stdout).toMatch(/^keys +k1:\*\*\* +REKEY_KEYS$/m);
    expect(stdout).toMatch(new RegExp(`^sessionDays +7 +${file}$`, 'm'));
    expect(stdout).toMatch(/^supportHours +48 +default$/m);
    expect(stdout).toMatch(/^codeLifeMinutes +10 +preset$/m);
    expect(stdout).toMatch(/^Risky:\n {2}trustedProxies is 0/m);
    const json = await rekeyHere(production, 'config', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ warnings: expect.any(Array) });
    for (const all of [stdout, json.stdout]) expect(all).not.toMatch(/hidden|Zr7mO2uY/);
  });

  it('tells how likely a guess is, in one sentence and as JSON, and what another setting would change', async () => {
    const { stdout } = await rekeyHere({}, 'policy', '--networks', '1', '--accounts', '1');
    expect(stdout).toMatch(
      /^Somebody with 1 network, no mailbox and 1 account to try gets into one of them or more with a chance of 0\.000015 % \(1 in 6,66\d,\d{3}\) in a day/,
    );
    expect(stdout).toContain('codeLifeMinutes is 30.');
    const { stdout: json } = await rekeyHere({}, 'policy', '--json');
    expect(JSON.parse(json)).toMatchObject({ networks: 1_000, accounts: 10_000, triesADay: 30, shortCodeTries: 15 });
    const wrong = await rekeyHere({}, 'policy', '--networks', '0');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('A whole number from 1 on.')]);
  });

  it('brings a new database up to date once, and refuses one of another release', async () => {
    const database = `sqlite:${join(await emptyFolder(), 'rekey.db')}`;
    const variables = { REKEY_DATABASE: database };
    const early = await rekeyHere({ ...production, ...variables }, 'audit', 'verify');
    expect(early).toMatchObject({ code: 3, stderr: expect.stringContaining('Run rekey migrate first.') });
    const first = await rekeyHere(variables, 'migrate', '--json');
    expect(JSON.parse(first.stdout).applied).toContain('001-accounts.sql');
    expect(await rekeyHere(variables, 'migrate')).toMatchObject({
      code: 0,
      stdout: 'Nothing to do: the database is up to date.\n',
    });
    expect((await rekeyHere({ ...production, ...variables }, 'audit', 'verify')).code).toBe(0);
    const db = await openDatabase(database, { log: createLog('silent') });
    await db.write((tx) =>
      tx.insertInto('migrations').values({ name: '999-later.sql', checksum: 'x', applied_at: 1 }).execute(),
    );
    await db.close();
    const newer = await rekeyHere(variables, 'migrate');
    expect(newer).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('was used by another release, which applied 999-later.sql'),
    });
  });
});

describe('rekey erase', () => {
  async function folderWithAccount() {
    const folder = await makeDataFolder(await emptyFolder(), { isReset: false });
    const db = await openDatabase(folder.database, { log: createLog('silent') });
    await migrate(db, { clock: systemClock });
    const directory = createOwnDirectory({ db, clock: systemClock, random: systemRandom, site: 'default' });
    const address = { address: 'lucia@mail.example', key: 'lucia@mail.example', isConfirmed: true };
    const account = { userId: 'lucia', locale: 'en', password: null, addresses: [address] };
    await db.write((tx) => directory.create(tx, account));
    await db.close();
    return folder.path;
  }

  it('wants --yes where nobody can be asked, then deletes, says what, and the trail verifies', async () => {
    const path = await folderWithAccount();
    const unasked = await rekeyHere({}, 'erase', 'lucia', '--data', path);
    expect([unasked.code, unasked.stdout, unasked.stderr]).toEqual([3, '', expect.stringContaining('--yes')]);
    const { code, stdout } = await rekeyHere({}, 'erase', 'lucia', '--data', path, '--yes', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ userId: 'lucia', rows: { accounts: 1, addresses: 1 } });
    expect((await rekeyHere({}, 'audit', 'verify', '--data', path)).stdout).toContain('Faults: 0.');
    expect((await rekeyHere({}, 'audit', 'export', '--data', path)).stdout).toContain('user_erased');
  });

  it('says in words that there is no such account', async () => {
    const path = await folderWithAccount();
    for (const name of ['nobody', 'lucia@mail.example']) {
      const { code, stderr } = await rekeyHere({}, 'erase', name, '--data', path, '--yes');
      expect([code, stderr]).toEqual([3, expect.stringContaining(`There is no account ${name}.`)]);
    }
    expect((await rekeyHere({}, 'erase', '--data', path)).code).toBe(2);
  });
});
