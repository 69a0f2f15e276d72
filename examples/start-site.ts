// What the examples on Express and Fastify share: Rekey on a file of its own, one account, and mail that is printed instead
// of sent.
import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRekey, type MailSender, type Rekey } from 'rekey-server';

const printed: MailSender = {
  async send({ to, message }) {
    console.log(`\nTo: ${to.address}\nSubject: ${message.subject}\n\n${message.text}`);
    return { result: 'accepted' };
  },
  async close() {},
};

export async function startSite(listen: (rekey: Rekey, port: number) => void | Promise<void>): Promise<void> {
  const port = Number(process.env['PORT'] ?? 3_000);
  const origin = `http://localhost:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'example-'));
  const rekey = await createRekey({
    settings: {
      mode: 'development',
      origin,
      accountPath: '/account',
      database: `sqlite:${join(folder, 'rekey.db')}`,
      keys: `example:${randomBytes(32).toString('base64')}`,
      smtp: 'smtp://localhost',
      siteName: 'Corner Shop',
      senderAddress: 'hello@shop.example',
    },
    sender: printed,
  });
  const lucia = { userId: 'lucia', address: 'lucia@mail.example', password: 'three green umbrellas' };
  await rekey.accounts.add({ ...lucia, addresses: [lucia.address], locale: 'en' });
  await listen(rekey, port);
  rekey.jobs.start();
  console.log(`${origin}: ${lucia.userId} or ${lucia.address}, with "${lucia.password}". Ctrl-C stops it.`);
}
