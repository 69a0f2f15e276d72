// A site on Fastify that mounts account recovery: one hook for Rekey's pages, one line for who is signed in.
import fastify, { type FastifyInstance } from 'fastify';
import type { Rekey } from 'rekey-server';

export function createSite(rekey: Pick<Rekey, 'node' | 'visitor'>): FastifyInstance {
  const site = fastify();

  // Before Fastify reads the body: Rekey reads its own forms.
  site.addHook('onRequest', (request, reply, next) => {
    rekey.node(request.raw, reply.raw, next);
  });

  site.get('/', async (_request, reply) =>
    reply.type('text/html').send('<h1>Corner Shop</h1><a href="/sign-in">Sign in</a>'),
  );

  site.get('/orders', async (request, reply) => {
    const visitor = await rekey.visitor(request);
    if (!visitor) return reply.redirect('/sign-in?returnTo=/orders', 303);
    return reply.type('text/plain').send(`Hello, ${visitor.userId}`);
  });

  return site;
}
