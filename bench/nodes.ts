// Three nodes against one on the same machine, each of the three on one core of it, as a container is that is limited to one; PostgreSQL
// and mail server beside them: what a recovery takes of the nodes' CPU, in turns, as figures of different runs do not compare; what one
// network gets through three nodes at once; and how long a light page takes while more passwords want to be hashed than can be. Goals:
// 95 % of one node's recoveries per CPU second, the limit exactly, and a p99 of 250 ms with every page answered.
import { spawn } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { limits } from '../src/limits/limits.ts';
import { sourceOf } from '../src/limits/source.ts';
import { codeIn } from '../src/testing/mail-text.ts';
import { addPeople, type Person, post, startLoad } from './drill/load.ts';
import { openSite, type Site } from './drill/site.ts';
import type { Crowded, Ready } from './nodes/crowd.ts';
import { statOf } from './recovery/places.ts';
import { median, quantile } from './recovery/processes.ts';

const rounds = 4;
const recoveriesARound = 30;
/** What a node runs for the first time costs it more. */
const warmUpsANode = 50;
const clients = 4;
const crowd = 500;
const goals = { efficiency: 0.95, pageMs: 250 };

/** Of all nodes until now. */
async function cpuMs({ nodes }: Site): Promise<number> {
  const all = await Promise.all(nodes.map(({ pid = 0 }) => statOf(pid)));
  return all.reduce((sum, { ownMs }) => sum + ownMs, 0);
}

async function recoveriesPerCpuSecond(site: Site, recoveries = recoveriesARound): Promise<number> {
  const before = await cpuMs(site);
  const load = startLoad(site, { clients });
  while (load.completed < recoveries) await wait(50);
  await load.stop();
  if (load.stuck.length > 0) throw new Error(load.stuck.join('\n'));
  return (1_000 * load.completed) / ((await cpuMs(site)) - before);
}

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

const sites = [await openSite({ nodes: 1 }), await openSite({ nodes: 3, each: 'core' })] as const;
const [one, three] = sites;
try {
  const figures: [number, number][] = [];
  for (const site of sites) await recoveriesPerCpuSecond(site, warmUpsANode * site.nodes.length);
  for (let round = 1; round <= rounds; round += 1)
    figures.push([await recoveriesPerCpuSecond(one), await recoveriesPerCpuSecond(three)]);
  const perSecond = [0, 1].map((at) => median(figures.map((pair) => pair[at] ?? 0)));
  const efficiency = median(figures.map(([alone, together]) => together / alone));
  const limit = await letThrough(three);
  const pressed = [await press(one), await press(three)];
  const ofBoth = (figure: (of: (typeof pressed)[number]) => string) => pressed.map(figure).join(', ');
  console.log(`${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`);
  console.table({
    'recoveries per CPU second, one node': perSecond[0]?.toFixed(2),
    'recoveries per CPU second, three nodes': perSecond[1]?.toFixed(2),
    'three against one, in turns (goal 0.95)': efficiency.toFixed(3),
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
