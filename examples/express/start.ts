// Starts the site on Express: `node --conditions=rekey-source examples/express/start.ts` in a checkout. Mails are printed.
import { startSite } from '../start-site.ts';
import { createSite } from './site.ts';

await startSite((rekey, port) => {
  createSite(rekey).listen(port, '127.0.0.1');
});
