// The attacks, in order.
import { Problem } from '../src/base/problem.ts';
import type { Scenario } from './scenario.ts';
import { hostPoisoning } from './scenarios/01-host-poisoning.ts';
import { enumeration } from './scenarios/02-enumeration.ts';
import { distributedGuessing } from './scenarios/03-distributed-guessing.ts';
import { doubleSpend } from './scenarios/08-double-spend.ts';
import { stepSkipping } from './scenarios/10-step-skipping.ts';

export const scenarios: readonly Scenario[] = [
  hostPoisoning,
  enumeration,
  distributedGuessing,
  doubleSpend,
  stepSkipping,
];

/** Those named or numbered, in order; all where none is. Throws for a name that none has. */
export function chosenScenarios(names: readonly string[]): readonly Scenario[] {
  const isMeant = ({ name, number }: Scenario, wish: string) => wish === name || wish === String(number);
  const unknown = names.filter((wish) => !scenarios.some((scenario) => isMeant(scenario, wish)));
  if (unknown.length > 0) throw new Problem('attack-unknown', `There is no attack ${unknown.join(' or ')}. ${known()}`);
  return names.length === 0 ? scenarios : scenarios.filter((each) => names.some((wish) => isMeant(each, wish)));
}

const known = (): string => `There are: ${scenarios.map(({ name }) => name).join(', ')}.`;
