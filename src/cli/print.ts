// Long results on standard output: as fast as they are read, and no fault when the reader has had enough.
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export async function print(lines: Readable): Promise<void> {
  try {
    await pipeline(lines, process.stdout, { end: false });
  } catch (fault) {
    // `| head` has read enough.
    if (!(fault instanceof Error && 'code' in fault && fault.code === 'EPIPE')) throw fault;
  }
}
