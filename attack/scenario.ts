// What an attack is: who tries what, what it costs, what must come of it, and how it is tried. A scenario knows the target
// as an attacker does, over HTTP, and beyond that only what its kind of target gives.
import type { SettingsInput } from '../src/config/settings.ts';
import type { Inside, Outside } from './target.ts';

export interface Scenario {
  readonly number: number;
  /** As the command line takes it. */
  readonly name: string;
  readonly title: string;
  /** What somebody needs for it. */
  readonly cost: string;
  /** What must come of it. */
  readonly expectation: string;
  /** What another target has to be set to for it; a target of one's own is started so. */
  readonly settings?: Partial<SettingsInput>;
  /** Takes as long in full as all others together. */
  readonly isLongest?: true;
  /** Against any target, without a mailbox or an account there. */
  readonly outside?: Attempt<Outside>;
  /** With a mailbox, accounts and a clock: against a target of one's own. */
  readonly inside?: Attempt<Inside>;
}

export type Attempt<Target> = (target: Target, finding: Finding) => Promise<void>;

/** What comes to light in an attempt. */
export interface Finding {
  /** Says `otherwise`, once, where the defence does not hold. */
  expect(holds: boolean, otherwise: string): void;
  /** A figure for the table, such as "6 mails for 10,000 requests". */
  tell(figure: string): void;
  /** What could not be tried here, and why. */
  leaveOut(what: string): void;
}
