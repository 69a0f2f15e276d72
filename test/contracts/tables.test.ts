// database/tables.ts says what the tables hold; here it is compared with the tables that the migrations made.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { engines, few, listColumns } from '../engines.ts';

const source = await readFile(new URL('../../src/database/tables.ts', import.meta.url), 'utf8');

/** The members of an interface of tables.ts: name to type. */
function membersOf(interfaceName: string): Record<string, string> {
  const body = source.match(new RegExp(`interface ${interfaceName} \\{\\n(.*?)\\n\\}`, 's'))?.[1] ?? '';
  return Object.fromEntries([...body.matchAll(/^ {2}(\w+): (.+);$/gm)].map(([, name = '', type = '']) => [name, type]));
}

const declared = Object.entries(membersOf('Tables')).flatMap(([table, interfaceName]) =>
  Object.entries(membersOf(interfaceName)).map(([column, type]) => `${table}.${column}: ${type}`),
);

const types: Record<string, string> = { text: 'string', bigint: 'number' };

describe.each(engines)('the tables on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createDatabase(few);
  });
  afterAll(() => test.remove());

  it('have the columns, types and nulls that tables.ts declares, in the same order', async () => {
    const real = (await listColumns(test.db)).map(
      ({ table, column, type, is_nullable }) =>
        `${table}.${column}: ${types[type] ?? type}${is_nullable ? ' | null' : ''}`,
    );
    expect(real).toEqual(declared);
    expect(declared.length).toBeGreaterThan(400);
  });
});
