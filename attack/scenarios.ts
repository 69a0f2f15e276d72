// The attacks, in order.
import { Problem } from '../src/base/problem.ts';
import type { Scenario } from './scenario.ts';
import { hostPoisoning } from './scenarios/01-host-poisoning.ts';
import { enumeration } from './scenarios/02-enumeration.ts';
import { distributedGuessing } from './scenarios/03-distributed-guessing.ts';
import { addressInjection } from './scenarios/04-address-injection.ts';
import { unicodeCollision } from './scenarios/05-unicode-collision.ts';
import { prediction } from './scenarios/06-prediction.ts';
import { leak } from './scenarios/07-leak.ts';
import { doubleSpend } from './scenarios/08-double-spend.ts';
import { crossedUsers } from './scenarios/09-crossed-users.ts';
import { stepSkipping } from './scenarios/10-step-skipping.ts';
import { relay } from './scenarios/11-relay.ts';
import { referrerLeak } from './scenarios/12-referrer-leak.ts';
import { staleCode } from './scenarios/13-stale-code.ts';
import { preHijack } from './scenarios/14-pre-hijack.ts';
import { sessionSurvival } from './scenarios/15-session-survival.ts';
import { secondFactorBypass } from './scenarios/16-second-factor-bypass.ts';
import { scannerPrefetch } from './scenarios/17-scanner-prefetch.ts';
import { csrf } from './scenarios/18-csrf.ts';
import { framingAndMarkup } from './scenarios/19-framing-and-markup.ts';
import { mailBombing } from './scenarios/20-mail-bombing.ts';
import { lockout } from './scenarios/21-lockout.ts';
import { enumerationByTime } from './scenarios/22-enumeration-by-time.ts';
import { humanCheck } from './scenarios/23-human-check.ts';
import { supportDesk } from './scenarios/24-support-desk.ts';
import { stolenDatabase } from './scenarios/25-stolen-database.ts';

export const scenarios: readonly Scenario[] = [
  hostPoisoning,
  enumeration,
  distributedGuessing,
  addressInjection,
  unicodeCollision,
  prediction,
  leak,
  doubleSpend,
  crossedUsers,
  stepSkipping,
  relay,
  referrerLeak,
  staleCode,
  preHijack,
  sessionSurvival,
  secondFactorBypass,
  scannerPrefetch,
  csrf,
  framingAndMarkup,
  mailBombing,
  lockout,
  enumerationByTime,
  humanCheck,
  supportDesk,
  stolenDatabase,
];

/** Those numbered or named, also by the beginning of a name, in order; all where none is. Throws for a name that none has. */
export function chosenScenarios(names: readonly string[]): readonly Scenario[] {
  const isMeant = ({ name, number }: Scenario, wish: string) =>
    wish === String(number) || wish === name || name.startsWith(`${wish}-`);
  const unknown = names.filter((wish) => !scenarios.some((scenario) => isMeant(scenario, wish)));
  if (unknown.length > 0) throw new Problem('attack-unknown', `There is no attack ${unknown.join(' or ')}. ${known()}`);
  return names.length === 0 ? scenarios : scenarios.filter((each) => names.some((wish) => isMeant(each, wish)));
}

const known = (): string => `There are: ${scenarios.map(({ name }) => name).join(', ')}.`;
