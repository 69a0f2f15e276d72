// The same as deploy/compose.yaml, as processes on loopback: `node scripts/run-nodes.ts`, or with REKEY_TEST_POSTGRES_URL on a server
// that is there already. Three nodes, a worker, PostgreSQL, and a proxy that hands requests on in turn. Mail goes nowhere.
// Until Ctrl-C; what it made is gone afterwards.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../test/postgres.ts';

const main = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

export interface Topology {
  /** Of the proxy. */
  readonly address: string;
  readonly nodes: readonly string[];
  stop(): Promise<void>;
}

/** On an empty database. Resolves once every node answers. */
export async function startTopology(database: string): Promise<Topology> {
  const proxy = createServer();
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const origin = addressOf(proxy);
  const processes: ChildProcess[] = [];
  const environment = {
    ...process.env,
    REKEY_MODE: 'development',
    REKEY_ORIGIN: origin,
    REKEY_SITE_NAME: 'Corner Shop',
    REKEY_SENDER_ADDRESS: 'hello@shop.example',
    REKEY_SMTP: 'smtp://127.0.0.1:9',
    REKEY_KEYS: `here:${randomBytes(32).toString('base64')}`,
    REKEY_DATABASE: database,
    REKEY_TRUSTED_PROXIES: '1',
  };
  /** Resolves to the log line that has `msg`. */
  const start = (args: readonly string[], msg: string): Promise<Record<string, unknown>> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [main, ...args], {
        env: environment,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      processes.push(child);
      child.on('exit', (code) => reject(new Error(`rekey ${args.join(' ')} ended with ${code}`)));
      createInterface(child.stdout).on('line', (line) => {
        const told: unknown = JSON.parse(line);
        const entry: Record<string, unknown> = { ...Object(told) };
        if (entry['msg'] === msg) resolve(entry);
      });
    });
  const stop = async () => {
    const closed = once(proxy, 'close');
    proxy.close();
    proxy.closeAllConnections();
    const ended = processes.flatMap((child) => (child.exitCode === null ? [once(child, 'exit')] : []));
    for (const child of processes) child.kill('SIGTERM');
    await Promise.all([closed, ...ended]);
  };
  try {
    const migrated = spawn(process.execPath, [main, 'migrate'], { env: environment, stdio: 'ignore' });
    const [code] = await once(migrated, 'exit');
    if (code !== 0) throw new Error(`rekey migrate ended with ${code}`);
    const serving = [1, 2, 3].map(() => start(['serve', '--no-jobs', '--port', '0'], 'ready'));
    const [ready] = await Promise.all([Promise.all(serving), start(['worker'], 'working')]);
    const nodes = ready.map(({ address }) => String(address));
    handOn(proxy, nodes);
    return { address: origin, nodes, stop };
  } catch (fault) {
    await stop();
    throw fault;
  }
}

/** To each in turn, with the client's own address and nothing that it claims; the name asked for is kept. */
function handOn(proxy: Server, nodes: readonly string[]): void {
  let turn = 0;
  proxy.on('request', (incoming, outgoing) => {
    const node = nodes[(turn += 1) % nodes.length] ?? '';
    const headers = { ...incoming.headers, 'x-forwarded-for': incoming.socket.remoteAddress ?? '' };
    const asked = request(new URL(incoming.url ?? '/', node), { method: incoming.method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, 'x-node': node });
      answer.pipe(outgoing);
    });
    asked.on('error', () => outgoing.headersSent || outgoing.writeHead(502).end());
    incoming.pipe(asked);
  });
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const postgres = await startPostgres();
  const topology = await startTopology(postgres.url);
  console.log(
    `Open ${topology.address}/recover. It is answered in turn by ${topology.nodes.join(', ')}. Ctrl-C ends it.`,
  );
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await topology.stop();
  await postgres.stop();
}
