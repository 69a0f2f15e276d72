// What every command shares that works on the data of a site: the settings from outside, the database they name, and the
// keys to it. It may run beside the server; the tables must be those of this release.
import { type Audit, createAudit } from '../audit/audit.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { createLog, type Log } from '../base/log.ts';
import { Problem } from '../base/problem.ts';
import { type Random, systemRandom } from '../base/random.ts';
import { createKeys, type Keys } from '../base/secret.ts';
import { loadSettings } from '../config/load.ts';
import type { SettingName, Settings } from '../config/settings.ts';
import type { Database } from '../database/database.ts';
import { createDatabaseClock } from '../database/clock.ts';
import { refuseOtherKeys } from '../database/key-checks.ts';
import { pendingMigrations } from '../database/migrate.ts';
import { openDatabase } from '../database/open.ts';
import { explainRights, refuseHalfCopied } from '../database/ready.ts';
import { findDataFolder } from './data-folder.ts';

/** As the command line gives them. */
export interface SiteOptions {
  /** The settings file; where REKEY_CONFIG says, if it is not given. */
  readonly config?: string | undefined;
  /** A data folder of the demo, instead of settings. */
  readonly data?: string | undefined;
}

export interface Site<Name extends SettingName = never> {
  readonly settings: Pick<Settings, Name | 'database' | 'keys'> & Partial<Settings>;
  readonly db: Database;
  readonly keys: Keys;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Its id in every row. */
  readonly site: string;
}

/** Runs `work` and closes the database. `needed`: what must be set beside the database and the keys. */
export async function withSite<T, Name extends SettingName = never>(
  options: SiteOptions,
  work: (site: Site<Name>) => Promise<T>,
  needed: readonly Name[] = [],
): Promise<T> {
  const { settings } = await loadSettings({
    ...(options.data === undefined
      ? { environment: process.env, file: options.config }
      : { environment: await demoEnvironment(options.data) }),
    needed: [...needed, 'database', 'keys'],
  });
  const log = createLog('silent');
  const db = await openDatabase(settings.database, { log });
  try {
    const keys = createKeys(settings.keys);
    const clock = await createDatabaseClock(db, { local: systemClock, log });
    try {
      const parts = { db, keys, clock, random: systemRandom, site: 'default' };
      return await explainRights(db, async () => {
        await refuseOtherRelease(db);
        await refuseHalfCopied(db);
        await refuseOtherKeys(db, keys);
        return work({ ...parts, settings, log, audit: createAudit(parts) });
      });
    } finally {
      await clock.stop();
    }
  } finally {
    await db.close();
  }
}

export async function refuseOtherRelease(db: Database): Promise<void> {
  if ((await pendingMigrations(db)).length > 0)
    throw new Problem('database-unusable', 'The database is not that of this release yet. Run rekey migrate first.');
}

/** Where the demo answers unless a port was named. */
const demoOrigin = 'http://127.0.0.1:4400';

/** The demo's settings as the environment would hold them. */
async function demoEnvironment(data: string): Promise<Record<string, string>> {
  const { database, keys } = await findDataFolder(data);
  return { REKEY_MODE: 'development', REKEY_DATABASE: database, REKEY_KEYS: keys, REKEY_ORIGIN: demoOrigin };
}
