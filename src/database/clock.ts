// The time that all nodes of one database share: this machine's, moved by how far it is from the database's, so that a
// node whose clock is wrong judges what has expired like every other. Measured at start and every ten seconds.
import { sql } from 'kysely';
import { type Clock, secondMs } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Database } from './database.ts';

export interface DatabaseClock extends Clock {
  /** Measures no more. */
  stop(): Promise<void>;
}

const measureEveryMs = 10 * secondMs;
/** From here on the log says so: more than two machines with the time from the network differ by. */
const worthSayingMs = secondMs;

/** On SQLite, which has the same clock, it is `local`. */
export async function createDatabaseClock(
  db: Database,
  { local, log }: { readonly local: Clock; readonly log: Log },
): Promise<DatabaseClock> {
  if (db.engine === 'sqlite') return { now: local.now, stop: async () => {} };
  let offsetMs = 0;

  async function measure(): Promise<void> {
    const sentAt = local.now();
    const { rows } = await sql<{
      now: number;
    }>`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now`.execute(db.read);
    const [told] = rows;
    if (!told) throw new Error('the database told no time');
    const corrected = correctOffset(offsetMs, { sentAt, toldAt: told.now, receivedAt: local.now() });
    if (Math.abs(corrected - offsetMs) >= worthSayingMs)
      log.warn({ offsetMs: corrected }, "this machine's clock is not the database's, which counts");
    offsetMs = corrected;
  }

  await measure();
  let measuring: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    measuring = measuring.then(measure).catch((error: unknown) => {
      log.warn({ failure: String(error) }, 'the clock of the database could not be read');
    });
  }, measureEveryMs);
  timer.unref();

  return {
    now: () => local.now() + offsetMs,
    async stop() {
      clearInterval(timer);
      await measuring;
    },
  };
}

/**
 * The offset to go on with. The database read its clock at some moment between question and answer, so a measurement leaves
 * a range as wide as the way there and back: only an offset outside it is known to be wrong.
 */
export function correctOffset(
  offsetMs: number,
  { sentAt, toldAt, receivedAt }: { readonly sentAt: number; readonly toldAt: number; readonly receivedAt: number },
): number {
  const [least, most] = [toldAt - receivedAt, toldAt - sentAt];
  return offsetMs >= least && offsetMs <= most ? offsetMs : Math.round((least + most) / 2);
}
