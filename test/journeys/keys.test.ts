// Keys from the command line: made, rotated in a file or on standard output, and what still needs the old ones.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { production, rekeyHere, typeTo } from './command-line.ts';

const keyShape = /^(k\d{8}[a-z]?):[A-Za-z0-9+/]{43}=$/;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('rekey keys', () => {
  it('makes a key that production takes, another each time', async () => {
    const [first, second] = [await rekeyHere({}, 'keys', 'new'), await rekeyHere({}, 'keys', 'new')];
    expect(first.stdout.trim()).toMatch(keyShape);
    expect(first.stdout).not.toBe(second.stdout);
    expect((await rekeyHere({ ...production, REKEY_KEYS: first.stdout.trim() }, 'config')).code).toBe(0);
    expect((await rekeyHere({}, 'keys', 'new', '--id', 'spring')).stdout).toMatch(/^spring:/);
    expect(await rekeyHere({}, 'keys', 'new', '--id', 'Spring, too')).toMatchObject({
      code: 3,
      stderr: 'The name of a key has small letters, digits and dashes.\n',
    });
  });

  it('puts a new key first in the file, keeps the others, and leaves the file to its owner alone', async () => {
    const file = join(folder, 'list');
    await writeFile(file, `${production.REKEY_KEYS}\n`, { mode: 0o644 });
    for (const count of [2, 3]) {
      const { code, stderr } = await rekeyHere({}, 'keys', 'rotate', '--file', file);
      expect(code).toBe(0);
      expect(stderr).toContain('start each again');
      const list = (await readFile(file, 'utf8')).trim().split(',');
      expect(list).toHaveLength(count);
      expect(list[0]).toMatch(keyShape);
      expect(list.at(-1)).toBe(production.REKEY_KEYS);
      expect(new Set(list.map((key) => key.split(':')[0])).size).toBe(count);
    }
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).filter((name) => name.startsWith('.rekey'))).toEqual([]);
  });

  it('prints the new list where the keys come from a variable, and names no secret beside it', async () => {
    const { stdout, stderr } = await rekeyHere({ REKEY_KEYS: production.REKEY_KEYS }, 'keys', 'rotate', '--id', 'next');
    expect(stdout).toMatch(/^next:[A-Za-z0-9+/]{43}=,k1:/);
    expect(stdout.trim().endsWith(production.REKEY_KEYS)).toBe(true);
    expect(stderr).toContain('next is the new key; k1 still verifies');
    expect(stderr).not.toContain('Zr7mO2uY');
  });

  it('tells which of the old ones the database still needs', async () => {
    const spare = 'old:0sV9fKq3ZbX1nYh8LwTgRuCmEoPjAd7i2lN5vQyBx4E=';
    const variables = {
      ...production,
      REKEY_KEYS: `${production.REKEY_KEYS},${spare}`,
      REKEY_DATABASE: `sqlite:${join(folder, 'rekey.db')}`,
    };
    await rekeyHere(variables, 'migrate');
    await typeTo('three green umbrellas', variables, 'accounts', 'add', 'lucia', '--password-stdin');
    const { stderr } = await rekeyHere(variables, 'keys', 'rotate');
    expect(stderr).toContain('Leave k1 in the list, for 1 password, 1 audit event.');
    expect(stderr).toContain('Nothing in the database needs old any more.');

    const raw = new DatabaseSync(join(folder, 'rekey.db'), { enableForeignKeyConstraints: false });
    raw.exec(`INSERT INTO case_pictures (id, site, case_id, added_at, picture_sealed) VALUES
      ('a', 'default', 'c', 1, 'old.x'), ('b', 'default', 'c', 1, 'old.y')`);
    raw.close();
    const again = await rekeyHere(variables, 'keys', 'rotate');
    expect(again.stderr).toContain('Leave old in the list, for 2 pictures of cases.');
  });

  it.each([
    ['is not there', async () => join(folder, 'none')],
    ['is a folder, not a file', async () => folder],
    [
      'id:base64',
      async () => {
        await writeFile(join(folder, 'letter'), 'dear all');
        return join(folder, 'letter');
      },
    ],
  ])('refuses a file that %s, and leaves it as it is', async (words, make) => {
    const { code, stdout, stderr } = await rekeyHere({}, 'keys', 'rotate', '--file', await make());
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toContain(words);
  });

  it('never loses the file where it cannot be replaced', async () => {
    const place = join(folder, 'place');
    await mkdir(place);
    await writeFile(join(place, 'list'), production.REKEY_KEYS);
    const { code, stderr } = await rekeyHere({}, 'keys', 'rotate', '--file', join(place, 'list'), '--id', 'k1');
    expect(code).toBe(3);
    expect(stderr).toBe('The list has a key "k1" already.\n');
    expect(await readFile(join(place, 'list'), 'utf8')).toBe(production.REKEY_KEYS);
  });
});
