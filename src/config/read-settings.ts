// From what was written to settings: every fault at once, in words.
import { closestMatch } from 'leven';
import type { z } from 'zod';
import { contradictions } from './rules.ts';
import { isSettingName, presets, type SettingName, settingNames, type Settings, settingsSchema } from './settings.ts';

/** Thrown once, with every fault in it: one line each. */
export class SettingsFault extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`The settings cannot be used:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

/** One thing that is wrong. `name`: a setting, or what was taken for one. */
export interface Fault {
  readonly name: string;
  readonly words: string;
  /** Nobody gave it a value. */
  readonly isMissing?: true;
}

/** All settings with their defaults, or one SettingsFault that names every fault. */
export function readSettings(input: unknown): Settings {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new SettingsFault(['settings: must be an object']);
  const { settings, faults } = judgeSettings(input, settingNames);
  if (faults.length > 0) throw new SettingsFault(faults.map(({ name, words }) => `${name}: ${words}`));
  return settings;
}

/**
 * Reads `input`, of which only `needed` must be there. The settings hold all of these once there are no faults; until
 * then, those that could be read.
 */
export function judgeSettings<Name extends SettingName>(
  input: object,
  needed: readonly Name[],
): { readonly settings: Pick<Settings, Name> & Partial<Settings>; readonly faults: readonly Fault[] } {
  const given = new Map(Object.entries(input));
  const needs: ReadonlySet<SettingName> = new Set(needed);
  const faults: Fault[] = [];
  const values: Partial<Record<SettingName, unknown>> = {};
  // One that is none is told below.
  const preset = settingsSchema.shape.preset.safeParse(given.get('preset'));
  const preferred = preset.success ? presets[preset.data] : {};
  for (const name of settingNames) {
    const value = given.get(name);
    const read = settingsSchema.shape[name].safeParse(value === undefined ? preferred[name] : value, {
      error: inWords,
    });
    if (read.success) values[name] = read.data;
    else if (value !== undefined) faults.push(...read.error.issues.map(({ message }) => ({ name, words: message })));
    else if (needs.has(name)) faults.push({ name, words: 'must be set', isMissing: true });
  }
  for (const name of given.keys()) if (!isSettingName(name)) faults.push({ name, words: unknownName(name) });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each value was parsed by the schema of its name
  const settings = values as Pick<Settings, Name> & Partial<Settings>;
  // Of a value that could not be read enough is said.
  const faulty = new Set(faults.map(({ name }) => name));
  return { settings, faults: [...faults, ...contradictions(settings).filter(({ name }) => !faulty.has(name))] };
}

const unknownName = (name: string): string => {
  const near = nearestName(name, settingNames);
  return `there is no such setting${near === undefined ? '' : `. Did you mean ${near}?`}`;
};

/** The one of `names` that `name` was probably meant to be: at most one letter in three is wrong, or two that changed places. */
export const nearestName = (name: string, names: readonly string[]): string | undefined => {
  const byFolded = new Map(names.map((each) => [each.toLowerCase(), each]));
  const maxDistance = Math.max(2, Math.floor(name.length / 3));
  const near = closestMatch(name.toLowerCase(), [...byFolded.keys()], { maxDistance });
  return near === undefined ? undefined : byFolded.get(near);
};

type Issue = Parameters<z.core.$ZodErrorMap>[0];

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
};

/** What is expected, never the value: it may be a secret. */
function inWords(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.join(' or ')}`;
    case 'too_small':
      return `must be ${issue.minimum} or more${unitOf(issue.origin)}`;
    case 'too_big':
      return `must be ${issue.maximum} or less${unitOf(issue.origin)}`;
    case 'invalid_format':
      if (issue.format === 'email') return 'must be an address like help@shop.example';
      return issue.format === 'starts_with' ? 'must start with /' : undefined;
    default:
      return undefined;
  }
}

const unitOf = (origin: string): string => (origin === 'string' ? ' characters' : origin === 'array' ? ' of them' : '');
