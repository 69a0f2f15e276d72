import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeys } from '../base/secret.ts';
import { type Challenge, challengeLifeMs, readChallenge, signChallenge } from './challenge.ts';

const older = { id: 'old', secret: Buffer.alloc(32, 1) };
const newer = { id: 'new', secret: Buffer.alloc(32, 2) };
const keys = createKeys([older]);
const challenge: Challenge = { kind: 'letters', nonce: 'n', purpose: 'recovery', level: 3, notBefore: 1, expiresAt: 2 };
const token = signChallenge(keys, 'mine', challenge);

describe('a challenge', () => {
  it('is read back by the browser that it was made for', () => {
    const work = { upTo: 1_000, prefix: 'p', proof: 'q' };
    const slide: Challenge = { ...challenge, kind: 'slide', level: 1, travelPx: 200, work };
    for (const each of [challenge, slide, { ...slide, mode: 'drag' } as const])
      expect(readChallenge(keys, 'mine', signChallenge(keys, 'mine', each))).toEqual({ ...each, keyId: 'old' });
    expect(challengeLifeMs).toBe(30 * 60_000);
  });
  it('is refused from another browser', () => {
    expect(readChallenge(keys, 'other', token)).toBeUndefined();
    expect(readChallenge(keys, '', token)).toBeUndefined();
  });
  it('lives through a change of keys and ends with its key', () => {
    expect(readChallenge(createKeys([newer, older]), 'mine', token)?.keyId).toBe('old');
    expect(readChallenge(createKeys([newer]), 'mine', token)).toBeUndefined();
  });
  it('is refused with any character changed, cut or added', () => {
    const place = fc.nat(token.length - 1);
    const character = fc.constantFrom('A', 'b', '0', '-', '_', '.', '', 'xx', '=');
    fc.assert(
      fc.property(place, character, (at, put) => {
        const changed = token.slice(0, at) + put + token.slice(at + 1);
        fc.pre(changed !== token);
        expect(readChallenge(keys, 'mine', changed)).toBeUndefined();
      }),
    );
  });
  it('is refused in any other shape', () => {
    fc.assert(fc.property(fc.string({ maxLength: 2_000 }), (text) => readChallenge(keys, 'mine', text) === undefined));
    expect(readChallenge(keys, 'mine', `${token}.`)).toBeUndefined();
    expect(readChallenge(keys, 'mine', 'a'.repeat(100_000))).toBeUndefined();
  });
});
