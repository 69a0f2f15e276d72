// `rekey attack`: what can be tried from outside, against this machine or a deployment that has agreed; and the consent that
// says so.
import { createOutside } from '../../attack/target.ts';
import { askConsent } from '../../attack/consent.ts';
import { countOf, isWithstood, type Result, runScenario, tableOf, type Targets } from '../../attack/runner.ts';
import { chosenScenarios } from '../../attack/scenarios.ts';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { createKeys } from '../base/secret.ts';
import { loadSettings } from '../config/load.ts';
import { makeConsent } from '../http/attack-consent.ts';
import { startProgress } from './progress.ts';

export interface AttackOptions {
  readonly url: string;
  readonly consent?: string;
  readonly known?: string;
  readonly unknown?: string;
  readonly json: boolean;
}

/** False: something got through, or did not end. Throws for a target that has not agreed. */
export async function runAttack(
  names: readonly string[],
  { url, consent: token, known, unknown, json }: AttackOptions,
): Promise<boolean> {
  const chosen = chosenScenarios(names);
  const { expiresAt = Number.POSITIVE_INFINITY } = await askConsent({ url, token, now: systemClock.now() });
  const targets: Targets = {
    kind: 'outside',
    reach: async (watch) => createOutside({ ...watch, url, size: 'full', clock: systemClock, known, unknown }),
  };
  const progress = await startProgress(`${countOf(chosen)} on ${new URL(url).origin}`);
  const results: Result[] = [];
  for (const [at, scenario] of chosen.entries()) {
    progress.show(`${scenario.number} ${scenario.name}`, at / chosen.length);
    // Not a request after the consent is over.
    const limitMs = Math.min(longestMs, expiresAt - systemClock.now());
    if (limitMs > 0) results.push(await runScenario(scenario, targets, { limitMs }));
  }
  progress.end(`${countOf(results)} done`);
  console.log(json ? JSON.stringify({ url, attacks: results }) : tableOf(results));
  return results.length === chosen.length && isWithstood(results);
}

const longestMs = 900_000;

/** The token alone on standard output, so that it can be kept in a variable. */
export async function printConsent({ config: file }: { readonly config?: string }): Promise<void> {
  const { settings } = await loadSettings({ environment: process.env, file, needed: ['origin', 'keys'] });
  const keys = createKeys(settings.keys);
  console.log(makeConsent({ keys, origin: settings.origin }, systemRandom, systemClock.now()));
}
