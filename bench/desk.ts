// How long the server takes for each page of the support desk with 100,000 open cases and as many decided ones on SQLite:
// from the request until the last byte of the answer, without the network. Goal: 50 ms, in the slowest of 20 too.
import { minuteMs } from '../src/base/clock.ts';
import { enrolAgent, signInAgent } from '../src/testing/agents.ts';
import { createTestApp } from '../src/testing/app.ts';
import { createBrowser } from '../src/testing/browser.ts';
import { numberOf, ownPile, pileCases, sharedContact } from '../src/testing/cases.ts';

const goalMs = 50;
const rounds = 20;
const open = Number(process.argv[2] ?? 100_000);

const test = await createTestApp();
const agent = await enrolAgent(test, { name: 'Elena', role: 'lead' });
const person = await test.addPerson();
await pileCases(test, { open, decided: open, agentId: agent.id, userId: person.userId });
test.clock.advance(minuteMs);
// The days that are over are summed up by the worker, as they are in a service that runs.
for (const job of test.app.jobs) await job();
const signedIn = test.browser();
await signInAgent(signedIn, agent);

let took = { ms: 0, cpuMs: 0 };
const desk = createBrowser({
  origin: test.origin,
  clock: test.clock,
  language: 'en',
  address: '10.9.9.9',
  async fetch(url, init) {
    const request = new Request(url, init);
    const startedAt = performance.now();
    const cpu = process.threadCpuUsage();
    const answer = await test.app.server.fetch(request, { remoteAddress: '127.0.0.1' });
    const bytes = await answer.arrayBuffer();
    const { user, system } = process.threadCpuUsage(cpu);
    took = { ms: performance.now() - startedAt, cpuMs: (user + system) / 1_000 };
    return new Response(await bodyOf(answer, bytes), { status: answer.status, headers: answer.headers });
  },
});
for (const [name, value] of signedIn.cookies()) desk.setCookie(name, value);

/** As a browser would read it; the browser of the tests takes what is not squeezed. */
async function bodyOf(answer: Response, bytes: ArrayBuffer): Promise<BodyInit> {
  return answer.headers.get('content-encoding') === 'gzip'
    ? (new Response(bytes).body?.pipeThrough(new DecompressionStream('gzip')) ?? '')
    : bytes;
}

const middle = test.clock.now() - (open / 2) * minuteMs;
const search = (text: string) => () => desk.post('/support/search', { text });
const pages: Record<string, () => Promise<{ readonly status: number; readonly text: string }>> = {
  mine: () => desk.open('/support?view=mine'),
  "nobody's": () => desk.open('/support?view=unassigned'),
  'waiting for the person': () => desk.open('/support?view=waiting'),
  'all open': () => desk.open('/support?view=open'),
  'all open, from the middle on': () => desk.open(`/support?view=open&after=${middle}.x`),
  decided: () => desk.open('/support?view=closed'),
  'figures of 90 days': () => desk.open('/support/figures?days=90'),
  'a case': () => desk.open(`/support/cases/${numberOf(40)}`),
  'search by number': search(numberOf(ownPile + 1)),
  'search by a contact that many share': search(sharedContact),
  'search by an account that many are about': search(person.userId),
  'search in vain': search('nobody.here'),
};

/** In ms; `cpu` is that of the thread that does all but the hashes, and says what a busy machine does not. */
const rows: { page: string; median: number; slowest: number; cpu: number; isWithin: boolean }[] = [];
for (const [page, ask] of Object.entries(pages)) {
  const times: (typeof took)[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const answer = await ask();
    if (answer.status !== 200) throw new Error(`${page}: ${answer.status} ${answer.text}`);
    times.push(took);
  }
  const sorted = (of: (one: typeof took) => number) => times.map(of).toSorted((a, b) => a - b);
  const ms = sorted((one) => one.ms);
  const cpuMs = sorted((one) => one.cpuMs);
  const slowest = tenths(ms.at(-1));
  const middleOf = (values: readonly number[]) => tenths(values[Math.trunc(rounds / 2)]);
  rows.push({ page, median: middleOf(ms), slowest, cpu: middleOf(cpuMs), isWithin: slowest <= goalMs });
}
await test.close();

function tenths(ms = 0): number {
  return Math.round(ms * 10) / 10;
}

console.table(rows);
process.exitCode = rows.every(({ isWithin }) => isWithin) ? 0 : 1;
