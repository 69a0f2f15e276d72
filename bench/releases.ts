// How far the walk of bench/releases/explore.ts comes: at least a million states, and how long that takes.
import { explore } from './releases/explore.ts';

const began = performance.now();
const explored = explore({ maxStates: 1_000_000 });
console.log({ ...explored, seconds: Math.round((performance.now() - began) / 100) / 10 });
if (explored.faults.length > 0) process.exitCode = 1;
