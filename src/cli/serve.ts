// `rekey serve`: Rekey alone in a process, or in several of them, for production, usually behind a proxy that speaks https. It
// refuses settings that are for development, brings the tables up to date, listens, and stops without cutting anybody off.
import cluster from 'node:cluster';
import type { Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import packageFile from '../../package.json' with { type: 'json' };
import { secondMs } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import type { Settings } from '../config/settings.ts';
import { pathOf } from '../http/routes.ts';
import { createRekey } from '../index.ts';
import { listen } from './listen.ts';
import { loadForService } from './load-for-service.ts';
import { finishInTime, untilSignal } from './until-signal.ts';
import { runWorkers } from './workers.ts';

export interface ServeOptions {
  readonly config?: string | undefined;
  readonly port: number;
  readonly host: string;
  /** False: `rekey worker` does what happens by timer. */
  readonly jobs: boolean;
  /** Equal processes on one port. */
  readonly workers: number;
  /** For how many seconds requests are still taken after the signal, while `/health/ready` says that no more should come. */
  readonly drain: number;
}

/** How long a client may take: to send the head of a request, all of it, and to take the answer. */
const timeouts = {
  headersTimeout: 10 * secondMs,
  requestTimeout: 30 * secondMs,
  // Node's own 30 s would let a slow client stay for twice as long.
  connectionsCheckingInterval: 5 * secondMs,
  // Longer than the minute that proxies commonly keep a connection, or they would send into one that just closed.
  keepAliveTimeout: 65 * secondMs,
};
const idleTimeoutMs = 75 * secondMs;

/** Runs until SIGTERM or SIGINT, and answers the exit code. Throws one fault with everything that is wrong around it. */
export async function runServe(options: ServeOptions): Promise<number> {
  try {
    return await serve(options);
  } finally {
    // Its line to whoever started it would keep a worker there, however it ended.
    cluster.worker?.disconnect();
  }
}

async function serve({ config, port, host, jobs, workers, drain }: ServeOptions): Promise<number> {
  const { settings, sources, input, log } = await loadForService(config);
  if (workers > 1 && settings.database.startsWith('sqlite:'))
    throw new Problem(
      'worker-refused',
      'A SQLite file belongs to one process: leave out --workers, or use PostgreSQL.',
    );
  if (workers > 1 && cluster.isPrimary) return runWorkers(workers, log);
  const base = settings.basePath.replace(/\/$/, '');
  const accountPath = sources.has('accountPath') ? settings.accountPath : pathOf(base, 'account');
  const readyPath = pathOf(base, 'health.ready');
  const rekey = await createRekey({ settings: { ...input, accountPath }, log, processes: workers });
  try {
    let isStopping = false;
    const server = createAdaptorServer({
      serverOptions: timeouts,
      fetch: async (request, { incoming }) => {
        if (isStopping && new URL(request.url).pathname === readyPath)
          return new Response('not ok', { status: 503, headers: { 'cache-control': 'no-store' } });
        const answer = isHome(request, settings)
          ? new Response(null, { status: 303, headers: { location: accountPath, 'cache-control': 'no-store' } })
          : await rekey.fetch(request, { remoteAddress: incoming.socket.remoteAddress });
        if (isStopping) answer.headers.set('connection', 'close');
        return answer;
      },
    });
    server.setTimeout(idleTimeoutMs);
    const found = await listen(server, { port, host });
    if (found === 'taken')
      throw new Problem(
        'port-unusable',
        `Port ${port} on ${host} is taken by another program. Use another with --port.`,
      );
    if (jobs) rekey.jobs.start();
    const startMs = Math.round(performance.now());
    const address = `http://${host.includes(':') ? `[${host}]` : host}:${found}`;
    log.info({ address, origin: settings.origin, version: packageFile.version, pid: process.pid, startMs }, 'ready');

    await untilSignal(log);
    isStopping = true;
    await finishInTime(Promise.all([wait(drain * secondMs).then(() => close(server)), rekey.jobs.stop()]), log);
  } finally {
    await rekey.close();
  }
  log.info({}, 'stopped');
  return 0;
}

/** Nobody else answers for the site's home here: it leads to the account, and who is not signed in from there to sign-in. */
const isHome = ({ method, url }: Request, { homePath, basePath, origin }: Settings): boolean => {
  const { pathname, host } = new URL(url);
  const isOurs = host === new URL(origin).host && (method === 'GET' || method === 'HEAD');
  return isOurs && ['/', homePath, basePath].includes(pathname);
};

/** Takes no more connections, ends idle ones, and waits for what runs. */
async function close(server: ServerType): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  // An answer that was on its way when the signal came leaves its connection open for the next request.
  const idle = setInterval(() => isHttp(server) && server.closeIdleConnections(), secondMs / 10);
  await closed;
  clearInterval(idle);
}

const isHttp = (server: ServerType): server is Server => 'closeIdleConnections' in server;
