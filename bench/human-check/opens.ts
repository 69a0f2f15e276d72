// Ten thousand opens of a page with the check that nobody answers, and as many challenges asked for by one network: the rows
// that they leave, and the memory that stays.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createTestApp } from '../../src/testing/app.ts';

const times = 10_000;
const at = 50;

const app = await createTestApp({ settings: { humanCheck: 'on' } });
const { server } = app.app;
const remoteAddress = '203.0.113.7';
const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
const requests = {
  'pages opened': () => new Request(`${app.origin}/recover`),
  'challenges asked for': () =>
    new Request(`${app.origin}/api/v1/human-checks`, { method: 'POST', headers, body: '{"purpose":"recovery"}' }),
};

async function ask(request: () => Request, count: number): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  for (let done = 0; done < count; done += at) {
    await Promise.all(
      Array.from({ length: at }, async () => {
        const response = await server.fetch(request(), { remoteAddress });
        await response.arrayBuffer();
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      }),
    );
  }
  return statuses;
}

async function rows(): Promise<string> {
  const names = ['human_checks', 'human_check_answers', 'slide_sketches', 'recoveries', 'counters'] as const;
  const counts = names.map(
    async (name) => `${name} ${(await app.db.read.selectFrom(name).selectAll().execute()).length}`,
  );
  return (await Promise.all(counts)).join(', ');
}

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

const heapMb = () => {
  if (typeof collectGarbage === 'function') collectGarbage();
  return (process.memoryUsage().heapUsed / 1_024 ** 2).toFixed(1);
};

for (const [what, request] of Object.entries(requests)) {
  await ask(request, 1_000);
  const before = heapMb();
  const statuses = Array.from(await ask(request, times), ([status, count]) => `${count} of status ${status}`);
  console.log(`${times} ${what}: ${statuses.join(', ')}; rows: ${await rows()}; heap ${before} to ${heapMb()} MB`);
}
if (app.faults.length > 0) process.exitCode = 1;
await app.close();
