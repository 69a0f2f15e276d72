import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { openSqlite } from '../database/sqlite.ts';
import { findDataFolder, makeDataFolder } from './data-folder.ts';

const made: string[] = [];
afterAll(() => Promise.all(made.map((path) => rm(path, { recursive: true }))));

async function emptyFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'data-folder-'));
  made.push(path);
  return path;
}

const keep = { isReset: false };

describe('the data folder', () => {
  it('is made with keys that only its owner reads, and found again with the same keys', async () => {
    const path = join(await emptyFolder(), 'a/b');
    const first = await makeDataFolder(path, keep);
    expect(first.keys).toMatch(/^demo:[A-Za-z0-9+/]{43}=$/);
    expect((await stat(join(path, 'keys'))).mode & 0o777).toBe(0o600);
    expect(await makeDataFolder(path, keep)).toEqual(first);
  });

  it('gives two starts at once the same keys', async () => {
    const path = await emptyFolder();
    const folders = await Promise.all(Array.from({ length: 16 }, () => makeDataFolder(path, keep)));
    expect(new Set(folders.map(({ keys }) => keys)).size).toBe(1);
  });

  it('loses nothing but its own files in a reset', async () => {
    const path = await emptyFolder();
    const { keys } = await makeDataFolder(path, keep);
    await mkdir(join(path, 'mail'));
    for (const name of ['rekey.db', 'rekey.db-wal', 'mail/1.eml', 'letter.txt'])
      await writeFile(join(path, name), name);
    const after = await makeDataFolder(path, { isReset: true });
    expect(after.keys).not.toBe(keys);
    expect((await readdir(path)).toSorted()).toEqual(['keys', 'letter.txt']);
    expect(await readFile(join(path, 'letter.txt'), 'utf8')).toBe('letter.txt');
  });

  it('is neither shared with a demo that runs nor emptied under it', async () => {
    const path = await emptyFolder();
    const { database, keys } = await makeDataFolder(path, keep);
    const running = await openSqlite({ file: database.replace('sqlite:', '') });
    for (const options of [keep, { isReset: true }]) {
      await expect(makeDataFolder(path, options)).rejects.toMatchObject({
        problem: 'data-folder',
        detail: `A demo runs in ${path} already: open that one, or stop it first, or choose another folder with --data.`,
      });
    }
    await running.write((tx) => sql`CREATE TABLE kept (id TEXT)`.execute(tx));
    await running.close();
    expect((await makeDataFolder(path, keep)).keys).toBe(keys);
    await writeFile(join(path, 'rekey.db'), 'no database');
    expect((await makeDataFolder(path, { isReset: true })).keys).not.toBe(keys);
    expect(await readdir(path)).toEqual(['keys']);
  });

  it('is refused in one sentence where a file stands in its place, or above it', async () => {
    const file = join(await emptyFolder(), 'file');
    await writeFile(file, '');
    for (const path of [file, join(file, 'below')]) {
      await expect(makeDataFolder(path, keep)).rejects.toMatchObject({
        problem: 'data-folder',
        detail: `The data folder ${path} is not a folder. Choose another with --data.`,
      });
    }
  });

  it('is refused in one sentence below a file system that makes no folders', async () => {
    const below = process.platform === 'linux' ? '/proc/x/y' : '/dev/null/x';
    await expect(makeDataFolder(below, keep)).rejects.toMatchObject({ problem: 'data-folder' });
  });

  it('never gets new keys while it has a database: what the old ones sealed would be lost', async () => {
    const path = await emptyFolder();
    await writeFile(join(path, 'rekey.db'), '');
    await expect(makeDataFolder(path, keep)).rejects.toMatchObject({ problem: 'data-folder' });
    expect(await readdir(path)).toEqual(['rekey.db']);
  });

  it('is refused in one sentence where its keys are damaged, and begins anew with a reset', async () => {
    const path = await emptyFolder();
    for (const damaged of ['', 'demo:', 'demo:c2hvcnQ=', '\0\0']) {
      await writeFile(join(path, 'keys'), damaged);
      await expect(makeDataFolder(path, keep)).rejects.toMatchObject({
        problem: 'data-folder',
        detail: `The file "keys" in ${path} holds no keys. Bring it back as it was, or start afresh with --reset.`,
      });
      expect(await readFile(join(path, 'keys'), 'utf8')).toBe(damaged);
    }
    expect((await makeDataFolder(path, { isReset: true })).keys).toMatch(/^demo:/);
    expect(await readdir(path)).toEqual(['keys']);
  });

  it('is not made by looking for it', async () => {
    const path = join(await emptyFolder(), 'none');
    await expect(findDataFolder(path)).rejects.toMatchObject({
      detail: expect.stringContaining('There is no rekey.db in'),
    });
  });
});
