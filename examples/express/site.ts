// A site on Express that mounts account recovery: one line for Rekey's pages, one for who is signed in.
import express, { type Express } from 'express';
import type { Rekey } from 'rekey-server';

export function createSite(rekey: Pick<Rekey, 'node' | 'visitor'>): Express {
  const site = express();

  // Above every body parser: Rekey reads its own forms.
  site.use(rekey.node);
  site.use(express.urlencoded());

  site.get('/', (_request, response) => {
    response.send('<h1>Corner Shop</h1><a href="/sign-in">Sign in</a>');
  });

  site.get('/orders', async (request, response) => {
    const visitor = await rekey.visitor(request);
    if (!visitor) return response.redirect(303, '/sign-in?returnTo=/orders');
    return response.type('text/plain').send(`Hello, ${visitor.userId}`);
  });

  return site;
}
