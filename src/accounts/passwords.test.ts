import { createHook } from 'node:async_hooks';
import { hash as argon2Hash } from '@node-rs/argon2';
import * as fc from 'fast-check';
import { describe, expect, it, test, vi } from 'vitest';
import { Problem } from '../base/problem.ts';
import { systemRandom } from '../base/random.ts';
import { createKeys } from '../base/secret.ts';
import { anyCharacter } from '../testing/characters.ts';
import { isListed, readBlocklist } from './blocklist.ts';
import { createPasswords } from './passwords.ts';

/**
 * How many hashes `work` hands to the threads of libuv. The library gives its work no name: whatever else has none is a fault of
 * this test, and would be one too many.
 */
async function countHashes(work: () => Promise<unknown>): Promise<number> {
  let hashes = 0;
  const watch = createHook({ init: (_, type) => void (hashes += Number(type === 'undefined')) }).enable();
  await work().finally(() => watch.disable());
  return hashes;
}

const first = { id: 'k1', secret: Buffer.alloc(32, 1) };
const second = { id: 'k2', secret: Buffer.alloc(32, 2) };
/** Next to nothing: what it costs a site is asked for by two tests. */
const cost = { memoryCost: 8, timeCost: 1 };
const needs = { keys: createKeys([first]), random: systemRandom, minLength: 15, siteName: 'Corner Shop', cost };
const passwords = createPasswords(needs);
const names = { names: ['lucia.perez', 'lucia@shop.example', '12345678'] };
const check = (password: string, from = passwords) => {
  const checked = from.check(password, names);
  return checked.ok ? 'taken' : checked.reason;
};
const good = 'purple kettle sings at noon';

describe('a new password', () => {
  it('is missing, too short, or long enough: 14 and 15 code points', () => {
    expect(check('')).toBe('password-missing');
    expect(check('kettle at noon')).toBe('password-short');
    expect(check('kettles at noon')).toBe('taken');
  });

  it('is counted in code points, after NFC', () => {
    expect(check('🐙🫖🧦🪁🥁🪨🧩🪣🧵🎏🪗🛶🧊🪤')).toBe('password-short');
    expect(check('🐙🫖🧦🪁🥁🪨🧩🪣🧵🎏🪗🛶🧊🪤🧶')).toBe('taken');
    expect(check('mañana cántaro'.normalize('NFD'))).toBe('password-short');
  });

  it('has up to 256 code points, never cut', () => {
    const long = 'kettle of '.repeat(26);
    expect(check(long.slice(0, 256))).toBe('taken');
    expect(check(long.slice(0, 257))).toBe('password-long');
    expect(check('🐙🫖'.repeat(128))).toBe('taken');
    expect(check('ǘ🫖'.repeat(128).normalize('NFD'))).toBe('taken');
  });

  it('of 10 MB is refused before it is read', () => {
    const huge = 'e\u0301'.repeat(5_000_000);
    const normalize = vi.spyOn(String.prototype, 'normalize');
    const reason = check(huge);
    const calls = normalize.mock.calls.length;
    normalize.mockRestore();
    expect(reason).toBe('password-long');
    expect(calls).toBe(0);
  });

  it('follows no rule of composition, is not trimmed, and may hold any character', () => {
    expect(check('correcthorsebatt')).toBe('taken');
    const printable = fc.string({ unit: anyCharacter, minLength: 20, maxLength: 60 });
    fc.assert(
      fc.property(printable, (password) => {
        const checked = passwords.check(`  ${password} `, { names: [] });
        if (checked.ok) expect(checked.normalised).toBe(`  ${password} `.normalize('NFC'));
        else expect(checked.reason).toBe('password-common');
      }),
    );
  });

  test.each(['passwordpassword', 'PASSWORDPASSWORD', '123456789987654321', 'aaaaaaaaaaaaaaaaaaaa', ' '.repeat(15)])(
    '%j is common',
    (password) => expect(check(password)).toBe('password-common'),
  );

  test.each([
    'lucialucialucia',
    'Lucia1234567890',
    'lucia.perez.lucia',
    'LuciaPerez!!!!!!2026',
    '1lucia1perez1lucia',
    'CornerShop2026!!',
    'corner shop corner shop',
    'cornershop-lucia',
    'lucia@shop.example',
    '12345678-12345678!!',
  ])('%j is only names', (password) => expect(check(password)).toBe('password-named'));

  test.each([
    'passwordpassword and a kettle',
    'lucia has a purple kettle',
    'luciaaaaaaaaaaa',
    'the corner shop kettle',
  ])('%j merely contains a listed word or a name', (password) => expect(check(password)).toBe('taken'));

  it('of names is told in a moment even when names overlap a thousand ways', () => {
    const overlapping = { names: ['aaa', 'aaaa', 'aaaaa', 'aaaaaa'] };
    expect(passwords.check(`${'a'.repeat(250)}b`, overlapping).ok).toBe(true);
    expect(passwords.check(`${'a'.repeat(250)}1`, overlapping)).toEqual({ ok: false, reason: 'password-named' });
  });

  it('may have 8 code points where the setting says so', () => {
    const short = createPasswords({ ...needs, minLength: 8 });
    expect(check('kettle7', short)).toBe('password-short');
    expect(check('kettle7!', short)).toBe('taken');
    expect(check('iloveyou', short)).toBe('password-common');
  });
});

describe('the blocklist', () => {
  const blocklist = readBlocklist();

  it('holds no more than online guessing calls for', () => expect(blocklist.size).toBeLessThan(30_000));

  it.each([8, 10, 12, 15, 16])('has at least 3,000 that satisfy a length of %i', (minLength) => {
    const long = [...blocklist].filter((password) => Array.from(password).length >= minLength);
    expect(long.length).toBeGreaterThanOrEqual(3_000);
  });

  it('refuses no passphrase of a person with a dictionary', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('kettle', 'purple', 'noon', 'ventana', 'otter'), { minLength: 4 }),
        (words) => {
          expect(isListed(blocklist, words.join('-'))).toBe(false);
        },
      ),
    );
  });
});

describe('a stored password', () => {
  it('is Argon2id at 19 MiB, two passes, one lane, with a salt of its own', async () => {
    const dear = createPasswords({ ...needs, cost: undefined });
    const [one, two] = await Promise.all([dear.hash(good), dear.hash(good)]);
    expect(one.hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one.keyId).toBe('k1');
    expect(one.hash).not.toBe(two.hash);
  });

  it('is verified by the same password alone', async () => {
    const stored = await passwords.hash(good);
    expect(await passwords.verify(good, stored)).toBe(true);
    for (const other of [`${good} `, ` ${good}`, good.toUpperCase(), '', good.slice(0, -1)]) {
      expect(await passwords.verify(other, stored)).toBe(false);
    }
  });

  it('is verified to its last character', async () => {
    const long = 'kettle of '.repeat(26).slice(0, 255);
    const stored = await passwords.hash(`${long}a`);
    expect(await passwords.verify(`${long}a`, stored)).toBe(true);
    expect(await passwords.verify(`${long}b`, stored)).toBe(false);
  });

  it('typed as NFD is verified; a ligature is not taken for its letters', async () => {
    const stored = await passwords.hash('contraseña de prueba'.normalize('NFC'));
    expect(await passwords.verify('contraseña de prueba'.normalize('NFD'), stored)).toBe(true);
    const plain = await passwords.hash('first of the file');
    expect(await passwords.verify('\ufb01rst of the \ufb01le', plain)).toBe(false);
  });

  it('cannot be tried without the key', async () => {
    const stored = await passwords.hash(good);
    const thief = createPasswords({ ...needs, keys: createKeys([{ id: 'k1', secret: Buffer.alloc(32, 9) }]) });
    expect(await thief.verify(good, stored)).toBe(false);
  });

  it('goes on working after a rotation of keys, is then outdated, and fails once its key is gone', async () => {
    const stored = await passwords.hash(good);
    const rotated = createPasswords({ ...needs, keys: createKeys([second, first]) });
    expect(await rotated.verify(good, stored)).toBe(true);
    expect(rotated.isOutdated(stored)).toBe(true);
    expect(rotated.isOutdated(await rotated.hash(good))).toBe(false);
    const without = createPasswords({ ...needs, keys: createKeys([second]) });
    expect(await without.verify(good, stored)).toBe(false);
  });

  it('of another cost is verified and outdated', async () => {
    const dear = createPasswords({ ...needs, cost: undefined });
    expect([dear.isOutdated(await dear.hash(good)), dear.isOutdated(await passwords.hash(good))]).toEqual([
      false,
      true,
    ]);
    const secret = needs.keys.derive('password') ?? Buffer.alloc(0);
    const hash = await argon2Hash(good, { memoryCost: 12_288, timeCost: 3, parallelism: 1, secret });
    expect(await dear.verify(good, { hash, keyId: 'k1' })).toBe(true);
    expect(dear.isOutdated({ hash, keyId: 'k1' })).toBe(true);
  });
});

describe('a sign-in', () => {
  it('runs exactly one Argon2id, with or without an account', async () => {
    const stored = await passwords.hash(good);
    const gone = { ...stored, keyId: 'gone' };
    for (const [password, against] of [
      [good, stored],
      ['wrong', stored],
      [good, undefined],
      [good, gone],
      ['', undefined],
      ['x'.repeat(10_000_000), stored],
    ] as const) {
      const hashes = await countHashes(async () => {
        expect(await passwords.verify(password, against)).toBe(password === good && against === stored);
      });
      expect(hashes).toBe(1);
    }
  });

  it('waits its turn, and is refused as busy where too many wait, before it begins', async () => {
    const small = createPasswords({ ...needs, concurrency: 1, queueMax: 2 });
    let begun = 0;
    const signIn = small.bounded(async (password: string) => {
      begun += 1;
      return small.verify(password, undefined);
    });
    let all: PromiseSettledResult<boolean>[] = [];
    const hashes = await countHashes(async () => {
      const asked = Array.from({ length: 8 }, () => signIn(good));
      // One hashes, three are begun beside it, two wait.
      expect(begun).toBe(4);
      all = await Promise.allSettled(asked);
    });
    expect(all.map(({ status }) => status === 'fulfilled')).toEqual([...Array(6).fill(true), false, false]);
    expect([begun, hashes]).toEqual([6, 6]);
    const [refused] = all.filter((result) => result.status === 'rejected');
    expect(refused?.reason).toBeInstanceOf(Problem);
    expect(refused?.reason).toMatchObject({ problem: 'busy', retryAfterMs: 3_000 });
    expect(await signIn(good)).toBe(false);
  });

  it('that fails by a fault of ours gives its place back', async () => {
    const small = createPasswords({ ...needs, concurrency: 1, queueMax: 0 });
    const signIn = small.bounded((hash: string) => small.verify(good, { hash, keyId: 'k1' }));
    await Promise.all(Array.from({ length: 4 }, () => expect(signIn('broken')).rejects.toThrow(/^(?!too many)/)));
    const { hash } = await small.hash(good);
    expect(await signIn(hash)).toBe(true);
  });
});
