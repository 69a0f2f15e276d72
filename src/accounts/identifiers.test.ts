import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { anyCharacter } from '../testing/characters.ts';
import { addressKey, type Identifier, readAddress, readIdentifier, readUserId, userIdKey } from './identifiers.ts';

const shape = { ok: false, reason: 'identifier-shape' };
const kelvin = '\u212a';

/** 64 bytes before the `@`, and 254 in all. */
const longestAddress = `${'a'.repeat(64)}@${`${'b'.repeat(45)}.`.repeat(4)}${'c'.repeat(5)}`;

/** Every character that some folding of Unicode makes ASCII of, with what it becomes. */
const twins = (() => {
  const found: { character: string; becomes: string[] }[] = [];
  for (let point = 0x80; point <= 0x10_ff_ff; point++) {
    const character = String.fromCodePoint(point);
    // Whatever no folding changes, which is nearly all, is passed over at once.
    if (!/[\p{CWKCF}\p{CWL}\p{CWU}\p{CWT}]/u.test(character)) continue;
    const folded = [
      character.toLowerCase(),
      character.toUpperCase(),
      character.normalize('NFKC'),
      character.normalize('NFC'),
    ];
    const becomes = folded.filter((text) => text !== character && /^[\0-\x7f]+$/.test(text));
    if (becomes.length > 0) found.push({ character, becomes });
  }
  return found;
})();

describe('an identifier', () => {
  test.each([
    ['lucia', 'user-id', 'lucia'],
    ['  Lucia.Perez-34_x\t', 'user-id', 'lucia.perez-34_x'],
    ['Núñez', 'user-id', 'núñez'],
    ['Lucia@Shop.EXAMPLE', 'email', 'lucia@shop.example'],
    ['\u00a0lucia+offers@shop.example\r\n', 'email', 'lucia+offers@shop.example'],
    ["o'neil@mail.co.uk", 'email', "o'neil@mail.co.uk"],
    ['lu.ci.perez@shop.3d', 'email', 'lu.ci.perez@shop.3d'],
    ['x'.repeat(64), 'user-id', 'x'.repeat(64)],
    [longestAddress, 'email', longestAddress],
    ['josé@müller.example', 'email', 'josé@xn--mller-kva.example'],
    ['josé@MÜLLER.example', 'email', 'josé@xn--mller-kva.example'],
    ['josé@xn--mller-kva.example', 'email', 'josé@xn--mller-kva.example'],
    ['josé@mu\u0308ller.example', 'email', 'josé@xn--mller-kva.example'],
    ['почта@пример.рф', 'email', 'почта@xn--e1afmkfd.xn--p1ai'],
  ])('%j is one', (text, kind, key) => {
    expect(readIdentifier(text)).toEqual({ ok: true, kind, typed: text.trim(), key });
  });

  test.each(['', ' ', '\t\r\n', '\u00a0'])('%j is missing', (text) => {
    expect(readIdentifier(text)).toEqual({ ok: false, reason: 'identifier-missing' });
  });

  test.each([
    'lucia perez',
    'lu\0cia',
    'lu\r\ncia',
    'lucia,ramon',
    'lucia;ramon',
    'lucia|ramon',
    '<lucia>',
    '"lucia"',
    'lu\u200bcia',
    'a\uff20shop.example',
    'a\ufe6bshop.example',
    'x'.repeat(65),
  ])('%j is no user ID', (text) => expect(readIdentifier(text)).toEqual(shape));

  test.each([
    '@',
    'a@',
    '@shop.example',
    'a@b@shop.example',
    'a@shop.example@evil.example',
    'a@shop',
    'a@shop.example.',
    'a@.example',
    'a@shop..example',
    'a@s.e',

    'a@good.example,b@evil.example',
    'a@good.example b@evil.example',
    'a@good.example;b',
    'a@good.example\r\nBcc: b',
    'a@good.example\0',

    '"a b"@shop.example',
    'a(x)@shop.example',
    'a@shop.example(x)',
    'a <a@shop.example>',
    '=?utf-8?q?a?= <b@c.example>',

    'a%evil.example@shop.example',
    'evil.example!a@shop.example',
    'a@sh%6fp.example',
    'a@shop.example/x',
    'a@shop.example:25',

    '.a@shop.example',
    'a.@shop.example',
    'a..b@shop.example',
    'a@-shop.example',
    'a@shop-.example',
    'a@shop_x.example',
    'a@127.0.0.1',
    'a@0x7f.1',
    'a@[127.0.0.1]',
    'a@[::1]',
    'a@xn--.example',

    `a@s\u00adhop.example`,
    `a@shop\u3002example`,
    `a@\ufb01sh.example`,
    `a@${kelvin}ey.example`,
    'a@\uff53hop.example',
    'a@ſhop.example',
    'a@shİp.example',

    `${'a'.repeat(65)}@shop.example`,
    `a@${'b'.repeat(64)}.example`,
    `a@${'b.'.repeat(130)}example`,
    `${'ñ'.repeat(33)}@shop.example`,
    `${longestAddress}c`,
    `a@${`${'ñ'.repeat(40)}.`.repeat(4)}example`,
    `a@${'ü.'.repeat(80)}example`,
  ])('%j is no address', (text) => {
    expect(readIdentifier(text)).toMatchObject({ ok: false });
    expect(readAddress(text)).toEqual({ ok: false, reason: 'address-shape' });
  });

  it('is taken without the white space around it, and mail goes to it as it was typed', () => {
    const address = { address: 'Lucia@Shop.EXAMPLE', key: 'lucia@shop.example' };
    expect(readAddress('\u00a0Lucia@Shop.EXAMPLE\r\n')).toEqual({ ok: true, ...address });
    expect(readUserId('\tLucia ')).toEqual({ ok: true, userId: 'Lucia', key: 'lucia' });
  });

  it('is refused at 10 MB', () => {
    for (const part of ['a', 'a.', 'a@', 'ñ', '.a@b']) expect(readIdentifier(part.repeat(10_000_000))).toEqual(shape);
  });

  it('keeps its local part exact: dots and tags stand for other mailboxes', () => {
    const addresses = ['lucia@shop.example', 'lu.cia@shop.example', 'lucia+a@shop.example', 'lucía@shop.example'];
    expect(addresses.map(addressKey)).toEqual(addresses);
  });
});

describe('a look-alike', () => {
  it('is one of the characters that a folding makes ASCII of', () =>
    expect(twins.length).toBeGreaterThanOrEqual(1_442));

  it('is never a twin of an ASCII identifier', () => {
    const crossed = twins.filter(({ character, becomes }) =>
      becomes.some((ascii) => {
        const same = (fake: string, real: string) => {
          const read = readIdentifier(fake);
          const owner = readIdentifier(real);
          return read.ok && owner.ok && read.kind === owner.kind && read.key === owner.key;
        };
        return (
          same(`ma${character}ia`, `ma${ascii}ia`) ||
          same(`ma${character}ia@shop.example`, `ma${ascii}ia@shop.example`) ||
          same(`maria@sh${character}op.example`, `maria@sh${ascii}op.example`) ||
          same(`maria${character}shop.example`, 'maria@shop.example') ||
          userIdKey(`ma${character}ia`) === userIdKey(`ma${ascii}ia`)
        );
      }),
    );
    expect(crossed).toEqual([]);
  });

  it('without a dot on the i is another mailbox', () => {
    expect(addressKey('mıke@shop.example')).toBe('mıke@shop.example');
    expect(addressKey('mike@shop.example')).toBe('mike@shop.example');
  });

  it('of a compatibility form is refused as a new user ID', () => {
    const passed = twins.filter(({ character }) => readUserId(`ma${character}ia`).ok).map(({ character }) => character);
    // A German and a Turkish letter, each with a key of its own.
    expect(passed).toEqual(['ß', 'ı']);
  });
});

describe('a new user ID', () => {
  test.each([
    ['lucia', 'lucia'],
    ['Ramón.71', 'ramón.71'],
    ['Ramo\u0301n.71', 'ramón.71'],
    ['Дмитрий', 'Дмитрий'],
    ['abc', 'abc'],
    ['a'.repeat(32), 'a'.repeat(32)],
    ['𠮷𠮷𠮷', '𠮷𠮷𠮷'],
  ])('%j is one', (text, key) => expect(readUserId(text)).toEqual({ ok: true, userId: text.normalize('NFC'), key }));

  test.each([
    '',
    'ab',
    'a'.repeat(33),
    'lu cia',
    'a@b',
    '.abc',
    '-abc',
    '_abc',
    'a,b',
    'a/b',
    '<b>',
    'a\0b',
    '\u0301abc',
    'abc😀',
  ])('%j is none', (text) => expect(readUserId(text)).toEqual({ ok: false, reason: 'user-id-shape' }));
});

describe('a key', () => {
  const text = fc.string({ unit: anyCharacter, maxLength: 80 });
  const sameKey = ({ kind, key }: Identifier) => ({ kind, key });

  it('depends on nothing but the case of A-Z', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.emailAddress()), (typed) => {
        const read = readIdentifier(typed);
        if (!read.ok) return;
        const upper = readIdentifier(typed.replace(/[a-z]/g, (letter) => letter.toUpperCase()));
        expect(upper).toMatchObject({ ok: true, ...sameKey(read) });
      }),
    );
  });

  it('of an email has one @, and of a user ID none', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        for (const typed of [a, `${a}@${b}.example`]) {
          const read = readIdentifier(typed);
          if (read.ok) expect(read.key.split('@').length).toBe(read.kind === 'email' ? 2 : 1);
        }
      }),
    );
  });

  it('is its own key', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.emailAddress()), (typed) => {
        const read = readIdentifier(typed);
        if (!read.ok) return;
        expect(readIdentifier(read.key)).toMatchObject({ ok: true, ...sameKey(read) });
      }),
    );
  });
});
