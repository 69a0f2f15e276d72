#!/usr/bin/env node
// The entry of `rekey`: plain JavaScript that an old Node can read too, so that it can say which one is needed.
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 24 || (major === 24 && minor >= 15)) {
  module.enableCompileCache();
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
