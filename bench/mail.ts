// How many mails a second go out through the outbox, and what one takes of the CPU: code mails of recoveries that were begun
// before, made and sent by one process on a core of its own, to a mail server on loopback that takes all. Beside them what the
// mail library takes for such a mail by itself, without and with a DKIM signature, which is the mail server's to add.
import { generateKeyPairSync } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { createClient } from '../src/client/client.ts';
import { startMailbox } from '../src/testing/mailbox.ts';
import { round } from './recovery/compare.ts';
import { fromNetworks, root, startOurs } from './recovery/contenders.ts';
import { type Engine, engines, openPlaces } from './recovery/places.ts';
import { cpuOf, inTurns, median, tell } from './recovery/processes.ts';
import { findFreePort } from '../test/free-port.ts';
import { addressOf } from './recovery/server.ts';

const rounds = 4;
const mails = Number(process.argv[2] ?? 100);

async function sendThrough(engine: Engine) {
  const places = await openPlaces(engine);
  const place = await places.open();
  const mailbox = await startMailbox();
  const origin = `http://127.0.0.1:${await findFreePort()}`;
  const task = { origin, smtp: mailbox.url, database: place.address };
  const server = await startOurs('server', task, root, 'beside');
  const mailer = await startOurs('mailer', task, root, 'server');
  await tell(server, 'people', (rounds + 1) * mails);
  const client = () => createClient({ origin, handles: {}, fetch: fromNetworks });
  const taken: { cpuMs: number; perSecond: number }[] = [];
  for (let turn = 0; turn <= rounds; turn += 1) {
    const all = Array.from({ length: mails }, (_, at) => addressOf(turn * mails + at));
    await inTurns(8, all, (identifier) => client().startRecovery({ identifier, method: 'email-code' }));
    const [cpuBefore, arrivedBefore, from] = [(await cpuOf(mailer)).all, mailbox.messages().length, performance.now()];
    while (mailbox.messages().length < arrivedBefore + mails) await tell(mailer, 'deliver');
    const cpuMs = ((await cpuOf(mailer)).all - cpuBefore) / mails;
    // The first turn is for the compiler.
    if (turn > 0) taken.push({ cpuMs, perSecond: (1_000 * mails) / (performance.now() - from) });
  }
  await Promise.all([server, mailer].map((child) => tell(child, 'stop')));
  await mailbox.close();
  await place.remove();
  await places.close();
  return taken;
}

async function sendAlone(dkim: 'signed' | 'unsigned') {
  const mailbox = await startMailbox();
  const { hostname: host, port } = new URL(mailbox.url);
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const transport = createTransport({
    host,
    port: Number(port),
    pool: true,
    ignoreTLS: true,
    ...(dkim === 'signed' && { dkim: { domainName: 'shop.example', keySelector: 'bench', privateKey } }),
  });
  const text = 'Your code is 1234 5678. '.repeat(40);
  const taken: { cpuMs: number; perSecond: number }[] = [];
  for (let turn = 0; turn <= rounds; turn += 1) {
    const [before, from] = [process.cpuUsage(), performance.now()];
    for (let at = 0; at < mails; at += 1)
      await transport.sendMail({ from: 'help@shop.example', to: addressOf(at), subject: 'Code', text, html: text });
    const { user, system } = process.cpuUsage(before);
    const perSecond = (1_000 * mails) / (performance.now() - from);
    // With what the mail server takes, which runs in this process too.
    if (turn > 0) taken.push({ cpuMs: (user + system) / 1_000 / mails, perSecond });
  }
  transport.close();
  await mailbox.close();
  return taken;
}

const measured: Record<string, { cpuMs: number; perSecond: number }[]> = {};
for (const engine of engines) measured[`the outbox on ${engine}`] = await sendThrough(engine);
measured['the library, and the server that takes it'] = await sendAlone('unsigned');
measured['the same with DKIM'] = await sendAlone('signed');
console.table(
  Object.entries(measured).map(([who, taken]) => ({
    who,
    'mails a second': round(median(taken.map(({ perSecond }) => perSecond))),
    'CPU ms a mail': round(median(taken.map(({ cpuMs }) => cpuMs))),
  })),
);
