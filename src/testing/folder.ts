// Where the files of a test live.
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Linux keeps this folder in memory: nothing of a test outlives it, so nothing waits for the disk. */
const memoryFolder = '/dev/shm';

export const makeTestFolder = (): Promise<string> =>
  mkdtemp(join(existsSync(memoryFolder) ? memoryFolder : tmpdir(), 'rekey-'));
