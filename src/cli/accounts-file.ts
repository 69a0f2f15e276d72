// Reads a CSV file of accounts: a row at a time, and every fault with the number of its line. UTF-8, with or without a
// byte order mark; LF or CRLF; comma, semicolon or tab, whichever the header has.
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { isProviderName } from '../accounts/add-account.ts';
import { readAddress, readIdentifier } from '../accounts/identifiers.ts';
import type { ImportedAccount } from '../accounts/import.ts';
import { Problem } from '../base/problem.ts';
import { nearestName } from '../config/read-settings.ts';

/** The columns that a file may have, in any order; `user_id` it must have. */
export const columns = [
  'user_id',
  'email',
  'email2',
  'email3',
  'locale',
  'state',
  'provider',
  'password_hash',
] as const;

type Column = (typeof columns)[number];

export interface LineFault {
  readonly line: number;
  readonly words: string;
}

export type ReadRow = { readonly account: ImportedAccount } | { readonly fault: LineFault };

export interface AccountsFile {
  readonly sizeBytes: number;
  /** Every row but the header. Throws `accounts-file` where the file as a whole cannot be used. */
  rows(onBytes: (count: number) => void): AsyncGenerator<ReadRow>;
}

/** `locales`: the languages of the site; the first counts where a row names none. */
export async function openAccountsFile(path: string, locales: readonly string[]): Promise<AccountsFile> {
  const { head, sizeBytes } = await readHead(path);
  if (head.length === 0) throw unusable(path, 'is empty');
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff))
    throw unusable(path, 'is in UTF-16. Save it as "CSV UTF-8"');
  const [header = ''] = head.toString('utf8').split(/[\r\n]/, 1);
  const delimiter = [';', '\t'].find((each) => header.includes(each) && !header.includes(',')) ?? ',';

  return {
    sizeBytes,
    async *rows(onBytes) {
      const parser = parse({
        delimiter,
        bom: true,
        info: true,
        skip_empty_lines: true,
        relax_column_count: true,
        max_record_size: recordMaxBytes,
      });
      const bytes = createReadStream(path);
      const text = refuseOtherEncodings(path, onBytes);
      // Whatever fails, the reader below hears of it.
      bytes.on('error', (fault) => text.destroy(fault));
      text.on('error', (fault) => parser.destroy(fault));
      bytes.pipe(text).pipe(parser);
      try {
        yield* readRows(parser, { path, locales });
      } catch (fault) {
        if (!(fault instanceof CsvError)) throw fault;
        yield { fault: { line: Number(fault.lines), words: `${brokenBy(fault.code)}; what follows it was not read` } };
      } finally {
        bytes.destroy();
      }
    },
  };
}

const recordMaxBytes = 16_384;
const lineMaxBytes = 1_048_576;

const unusable = (path: string, words: string) => new Problem('accounts-file', `${path} ${words}.`);

const brokenBy = (code: string): string =>
  code === 'CSV_MAX_RECORD_SIZE'
    ? 'is longer than any account, so a quote in it or before it is not closed'
    : 'has a quote in the middle of a field, or one that is not closed';

async function readHead(path: string): Promise<{ head: Buffer; sizeBytes: number }> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4_096), 0, 4_096, 0);
      return { head: buffer.subarray(0, bytesRead), sizeBytes: size };
    } finally {
      await file.close();
    }
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
    const sentences = new Map<unknown, string>([
      ['ENOENT', 'is not there'],
      ['ENOTDIR', 'is not there'],
      ['EISDIR', 'is a folder, not a file'],
      ['EACCES', 'may not be read by this user'],
      ['ESPIPE', 'is no file that can be read again: save it first'],
    ]);
    throw unusable(path, sentences.get(code) ?? 'cannot be read');
  }
}

/** Passes UTF-8 on and stops at the first line that is something else. */
function refuseOtherEncodings(path: string, onBytes: (count: number) => void): Transform {
  let rest: Buffer = Buffer.alloc(0);
  let linesBefore = 0;
  const judge = (block: Buffer): Problem | undefined => {
    if (isUtf8(block) && !block.includes(0)) return undefined;
    for (let at = 0, line = linesBefore + 1; at < block.length; line += 1) {
      const end = block.indexOf('\n', at) + 1 || block.length;
      const one = block.subarray(at, end);
      if (one.includes(0))
        return unusable(path, `holds a zero byte in line ${line}: it may be UTF-16. Save it as "CSV UTF-8"`);
      if (!isUtf8(one)) return unusable(path, `is not in UTF-8 (see line ${line}). Save it as "CSV UTF-8"`);
      at = end;
    }
    return undefined;
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = all.lastIndexOf('\n') + 1;
      const block = all.subarray(0, end);
      rest = all.subarray(end);
      if (rest.length > lineMaxBytes)
        return done(unusable(path, `has a line of more than a megabyte after line ${linesBefore}`));
      const problem = judge(block);
      if (problem) return done(problem);
      for (let at = block.indexOf('\n'); at >= 0; at = block.indexOf('\n', at + 1)) linesBefore += 1;
      return done(null, block);
    },
    flush(done) {
      const problem = judge(rest);
      if (problem) done(problem);
      else done(null, rest);
    },
  });
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

async function* readRows(
  parser: AsyncIterable<Parsed>,
  { path, locales }: { path: string; locales: readonly string[] },
): AsyncGenerator<ReadRow> {
  let header: readonly Column[] | undefined;
  // The parser counts the two characters of a line end inside a field as two lines.
  let countedTwice = 0;
  for await (const { record, info } of parser) {
    const ends = record.join('').match(/\r?\n/g) ?? [];
    countedTwice += ends.filter((end) => end.length === 2).length;
    const line = info.lines - countedTwice - ends.length;
    if (header === undefined) header = readHeader(path, record);
    else if (record.length !== header.length)
      yield { fault: { line, words: `has ${record.length} fields, and the header has ${header.length}` } };
    else yield readRow(line, new Map(header.map((column, at) => [column, (record[at] ?? '').trim()])), locales);
  }
}

function readHeader(path: string, names: readonly string[]): readonly Column[] {
  const read = names.map((name) => name.trim().toLowerCase());
  const faults = read.flatMap((name, at) => {
    const near = name.length < 3 ? undefined : nearestName(name, columns);
    if (!isColumn(name)) return [`there is no column ${quoted(name)}${near ? `; did you mean ${near}?` : ''}`];
    return read.indexOf(name) < at ? [`the column ${name} stands there twice`] : [];
  });
  if (!read.includes('user_id')) faults.push('the column user_id is missing');
  if (faults.length > 0) {
    throw new Problem(
      'accounts-file',
      `The first line of ${path} must name the columns (${columns.join(', ')}):\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    );
  }
  return read.filter(isColumn);
}

const isColumn = (name: string): name is Column => columns.some((column) => column === name);

function readRow(line: number, fields: ReadonlyMap<Column, string>, locales: readonly string[]): ReadRow {
  const fault = (words: string): ReadRow => ({ fault: { line, words } });
  const userId = fields.get('user_id') ?? '';
  if (userId === '') return fault('has no user_id');
  if (userId.includes('@')) return fault(`user_id ${quoted(userId)} holds an @, which only an email may`);
  const named = readIdentifier(userId);
  if (!named.ok)
    return fault(`user_id ${quoted(userId)} is longer than 64 characters, or holds a space or sign that none may`);

  const addresses: { readonly address: string; readonly key: string }[] = [];
  for (const column of ['email', 'email2', 'email3'] as const) {
    const text = fields.get(column) ?? '';
    if (text === '') continue;
    const read = readAddress(text);
    if (!read.ok) return fault(`${column} ${quoted(text)} is no address that mail goes to`);
    if (addresses.some(({ key }) => key === read.key)) return fault(`${column} ${quoted(text)} stands there twice`);
    addresses.push({ address: read.address, key: read.key });
  }

  const state = fields.get('state') || 'active';
  if (state !== 'active' && state !== 'disabled') return fault(`state ${quoted(state)} is not active or disabled`);
  const locale = fields.get('locale') || locales[0] || 'en';
  if (!locales.includes(locale)) return fault(`locale ${quoted(locale)} is not ${locales.join(' or ')}`);
  const provider = fields.get('provider') || null;
  if (provider !== null && !isProviderName(provider)) return fault('provider is no name of one line and 60 characters');
  if (fields.get('password_hash'))
    return fault(
      'password_hash cannot be taken from elsewhere: leave it empty, and the person makes a password by recovering',
    );
  return { account: { line, userId: named.typed, userIdKey: named.key, addresses, state, locale, provider } };
}

/** As a person can read it, without what would steer a terminal. */
const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
