import { describe, expect, it } from 'vitest';
import { createKeys } from '../base/secret.ts';
import { networkOf, sourceOf } from './source.ts';

describe('the network of an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.0/24'],
    ['203.0.113.255', '203.0.113.0/24'],
    ['::ffff:203.0.113.7', '203.0.113.0/24'],
    ['2001:db8:1:2ff::1', '2001:db8:1:200::/56'],
    ['2001:0db8:0001:0200:ffff:ffff:ffff:ffff', '2001:db8:1:200::/56'],
    ['[2001:db8:1:200::5]', '2001:db8:1:200::/56'],
    ['[2001:db8:1:200::5]:49152', '2001:db8:1:200::/56'],
    ['203.0.113.7:49152', '203.0.113.0/24'],
    ['::ffff:203.113.45.67', '203.113.45.0/24'],
    ['::ffff:203.0.113.7%eth0', '203.0.113.0/24'],
    ['1::ffff:203.0.113.7', '1:0:0:0::/56'],
    ['1:2:3:4:5:6:7:8', '1:2:3:0::/56'],
    ['1::5600:6:7:8:9', '1:0:0:5600::/56'],
    ['fe80::1%eth0', 'fe80:0:0:0::/56'],
    ['::1', '0:0:0:0::/56'],
    ['unknown', 'unknown'],
    ['', 'unknown'],
    ['203.0.113', 'unknown'],
    ['x[2001:db8::1]', 'unknown'],
    ['[2001:db8::1]x', 'unknown'],
    ['::ffff:203.0.113.7x', 'unknown'],
    ['203.0.113.7, 10.0.0.1', 'unknown'],
  ])('of "%s" is %s', (address, network) => expect(networkOf(address)).toBe(network));

  it('is another one beyond /24 and /56', () => {
    expect(networkOf('203.0.112.7')).not.toBe(networkOf('203.0.113.7'));
    expect(networkOf('2001:db8:1:300::1')).not.toBe(networkOf('2001:db8:1:2ff::1'));
  });
});

it('is kept as a keyed hash that names no address', () => {
  const [one, other] = [1, 2].map((fill) => createKeys([{ id: 'a', secret: Buffer.alloc(32, fill) }]));
  if (!one || !other) throw new Error('two keys');
  expect(sourceOf(one, '203.0.113.7')).toBe(sourceOf(one, '203.0.113.99'));
  expect(sourceOf(one, '203.0.113.7')).not.toBe(sourceOf(other, '203.0.113.7'));
  expect(sourceOf(one, '203.0.113.7')).not.toContain('203');
});
