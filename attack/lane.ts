// The process of one lane of `npm run attack`: it is told the number of an attack, tries it, and tells what came of it. It ends
// with the one that started it, also in the middle of an attack.
import { createLane } from './lanes.ts';
import { scenarios } from './scenarios.ts';

const lane = createLane(process.argv[2] === 'small' ? 'small' : 'full');
let isBusy = false;

async function attempt(number: unknown): Promise<void> {
  const scenario = scenarios.find((each) => each.number === number);
  if (!scenario) throw new Error(`there is no attack ${String(number)}`);
  isBusy = true;
  process.send?.(await lane.run(scenario));
  isBusy = false;
}

process.on('message', (number) => void attempt(number));

process.on('disconnect', () => {
  if (isBusy) process.exit(1);
  void lane.close().finally(() => process.exit());
});
