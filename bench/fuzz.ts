// Whatever a client can send, at length: `npm run bench fuzz`, `npm run bench -- fuzz REQUESTS SEED` another run. It ends with
// 1 at the first answer that is none, and prints the shortest sequence that leads to it. Goals: no fault in 100,000
// requests, and memory that does not grow.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { routes } from '../src/http/routes.ts';
import { createTestApp } from '../src/testing/app.ts';
import { fuzz } from '../test/fuzz.ts';

const [requests = 100_000, seed = Date.now()] = process.argv.slice(2).map(Number);
setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');
const liveMegabytes = () => {
  if (typeof collect === 'function') collect();
  return (process.memoryUsage().heapUsed / 2 ** 20).toFixed(0);
};

const app = await createTestApp({ createSite: () => async () => undefined });
const startedAt = performance.now();
let told = 0;
try {
  console.log(`seed ${seed}`);
  const report = await fuzz(app, {
    requests,
    seed,
    onProgress(sent) {
      if (sent < told + requests / 10) return;
      told = sent;
      console.log(`${sent} requests, ${liveMegabytes()} MB live`);
    },
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  const statuses = Array.from(report.statuses).toSorted(([a], [b]) => a - b);
  console.log(`${report.sent} requests in ${seconds.toFixed(0)} s, the slowest ${report.slowestMs.toFixed(0)} ms`);
  console.log(`${report.reached.size} of ${Object.keys(routes).length} routes gave something else than 404`);
  console.log(statuses.map(([status, count]) => `${status}: ${count}`).join(', '));
  console.log(`${report.secrets} secrets were handed out, ${report.leaked.length} of them stand in the log`);
  for (const secret of report.leaked) console.log(`  ${secret}`);
  if (report.leaked.length > 0) process.exitCode = 1;
} finally {
  await app.close();
}
