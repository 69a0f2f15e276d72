// The network a request came from, as limits count it: an IPv4 /24 or an IPv6 /56, kept only as a keyed hash.
import { isIPv4, isIPv6 } from 'node:net';
import type { Keys } from '../base/secret.ts';

/** Keyed hash of the network of `address`; unreadable addresses share one network. */
export const sourceOf = (keys: Keys, address: string): string => keys.hash('source', networkOf(address));

/** `203.0.113.0/24`, `2001:db8:1:200::/56`. */
export function networkOf(address: string): string {
  // Some proxies add the port: unread, everyone behind them would share one network and its limits.
  const bare = address
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  const v4 = mapped ?? bare;
  if (isIPv4(v4)) return `${v4.split('.').slice(0, 3).join('.')}.0/24`;
  if (!isIPv6(bare)) return 'unknown';
  const groups = expand(bare);
  const last = (Number.parseInt(groups[3] ?? '0', 16) & 0xff00).toString(16);
  return `${[...groups.slice(0, 3), last].join(':')}::/56`;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function expand(address: string): string[] {
  const [head = '', tail = ''] = address.split('::');
  const groups = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16).toString(16));
  const left = groups(head);
  const right = groups(tail);
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
}
