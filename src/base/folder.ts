// Making a folder with all those above it.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Only for its owner. Not `recursive: true`: that never returns where a file system answers ENOENT to making a folder, as /proc does. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (fault) {
    // Another process made it in between.
    if (!existsSync(folder)) throw fault;
  }
}
