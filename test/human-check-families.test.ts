// Which drags of which bots pass without a step-up: the table of docs/human-check.md, with its ceilings. None of them was
// made by a hand: nothing here says how often a person is taken for a bot.
import { expect, it } from 'vitest';
import {
  bySystem,
  families,
  type Family,
  type FamilyName,
  makeFamily,
  readRecorded,
} from '../bench/human-check/families.ts';
import { passRate } from '../bench/human-check/table.ts';

const names = Object.keys(families).filter((name): name is FamilyName => Object.hasOwn(families, name));

it.each(names)('%s passes without a step-up no more often than its ceiling', (name) => {
  const { ceiling = 1 }: Family = families[name];
  expect(passRate(makeFamily(name, 200)).withoutStepUp).toBeLessThanOrEqual(ceiling);
});

const recorded = [...Map.groupBy(readRecorded(), ({ who }) => who)];

it('there are drags of every family as real pages sent them', () => {
  const whole = [...names, ...(['jump', 'linear', 'minimum jerk', 'adaptive'] as const).map(bySystem)];
  expect(recorded.map(([who]) => who)).toEqual(expect.arrayContaining(whole));
});

it.each(recorded)('%s, as a real page sent it, passes no more often than its ceiling', (who, drags) => {
  const name = names.find((each) => who === each);
  const { ceiling = 1 }: Pick<Family, 'ceiling'> = name
    ? families[name]
    : who === bySystem('adaptive')
      ? {}
      : { ceiling: 0.2 };
  expect(passRate(drags).withoutStepUp).toBeLessThanOrEqual(ceiling);
});
