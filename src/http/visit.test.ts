import { describe, expect, it } from 'vitest';
import { clientAddress, localeOf, readReturnTo } from './visit.ts';

const origin = 'https://shop.example';

describe('a return address', () => {
  it.each(['/', '/orders/12', '/orders?id=1&x=%2F', '/orders#third', '/a//b', '/a:b@c'])('%s is kept', (path) => {
    expect(readReturnTo(path, origin)).toBe(path);
  });

  it.each([
    'https://evil.example/',
    'HTTPS://evil.example/',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    ' //evil.example',
    '/ /evil.example',
    '/x\r\nSet-Cookie: a=b',
    'javascript:alert(1)',
    'data:text/html,x',
    'evil.example',
    '@evil.example',
    '.evil.example',
    '',
    `/${'a'.repeat(500)}`,
    '/a/../../..//evil.example',
    '/.//evil.example',
    '/%2e%2e//evil.example',
  ])('%j is none', (text) => expect(readReturnTo(text, origin)).toBeNull());

  it('that is absent is none', () => expect(readReturnTo(null, origin)).toBeNull());
});

describe("the client's address", () => {
  it.each([
    ['no proxy of ours', '203.0.113.1', 0, '10.0.0.1'],
    ['one proxy', '203.0.113.1', 1, '203.0.113.1'],
    ['one proxy, and hearsay before it', '198.51.100.1, 203.0.113.1', 1, '203.0.113.1'],
    ['two proxies', '198.51.100.1, 203.0.113.1, 10.0.0.2', 2, '203.0.113.1'],
    ['fewer hops than proxies', '203.0.113.1', 2, '10.0.0.1'],
    ['no header', undefined, 1, '10.0.0.1'],
  ])('behind %s', (_, header, proxies, address) => {
    expect(clientAddress(header, '10.0.0.1', proxies)).toBe(address);
  });
});

describe('the language', () => {
  it.each([
    ['the one asked for', 'es', 'en', 'en', 'es'],
    ['the one kept', null, 'es', 'en', 'es'],
    ['the first that the browser wants', null, undefined, 'fr, es-MX;q=0.9, en;q=0.8', 'es'],
    ['the first of the site for anybody else', null, undefined, 'fr', 'en'],
    ['none that is not spoken', 'fr', 'xx', 'de', 'en'],
    ['none of a garbled header', null, undefined, ';;;q=,,=;q=x', 'en'],
  ] as const)('is %s', (_, asked, kept, accepted, locale) => {
    expect(localeOf(asked, kept, accepted, ['en', 'es'])).toBe(locale);
  });

  it('is never one that the site does not offer', () => {
    expect(localeOf('en', 'en', 'en', ['es'])).toBe('es');
  });
});
