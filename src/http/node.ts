// For sites on Node's own HTTP, such as Express and Fastify: their request into `fetch`, and the answer back.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Server } from './server.ts';

/**
 * Answers a request for one of Rekey's paths and leaves any other to `next`. Mount it before whatever reads bodies; a
 * body that was read already is told to `next` as a fault. Without `next` it answers every request.
 */
export type NodeHandler = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  next?: (fault?: Error) => unknown,
) => void;

export function createNodeHandler(server: Pick<Server, 'fetch' | 'has'>): NodeHandler {
  const answer = getRequestListener(
    (request, { incoming }) => server.fetch(request, { remoteAddress: incoming.socket.remoteAddress }),
    // The Request and Response of the site stay what they are.
    { overrideGlobalObjects: false },
  );
  return (incoming, outgoing, next) => {
    const whole = wholeUrl(incoming);
    const fault = wasRead(incoming) ? new Error(readBefore) : undefined;
    if (next && !server.has(whole.split('?', 1)[0] ?? '')) next();
    else if (fault && next) next(fault);
    else if (fault) throw fault;
    else {
      incoming.url = whole;
      void answer(incoming, outgoing);
    }
  };
}

const readBefore = 'The body of this request was read before Rekey came: mount rekey.node above every body parser.';

/** Frameworks cut off the path that a handler is mounted at, and keep the whole beside it. */
const wholeUrl = (incoming: IncomingMessage): string =>
  'originalUrl' in incoming && typeof incoming.originalUrl === 'string' ? incoming.originalUrl : (incoming.url ?? '/');

const wasRead = ({ readableDidRead, headers }: IncomingMessage): boolean =>
  readableDidRead && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);

/** What tells who is signed in, of a request in either form. */
export const toRequest = (request: Request | Pick<IncomingMessage, 'headers'>, origin: string): Request =>
  request instanceof Request ? request : new Request(origin, { headers: { cookie: request.headers.cookie ?? '' } });
