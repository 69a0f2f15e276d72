// Where the files of a test live.
import { mkdtemp, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Linux keeps this folder in memory: nothing of a test outlives it, so nothing waits for the disk. */
const memoryFolder = '/dev/shm';

/** `sizeBytes`: what has to fit. A container may have no more than 64 MB of that memory. */
export async function makeTestFolder(sizeBytes = 8 * 1_024 ** 2): Promise<string> {
  const { bavail, bsize } = await statfs(memoryFolder).catch(() => ({ bavail: 0, bsize: 0 }));
  return mkdtemp(join(bavail * bsize > sizeBytes ? memoryFolder : tmpdir(), 'rekey-'));
}
