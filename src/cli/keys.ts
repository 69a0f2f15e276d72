// `rekey keys new` and `rekey keys rotate`: keys from the system's generator, and a new one put before those in use.
import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import { loadSettings } from '../config/load.ts';
import { pendingMigrations } from '../database/migrate.ts';
import { openDatabase } from '../database/open.ts';
import { createLog } from '../base/log.ts';
import { keysInUse } from './keys-in-use.ts';

const keyBytes = 32;

/** Named by the day, so that a list shows how old each is; with a letter after it where that name is used. */
function newId(used: readonly string[]): string {
  const day = new Date(systemClock.now()).toISOString().slice(0, 10).replaceAll('-', '');
  const names = [`k${day}`, ...Array.from('bcdefghijklmnopqrstuvwxyz', (letter) => `k${day}${letter}`)];
  const free = names.find((name) => !used.includes(name));
  if (free === undefined) throw new Problem('keys-refused', 'All names of today are used. Give one with --id.');
  return free;
}

function makeKey(id: string): string {
  if (!/^[a-z0-9-]{1,40}$/.test(id))
    throw new Problem('keys-refused', 'The name of a key has small letters, digits and dashes.');
  return `${id}:${randomBytes(keyBytes).toString('base64')}`;
}

export const printNewKey = ({ id = newId([]) }: { id?: string | undefined }): void => console.log(makeKey(id));

export interface RotateOptions {
  readonly config?: string | undefined;
  readonly file?: string | undefined;
  readonly id?: string | undefined;
}

/** Puts a new key first: in `file`, or printed where none is given. What was done and what is next goes to standard error. */
export async function rotateKeys({ config, file, id }: RotateOptions): Promise<void> {
  const { REKEY_KEYS: _, ...others } = process.env;
  const environment = file === undefined ? process.env : { ...others, REKEY_KEYS_FILE: file };
  const { settings, input } = await loadSettings({ environment, file: config, needed: ['keys'] });
  const used = settings.keys.map((key) => key.id);
  const made = id ?? newId(used);
  if (used.includes(made)) throw new Problem('keys-refused', `The list has a key "${made}" already.`);
  const list = [makeKey(made), input.keys].join(',');
  if (file === undefined) console.log(list);
  else await replaceFile(file, `${list}\n`);

  console.error(
    `${made} is the new key; ${used.join(', ')} still verif${used.length === 1 ? 'ies' : 'y'} what was made with ${used.length === 1 ? 'it' : 'them'}.`,
  );
  console.error(
    file === undefined
      ? 'Next: put this list where REKEY_KEYS comes from, on every node, and start each again.'
      : `Next: bring ${file} to every node, and start each again.`,
  );
  if (
    environment.REKEY_DATABASE === undefined &&
    environment.REKEY_DATABASE_FILE === undefined &&
    input.database === undefined
  )
    return;
  await tellUse(settings.database ?? '', used);
}

async function tellUse(database: string, used: readonly string[]): Promise<void> {
  const db = await openDatabase(database, { log: createLog('silent') });
  try {
    if ((await pendingMigrations(db)).length > 0) return;
    const counts = await keysInUse(db);
    for (const id of used) {
      const what = counts.get(id);
      console.error(
        what === undefined
          ? `Nothing in the database needs ${id} any more.`
          : `Leave ${id} in the list, for ${what.join(', ')}.`,
      );
    }
  } finally {
    await db.close();
  }
}

/** Whole or not at all, and for its owner alone. */
async function replaceFile(path: string, content: string): Promise<void> {
  const target = resolve(path);
  const beside = join(dirname(target), `.rekey-keys-${randomBytes(6).toString('hex')}`);
  try {
    const { uid, gid } = await stat(target);
    const file = await open(beside, 'wx', 0o600);
    try {
      await file.writeFile(content);
      if (process.getuid?.() === 0) await file.chown(uid, gid);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, target);
  } catch (fault) {
    await rm(beside, { force: true });
    const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
    throw new Problem(
      'keys-refused',
      `${target} cannot be replaced (${code}); it is as it was. Make its folder writable and try again.`,
    );
  }
}
