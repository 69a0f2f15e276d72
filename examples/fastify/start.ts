// Starts the site on Fastify: `node --conditions=rekey-source examples/fastify/start.ts` in a checkout. Mails are printed.
import { startSite } from '../start-site.ts';
import { createSite } from './site.ts';

await startSite(async (rekey, port) => {
  await createSite(rekey).listen({ port, host: '127.0.0.1' });
});
