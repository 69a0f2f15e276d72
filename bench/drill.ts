// Drills: three nodes, a worker, PostgreSQL, a counter store and a mail server as processes of this machine; people recover their
// accounts while any of these dies at random moments. After each round nothing that was answered may be lost, nothing spent
// twice, nothing half done. `--rounds`, `--seed`, `--clients`, `--minutes`, `--json`; names choose what may happen.
import { parseArgs } from 'node:util';
import { disturbanceNames } from './drill/disturb.ts';
import { drill } from './drill/drill.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    clients: { type: 'string', default: '6' },
    minutes: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !disturbanceNames.some((known) => known === name));
const [rounds = 0, seed = 0, clients = 0, minutes = 0] = [
  values.rounds,
  values.seed,
  values.clients,
  values.minutes,
].map(Number);
const areWhole = [rounds, seed, clients, minutes].every((number) => Number.isSafeInteger(number) && number >= 0);

if (values.help || unknown.length > 0 || !areWhole) {
  if (unknown.length > 0) console.error(`There is no ${unknown.join(', ')}.`);
  if (!areWhole) console.error('Rounds, seed, clients and minutes are whole numbers.');
  console.log(
    `npm run drill -- [NAME...] [--rounds 20] [--seed N] [--clients 6] [--minutes 20] [--json]\nNames: ${disturbanceNames.join(', ')}`,
  );
  process.exitCode = values.help ? 0 : 2;
} else {
  console.error(`seed ${seed}`);
  const drilled = await drill({
    seed,
    rounds,
    clients,
    nodes: 3,
    names: disturbanceNames.filter((name) => positionals.length === 0 || positionals.includes(name)),
    withinMs: minutes * 60_000,
    onLeftOut: (what) => console.error(`left out: ${what}`),
    onRound: (round, name, faults) =>
      console.error(`round ${round} of ${rounds}: ${name}${faults.map((fault) => `\n  ${fault}`).join('')}`),
  });
  if (values.json) console.log(JSON.stringify({ seed, ...drilled }));
  else {
    console.table(drilled.rounds);
    const { people, completed, mails, duplicates, calls, faults } = drilled;
    console.log(
      `${people} people, ${completed} new passwords; ${mails} mails, ${duplicates} of them again with the same Message-ID`,
    );
    console.log(`calls: ${JSON.stringify(calls)}`);
    console.log(faults.length === 0 ? 'Nothing was lost, nothing was spent twice.' : faults.join('\n'));
  }
  if (drilled.faults.length > 0) process.exitCode = 1;
}
