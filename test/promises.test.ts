// Words and code stay equal: what the docs say is there is there, and nothing is there that they do not say. Each check
// compares both ways, so when one fails either may be wrong.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, it, vi } from 'vitest';
import { runCommand } from '../src/cli/commands.ts';
import { z } from 'zod';
import type { Scenario } from '../attack/scenario.ts';
import { scenarios } from '../attack/scenarios.ts';
import { priceTable } from '../bench/human-check/price.ts';
import { withDrawing } from '../scripts/draw-flow.ts';
import { auditEvents } from '../src/audit/events.ts';
import { dayMs, hourMs, minuteMs } from '../src/base/clock.ts';
import type { Operation } from '../src/http/api/operation.ts';
import { isOperation, type OperationName, operations } from '../src/http/api/operations.ts';
import { type Route, routes } from '../src/http/routes.ts';
import { isSecret, settingNames, settingsSchema, variableOf } from '../src/config/settings.ts';
import { hardPoints, softPoints } from '../src/human-check/slider.ts';
import { en } from '../src/i18n/en.ts';
import { es } from '../src/i18n/es.ts';
import { type Limit, limits } from '../src/limits/limits.ts';
import { removalWaitMs } from '../src/accounts/removal.ts';
import * as agentPolicy from '../src/agents/policy.ts';
import * as changePolicy from '../src/password-changes/policy.ts';
import { maxNoticeTries } from '../src/proofs/notice-number.ts';
import * as policy from '../src/recovery/policy.ts';
import { maxTries, resendWaitMs } from '../src/proofs/email-code.ts';
import * as releasePolicy from '../src/releases/policy.ts';
import { type Kept, retention } from '../src/retention/retention.ts';
import * as casePolicy from '../src/support/policy.ts';
import { problems, refusals } from '../src/refusals.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Paths from the root of all files below `folder` whose name ends in `ending`. */
const filesBelow = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path}`)
    .filter((path) => path.endsWith(ending) && !path.includes('/built/'));

const source = filesBelow('src', '.ts').filter((path) => !path.endsWith('.test.ts'));
const pages = [...readdirSync(root).filter((name) => name.endsWith('.md')), ...filesBelow('docs', '.md')];

/** The cells of every row of the table that begins with `header`, without the back quotes around names. */
function tableIn(page: string, header: string): string[][] {
  const lines = read(page).split('\n');
  const rows: string[][] = [];
  lines.forEach((line, at) => {
    if (!line.startsWith(header)) return;
    for (let next = at + 2; lines[next]?.startsWith('|'); next += 1) {
      const cells = lines[next]?.split('|').slice(1, -1) ?? [];
      rows.push(cells.map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')));
    }
  });
  return rows;
}

/** `### name` sections of a page: the name, and what stands below it. */
const sectionsIn = (page: string): { name: string; text: string }[] =>
  read(page)
    .split(/^### /m)
    .slice(1)
    .map((section) => ({
      name: section.slice(0, section.indexOf('\n')),
      text: section.slice(section.indexOf('\n')).split(/^## /m)[0]?.trim() ?? '',
    }));

const exportsOf = (path: string): string[] => {
  const text = read(path);
  return [
    ...[...text.matchAll(/^export (?:async )?(?:interface|type|function|const|class) (\w+)/gm)].map(
      ([, name = '']) => name,
    ),
    ...[...text.matchAll(/^export (?:type )?\{ ([^}]+) \}/gm)].flatMap(([, list = '']) =>
      list.split(',').map((name) => name.replace(/\btype\b/, '').trim()),
    ),
  ];
};

/** What is told is what is there, in whatever order; and there is something. */
function expectSame(told: Iterable<unknown>, real: Iterable<unknown>): void {
  const inOrder = (rows: Iterable<unknown>) => Array.from(rows, (row) => JSON.stringify(row)).toSorted();
  expect(inOrder(real)).not.toEqual([]);
  expect(inOrder(told)).toEqual(inOrder(real));
}

const firstCells = (rows: readonly (readonly string[])[], count: number) => rows.map((cells) => cells.slice(0, count));
const names = (rows: readonly (readonly string[])[]) => rows.map(([name]) => name);

const inWords = (durationMs: number): string => {
  const [unitMs, unit]: [number, string] =
    durationMs > dayMs ? [dayMs, 'day'] : durationMs >= hourMs ? [hourMs, 'hour'] : [minuteMs, 'minute'];
  const count = durationMs / unitMs;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
};

describe('messages', () => {
  /** The arguments that a message takes, and how. */
  function argumentsOf(text: string, locale: string): string[] {
    const found = new Set<string>();
    const walk = (part: unknown): void => {
      if (Array.isArray(part)) return part.forEach(walk);
      if (typeof part !== 'object' || part === null) return;
      // The parser's nodes: a literal (type 0) has text as its value, every other one the name of an argument.
      if ('type' in part && 'value' in part && part.type !== 0) found.add(`${String(part.value)}/${String(part.type)}`);
      Object.values(part).forEach(walk);
    };
    walk(new IntlMessageFormat(text, locale, undefined, { ignoreTag: true }).getAst());
    return [...found].toSorted();
  }

  it('have the same keys in both languages, and none is empty', () => {
    expectSame(Object.keys(es), Object.keys(en));
    expect([...Object.values(en), ...Object.values(es)].filter((text) => text.trim() === '')).toEqual([]);
  });

  it('take the same arguments in both languages', () => {
    const spanish: Record<string, string> = es;
    const ofBoth = Object.entries(en).map(([key, text]) => ({
      key,
      en: argumentsOf(text, 'en'),
      es: argumentsOf(spanish[key] ?? '', 'es'),
    }));
    expect(ofBoth.filter((each) => each.en.length > 0).length).toBeGreaterThan(10);
    expect(ofBoth.filter((each) => each.en.join() !== each.es.join())).toEqual([]);
  });

  const named = (prefix: string): string[] =>
    Object.keys(en).flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));

  it('exist for every refusal and problem, and for no others', () => {
    const problemNames = named('problem.').filter((name) => name !== 'title');
    expectSame(named('refusal.'), Object.keys(refusals));
    expectSame(problemNames, Object.keys(problems));
  });
});

describe('docs/refusals.md', () => {
  const thrown = new Set(
    source.flatMap((path) => [...read(path).matchAll(/new Problem(?:<\w+>)?\(\s*'([\w-]+)'/g)].map(([, name]) => name)),
  );

  it('has a section for every refusal and problem, also for those at start, and for no others', () => {
    const all = new Set([...Object.keys(refusals), ...Object.keys(problems), ...thrown]);
    expect(thrown.size).toBeGreaterThan(5);
    expectSame(
      sectionsIn('docs/refusals.md').map(({ name }) => name),
      all,
    );
  });

  it('tells the status and the words that the person reads', () => {
    const words: Record<string, string> = en;
    const expected = [
      ...Object.entries(refusals).map(([name, status]) => [name, `${status}. "${words[`refusal.${name}`]}"`]),
      ...Object.entries(problems).map(([name, status]) => [name, `${status}. "${words[`problem.${name}`]}"`]),
    ];
    const told = sectionsIn('docs/refusals.md')
      .map(({ name, text }) => [name, text.split('\n')[0]])
      .filter(([, line]) => !line?.startsWith('Met: '));
    expectSame(told, expected);
  });
});

describe('docs/settings.md', () => {
  const schema = z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' });
  const rows = tableIn('docs/settings.md', '| Setting |');

  it('names every setting and no other', () => {
    expectSame(names(rows), Object.keys(settingsSchema.shape));
  });

  it('names the variable of each, and of secrets the one that names a file', () => {
    expectSame(
      rows.map(([name, variables = '']) => [name, variables.replaceAll('`', '')]),
      settingNames.map((name) => {
        const variable = variableOf(name);
        return [name, isSecret(name) ? `${variable}, ${variable}_FILE` : variable];
      }),
    );
  });

  it('tells the defaults and bounds that are in force', () => {
    const wrong = rows.filter(([name = '', , shownDefault = '', bounds = '']) => {
      const setting = schema.properties?.[name];
      if (typeof setting !== 'object') return true;
      const { default: byDefault, minimum, maximum } = setting;
      const isRequired = schema.required?.includes(name) ?? false;
      const isDefault = isRequired
        ? shownDefault === '(must be set)'
        : byDefault === undefined
          ? /^\(.+\)$/.test(shownDefault) && shownDefault !== '(must be set)'
          : shownDefault.replaceAll('`', '') === [byDefault].flat().map(String).join(', ');
      const areBounds =
        (minimum === undefined || bounds.startsWith(`${minimum} to ${maximum}`)) &&
        (setting.enum ?? []).every((value) => bounds.includes(String(value)));
      return !isDefault || !areBounds;
    });
    expect(wrong).toEqual([]);
  });
});

describe('docs/security.md', () => {
  it('has the table of limits', () => {
    const all: [string, Limit][] = Object.entries(limits);
    expectSame(
      firstCells(tableIn('docs/security.md', '| Limit |'), 4),
      all.map(([name, { per, max, windowMs }]) => [name, per, String(max), inWords(windowMs)]),
    );
  });

  it('has every number of the policy', () => {
    const told = new Map(tableIn('docs/security.md', '| Rule | Value |').map(([name = '', value]) => [name, value]));
    const rules = {
      ...policy,
      ...agentPolicy,
      ...casePolicy,
      ...changePolicy,
      ...releasePolicy,
      maxTries,
      maxNoticeTries,
      removalWaitMs,
      resendWaitMs,
    };
    const numbers = Object.entries(rules).flatMap(([name, value]) =>
      typeof value === 'number' ? [[name, name.endsWith('Ms') ? inWords(value) : String(value)] as const] : [],
    );
    expect(numbers.length).toBeGreaterThan(5);
    expect(numbers.filter(([name, value]) => told.get(name) !== value)).toEqual([]);
    expect([...told.keys()].filter((name) => !Object.hasOwn(rules, name))).toEqual([]);
  });
});

it('docs/security.md names every attack as it is: what it costs, what must come of it, how far it goes from outside', () => {
  const reachOf = ({ inside, outside }: Scenario) => (outside ? (inside ? 'in part' : 'whole') : 'no');
  const all = scenarios.map((each) => [each.name, each.title, each.cost, each.expectation, reachOf(each)]);
  expectSame(tableIn('docs/security.md', '| Attack |'), all);
  expect(scenarios.map(({ number }) => number)).toEqual(Array.from({ length: 25 }, (_, at) => at + 1));
});

describe('docs/start.md', () => {
  const door = read('src/index.ts');

  it('names every route but those of the API, whom it answers and its limit', () => {
    const pageRoutes = Object.entries(routes).filter(([name]) => !name.startsWith('api.'));
    const expected = pageRoutes.map(([, route]) => [
      `${route.method} ${route.path}`,
      route.audience.replaceAll('-', ' '),
      'limit' in route ? route.limit : '',
    ]);
    expectSame(firstCells(tableIn('docs/start.md', '| Method and path |'), 3), expected);
  });

  it('names every export of the door and no other', () => {
    const exported = exportsOf('src/index.ts');
    expect(exported).toContain('createRekey');
    expectSame(names(tableIn('docs/start.md', '| Export |')), exported);
  });

  it('names every option of createRekey and no other', () => {
    const options = /interface RekeyOptions \{([\s\S]*?)^\}/m.exec(door)?.[1] ?? '';
    const expected = [...options.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name);
    expectSame(names(tableIn('docs/start.md', '| Option | What for |')), expected);
  });
});

it('docs/api.md names every operation with its path, its handles and its limit, and no other', () => {
  const all: [OperationName, Operation][] = Object.entries(operations).flatMap(([name, op]) =>
    isOperation(name) ? [[name, op]] : [],
  );
  const expected = all.map(([name, op]) => {
    const { method, path, audience, limit }: Route = routes[`api.${name}`];
    const takes = audience === 'anyone' ? `(${op.takes})` : op.takes;
    return [name, `${method} ${path.replace('/api/v1', '')}`, takes, op.gives ?? '', limit ?? ''];
  });
  expectSame(firstCells(tableIn('docs/api.md', '| Operation |'), 5), expected);
});

describe('docs/client.md', () => {
  const client = read('src/client/client.ts');

  it('names every option and no other', () => {
    const options = /interface ClientOptions \{([\s\S]*?)^\}/m.exec(client)?.[1] ?? '';
    const expected = [...options.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name);
    expectSame(names(tableIn('docs/client.md', '| Option of createClient |')), expected);
  });

  it('names every export of the client and no other', () => {
    const exported = [...client.matchAll(/^export (?:interface|type|function|const|class) (\w+)/gm)].map(
      ([, name]) => name,
    );
    expectSame(names(tableIn('docs/client.md', '| Export of the client |')), exported);
  });
});

it('docs/testing.md names every export of the test kit and no other', () => {
  expectSame(names(tableIn('docs/testing.md', '| Export of the test kit |')), exportsOf('src/testing/kit.ts'));
});

it('docs/mail.md names every mail and no other', () => {
  const kinds = readdirSync(join(root, 'src/mail/messages')).filter((name) => !name.includes('.test.'));
  expectSame(
    names(tableIn('docs/mail.md', '| Kind |')).map((name) => `${name}.ts`),
    kinds,
  );
});

describe('docs/operate.md', () => {
  it('names every audit event with its meaning, and no other', () => {
    expectSame(tableIn('docs/operate.md', '| Event |'), Object.entries(auditEvents));
  });

  it('tells of every table what is kept, for how long and from when', () => {
    const all: [string, Kept][] = Object.entries(retention);
    const forHowLong = (keptMs: number) => (keptMs === 0 ? 'no longer' : inWords(keptMs));
    const rows = all.flatMap(([table, kept]) =>
      typeof kept === 'string'
        ? [[table, 'the row', kept === 'always' ? 'for good' : `as long as the ${kept}`, '']]
        : Object.values(kept).map(({ part, keptMs, from }) => [table, part ?? 'the row', forHowLong(keptMs), from]),
    );
    expectSame(tableIn('docs/operate.md', '| Table | Of it |'), rows);
  });

  it('names every command of the CLI with its options and their defaults, and no other', async () => {
    interface Command {
      readonly name: string;
      readonly options: readonly string[];
    }
    /** What the command prints. In this process: to start one for each took most of this file's time. */
    const helpOf = async (path: readonly string[]): Promise<string> => {
      const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
      try {
        expect(await runCommand([...path, '--help'])).toBe(0);
        return printed.mock.calls.map(([text]) => String(text)).join('');
      } finally {
        printed.mockRestore();
      }
    };
    const commandsBelow = async (...path: string[]): Promise<Command[]> => {
      const stdout = await helpOf(path);
      const linesOf = (heading: string) =>
        (new RegExp(`^${heading}:\\n((?: .*\\n)+)`, 'm').exec(stdout)?.[1] ?? '').split(/\n(?! {4})/);
      const below = linesOf('Commands').flatMap((line) => /^ {2}([\w-]+)/.exec(line)?.[1] ?? []);
      if (below.length > 0) {
        const found: Command[] = [];
        for (const name of below) if (name !== 'help') found.push(...(await commandsBelow(...path, name)));
        return found;
      }
      const options = linesOf('Options').flatMap((line) => {
        const option = /(--[\w-]+)/.exec(line)?.[1];
        const byDefault = /default:\s+"?([^",)]*)/.exec(line)?.[1] ?? 'false';
        return option === undefined || option === '--help'
          ? []
          : [`${option} ${byDefault === 'false' ? '' : byDefault}`.trim()];
      });
      return [{ name: ['rekey', ...path].join(' '), options: options.toSorted() }];
    };
    const commands = await commandsBelow();
    expectSame(
      names(tableIn('docs/operate.md', '| Command | What it does |')),
      commands.map(({ name }) => name),
    );
    const told = Map.groupBy(tableIn('docs/operate.md', '| Command | Option |'), ([name]) => name);
    const toldCommands = [...told].map(([name, rows]) => ({
      name,
      options: rows
        .map(([, option = '', byDefault = '']) => `${option} ${byDefault.startsWith('(') ? '' : byDefault}`.trim())
        .toSorted(),
    }));
    expectSame(
      toldCommands,
      commands.filter(({ options }) => options.length > 0),
    );
    const elsewhere = pages.flatMap((page) =>
      [...read(page).matchAll(/`(rekey(?: [a-z]+(?:-[a-z]+)*)+)/g)].map(([, name]) => name),
    );
    expect(elsewhere.filter((told) => !commands.some(({ name }) => name === told))).toEqual([]);
  });
});

it('docs/human-check.md names every rule of the slide with its points, and no other', () => {
  const rules = Object.entries({ ...hardPoints, ...softPoints }).map(([rule, points]) => [rule, String(points)]);
  expectSame(firstCells(tableIn('docs/human-check.md', '| Rule | Points |'), 2), rules);
});

it('docs/human-check.md has the prices that follow from the rules: else put in what `npm run bench -- human-check price` says', () => {
  expect(read('docs/human-check.md')).toContain(priceTable());
});

it('docs/flow.md shows the flow as it is: else run `node scripts/draw-flow.ts`', () => {
  expect(withDrawing(read('docs/flow.md'))).toBe(read('docs/flow.md'));
});

describe('every page in Markdown', () => {
  /** As the usual hosts make an anchor of a heading. */
  const anchorsOf = (path: string): string[] =>
    [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    );

  it('links only to what is there', () => {
    const links = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!\w+:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, path = '', anchor]) => ({
        page,
        path: path === '' ? page : join(dirname(page), path),
        anchor,
      })),
    );
    expect(links.length).toBeGreaterThan(40);
    expect(
      links.filter(
        ({ path, anchor }) =>
          !existsSync(join(root, path)) || (anchor !== undefined && !anchorsOf(path).includes(anchor)),
      ),
    ).toEqual([]);
  });

  it('is reached from the README', () => {
    const reached = new Set(['README.md']);
    for (const page of reached) {
      for (const [, path = ''] of read(page).matchAll(/\]\((?!\w+:)([^)#]+\.md)/g))
        reached.add(join(dirname(page), path));
    }
    expect(pages.filter((page) => !reached.has(page))).toEqual([]);
  });

  it('names only scripts of package.json, and CONTRIBUTING names them all', () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));
    const namedIn = (path: string) =>
      [...read(path).matchAll(/(?<=^|`)npm (?:run ([\w-]+)|(start|test)\b)/gm)].map(
        ([, name, short]) => name ?? short ?? '',
      );
    expect(pages.flatMap(namedIn).filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
    expectSame(new Set(namedIn('CONTRIBUTING.md')), Object.keys(scripts));
  });

  it('and every comment names only files that are there', () => {
    const comments = source.map((path) => ({
      path,
      text: (read(path).match(/^\s*(?:\/\/|\/?\*).*$/gm) ?? []).join('\n'),
    }));
    const all = [...comments, ...pages.map((path) => ({ path, text: read(path) }))].flatMap(({ path, text }) =>
      [...text.matchAll(/(?<![\w/.-])(?:src|test|docs|scripts|examples|\.ci)\/[\w./-]*\w/g)].map(([file]) => ({
        path,
        file,
      })),
    );
    expect(all.length).toBeGreaterThan(20);
    expect(all.filter(({ file }) => !existsSync(join(root, file)))).toEqual([]);
  });
});

it('docs/rules.md has every place and rule that a comment names by its number', () => {
  const told = new Set([...read('docs/rules.md').matchAll(/^(?:\| |### )([SD]\d+)\b/gm)].map(([, number]) => number));
  const named = [...source, ...filesBelow('test', '.ts')].flatMap((path) =>
    [...read(path).matchAll(/(?<![\w'"`-])([SD]\d{1,2})\b(?!['"`-])/g)].map(([, number]) => ({ path, number })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ number }) => !told.has(number))).toEqual([]);
});

it('every runtime dependency has its reason in a decision', () => {
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('package.json')));
  const reasons = read('docs/decisions/006-runtime-dependencies.md');
  expect(Object.keys(dependencies)).not.toEqual([]);
  expect(Object.keys(dependencies).filter((name) => !reasons.includes(name))).toEqual([]);
});

it('the README has no more than 150 lines', () => {
  expect(read('README.md').split('\n').length).toBeLessThanOrEqual(151);
});
