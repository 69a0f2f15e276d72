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

  const broken = scenarios.flatMap((scenario) => {
    const weakness = weaknesses[scenario.name];
    return weakness ? { ...scenario, scenario, app: weakness.app, found: [weakness.found].flat() } : [];
  });
  it.each(broken)('$number, $name: $found', async ({ scenario, app, found }) => {
    const targets = createOwnTargets({ size: 'small', app: app() });
    const sought = found.map((each) => expect.stringMatching(each));
    try {
      // Several are looked for to the end; what follows from them is found beside them.
      const atFault = found.length > 1 ? 'go on' : 'stop';
      const { verdict, faults, leftOut } = await runScenario(scenario, targets, { atFault });
      expect({ verdict, faults, leftOut }).toMatchObject({
        verdict: 'broken',
        faults: found.length > 1 ? expect.arrayContaining(sought) : sought,
      });
    } finally {
      await targets.close();
    }
  });
});
