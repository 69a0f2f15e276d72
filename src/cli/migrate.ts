// `rekey migrate`: brings the tables up to date, as every start of the server does. For those who do it beforehand.
import { systemClock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import { loadSettings } from '../config/load.ts';
import { openDatabase } from '../database/open.ts';
import { prepareTables } from '../database/ready.ts';

export async function runMigrate({ config, json }: { config?: string; json: boolean }): Promise<void> {
  const { settings } = await loadSettings({ environment: process.env, file: config, needed: ['database'] });
  const db = await openDatabase(settings.database, { log: createLog('silent') });
  try {
    const applied = await prepareTables(db, { clock: systemClock });
    if (json) console.log(JSON.stringify({ applied }));
    else if (applied.length === 0) console.log('Nothing to do: the database is up to date.');
    else console.log(applied.map((name) => `Applied ${name}`).join('\n'));
  } finally {
    await db.close();
  }
}
