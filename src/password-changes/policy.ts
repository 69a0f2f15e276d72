// How long a notice counts. D11 of docs/rules.md.
import { dayMs } from '../base/clock.ts';

/** How long "This was not me" works after a notice was made, and how long the mail server may be down before any notice is lost. */
export const noticeLifeMs = 7 * dayMs;
