// Asks nodes themselves in turn, as a proxy in front of them would.
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Told {
  readonly status: number;
  readonly retryAfterMs: number;
}

/** `host`: under which the proxy is reached; `network`: of whoever asks. */
export function createAsk(host: string, nodes: readonly string[]) {
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  return async (
    method: 'GET' | 'POST',
    path: string,
    { network = '10.254.0.1', handle, body }: { network?: string; handle?: string; body?: object },
  ): Promise<Told> => {
    turn += 1;
    const sent = body && JSON.stringify(body);
    const headers = {
      host,
      'x-forwarded-for': network,
      ...(sent !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
      ...(handle !== undefined && { 'account-handle': 'body', authorization: `Bearer ${handle}` }),
    };
    const asked = request(new URL(path, nodes[turn % nodes.length]), { agent, method, headers }).end(sent);
    const [answer]: IncomingMessage[] = await once(asked, 'response');
    if (!answer) throw new Error('no answer');
    await text(answer);
    return {
      status: answer.statusCode ?? 0,
      retryAfterMs: 1_000 * Number(answer.headers['retry-after'] ?? 1),
    };
  };
}
