import { describe, expect, it } from 'vitest';
import { createKeys, isEqualSecret } from './secret.ts';

const keyOf = (id: string, fill: number) => ({ id, secret: Buffer.alloc(32, fill) });
const keys = createKeys([keyOf('a', 1)]);
const rotated = createKeys([keyOf('b', 2), keyOf('a', 1)]);
const others = createKeys([keyOf('a', 9)]);

describe('a keyed hash', () => {
  it('names its key and fits its parts, its use and its key alone', () => {
    const hash = keys.hash('code', 'ab', 'c');
    expect(hash).toMatch(/^a\.[\w-]{43}$/);
    expect(keys.matches('code', hash, 'ab', 'c')).toBe(true);
    expect(keys.matches('code', hash, 'a', 'bc')).toBe(false);
    expect(keys.matches('code', hash, 'abc')).toBe(false);
    expect(keys.matches('session', hash, 'ab', 'c')).toBe(false);
    expect(others.matches('code', hash, 'ab', 'c')).toBe(false);
  });

  it('still fits when a newer key signs, and no longer when its key is gone', () => {
    const hash = keys.hash('session', 'token');
    expect(rotated.matches('session', hash, 'token')).toBe(true);
    expect(rotated.hashes('session', 'token')).toEqual([rotated.hash('session', 'token'), hash]);
    expect(createKeys([keyOf('b', 2)]).matches('session', hash, 'token')).toBe(false);
  });

  it.each(['', '.', 'a', 'a.', 'a.x', 'nokey.x', '..', 'a.'.repeat(10_000)])('that reads %j fits nothing', (hash) => {
    expect(keys.matches('code', hash, 'x')).toBe(false);
  });
});

describe('sealing', () => {
  it('gives back what went in, another text each time', () => {
    for (const plain of ['', 'María <m@x.example>', '灯'.repeat(1_000)]) {
      expect(keys.open(keys.seal(plain))).toBe(plain);
      expect(keys.seal(plain)).not.toBe(keys.seal(plain));
    }
  });

  it('is opened by a rotated list, and not by another key', () => {
    const sealed = keys.seal('x');
    expect(rotated.open(sealed)).toBe('x');
    expect(others.open(sealed)).toBeUndefined();
    expect(createKeys([keyOf('b', 1)]).open(sealed)).toBeUndefined();
  });

  it('does not open what was changed in any place or cut short', () => {
    const sealed = keys.seal('secret');
    const bytes = Buffer.from(sealed.slice(2), 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(keys.open(`a.${changed.toString('base64url')}`)).toBeUndefined();
    }
    for (const text of ['', 'a.', 'a', sealed.slice(0, 20), 'a.!!!!']) expect(keys.open(text)).toBeUndefined();
  });
});

it('a key is derived for each use by itself', () => {
  expect(keys.derive('code')).toHaveLength(32);
  expect(keys.derive('code')).not.toEqual(keys.derive('link'));
  expect(keys.derive('code', 'gone')).toBeUndefined();
});

it('a list without a key is refused', () => expect(() => createKeys([])).toThrow('at least one key'));

it('secrets are equal when all of them is', () => {
  expect(isEqualSecret('abc', 'abc')).toBe(true);
  expect(isEqualSecret('abc', 'abd')).toBe(false);
  expect(isEqualSecret('abc', 'ab')).toBe(false);
  expect(isEqualSecret('é', 'e')).toBe(false);
  expect(isEqualSecret('', '')).toBe(true);
});
