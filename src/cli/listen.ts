// Listening on a port, and what is wrong where that cannot be: one sentence each.
import { once } from 'node:events';
import type { ServerType } from '@hono/node-server';
import { Problem } from '../base/problem.ts';

/** The port it listens on (of 0, one that is free), or `taken`. Throws a Problem `port-unusable` for any other trouble. */
export async function listen(
  server: ServerType,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<number | 'taken'> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
    if (code === 'EADDRINUSE') return 'taken';
    if (code === 'EACCES') throw new Problem('port-unusable', `Port ${port} is kept for the system. Use --port 4400.`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
      throw new Problem('port-unusable', `${host} is no address of this machine. Use --host 127.0.0.1.`);
    throw fault;
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}
