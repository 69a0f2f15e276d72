// Three nodes against one on the same machine, each of the three on one core of it, as a container is that is limited to one; PostgreSQL
// and mail server beside them: what a recovery takes of the nodes' CPU, by thread and in turns, as figures of different runs do not
// compare, once every node is as warm as one that has run for a while; what one network gets through three nodes at once; and how long a
// light page takes while more passwords want to be hashed than can be. Goals: 95 % of one node's recoveries per CPU second, the limit
// exactly, and a p99 of 250 ms with every page answered.
import { spawn } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { limits } from '../src/limits/limits.ts';
import { sourceOf } from '../src/limits/source.ts';
import { codeIn } from '../src/testing/mail-text.ts';
import { addPeople, type Person, post, startLoad } from './drill/load.ts';
import { openSite, type Site } from './drill/site.ts';
import type { Crowded, Ready } from './nodes/crowd.ts';
import { type ByThread, type Thread, threadsOf } from './nodes/threads.ts';
import { median, quantile } from './recovery/processes.ts';

const { values } = parseArgs({
  options: {
    /** Recoveries of each node before the first round, with hashes that cost next to nothing. */
    'warm-ups': { type: 'string', default: '1000' },
    /** People at once, in all. */
    clients: { type: 'string', default: '24' },
    rounds: { type: 'string', default: '7' },
    recoveries: { type: 'string', default: '72' },
    /** Of new passwords at once; 0: none, and nothing is said of pages. */
    crowd: { type: 'string', default: '500' },
  },
});
const warmUps = Number(values['warm-ups']);
const clients = Number(values.clients);
const rounds = Number(values.rounds);
const recoveriesARound = Number(values.recoveries);
const crowd = Number(values.crowd);
const warmingClientsANode = 16;
const goals = { efficiency: 0.95, pageMs: 250 };

/** CPU ms of a recovery. */
async function recover(site: Site, recoveries: number, atOnce: number): Promise<ByThread> {
  const before = await threadsOf(site.nodes);
  const load = startLoad(site, { clients: atOnce });
  while (load.completed < recoveries) await wait(50);
  await load.stop();
  if (load.stuck.length > 0) throw new Error(load.stuck.join('\n'));
  const after = await threadsOf(site.nodes);
  const of = (thread: Thread) => (after[thread] - before[thread]) / load.completed;
  return { main: of('main'), hashes: of('hashes'), compiler: of('compiler') };
}

/** Until little more is compiled. Then hashes cost what they do. */
async function warm(site: Site): Promise<void> {
  const { length } = site.nodes;
  if (warmUps > 0) await recover(site, warmUps * length, warmingClientsANode * length);
  for (const { pid } of site.nodes) if (pid !== undefined) process.kill(pid, 'SIGUSR2');
}

const allOf = ({ main, hashes, compiler }: ByThread) => main + hashes + compiler;

/** How many starts of one network get through, of twice as many as may, all at once. */
async function letThrough(site: Site): Promise<{ readonly accepted: number; readonly counted: number }> {
  const network = '10.255.255.1';
  const sent = 2 * limits['recovery-start'].max;
  const answers = await Promise.all(
    Array.from({ length: sent }, (_, at) =>
      post(site, { network }, '/api/v1/recoveries', { body: { identifier: `nobody${at}` } }),
    ),
  );
  const row = await site.db.read
    .selectFrom('counters')
    .select('count')
    .where('key', '=', `recovery-start/${sourceOf(site.keys, network)}`)
    .executeTakeFirst();
  return { accepted: answers.filter(({ ok }) => ok).length, counted: row?.count ?? 0 };
}

/** As far as the new password. */
async function reachPassword(site: Site, person: Person): Promise<Ready> {
  const read = async (response: Response): Promise<Readonly<Record<string, unknown>>> => ({
    ...Object(await response.json()),
  });
  const started = await read(
    await post(site, person, '/api/v1/recoveries', { body: { identifier: person.userId, method: 'email-code' } }),
  );
  const path = `/api/v1/recoveries/${String(started['id'])}`;
  const mail = await site.mailbox.waitFor(({ recipients }) => recipients.includes(person.address), 240_000);
  const proved = await read(
    await post(site, person, `${path}/proofs/email-code/verify`, {
      body: { code: codeIn(mail) },
      handle: String(started['handle']),
    }),
  );
  return { path: `${path}/password`, handle: String(proved['handle']), network: person.network };
}

/** All at once, each again when it is told to; meanwhile a page is asked for all the time. */
async function press(site: Site) {
  const people = await addPeople(site, site.takeNumbers(crowd), crowd);
  const ready: Ready[] = [];
  for (let at = 0; at < people.length; at += 50)
    ready.push(...(await Promise.all(people.slice(at, at + 50).map((person) => reachPassword(site, person)))));

  const places = [new URL(site.origin).host, ...site.nodes.flatMap(({ address }) => address ?? [])];
  const run = (file: string) =>
    spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url)), ...places], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  const looking = run('nodes/look.ts');
  const lines = createInterface(looking.stdout)[Symbol.asyncIterator]();
  await lines.next();
  const crowding = run('nodes/crowd.ts');
  crowding.stdin.end(JSON.stringify(ready));
  const crowded: Crowded = JSON.parse(await text(crowding.stdout));
  looking.stdin.end();
  const times: number[] = [];
  let broken = 0;
  for await (const line of lines) {
    const [ms = 0, status = 0] = line.split(' ').map(Number);
    times.push(ms);
    if (status !== 200) broken += 1;
  }
  return {
    ...crowded,
    unset: crowded.ended.filter((status) => status !== 200).length,
    times,
    broken,
    p99: quantile(times, 0.99),
  };
}

const nodeOptions = `--import=${new URL('nodes/cheap-hashes.ts', import.meta.url).href}`;
const sites = [
  await openSite({ nodes: 1, nodeOptions }),
  await openSite({ nodes: 3, each: 'core', nodeOptions }),
] as const;
const [one, three] = sites;
try {
  for (const site of sites) await warm(site);
  const figures: [ByThread, ByThread][] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const pair: [ByThread, ByThread] = [
      await recover(one, recoveriesARound, clients),
      await recover(three, recoveriesARound, clients),
    ];
    // The first with hashes is warm-up too.
    if (round > 0) figures.push(pair);
  }
  const medians = (of: (taken: ByThread) => number, digits: number) =>
    ([0, 1] as const).map((at) => median(figures.map((pair) => of(pair[at]))).toFixed(digits)).join(', ');
  const ratios = figures.map(([alone, together]) => allOf(alone) / allOf(together));
  const efficiency = median(ratios);
  const limit = await letThrough(three);
  const pressed = crowd === 0 ? [] : [await press(one), await press(three)];
  const ofBoth = (figure: (of: (typeof pressed)[number]) => string) => pressed.map(figure).join(', ');
  console.log(`${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`);
  console.table({
    'of one node, of three: recoveries per CPU second': medians((taken) => 1_000 / allOf(taken), 2),
    'CPU ms of a recovery: hashes': medians(({ hashes }) => hashes, 1),
    'main thread': medians(({ main }) => main, 1),
    "V8's own threads": medians(({ compiler }) => compiler, 1),
    'three against one, in turns (goal 0.95)': `${efficiency.toFixed(3)} (${ratios.map((ratio) => ratio.toFixed(2)).join(' ')})`,
    [`starts of one network through three nodes (goal ${limits['recovery-start'].max})`]: limit.accepted,
    'and counted': limit.counted,
    'of one node, of three: new passwords at once, not set in the end': ofBoth(
      ({ ended, unset }) => `${ended.length} ${unset}`,
    ),
    'of them told to come again, in all': ofBoth(({ refusals }) => `${refusals}`),
    'seconds until all were set': ofBoth(({ seconds }) => seconds.toFixed(1)),
    'pages meanwhile, not answered by 200': ofBoth(({ times, broken }) => `${times.length} ${broken}`),
    'page p50, ms': ofBoth(({ times }) => quantile(times, 0.5).toFixed(0)),
    'page p99, ms (goal 250)': ofBoth(({ p99 }) => p99.toFixed(0)),
  });
  const isMissed =
    efficiency < goals.efficiency ||
    limit.accepted !== limits['recovery-start'].max ||
    pressed.some(({ broken, unset, p99 }) => broken + unset > 0 || p99 > goals.pageMs);
  if (isMissed) process.exitCode = 1;
} finally {
  await Promise.all(sites.map((site) => site.close()));
}
