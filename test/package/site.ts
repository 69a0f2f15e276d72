// A site of an adopter, run in an empty project beside the installed package: mounts Rekey three times, walks a recovery by
// API through each, over real HTTP, and prints one line for each.
import { createServer, type RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { createClient } from 'rekey-server/client';
import { createTestRekey, type TestRekey } from 'rekey-server/testing';
import { createSite as createExpressSite } from '../../examples/express/site.ts';
import { createSite as createFastifySite } from '../../examples/fastify/site.ts';

const mounts: Readonly<Record<string, (rekey: TestRekey) => RequestListener | Promise<RequestListener>>> = {
  Hono(rekey) {
    const site = new Hono();
    site.get('/orders', async (context) => {
      const visitor = await rekey.visitor(context.req.raw);
      return context.text(`Hello, ${visitor?.userId ?? 'stranger'}`);
    });
    site.all('*', (context) => rekey.fetch(context.req.raw));
    const answer = getRequestListener(site.fetch);
    return (request, response) => void answer(request, response);
  },
  Express: (rekey) => createExpressSite(rekey),
  async Fastify(rekey) {
    const site = createFastifySite(rekey);
    await site.ready();
    return site.routing;
  },
};

const expectDone = ({ ok }: { readonly ok: boolean }, what: string): void => {
  if (!ok) throw new Error(`refused: ${what}`);
};

for (const [name, build] of Object.entries(mounts)) {
  let listener: RequestListener = (_request, response) => response.writeHead(503).end();
  const server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const test = await createTestRekey({ settings: { origin } });
  listener = await build(test);

  const lucia = await test.addAccount({ userId: 'lucia' });
  const client = createClient({ origin, handles: {} });
  const recovery = await client.startRecovery({ identifier: lucia.address });
  if (!recovery.ok) throw new Error(recovery.detail);
  const { id } = recovery;
  expectDone(await client.askForCode({ id, method: 'email-code' }), 'to ask for the code');
  expectDone(await client.enterCode({ id, code: await test.mailbox.codeTo(lucia.address) }), 'the code');
  expectDone(await client.setPassword({ id, password: 'seven green umbrellas' }), 'the new password');

  const form = new URLSearchParams({ identifier: 'lucia', password: 'seven green umbrellas' });
  const signedIn = await fetch(`${origin}/sign-in`, {
    method: 'POST',
    body: form,
    redirect: 'manual',
    headers: { origin },
  });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const orders = await fetch(`${origin}/orders`, { headers: { cookie } });
  console.log(`${name}: ${await orders.text()}`);

  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await test.close();
  if (test.faults.length > 0) throw new Error('faults', { cause: test.faults });
}
