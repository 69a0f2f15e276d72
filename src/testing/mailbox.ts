// A real mail server on loopback that keeps what arrives, for tests and for the demo: every mail as it came over the wire
// and as a mail program reads it. It can also be as unhelpful as real servers are.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';

export { codeIn, linksIn, numberIn } from './mail-text.ts';

export type Folder = 'inbox' | 'spam';
const folders: readonly Folder[] = ['inbox', 'spam'];

export interface ReceivedMail {
  readonly id: string;
  readonly folder: Folder;
  /** UTC epoch ms. */
  readonly receivedAt: number;
  /** The mail as it came over the wire. */
  readonly source: string;
  readonly from: { readonly name: string; readonly address: string };
  /** Where the envelope sent it: what counts, whatever the headers say. */
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Everything else that the parser found. */
  readonly email: Email;
}

/** `defer`, `refuse`: 4xx, 5xx to the recipient. `hang`: no answer to the sender. `drop`: takes the whole mail, then hangs up without a word. */
export type Manner = 'accept' | 'defer' | 'refuse' | 'hang' | 'drop';

export interface Mailbox {
  /** smtp://127.0.0.1:port */
  readonly url: string;
  /** Newest first. */
  messages(): readonly ReceivedMail[];
  /** The newest mail that fits, or the first to arrive that does; rejects after `deadlineMs`. */
  waitFor(fits: (mail: ReceivedMail) => boolean, deadlineMs?: number): Promise<ReceivedMail>;
  /** Where new mail goes from now on. */
  fileNewUnder(folder: Folder): void;
  newMailFolder(): Folder;
  /** How the server treats mail from now on. */
  behave(manner: Manner): void;
  close(): Promise<void>;
}

export interface MailboxOptions {
  readonly port?: number;
  readonly host?: string;
  /** A folder that keeps the mails over a restart, one .eml a mail. */
  readonly dir?: string;
}

export async function startMailbox({ port = 0, host = '127.0.0.1', dir }: MailboxOptions = {}): Promise<Mailbox> {
  const kept = dir === undefined ? [] : await readKept(dir);
  const listeners = new Set<(mail: ReceivedMail) => void>();
  let folder: Folder = 'inbox';
  let manner: Manner = 'accept';

  async function receive(stream: SMTPServerDataStream, recipients: readonly string[]): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    const receivedAt = Date.now();
    const id = randomUUID();
    const source = Buffer.concat(chunks).toString('utf8');
    const mail = await read({ id, folder, receivedAt, source, recipients });
    if (dir !== undefined) keep(dir, mail);
    kept.unshift(mail);
    for (const listener of listeners) listener(mail);
  }

  async function take(stream: SMTPServerDataStream, session: SMTPServerSession, answer: (error?: Error) => void) {
    try {
      await receive(
        stream,
        session.envelope.rcptTo.map(({ address }) => address),
      );
    } catch (error) {
      return answer(reply(451, String(error)));
    }
    if (manner !== 'drop') return answer();
    for (const connection of server.connections) if (connection.id === session.id) connection.close();
  }

  const server = new SMTPServer({
    // No authentication and no TLS: it listens on loopback, and its certificate would be nobody's.
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 1,
    logger: false,
    onMailFrom(_address, _session, callback) {
      if (manner !== 'hang') callback();
    },
    onRcptTo({ address }, _session, callback) {
      if (manner === 'defer') callback(reply(451, `<${address}> try again later`));
      else if (manner === 'refuse') callback(reply(550, `<${address}> no such mailbox`));
      else callback();
    },
    onData: (stream, session, callback) => void take(stream, session, callback),
  });
  // A client that vanishes in mid-session is none of the server's business.
  server.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('the mailbox listens on no port');

  return {
    url: `smtp://${host}:${address.port}`,
    messages: () => kept,
    waitFor: (fits, deadlineMs = 5_000) =>
      new Promise((resolve, reject) => {
        const here = kept.find(fits);
        if (here) return resolve(here);
        const giveUp = setTimeout(() => {
          listeners.delete(listener);
          const subjects = kept.map(({ recipients, subject }) => `  ${recipients.join()}: ${subject}`).join('\n');
          reject(new Error(`no such mail within ${deadlineMs} ms; here are ${kept.length}:\n${subjects}`));
        }, deadlineMs);
        const listener = (mail: ReceivedMail) => {
          if (!fits(mail)) return;
          clearTimeout(giveUp);
          listeners.delete(listener);
          resolve(mail);
        };
        listeners.add(listener);
      }),
    fileNewUnder(next) {
      folder = next;
    },
    newMailFolder: () => folder,
    behave(next) {
      manner = next;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const reply = (responseCode: number, words: string): Error => Object.assign(new Error(words), { responseCode });

async function read(
  mail: Pick<ReceivedMail, 'id' | 'folder' | 'receivedAt' | 'source' | 'recipients'>,
): Promise<ReceivedMail> {
  const email = await PostalMime.parse(mail.source);
  const { name = '', address = '' } = email.from ?? {};
  const { subject = '', text = '', html = '' } = email;
  return { ...mail, from: { name, address }, subject, text, html, email };
}

// The envelope is no part of a mail, so it travels in the file as the header that delivery adds (RFC 5321 4.4).
const envelopeHeader = 'X-Envelope-To: ';

function keep(dir: string, { folder, receivedAt, id, recipients, source }: ReceivedMail): void {
  const file = join(dir, folder, `${receivedAt}-${id}.eml`);
  writeFileSync(file, `${envelopeHeader}${recipients.join(' ')}\r\n${source}`, { mode: 0o600 });
}

async function readKept(dir: string): Promise<ReceivedMail[]> {
  const kept: ReceivedMail[] = [];
  for (const folder of folders) {
    mkdirSync(join(dir, folder), { recursive: true, mode: 0o700 });
    for (const name of readdirSync(join(dir, folder))) {
      const [, receivedAt, id] = /^(\d+)-([\w-]+)\.eml$/.exec(name) ?? [];
      if (receivedAt === undefined || id === undefined) continue;
      const stored = readFileSync(join(dir, folder, name), 'utf8');
      const lineEnd = stored.indexOf('\r\n');
      const recipients = stored.slice(envelopeHeader.length, lineEnd).split(' ');
      const source = stored.slice(lineEnd + 2);
      kept.push(await read({ id, folder, receivedAt: Number(receivedAt), source, recipients }));
    }
  }
  return kept.toSorted((a, b) => b.receivedAt - a.receivedAt);
}
