// Every attack, small, against an app of its own: it holds. That each can fail is shown in broken.test.ts.
import { afterAll, expect, it } from 'vitest';
import { createOwnTargets } from '../../attack/own-target.ts';
import { runScenario } from '../../attack/runner.ts';
import { scenarios } from '../../attack/scenarios.ts';

const targets = createOwnTargets({ size: 'small' });
afterAll(() => targets.close());

it.each(scenarios)('$number, $name: $expectation', async (scenario) => {
  const { verdict, faults, leftOut, requests } = await runScenario(scenario, targets);
  expect({ verdict, faults, leftOut }).toEqual({ verdict: 'held', faults: [], leftOut: [] });
  expect(requests).toBeGreaterThan(0);
});
