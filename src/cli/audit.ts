// `rekey audit verify` and `rekey audit export`: they only read, so they may run beside the server.
import { Readable } from 'node:stream';
import type { AuditFault } from '../audit/audit.ts';
import { print } from './print.ts';
import { type SiteOptions, withSite } from './site.ts';

const meanings: Readonly<Record<AuditFault['what'], string>> = {
  changed: 'is not what was written',
  moved: 'does not follow the one before it',
  removed: 'is missing, and maybe others after it',
  head: 'the signed end of the trail was changed or removed',
  start: 'the signed start of the trail, behind what was old and is cut off, was changed',
  'key-gone': 'was signed with a key that is not here, so nothing can be said about it',
};

/** Prints the report; whether the trail is whole. */
export async function verifyAudit(options: SiteOptions & { readonly json?: boolean }): Promise<boolean> {
  const report = await withSite(options, ({ audit }) => audit.verify());
  const { sealed, cut, unsealed, faults, head } = report;
  const isWhole = faults.length === 0;
  if (options.json) {
    console.log(JSON.stringify({ isWhole, ...report }));
    return isWhole;
  }
  for (const { seq, id, what } of faults) {
    const event = seq === null ? id && `event ${id} (not sealed) ` : `event number ${seq} `;
    console.log(`${event ?? ''}${meanings[what]}`);
  }
  if (cut > 0) console.log(`The first ${cut} were old and are cut off.`);
  console.log(`Events sealed: ${sealed}. Not sealed yet: ${unsealed}. Faults: ${faults.length}.`);
  console.log(`Head: ${head.seq} ${head.chain}`);
  return isWhole;
}

/** Every event on standard output, one JSON object a line. */
export const exportAudit = (options: SiteOptions): Promise<void> =>
  withSite(options, ({ audit }) => print(Readable.from(audit.export())));
