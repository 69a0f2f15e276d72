// Every attack can fail: against an app whose defence is broken, by a part of its own that is weak, it comes to light.
import { describe, expect, it } from 'vitest';
import { createOwnTargets } from '../../attack/own-target.ts';
import { runScenario } from '../../attack/runner.ts';
import { scenarios } from '../../attack/scenarios.ts';
import { weaknesses } from './weaknesses.ts';

describe('a scenario whose defence is broken comes to light', () => {
  it('has a weakness for each', () => {
    expect(Object.keys(weaknesses)).toEqual(scenarios.map(({ name }) => name));
  });

  const broken = scenarios.flatMap((scenario) =>
    [weaknesses[scenario.name] ?? []].flat().map(({ app, found }) => ({ ...scenario, scenario, app, found })),
  );
  it.each(broken)('$number, $name: $found', async ({ scenario, app, found }) => {
    const targets = createOwnTargets({ size: 'small', app: app() });
    try {
      const { verdict, faults, leftOut } = await runScenario(scenario, targets, { atFault: 'stop' });
      expect({ verdict, faults, leftOut }).toMatchObject({ verdict: 'broken', faults: [expect.stringMatching(found)] });
    } finally {
      await targets.close();
    }
  });
});
