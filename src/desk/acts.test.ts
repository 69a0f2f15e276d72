import { describe, expect, it } from 'vitest';
import { actsIn, readAct } from './acts.ts';

describe('what an agent can do', () => {
  it.each([
    ['received', ['reply', 'ask', 'take-up', 'note']],
    ['asked', ['reply', 'take-up', 'note']],
    ['deciding', ['reply', 'ask', 'decide', 'note']],
    ['decided', ['reopen', 'note']],
  ])('about a case that is %s: %j', (state, names) => {
    expect(actsIn(state)).toEqual(names);
  });

  it.each(['', 'approve', 'toString', 'constructor'])('is not %j', (name) => {
    expect(readAct(name)).toBeUndefined();
  });
});
