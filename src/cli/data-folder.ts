// The folder where the demo keeps everything: its database, its keys (mode 0600) and its mails. Nothing outside it is
// written, and `--reset` removes only what is named here, whatever else the folder holds.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolder } from '../base/folder.ts';
import { Problem } from '../base/problem.ts';
import { settingsSchema } from '../config/settings.ts';
import { isFileInUse } from '../database/file-in-use.ts';

export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** `sqlite:FILE` */
  readonly database: string;
  /** `id:base64`, as the setting `keys` takes it. */
  readonly keys: string;
  readonly mailFolder: string;
}

const names = { database: 'rekey.db', keys: 'keys', mail: 'mail' };
const databaseFiles = [names.database, `${names.database}-wal`, `${names.database}-shm`];

/** Makes the folder and its keys where they are missing. Throws a Problem `data-folder` with one sentence. */
export async function makeDataFolder(dir: string, { isReset }: { isReset: boolean }): Promise<DataFolder> {
  const path = resolve(dir);
  return explained(path, async () => {
    makeFolder(path);
    await access(path, constants.W_OK);
    const file = join(path, names.database);
    // Two would send each other's mail: each to a mailbox that the other does not show.
    if ((await isFile(file)) && isRunning(file)) {
      throw new Problem(
        'data-folder',
        `A demo runs in ${path} already: open that one, or stop it first, or choose another folder with --data.`,
      );
    }
    if (isReset) {
      for (const name of [...databaseFiles, names.keys, names.mail]) {
        await rm(join(path, name), { recursive: true, force: true });
      }
    }
    if ((await isFile(file)) && !(await isFile(join(path, names.keys)))) {
      throw new Problem(
        'data-folder',
        `${path} has a database, but not the keys to it. Bring the file "keys" back, or use --reset.`,
      );
    }
    await makeKeys(path);
    return describe(path);
  });
}

/** A folder that was made before. Throws a Problem `data-folder` with one sentence. */
export async function findDataFolder(dir: string): Promise<DataFolder> {
  const path = resolve(dir);
  return explained(path, async () => {
    if (!(await isFile(join(path, names.database)))) {
      throw new Problem('data-folder', `There is no ${names.database} in ${path}. Name the folder with --data.`);
    }
    return describe(path);
  });
}

/** Whole or not at all, whatever ends the process or fills the disk; of two demos that start at once, one makes them. */
async function makeKeys(path: string): Promise<void> {
  const kept = join(path, names.keys);
  const written = `${kept}-${randomBytes(8).toString('hex')}`;
  try {
    await writeFile(written, `demo:${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    // Unlike a rename it never puts new keys in the place of others.
    await link(written, kept);
  } catch (fault) {
    if (codeOf(fault) !== 'EEXIST') throw fault;
  } finally {
    await rm(written, { force: true });
  }
}

async function describe(path: string): Promise<DataFolder> {
  const keys = (await readFile(join(path, names.keys), 'utf8')).trim();
  if (!settingsSchema.shape.keys.safeParse(keys).success) {
    throw new Problem(
      'data-folder',
      `The file "keys" in ${path} holds no keys. Bring it back as it was, or start afresh with --reset.`,
    );
  }
  return {
    path,
    database: `sqlite:${join(path, names.database)}`,
    keys,
    mailFolder: join(path, names.mail),
  };
}

function isRunning(file: string): boolean {
  try {
    return isFileInUse(file);
  } catch {
    // Whatever else is wrong with it is told by whoever opens it, or removed.
    return false;
  }
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

const sentences: Readonly<Record<string, string>> = {
  EACCES: 'may not be read and written by this user',
  EPERM: 'may not be read and written by this user',
  EROFS: 'is on a disk that can only be read',
  ENOSPC: 'is on a disk that is full',
  ENOTDIR: 'is not a folder',
  EEXIST: 'is not a folder',
  ENOENT: 'cannot be made, or lacks a file',
};

async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (fault) {
    const sentence = sentences[codeOf(fault)];
    if (sentence === undefined) throw fault;
    throw new Problem('data-folder', `The data folder ${path} ${sentence}. Choose another with --data.`);
  }
}

const codeOf = (fault: unknown): string =>
  fault instanceof Error && 'code' in fault && typeof fault.code === 'string' ? fault.code : '';
