// What one complete recovery costs the server: the CPU of its calls of the JSON API, from the start to the new password,
// against that of the one Argon2id hash that it has to make, and how many there are a second. The human check is off,
// connections are kept alive, outbox rows are written, and their mail is sent by another process, whose CPU is a line of
// its own. In the same run and in turns with it three floors: a server that does nothing, one that makes that hash, and
// one that writes, durably, the rows of a start. Server and floors have one core, the client and the mail the other;
// PostgreSQL's processes run where there is room. `--against FOLDER` measures another checkout too.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compare, peopleOf, type Plan, printRows, printSteps, round, type Row } from './recovery/compare.ts';
import { type Contender, openFloor, openRekey, root } from './recovery/contenders.ts';
import { type Engine, isEngine, openPlaces } from './recovery/places.ts';
import { tell } from './recovery/processes.ts';

const goals = {
  sqlite: { ratio: 1.1, ofFloor: 0.9 },
  postgres: { ratio: 1.2, ofFloor: 0.8 },
  /** Asking for a code, against the server that makes its writes alone. */
  askOfFloor: 0.8,
};

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite,postgres' },
    clients: { type: 'string', default: '1,8,32' },
    rounds: { type: 'string', default: '5' },
    recoveries: { type: 'string', default: '128' },
    'warm-ups': { type: 'string', default: '1000' },
    against: { type: 'string' },
    /** Where the main thread spends it, of all that is measured on an engine. */
    profile: { type: 'boolean', default: false },
  },
});
const plan: Plan = {
  clients: values.clients.split(',').map(Number),
  rounds: Number(values.rounds),
  recoveries: Number(values.recoveries),
  warmUps: Number(values['warm-ups']),
};

async function measure(engine: Engine): Promise<boolean> {
  const places = await openPlaces(engine);
  const contenders: Contender[] = [];
  const add = async (opening: Promise<Contender>) => {
    const opened = await opening;
    contenders.push(opened);
    return opened;
  };
  try {
    const [people, cheapHashes] = [peopleOf(plan), plan.warmUps];
    await add(openFloor('empty'));
    const floor = await add(openFloor('hash', { cheapHashes }));
    await add(openFloor('writes', { place: await places.open() }));
    const own = await add(openRekey('rekey', root, { people, cheapHashes, place: await places.open() }));
    if (values.against !== undefined)
      await add(
        openRekey(values.against, resolve(values.against), { people, cheapHashes, place: await places.open() }),
      );
    if (values.profile) await tell(own.server, 'profile');
    const rows = await compare(engine, { floor, contenders, plan });
    if (values.profile) await tell(own.server, 'profile', peopleOf(plan));
    printRows(rows);
    printSteps(rows);
    return judge(engine, rows);
  } finally {
    for (const { close } of contenders) await close();
    await places.close();
  }
}

/** By the largest number of clients: then it is the server that is waited for. */
function judge(engine: Engine, rows: readonly Row[]): boolean {
  const clients = Math.max(...plan.clients);
  const of = (name: string) => rows.find((row) => row.clients === clients && row.name === name);
  const [own, floor, writes] = [of('rekey'), of('floor: hash'), of('floor: writes')];
  if (!own || !floor || !writes) throw new Error('not measured');
  const ofFloor = own.perSecond / floor.perSecond;
  const askOfFloor = (own.steps[0]?.perSecond ?? 0) / writes.perSecond;
  const goal = goals[engine];
  console.log(
    `${engine}, ${clients} clients, ${plan.rounds} rounds: CPU ${round(own.ratio)} of the hash (goal ${goal.ratio}; ` +
      `${own.ratios.map(round).join(', ')}), ${round(ofFloor)} of the floor a second (goal ${goal.ofFloor}), ` +
      `asking for a code ${round(askOfFloor)} of its writes alone (goal ${goals.askOfFloor})`,
  );
  return own.ratio <= goal.ratio && ofFloor >= goal.ofFloor && askOfFloor >= goals.askOfFloor;
}

const reached: boolean[] = [];
for (const engine of values.engine.split(',').filter(isEngine)) reached.push(await measure(engine));
process.exitCode = reached.every(Boolean) ? 0 : 1;
