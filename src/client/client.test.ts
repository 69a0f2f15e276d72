import { expect, it } from 'vitest';
import type { Operation } from '../http/api/operation.ts';
import { isOperation, operations } from '../http/api/operations.ts';
import { routes } from '../http/routes.ts';
import { ways } from './ways.ts';

it('knows each operation as the server has it', () => {
  const all: [string, Operation][] = Object.entries(operations);
  const expected = all.map(([name, { takes, gives }]) => {
    const route = isOperation(name) ? routes[`api.${name}`] : undefined;
    return [name, { method: route?.method, path: route?.path, takes, ...(gives && { gives }) }];
  });
  expect(ways).toEqual(Object.fromEntries(expected));
});
