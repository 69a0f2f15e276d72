// Every attack can fail: against an app whose defence is broken, by a part of its own that is weak, it comes to light.
import { describe, expect, it } from 'vitest';
import { createOwnTargets } from '../../attack/own-target.ts';
import { runScenario } from '../../attack/runner.ts';
import { scenarios } from '../../attack/scenarios.ts';
import type { TestAppOptions } from '../../src/testing/app.ts';
import { weaknesses } from './weaknesses.ts';

describe('a scenario whose defence is broken comes to light', () => {
  it('has a weakness for each', () => {
    expect(Object.keys(weaknesses)).toEqual(scenarios.map(({ name }) => name));
  });

  it.each(scenarios)('$number, $name', async (scenario) => {
    const { app, found }: { app: () => TestAppOptions; found: RegExp } = weaknesses[scenario.name] ?? {
      app: () => ({}),
      found: /never/,
    };
    const targets = createOwnTargets({ size: 'small', app: app() });
    try {
      const { verdict, faults, leftOut } = await runScenario(scenario, targets, { atFault: 'stop' });
      expect({ verdict, faults, leftOut }).toMatchObject({ verdict: 'broken', faults: [expect.stringMatching(found)] });
    } finally {
      await targets.close();
    }
  });
});
