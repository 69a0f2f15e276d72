// Whether a file of SQLite is open anywhere, which needs no database opened first.
import { DatabaseSync } from 'node:sqlite';

const busy = 5;

/** Whether another connection has the file open: each has a lock on it for as long as it has, as of its first statement. */
export function isFileInUse(file: string): boolean {
  const probe = new DatabaseSync(file, { timeout: 0 });
  try {
    probe.exec('PRAGMA locking_mode = EXCLUSIVE; SELECT count(*) FROM sqlite_master');
    return false;
  } catch (fault) {
    if (fault instanceof Error && 'errcode' in fault && fault.errcode === busy) return true;
    throw fault;
  } finally {
    probe.close();
  }
}
