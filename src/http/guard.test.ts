import { describe, expect, it } from 'vitest';
import { Problem } from '../base/problem.ts';
import { readSettings } from '../config/read-settings.ts';
import { createGuard, securityHeaders } from './guard.ts';

const settings = readSettings({
  origin: 'https://shop.example',
  smtp: 'smtp://mail.example',
  keys: 'k1:Zr7mO2uYxq0Jt3fVbKcW9sLhEiNpGdTa5X8vQyRkB4o=',
  siteName: 'Corner Shop',
  senderAddress: 'help@shop.example',
});

/** The problem that the guard throws, or `undefined` where the request may pass. */
function problemOf(url: string, init: RequestInit = {}): string | undefined {
  try {
    createGuard(settings, '')(new Request(url, init), new URL(url));
  } catch (error) {
    return error instanceof Problem ? error.problem : String(error);
  }
  return undefined;
}

describe('the host', () => {
  it.each([
    'https://evil.example/',
    'https://shop.example:8443/',
    'https://shop.example.evil.example/',
    'https://shop.example./',
  ])('%s is foreign', (url) => expect(problemOf(url)).toBe('wrong-host'));

  it('of the settings passes', () => expect(problemOf('https://shop.example/recover')).toBeUndefined());

  it('does not matter to a probe, and only to a probe', () => {
    expect(problemOf('http://10.0.0.1/health/ready')).toBeUndefined();
    expect(problemOf('http://10.0.0.1/recover/link/health')).toBe('wrong-host');
  });
});

describe('an unsafe method', () => {
  const post = (headers: Record<string, string>) =>
    problemOf('https://shop.example/recover', { method: 'POST', headers });
  const own = 'https://shop.example';

  it.each([
    ['same-origin', undefined],
    ['same-origin', own],
    // A plain form on a page with no-referrer.
    ['same-origin', 'null'],
    // An older browser.
    [undefined, own],
  ])('from here (%s, %s) passes', (site, origin) => {
    expect(post({ ...(site && { 'sec-fetch-site': site }), ...(origin && { origin }) })).toBeUndefined();
  });

  it.each([
    ['cross-site', undefined],
    ['cross-site', own],
    ['same-site', undefined],
    ['none', undefined],
    ['same-origin', 'https://evil.example'],
    ['same-origin, cross-site', own],
    [undefined, undefined],
    [undefined, 'null'],
    [undefined, 'http://shop.example'],
    [undefined, 'https://shop.example.evil.example'],
    ['', ''],
  ])('from elsewhere (%s, %s) is refused', (site, origin) => {
    expect(post({ ...(site === undefined ? {} : { 'sec-fetch-site': site }), ...(origin && { origin }) })).toBe(
      'cross-site',
    );
  });

  it('may be any but GET and HEAD', () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      expect(problemOf('https://shop.example/recover', { method })).toBe('cross-site');
    for (const method of ['GET', 'HEAD']) expect(problemOf('https://shop.example/recover', { method })).toBeUndefined();
  });
});

describe('the headers', () => {
  it('let nothing in from elsewhere, frame nothing and tell no other site', () => {
    const headers = securityHeaders(settings);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|https?:/);
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['strict-transport-security']).toBeDefined();
  });

  it('promise https only where there is https', () => {
    expect(securityHeaders({ ...settings, origin: 'http://127.0.0.1:1' })['strict-transport-security']).toBeUndefined();
  });
});
