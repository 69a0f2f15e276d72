// How far the walks of bench/releases/explore.ts come: at least a million states each within a minute of one core, no fault among
// them, and every state of a release and of a closing reached.
import { closingStates } from '../src/releases/closing-flow.ts';
import { releaseStates } from '../src/releases/flow.ts';
import { explore } from './releases/explore.ts';

const goalSeconds = 60;

for (const walked of ['releases', 'closings'] as const) {
  const began = process.cpuUsage();
  const explored = explore({ of: walked, maxStates: 1_000_000 });
  const { user, system } = process.cpuUsage(began);
  const seconds = Math.round((user + system) / 100_000) / 10;
  console.log({ walked, ...explored, seconds, goalSeconds });
  const { faults, reached, closingsReached } = explored;
  const isReached =
    releaseStates.every((state) => reached[state]) &&
    (walked === 'releases' || closingStates.every((state) => closingsReached[state]));
  if (faults.length > 0 || !isReached || seconds > goalSeconds) process.exitCode = 1;
}
