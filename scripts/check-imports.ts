// Checks the layer rule over src/, examples/, test/, bench/ and scripts/; exits with 1 and one line a fault.
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findImportFaults } from './layers.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const paths = ['src', 'attack', 'examples', 'test', 'bench', 'scripts'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|js|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).split(sep).join('/'))
    // Not ours, or (the tests of scripts/) full of imports that are only quoted.
    .filter((path) => !/^src\/browser\/built\/|(^|\/)node_modules\/|^scripts\/.*\.test\.ts$/.test(path)),
);

const faults = findImportFaults(new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')])));
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`${paths.length} files keep the layers.`);
