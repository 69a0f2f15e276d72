// Imported by a node before its own code: hashes cost next to nothing until SIGUSR2, so that a thousand recoveries, which have all
// else compiled, take minutes.
import { createRequire } from 'node:module';

/** What a module imports of it later is what stands here then. */
const argon2: typeof import('@node-rs/argon2') = createRequire(import.meta.url)('@node-rs/argon2');
const { hash } = argon2;
let isWarming = true;
process.once('SIGUSR2', () => {
  isWarming = false;
});
argon2.hash = (password, options, ...more) =>
  hash(password, isWarming ? { ...options, memoryCost: 8, timeCost: 1 } : options, ...more);
