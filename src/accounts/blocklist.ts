// The commonest passwords of the world that satisfy some length setting: made by scripts/build-blocklist.ts, licence in
// blocklist.LICENSE.md. Compared as a whole and without the case of A-Z: "Password123456789" is no better in capitals.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { foldAscii } from './identifiers.ts';

let known: ReadonlySet<string> | undefined;

/** Reads the file: some 10 ms and 2 MB, so once in a process, and not before the first password is chosen. */
export function readBlocklist(): ReadonlySet<string> {
  known ??= unpack();
  return known;
}

function unpack(): ReadonlySet<string> {
  const packed = readFileSync(new URL('./blocklist.txt.gz', import.meta.url));
  return new Set(gunzipSync(packed).toString('utf8').split('\n'));
}

export const isListed = (blocklist: ReadonlySet<string>, password: string): boolean =>
  blocklist.has(foldAscii(password));
