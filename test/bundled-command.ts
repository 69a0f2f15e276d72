// `rekey` as it is shipped, for tests that start it: its bundle, made anew where the source has changed. It starts in
// half the time of the source, which `npm start` and the test of the demo run as it is.
import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, commandFile } from '../scripts/bundle.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
// Below node_modules, whose packages it finds and where nobody looks for source.
const folder = join(root, 'node_modules/.cache/rekey');
const stamp = join(folder, 'bundled');

export const bundledCommand = join(folder, commandFile);

export async function bundleCommand(): Promise<void> {
  const changedAt = Math.max(...['src', 'attack', 'scripts/bundle.ts', 'package-lock.json'].flatMap(timesBelow));
  const bundledAt = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (changedAt < bundledAt) return;
  const startedAt = new Date();
  rmSync(folder, { recursive: true, force: true });
  await bundle(folder);
  // Whatever changes meanwhile is newer.
  writeFileSync(stamp, '');
  utimesSync(stamp, startedAt, startedAt);
}

/** Of the file or folder and of all that is in it; what goes changes its folder. */
const timesBelow = (path: string): number[] => {
  const place = join(root, path);
  const found = statSync(place);
  if (!found.isDirectory()) return [found.mtimeMs];
  const below = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => !name.includes('built'));
  return [found.mtimeMs, ...below.map((name) => statSync(join(place, name)).mtimeMs)];
};
