// A port of loopback for a server that cannot choose one itself.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Free just now: whoever starts soon has it. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const closed = once(server, 'close');
  server.close();
  await closed;
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
