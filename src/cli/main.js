#!/usr/bin/env node
// The entry of `rekey`: plain JavaScript that an old Node can read too, so that it can say which one is needed.
import { mkdirSync, statSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 24 || (major === 24 && minor >= 15)) {
  keepCompiled();
  // Whoever reads may have had enough, such as `| head`: that is no fault.
  process.stdout.on('error', (fault) => {
    if (!('code' in fault) || fault.code !== 'EPIPE') throw fault;
  });
  const { runCommand } = await import('./commands.ts');
  process.exitCode = await runCommand(process.argv.slice(2));
} else {
  process.stderr.write(
    `This needs Node 24.15 or newer, and this is ${process.versions.node}. Install Node 24, or use \`npm start\` in a checkout.\n`,
  );
  process.exitCode = 1;
}

/**
 * Keeps what was compiled for the next start, in the user's own cache. Node's default is the folder for temporary files: whoever is
 * there first leaves code that runs as the next user of `rekey`, as nothing compares what was kept with what it was made from.
 */
function keepCompiled() {
  // Node keeps it there by itself.
  if (process.env.NODE_COMPILE_CACHE) return;
  try {
    const home = homedir();
    const caches = join(home, '.cache');
    const folder = join(caches, 'rekey');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if ([home, caches, folder].every(isOurs)) module.enableCompileCache(folder);
  } catch {
    // Without a home that can be written a start takes longer, and nothing else.
  }
}

/** @param {string} folder that nobody else can put anything into, where a system tells. */
function isOurs(folder) {
  const { uid, mode } = statSync(folder);
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
}
