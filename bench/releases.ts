// How far the walk of bench/releases/explore.ts comes: at least a million states within a minute of one core, no fault among
// them, and every state of a release reached.
import { releaseStates } from '../src/releases/flow.ts';
import { explore } from './releases/explore.ts';

const goalSeconds = 60;

const began = process.cpuUsage();
const explored = explore({ maxStates: 1_000_000 });
const { user, system } = process.cpuUsage(began);
const seconds = Math.round((user + system) / 100_000) / 10;
console.log({ ...explored, seconds, goalSeconds });
const isReached = releaseStates.every((state) => (explored.reached[state] ?? 0) > 0);
if (explored.faults.length > 0 || !isReached || seconds > goalSeconds) process.exitCode = 1;
