// The process of one lane of `npm run attack`: it is told the number of an attack, tries it, and tells what came of it. It ends
// with the one that started it, also in the middle of an attack.
import { createLane } from './lanes.ts';
import { scenarios } from './scenarios.ts';

const lane = createLane(process.argv[2] === 'small' ? 'small' : 'full');
let isBusy = false;

process.on('message', (number) => {
  const scenario = scenarios.find((each) => each.number === number);
  if (!scenario) throw new Error(`there is no attack ${String(number)}`);
  isBusy = true;
  void lane.run(scenario).then((result) => {
    isBusy = false;
    process.send?.(result);
  });
});

process.on('disconnect', () => {
  if (isBusy) process.exit(1);
  void lane.close().finally(() => process.exit());
});
