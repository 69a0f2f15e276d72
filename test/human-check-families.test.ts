// Which drags of which bots pass without a step-up: the table of docs/human-check.md, with its ceilings. None of them was
// made by a hand: nothing here says how often a person is taken for a bot.
import { expect, it } from 'vitest';
import { families, type Family, type FamilyName, makeFamily } from '../bench/human-check/families.ts';
import { passRate } from '../bench/human-check/table.ts';

const names = Object.keys(families).filter((name): name is FamilyName => Object.hasOwn(families, name));

it.each(names)('%s passes without a step-up no more often than its ceiling', (name) => {
  const { ceiling = 1 }: Family = families[name];
  expect(passRate(makeFamily(name, 200)).withoutStepUp).toBeLessThanOrEqual(ceiling);
});
