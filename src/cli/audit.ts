// `rekey audit verify` and `rekey audit export`: they only read, so they may run beside the server.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Audit, type AuditFault, createAudit } from '../audit/audit.ts';
import { systemClock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import { Problem } from '../base/problem.ts';
import { systemRandom } from '../base/random.ts';
import { createKeys } from '../base/secret.ts';
import { settingsSchema } from '../config/settings.ts';
import { openDatabase } from '../database/open.ts';
import { findDataFolder } from './data-folder.ts';

const meanings: Readonly<Record<AuditFault['what'], string>> = {
  changed: 'is not what was written',
  moved: 'does not follow the one before it',
  removed: 'is missing, and maybe others after it',
  head: 'the signed end of the trail was changed or removed',
  'key-gone': 'was signed with a key that is not here, so nothing can be said about it',
};

/** Prints the report; whether the trail is whole. */
export async function verifyAudit(dir: string): Promise<boolean> {
  const { sealed, unsealed, faults, head } = await withAudit(dir, (audit) => audit.verify());
  for (const { seq, id, what } of faults) {
    const event = seq === null ? id && `event ${id} (not sealed) ` : `event number ${seq} `;
    console.log(`${event ?? ''}${meanings[what]}`);
  }
  console.log(`Events sealed: ${sealed}. Not sealed yet: ${unsealed}. Faults: ${faults.length}.`);
  console.log(`Head: ${head.seq} ${head.chain}`);
  return faults.length === 0;
}

/** Every event on standard output, one JSON object a line. */
export async function exportAudit(dir: string): Promise<void> {
  await withAudit(dir, (audit) => pipeline(Readable.from(audit.export()), process.stdout, { end: false })).catch(
    (fault: unknown) => {
      // `| head` has read enough.
      if (!(fault instanceof Error && 'code' in fault && fault.code === 'EPIPE')) throw fault;
    },
  );
}

async function withAudit<T>(dir: string, work: (audit: Audit) => Promise<T>): Promise<T> {
  const folder = await findDataFolder(dir);
  const keys = settingsSchema.shape.keys.safeParse(folder.keys);
  if (!keys.success) throw new Problem('data-folder', `The file "keys" in ${folder.path} holds no keys.`);
  const db = await openDatabase(folder.database, { log: createLog('silent') });
  try {
    const audit = createAudit({
      db,
      keys: createKeys(keys.data),
      clock: systemClock,
      random: systemRandom,
      site: 'default',
    });
    return await work(audit);
  } finally {
    await db.close();
  }
}
