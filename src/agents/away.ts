// When somebody comes back: a day, as the own page and the command line take it.
import { dayMs } from '../base/clock.ts';

const longestAwayMs = 2 * 365 * dayMs;

/** The beginning of a day to come, UTC, in epoch ms; `undefined` for anything else. `text`: `2027-01-31`. */
export function readDayBack(text: string, now: number): number | undefined {
  const at = Date.parse(`${text}T00:00:00Z`);
  // The 31st of February would be read as the 3rd of March.
  const isDay = !Number.isNaN(at) && new Date(at).toISOString().startsWith(`${text}T`);
  return isDay && at > now && at < now + longestAwayMs ? at : undefined;
}
