// How much a package brings along: all that npm installs for it, as the lockfile tells and the disk holds.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface Packages {
  /** Itself included. */
  readonly count: number;
  readonly megabytes: number;
}

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** `folder`: of the package, in what the lockfile installed or built beside it. */
export async function packagesOf(lockfile: string, folder: string): Promise<Packages> {
  const { packages }: { packages: Readonly<Record<string, Locked>> } = JSON.parse(await readFile(lockfile, 'utf8'));
  const own: Locked = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const found = new Set<string>();
  const follow = (from: string, { dependencies = {} }: Locked) => {
    for (const name of Object.keys(dependencies)) {
      const place = placeOf(packages, from, name);
      const locked = place === undefined ? undefined : packages[place];
      if (place === undefined || !locked || found.has(place)) continue;
      found.add(place);
      follow(place, locked);
    }
  };
  follow(basename(dirname(folder)) === 'node_modules' ? `node_modules/${basename(folder)}` : '', own);
  const folders = [folder, ...[...found].map((place) => join(dirname(lockfile), place))];
  const sizes = await Promise.all(folders.map(bytesOf));
  return { count: folders.length, megabytes: sizes.reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20 };
}

/** Where Node finds `name` from a package: beside it, or further out. */
function placeOf(packages: Readonly<Record<string, Locked>>, from: string, name: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules') - 1))) {
    const place = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (packages[place]) return place;
    if (at === '') return undefined;
  }
}

/** Without what stands in a folder of packages below it, which is counted by itself. */
async function bytesOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? 0 : bytesOf(path);
    return entry.isFile() ? (await stat(path)).size : 0;
  });
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}
