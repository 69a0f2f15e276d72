// Next to what an engineer would take instead: the same people recovered by peers, each driven as its docs say, with its
// limits off and its mail taken from a callback, on the same core, in turns with our server and the floors. What the peers
// are and in which version stands in `bench/peers/package.json`; only this installs them. Ends by writing its figures to
// `bench/results/peers.json`, its charts beside it, and its tables into `bench/README.md`.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commandFile } from '../scripts/bundle.ts';
import { drawBars } from './recovery/chart.ts';
import { compare, peopleOf, type Plan, printRows, printSteps, round, type Row } from './recovery/compare.ts';
import { type Contender, openFloor, openPeer, openRekey, type Peer, peersFolder, root } from './recovery/contenders.ts';
import { isEngine, type Engine, openPlaces } from './recovery/places.ts';
import { measureStart, median } from './recovery/processes.ts';
import { findFreePort } from '../test/free-port.ts';
import { packagesOf, type Packages } from './recovery/packages.ts';

const peers: readonly (Peer & { readonly engines: readonly Engine[]; readonly package: string })[] = [
  {
    name: 'Better Auth, code, our hash',
    package: 'better-auth',
    script: 'better-auth.js',
    walk: 'better-auth code',
    hash: 'ours',
    engines: ['sqlite', 'postgres'],
  },
  {
    name: 'Better Auth, link, our hash',
    package: 'better-auth',
    script: 'better-auth.js',
    walk: 'better-auth link',
    hash: 'ours',
    engines: ['sqlite', 'postgres'],
  },
  {
    name: 'Better Auth, code, as it ships',
    package: 'better-auth',
    script: 'better-auth.js',
    walk: 'better-auth code',
    hash: 'own',
    engines: ['sqlite', 'postgres'],
  },
  {
    name: 'Parse Server, link, as it ships',
    package: 'parse-server',
    script: 'parse-server.js',
    walk: 'parse-server',
    hash: 'own',
    engines: ['postgres'],
  },
  {
    name: 'OpenAuth, code, as it ships, in memory',
    package: '@openauthjs/openauth',
    script: 'openauth.js',
    walk: 'openauth',
    hash: 'own',
    engines: ['sqlite'],
  },
];

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite,postgres' },
    clients: { type: 'string', default: '1,8,32' },
    rounds: { type: 'string', default: '5' },
    recoveries: { type: 'string', default: '64' },
    'warm-ups': { type: 'string', default: '600' },
    /** Print alone, and leave what is written as it is. */
    dry: { type: 'boolean', default: false },
  },
});
const plan: Plan = {
  clients: values.clients.split(',').map(Number),
  rounds: Number(values.rounds),
  recoveries: Number(values.recoveries),
  warmUps: Number(values['warm-ups']),
};

interface Start {
  readonly name: string;
  readonly readyMs: number;
  readonly idleMb: number;
  readonly packages: Packages;
}

interface Results {
  readonly machine: string;
  readonly date: string;
  readonly commit: string;
  /** What else ran: the load of the machine before it began. */
  readonly load: number;
  readonly plan: Plan;
  readonly rows: readonly Row[];
  readonly starts: readonly Start[];
}

async function measureOn(engine: Engine): Promise<Row[]> {
  const places = await openPlaces(engine);
  const contenders: Contender[] = [];
  try {
    contenders.push(await openFloor('empty'));
    const floor = await openFloor('hash');
    contenders.push(floor);
    contenders.push(await openFloor('writes', { place: await places.open() }));
    contenders.push(await openRekey('Rekey', root, { people: peopleOf(plan), place: await places.open() }));
    for (const peer of peers)
      if (peer.engines.includes(engine)) contenders.push(await openPeer(peer, peopleOf(plan), await places.open()));
    return await compare(engine, { floor, contenders, plan });
  } finally {
    for (const { close } of contenders) await close();
    await places.close();
  }
}

const idleMs = 5_000;
const starts = 3;

/** Each with an empty database of its own, made at the start; the peers are only what their script brings along. */
async function measureStarts(): Promise<Start[]> {
  const measured: Start[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'bench-peers-'));
  const built = join(folder, 'package');
  execFileSync(process.execPath, [join(root, 'scripts/build.ts'), built], { stdio: ['ignore', 'ignore', 'inherit'] });
  const packages = await packagesOf(join(root, 'package-lock.json'), built);
  await symlink(join(root, 'node_modules'), join(built, 'node_modules'));
  const postgres = await openPlaces('postgres');
  const add = async (name: string, of: Packages, once: () => Promise<{ readyMs: number; idleMb: number }>) => {
    const taken: Awaited<ReturnType<typeof once>>[] = [];
    for (let run = 0; run < starts; run += 1) taken.push(await once());
    const readyMs = median(taken.map((each) => each.readyMs));
    measured.push({ name, readyMs, idleMb: median(taken.map((each) => each.idleMb)), packages: of });
  };
  try {
    await add('Rekey, `rekey serve`', packages, async () => {
      const port = await findFreePort();
      const place = await (await openPlaces('sqlite')).open();
      const serve = join(folder, 'serve.mjs');
      await writeFile(serve, startScript(join(built, commandFile), port, place.address));
      const taken = await measureStart(serve, [], folder, idleMs);
      await place.remove();
      return taken;
    });
    for (const name of new Set(peers.map((peer) => peer.package))) {
      const peer = peers.find((each) => each.package === name);
      if (!peer) continue;
      const of = await packagesOf(join(peersFolder, 'package-lock.json'), join(peersFolder, 'node_modules', name));
      await add(peer.name.split(',')[0] ?? name, of, async () => {
        const places = peer.engines.includes('sqlite') ? await openPlaces('sqlite') : postgres;
        const place = await places.open();
        const task = { origin: `http://127.0.0.1:${await findFreePort()}`, database: place.address, hash: peer.hash };
        const args = [JSON.stringify(task)];
        const taken = await measureStart(join(peersFolder, peer.script), args, peersFolder, idleMs);
        await place.remove();
        return taken;
      });
    }
  } finally {
    await postgres.close();
    await rm(folder, { recursive: true });
  }
  return measured;
}

/** Runs the command in the process that is measured, and says when it does that it is ready. */
const startScript = (main: string, port: number, database: string): string => `
Object.assign(process.env, ${JSON.stringify({
  REKEY_DATABASE: database,
  REKEY_KEYS: 'k1:Zr7mO2uYxq0Jt3fVbKcW9sLhEiNpGdTa5X8vQyRkB4o=',
  REKEY_ORIGIN: `http://127.0.0.1:${port}`,
  REKEY_SMTP: 'smtp://127.0.0.1:2525',
  REKEY_SITE_NAME: 'Corner Shop',
  REKEY_SENDER_ADDRESS: 'help@shop.example',
})});
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (text, ...rest) => {
  if (String(text).includes('"msg":"ready"')) process.send(['ready', 0]);
  return true;
};
process.on('message', () => { process.send(['stop', 0]); setImmediate(() => process.exit(0)); });
process.argv.splice(1, process.argv.length, ${JSON.stringify(main)}, 'serve', '--port', '${port}');
await import(${JSON.stringify(main)});
`;

/** What is to be reached beside the peers, by the largest number of clients. */
function judge(rows: readonly Row[]): { readonly said: string; readonly isReached: boolean }[] {
  const clients = Math.max(...plan.clients);
  const of = (engine: Engine, name: string) =>
    rows.find((row) => row.engine === engine && row.clients === clients && row.name === name);
  return [...new Set(rows.map(({ engine }) => engine))].flatMap((engine) => {
    const own = of(engine, 'Rekey');
    const goals = [
      { other: 'Better Auth, code, our hash', goal: engine === 'sqlite' ? 1.8 : 2.2 },
      { other: 'Better Auth, code, as it ships', goal: 6 },
    ];
    const beside = own ? own.cpuMs - own.hashMs : Number.NaN;
    return [
      ...goals.map(({ other, goal }) => {
        const times = (own?.perSecond ?? Number.NaN) / (of(engine, other)?.perSecond ?? Number.NaN);
        const said = `${engine}: ${round(times)} times the recoveries a second of "${other}" (goal ${goal})`;
        return { said, isReached: times >= goal };
      }),
      { said: `${engine}: ${round(beside)} ms of CPU beside the hash (goal 1.2)`, isReached: beside <= 1.2 },
    ];
  });
}

const asTable = (heads: readonly string[], lines: readonly (readonly (string | number)[])[]): string =>
  [
    `| ${heads.join(' | ')} |`,
    `| --- | ${heads
      .slice(1)
      .map(() => '---:')
      .join(' | ')} |`,
    ...lines.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');

function report({ machine, date, commit, load: before, rows: measured, starts: started }: Results): string {
  const tables = [...new Set(measured.map(({ engine }) => engine))].map((engine) => {
    const clients = Math.max(...plan.clients);
    const own = measured.filter((row) => row.engine === engine);
    const at = (name: string, many: number) => own.find((row) => row.name === name && row.clients === many);
    const names = [...new Set(own.map(({ name }) => name))].filter((name) => !/empty|writes/.test(name));
    const lines = names.map((name) => {
      const row = at(name, clients);
      const beside = !row || name.includes('as it ships') ? '' : round(row.cpuMs - row.hashMs);
      return [
        name,
        ...plan.clients.map((many) => round(at(name, many)?.perSecond ?? Number.NaN)),
        round(row?.cpuMs ?? Number.NaN),
        beside,
        round(row?.databaseMs ?? Number.NaN),
        row?.calls ?? '',
        row?.statements === undefined ? '' : round(row.statements),
        Math.round(row?.mostMb ?? Number.NaN),
      ];
    });
    const heads = ['recoveries a second', ...plan.clients.map((many) => `${many} at once`)];
    const more = ['CPU ms', 'of it beside the hash', 'database CPU ms', 'requests', 'SQL statements', 'most MB'];
    return `On ${engine === 'sqlite' ? 'SQLite' : 'PostgreSQL'}:\n\n${asTable([...heads, ...more], lines)}`;
  });
  const starting = asTable(
    ['start and size', 'ready in ms', 'idle MB', 'packages installed', 'MB installed'],
    started.map(({ name, readyMs, idleMb, packages: { count, megabytes } }) => [
      name,
      Math.round(readyMs),
      Math.round(idleMb),
      count,
      round(megabytes),
    ]),
  );
  const said = judge(measured).map(
    ({ said: line, isReached }) => `* ${line}: ${isReached ? 'reached' : '**missed**'}.`,
  );
  return [
    `Taken on ${date} at ${commit}, ${machine}, with a load of ${round(before)} before it began; medians of ${plan.rounds} rounds of ${plan.recoveries} recoveries.`,
    ...tables,
    starting,
    said.join('\n'),
    '![Recoveries a second](results/recoveries.svg)',
    '![CPU of a recovery](results/cpu.svg)',
  ].join('\n\n');
}

const [begin, end] = ['<!-- peers: written by `npm run bench peers` -->', '<!-- /peers -->'];

async function write(results: Results): Promise<void> {
  const folder = join(root, 'bench/results');
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'peers.json');
  await writeFile(
    file,
    JSON.stringify(results, (_, value) => rounded(value)),
  );
  // As every file of the project: the check would refuse it otherwise.
  execFileSync('biome', ['format', '--write', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  const clients = Math.max(...plan.clients);
  const bars = (of: (row: Row) => number) =>
    results.rows
      .filter((row) => row.clients === clients && !/empty|writes/.test(row.name))
      .map((row) => ({ group: row.engine, label: row.name, value: of(row), isOwn: row.name === 'Rekey' }));
  const about = `${clients} clients, ${results.machine}, load ${round(results.load)}, ${results.date}, ${results.commit}`;
  await writeFile(
    join(folder, 'recoveries.svg'),
    drawBars({ title: 'Complete recoveries a second', about, bars: bars(({ perSecond }) => perSecond) }),
  );
  await writeFile(
    join(folder, 'cpu.svg'),
    drawBars({ title: 'CPU of one recovery in ms, without the database', about, bars: bars(({ cpuMs }) => cpuMs) }),
  );
  const readme = join(root, 'bench/README.md');
  const text = await readFile(readme, 'utf8');
  const [before = '', rest = ''] = text.split(begin);
  const after = rest.slice(rest.indexOf(end) + end.length);
  await writeFile(readme, `${before}${begin}\n\n${report(results)}\n\n${end}${after}`);
}

const rounded = (value: unknown) => (typeof value === 'number' ? round(value) : value);

if (!existsSync(join(peersFolder, 'node_modules/.package-lock.json'))) {
  console.log('Installing the peers (once, about 210 MB) …');
  const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress'];
  execFileSync('npm', flags, { cwd: peersFolder, stdio: ['ignore', 'ignore', 'inherit'] });
}
const load = loadavg()[0] ?? Number.NaN;
const rows: Row[] = [];
for (const engine of values.engine.split(',').filter(isEngine)) rows.push(...(await measureOn(engine)));
printRows(rows);
printSteps(rows);
const results: Results = {
  machine: `${cpus().length} cores of ${cpus()[0]?.model ?? 'an unknown machine'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`,
  date: new Date().toISOString().slice(0, 10),
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
  load,
  plan,
  rows,
  starts: await measureStarts(),
};
console.table(results.starts.map(({ packages, ...start }) => ({ ...start, ...packages })));
console.log(report(results));
if (!values.dry) await write(results);
process.exitCode = judge(rows).every(({ isReached }) => isReached) ? 0 : 1;
