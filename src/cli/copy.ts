// `rekey copy`: moves a site to another database, such as from SQLite to PostgreSQL when one machine is outgrown. The source
// is only read. Nobody may serve from either meanwhile.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import { Problem } from '../base/problem.ts';
import { createKeys } from '../base/secret.ts';
import { loadSettings } from '../config/load.ts';
import { type Copied, copyDatabase } from '../database/copy.ts';
import type { Database } from '../database/database.ts';
import { refuseOtherKeys } from '../database/key-checks.ts';
import { openDatabase } from '../database/open.ts';
import { explainRights, prepareTables, refuseHalfCopied } from '../database/ready.ts';
import { isFileInUse } from '../database/file-in-use.ts';
import { isServed, versionSeen } from '../database/served.ts';
import { startProgress } from './progress.ts';
import { refuseOtherRelease } from './site.ts';
import { stopBySignal } from './stop-by-signal.ts';

export interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly config?: string | undefined;
  readonly json: boolean;
}

/** One of the two databases. */
interface Side {
  readonly db: Database;
  /** Without user and password. */
  readonly name: string;
  /** At the end: of a file it closes `db`, as beside our own connections nobody could be seen. */
  readonly refuseInUse: () => Promise<void>;
}

export async function runCopy({ from, to, config, json }: CopyOptions): Promise<void> {
  const { settings } = await loadSettings({ environment: process.env, file: config, needed: ['keys'] });
  const keys = createKeys(settings.keys);
  if (nameOf(from) === nameOf(to)) throw new Problem('copy-refused', 'Both addresses lead to the same database.');
  await refuseMissingFile(from);
  const source = await openSide(from, 'source');
  try {
    await explainRights(source.db, async () => {
      await refuseOtherRelease(source.db);
      await refuseHalfCopied(source.db);
      await refuseOtherKeys(source.db, keys);
    });
    const target = await openSide(to, 'target');
    try {
      await prepareTables(target.db, { clock: systemClock });
      await refuseOtherKeys(target.db, keys);
      const copied = await copy(source, target);
      tell(copied, target.name, json);
    } finally {
      await target.db.close();
    }
  } finally {
    await source.db.close();
  }
}

async function copy(source: Side, target: Side): Promise<Copied> {
  const progress = await startProgress(`Copying ${source.name} to ${target.name}`);
  const stop = stopBySignal(
    (signal) => new Problem('copy-refused', `Stopped by ${signal}. The same command goes on from here.`),
  );
  try {
    const copied = await copyDatabase({
      from: source.db,
      to: target.db,
      source: source.name,
      refuseInUse: source.refuseInUse,
      onProgress(doing, table, share) {
        stop.check();
        progress.show(doing === 'copying' ? `Copying ${table}` : `Comparing ${table}`, share);
      },
    });
    progress.end(`${inWords(copied.rowsCopied)} rows copied, ${inWords(perSecond(copied))} a second`);
    return copied;
  } catch (fault) {
    progress.end('The copy is not whole');
    throw fault;
  } finally {
    stop.end();
  }
}

/** Throws the problem `copy-refused` where somebody uses it. */
export async function openSide(address: string, which: 'source' | 'target'): Promise<Side> {
  const inUse = () =>
    new Problem(
      'copy-refused',
      `The ${which} is in use: stop whatever serves from it, on every node, then start again.`,
    );
  const name = nameOf(address);
  const file = fileOf(address);
  if (file !== undefined) {
    const exists = await stat(file).then(
      () => true,
      () => false,
    );
    if (exists && isFileInUse(file)) throw inUse();
    const db = await openDatabase(address, { log: createLog('silent') });
    const version = await versionSeen(db);
    return {
      db,
      name,
      async refuseInUse() {
        const isWritten = (await versionSeen(db)) !== version;
        await db.close();
        if (isWritten || isFileInUse(file)) throw inUse();
      },
    };
  }
  const db = await openDatabase(address, { log: createLog('silent'), program: 'rekey copy' });
  const refuseInUse = async () => {
    if (await isServed(db)) throw inUse();
  };
  await refuseInUse().catch(async (fault: unknown) => {
    await db.close();
    throw fault;
  });
  return { db, name, refuseInUse };
}

/** To open it would make it. */
async function refuseMissingFile(address: string): Promise<void> {
  const file = fileOf(address);
  if (file === undefined) return;
  await stat(file).catch(() => {
    throw new Problem('copy-refused', `There is no ${file}: name the database that is to be copied with --from.`);
  });
}

const fileOf = (address: string): string | undefined =>
  address.startsWith('sqlite:') ? resolve(address.slice('sqlite:'.length)) : undefined;

function nameOf(address: string): string {
  const file = fileOf(address);
  if (file !== undefined) return `sqlite:${file}`;
  if (!URL.canParse(address)) return 'an address that is none';
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`;
}

const inWords = (count: number): string => count.toLocaleString('en');
const perSecond = ({ rowsCopied, copyMs }: Copied): number => Math.round(rowsCopied / Math.max(copyMs / 1_000, 0.001));

function tell(copied: Copied, name: string, json: boolean): void {
  if (json) {
    console.log(JSON.stringify({ ...copied, rowsPerSecond: perSecond(copied) }));
    return;
  }
  const shown = copied.tables.filter(({ rows }) => rows > 0);
  const width = Math.max(0, ...shown.map(({ table }) => table.length));
  for (const { table, rows, checksum } of shown)
    console.log(`${table.padEnd(width)}  ${checksum.slice(0, 16)}  ${inWords(rows)}`);
  console.log(
    `Every row is the same on both sides. Next: set database to ${name} on every node, run rekey audit verify, and start. The source is as it was; keep it until then, and let nobody start from it again.`,
  );
}
