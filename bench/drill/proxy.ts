// A proxy in front of nodes that come and go: each request goes to the next one in turn, once. It repeats nothing, so that what a
// client sent once was asked once; where a node is gone or dies on the way, the client is told 502.
import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Proxy {
  readonly origin: string;
  close(): Promise<void>;
}

/** `addresses`: of the nodes that are there now. */
export async function startProxy(addresses: () => readonly string[]): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true });
  let turn = 0;

  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const all = addresses();
    turn += 1;
    const address = all[turn % all.length];
    const fail = () => {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end();
    };
    if (address === undefined) return void incoming.resume().on('end', fail);
    const onward = request(
      new URL(incoming.url ?? '/', address),
      { method: incoming.method, headers: incoming.headers, agent },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.on('error', fail).pipe(outgoing);
      },
    );
    onward.on('error', fail);
    incoming.pipe(onward);
  }

  const server = createServer({ keepAliveTimeout: 65_000 }, pass);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy listens on no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}
