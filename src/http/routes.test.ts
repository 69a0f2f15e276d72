import { expect, it } from 'vitest';
import { limits } from '../limits/limits.ts';
import { pathOf, type Route, routes } from './routes.ts';

const table: readonly (readonly [string, Route])[] = Object.entries(routes);

it('no two routes have one method and path', () => {
  const all = table.map(([, { method, path }]) => `${method} ${path.replace(/:\w+/g, ':x')}`);
  expect(new Set(all).size).toBe(all.length);
});

it('every limit named exists, and every form open to anyone has one', () => {
  for (const [name, { method, audience, limit }] of table) {
    if (limit !== undefined) expect(Object.keys(limits)).toContain(limit);
    if (method === 'POST' && audience === 'anyone') expect([name, limit]).not.toEqual([name, undefined]);
  }
});

it('a path is built below the base, with its parameters made safe', () => {
  expect(pathOf('', 'recover')).toBe('/recover');
  expect(pathOf('/help', 'recover.code')).toBe('/help/recover/code');
  expect(pathOf('', 'recover.link', { token: '../a?b#c' })).toBe('/recover/link/..%2Fa%3Fb%23c');
});
