// Settings from outside: environment variables before the JSON file before the defaults. Secrets may stand in files of
// their own, named by REKEY_<NAME>_FILE. Every fault is told at once, each by the name that the operator gave.
import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod';
import { type Fault, judgeSettings, nearestName, SettingsFault } from './read-settings.ts';
import { risks } from './rules.ts';
import {
  isSecret,
  isSettingName,
  type SettingName,
  settingNames,
  type Settings,
  type SettingsInput,
  settingsSchema,
  variableOf,
} from './settings.ts';

/** Variables that no setting has: where the file is, and what `rekey serve` takes as options. */
const otherVariables = ['REKEY_CONFIG', 'REKEY_HOST', 'REKEY_PORT'];
/** What our own tests are told, in whose environment commands run. */
const testPrefix = 'REKEY_TEST_';

export interface LoadNeeds<Name extends SettingName> {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Path of the JSON file; where REKEY_CONFIG says, if it is not given. */
  readonly file?: string | undefined;
  /** What has to be there. */
  readonly needed: readonly Name[];
}

export interface Loaded<Name extends SettingName> {
  readonly settings: Pick<Settings, Name> & Partial<Settings>;
  /** Where each value that was given comes from: a variable, or a file. */
  readonly sources: ReadonlyMap<SettingName, string>;
  /** As they were given, without defaults: what `createRekey` takes. */
  readonly input: Pick<SettingsInput, Name> & Partial<SettingsInput>;
  /** What is allowed and risky, one sentence each. */
  readonly warnings: readonly string[];
}

/** Throws one SettingsFault with every fault. */
export async function loadSettings<Name extends SettingName>({
  environment,
  file = environment.REKEY_CONFIG,
  needed,
}: LoadNeeds<Name>): Promise<Loaded<Name>> {
  const faults: string[] = [];
  const warnings: string[] = [];
  const sources = new Map<SettingName, string>();
  const given = new Map<SettingName, unknown>();
  const isFromFile = file !== undefined && file !== '';
  if (file === '') faults.push('REKEY_CONFIG: is empty. Name the file, or unset it.');

  const written = isFromFile ? await readConfigFile(file, faults) : undefined;
  for (const [name, value] of Object.entries(written ?? {})) {
    if (isSettingName(name)) {
      given.set(name, value);
      sources.set(name, file ?? '');
    } else faults.push(`${file}: "${name}" is no setting.${didYouMean(name, settingNames)}`);
  }
  if (isFromFile && [...given].some(([name, value]) => sources.has(name) && holdsSecret(name, value)))
    await warnIfShared(file, warnings);

  const variables = readVariables(environment, faults);
  for (const { name, variable, text, path } of variables) {
    const value = path === undefined ? text : await readSecretFile(variable, path, faults);
    if (path !== undefined && value !== undefined) await warnIfShared(path, warnings);
    const parsed = value === undefined ? undefined : parseText(name, value);
    if (parsed && 'fault' in parsed) faults.push(`${variable}: ${parsed.fault}`);
    // With a fault there is nothing to judge, and nothing missing either: it has been said.
    if (parsed && 'value' in parsed) given.set(name, parsed.value);
    else given.delete(name);
    sources.set(name, variable);
  }

  const judged = judgeSettings(Object.fromEntries(given), needed);
  // Where the file could not be read, nobody knows what is missing.
  const isComplete = !isFromFile || written !== undefined;
  const isNews = ({ name, isMissing }: Fault) =>
    !isMissing || (isComplete && !(isSettingName(name) && sources.has(name)));
  faults.push(...judged.faults.filter(isNews).map((fault) => inPlace(fault, sources, file)));
  if (faults.length > 0) throw new SettingsFault([...new Set(faults)]);
  for (const { name, words } of risks(judged.settings)) warnings.push(`${name} ${words}.`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the schemas took without a fault
  const input = Object.fromEntries(given) as Loaded<Name>['input'];
  return { settings: judged.settings, sources, input, warnings };
}

/** Under the name that the operator gave. */
function inPlace({ name, words, isMissing }: Fault, sources: ReadonlyMap<SettingName, string>, file?: string): string {
  if (!isSettingName(name)) return `${name}: ${words}`;
  const source = sources.get(name);
  if (isMissing) return `${variableOf(name)}: must be set, here or as "${name}" in the settings file`;
  if (source === undefined || source.startsWith('REKEY_')) return `${source ?? name}: ${words}`;
  return `${file}: "${name}" ${words}`;
}

const didYouMean = (name: string, names: readonly string[]): string => {
  const near = nearestName(name, names);
  return near === undefined ? '' : ` Did you mean ${near}?`;
};

interface Variable {
  readonly name: SettingName;
  readonly variable: string;
  readonly text: string;
  /** Of the file that holds the value. */
  readonly path?: string;
}

const fileSuffix = '_FILE';

const variablesOfSettings = (): string[] =>
  settingNames.flatMap((name) => [variableOf(name), ...(isSecret(name) ? [variableOf(name) + fileSuffix] : [])]);

/** Every variable that begins with REKEY_ is meant for us. */
function readVariables(environment: LoadNeeds<never>['environment'], faults: string[]): Variable[] {
  const byVariable = new Map(settingNames.map((name) => [variableOf(name), name]));
  const found: Variable[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('REKEY_') || text === undefined || otherVariables.includes(variable)) continue;
    if (variable.startsWith(testPrefix)) continue;
    const ofFile = variable.endsWith(fileSuffix) ? byVariable.get(variable.slice(0, -fileSuffix.length)) : undefined;
    const inFile = ofFile !== undefined && isSecret(ofFile) ? ofFile : undefined;
    const name = byVariable.get(variable) ?? inFile;
    if (name === undefined) {
      faults.push(
        ofFile === undefined
          ? `${variable}: there is no such setting.${didYouMean(variable, [...variablesOfSettings(), ...otherVariables])}`
          : `${variable}: only a secret is read from a file. Set ${variableOf(ofFile)}.`,
      );
    } else if (text === '') faults.push(`${variable}: is empty. Give it a value, or unset it.`);
    else if (inFile !== undefined && environment[variableOf(name)] !== undefined)
      faults.push(`${variable}: ${variableOf(name)} is set too, and only one of them can count. Unset one.`);
    else found.push({ name, variable, text, ...(inFile === undefined ? {} : { path: text }) });
  }
  return found;
}

/** A variable holds text; the schema says what it is to become. */
function parseText(name: SettingName, text: string): { readonly value: unknown } | { readonly fault: string } {
  switch (typeOf(settingsSchema.shape[name])) {
    case 'number':
      return /^-?\d{1,15}$/.test(text) ? { value: Number(text) } : { fault: 'must be a whole number' };
    case 'boolean':
      return /^(true|false)$/.test(text) ? { value: text === 'true' } : { fault: 'must be true or false' };
    case 'array':
      return { value: text.split(',').map((part) => part.trim()) };
    default:
      return { value: text };
  }
}

/** Of what is written, below its default and what is made of it. A JSON schema of it would say the same, and takes a hundredth of a start. */
function typeOf(schema: z.core.$ZodType): string {
  if (schema instanceof z.core.$ZodDefault || schema instanceof z.core.$ZodOptional)
    return typeOf(schema._zod.def.innerType);
  return schema instanceof z.core.$ZodPipe ? typeOf(schema._zod.def.in) : schema._zod.def.type;
}

const fileMaxBytes = 65_536;

/** The text of a secret's file without the line end that editors put there; `undefined` after a fault. */
async function readSecretFile(variable: string, path: string, faults: string[]): Promise<string | undefined> {
  const read = await readText(path);
  const fault = 'fault' in read ? read.fault : read.text.replace(/\r?\n$/, '') === '' ? 'is empty' : undefined;
  if (fault !== undefined) faults.push(`${variable}: ${path} ${fault}.`);
  return 'fault' in read || fault !== undefined ? undefined : read.text.replace(/\r?\n$/, '');
}

/** The settings of a JSON file, an object; `undefined` after a fault. */
async function readConfigFile(path: string, faults: string[]): Promise<object | undefined> {
  const read = await readText(path);
  if ('fault' in read) {
    faults.push(`${path} ${read.fault}.`);
    return undefined;
  }
  const text = read.text.replace(/^\ufeff/, '');
  try {
    const written: unknown = JSON.parse(text);
    if (typeof written === 'object' && written !== null && !Array.isArray(written)) {
      // JSON.parse takes the last of two in silence.
      const names = [...text.matchAll(/"((?:[^"\\]|\\.)*)"\s*(:?)/g)].flatMap(([, name = '', colon]) =>
        colon ? [name] : [],
      );
      const twice = new Set(names.filter((name, at) => names.indexOf(name) < at));
      faults.push(...Array.from(twice, (name) => `${path}: "${name}" stands there twice, and only one can count.`));
      return written;
    }
    faults.push(`${path} must hold one JSON object, like {"origin": "https://shop.example"}.`);
  } catch (fault) {
    // The message quotes the text around the place, which may be a secret.
    const place = /line \d+ column \d+/.exec(fault instanceof Error ? fault.message : '')?.[0];
    faults.push(`${path} is not JSON${place === undefined ? '' : `: look at ${place}`}.`);
  }
  return undefined;
}

const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is not there',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  EISDIR: 'is a folder, not a file',
  ELOOP: 'is a link that leads nowhere',
};

/** A regular file or a pipe; never more than `fileMaxBytes` of it. */
async function readText(path: string): Promise<{ readonly text: string } | { readonly fault: string }> {
  try {
    const file = await open(path);
    try {
      if ((await file.stat()).isDirectory()) return { fault: 'is a folder, not a file' };
      const bytes = Buffer.alloc(fileMaxBytes + 1);
      let length = 0;
      // A pipe gives what it has so far.
      for (let read = -1; read !== 0 && length < bytes.length; length += read)
        read = (await file.read(bytes, length)).bytesRead;
      if (length > fileMaxBytes) return { fault: `has more than ${fileMaxBytes / 1_024} KB, too much for settings` };
      return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, length)) };
    } finally {
      await file.close();
    }
  } catch (fault) {
    if (fault instanceof TypeError && 'code' in fault && fault.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return { fault: 'is not text in UTF-8' };
    const sentence = fault instanceof Error && 'code' in fault ? sentences[String(fault.code)] : undefined;
    return { fault: sentence ?? 'cannot be read' };
  }
}

const holdsSecret = (name: SettingName, value: unknown): boolean =>
  isSecret(name) && (name === 'keys' || /\/\/[^/]*:[^/]*@/.test(String(value)));

async function warnIfShared(path: string, warnings: string[]): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o006) !== 0 && process.platform !== 'win32')
    warnings.push(`${resolve(path)} holds a secret, and every user of this machine may read or change it: chmod 600.`);
}
