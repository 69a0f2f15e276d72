import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pressingWordsIn, type SignalFacts, signalNames, signalsFrom, signalsOf } from './signals.ts';

const quiet: SignalFacts = {
  casesAboutAccount: 1,
  contactsAboutAccount: 1,
  accountsOfContact: 1,
  proofsTried: 0,
  messagesInHour: 0,
  pressingWords: 0,
  approvalsOfAgent: 0,
};

describe('the signs of a played desk', () => {
  it('are none for somebody who wrote once, and in haste', () => {
    expect(signalsOf({ ...quiet, pressingWords: 2 })).toEqual([]);
  });

  it.each([
    ['probing', { casesAboutAccount: 3 }],
    ['contacts', { contactsAboutAccount: 2 }],
    ['contact-spread', { accountsOfContact: 3 }],
    ['guessing', { proofsTried: 6 }],
    ['urgency', { messagesInHour: 2, pressingWords: 1 }],
    ['approvals', { approvalsOfAgent: 10 }],
  ] as const)('%s begins at its number and not one before', (name, more) => {
    expect(signalsOf({ ...quiet, ...more })).toEqual([{ name, count: signalsFrom[name] }]);
    const [first = ''] = Object.keys(more);
    const less = { ...quiet, ...more, [first]: (Object.values(more)[0] ?? 0) - 1 };
    expect(signalsOf(less)).toEqual([]);
  });

  it('never go away with more of the same', () => {
    const facts = fc.record(Object.fromEntries(Object.keys(quiet).map((name) => [name, fc.nat(20)])));
    fc.assert(
      fc.property(facts, fc.constantFrom(...Object.keys(quiet)), (counted, name) => {
        const before = signalsOf({ ...quiet, ...counted }).map((signal) => signal.name);
        const after = signalsOf({ ...quiet, ...counted, [name]: (counted[name] ?? 0) + 1 }).map(
          (signal) => signal.name,
        );
        expect(after).toEqual(expect.arrayContaining(before));
      }),
    );
    expect(signalNames).toHaveLength(Object.keys(signalsFrom).length);
  });

  it.each([
    ['I need this URGENTLY, right   now! My lawyer…', 3],
    ['¡Es urgente! Lo necesito ya mismo, ¡ya mismo!', 2],
    ['The insurgents issued a resurgent managerial memo.', 0],
    ['', 0],
    ['\u202Etnegru\u202C ｕｒｇｅｎｔ', 1],
  ])('counts the words of haste in %j: %i', (text, count) => {
    expect(pressingWordsIn(text)).toBe(count);
  });
});
