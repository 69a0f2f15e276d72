import { createServer, type Server, type Socket } from 'node:net';
import { asyncProperty, assert, constant, constantFrom, array, oneof, string } from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { anyCharacter } from '../testing/characters.ts';
import { type Mailbox, startMailbox } from '../testing/mailbox.ts';
import { createSmtpSender, type Mail, type MailSender } from './smtp.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

const opened = <T extends { close(): unknown }>(each: T): T => {
  open.push(each);
  return each;
};

const mail: Mail = {
  from: { name: 'Casa Ñandú', address: 'help@shop.example' },
  to: { address: 'maria@example.com' },
  message: {
    subject: 'Tu código de verificación',
    text: `Código de verificación:\n\n4821 9037\n\n${'ñandú '.repeat(300)}\n\n@shop.example #48219037\n`,
    html: '<!doctype html><title>Tu código de verificación</title><p>4821 9037</p>',
  },
  messageId: 'abc-123@shop.example',
  language: 'es',
  writtenAt: Date.UTC(2026, 7, 1, 12),
};

/** For servers that never answer. Where an answer is expected the default holds, or a busy machine would fail the test. */
const impatient = { timeoutMs: 100 };

async function senderWithMailbox(patience = {}): Promise<{ mailbox: Mailbox; sender: MailSender }> {
  const mailbox = opened(await startMailbox());
  return { mailbox, sender: opened(createSmtpSender({ url: mailbox.url, ...patience })) };
}

/** A server that answers each line it gets with what `answer` says: nothing, where that is undefined. */
async function oddServer(
  greeting: string | undefined,
  answer: (line: string, socket: Socket) => string | undefined,
  patience = {},
) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    if (greeting !== undefined) socket.write(`${greeting}\r\n`);
    socket.on('data', (data) => {
      for (const line of data.toString().split('\r\n').filter(Boolean)) {
        const reply = answer(line, socket);
        if (reply !== undefined && socket.writable) socket.write(`${reply}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return opened(createSmtpSender({ url: `smtp://127.0.0.1:${port}`, ...patience }));
}

describe('a mail on the wire', () => {
  it('arrives as it was written, with accents in subject, name and text', async () => {
    const { mailbox, sender } = await senderWithMailbox();
    expect(await sender.send(mail)).toEqual({ result: 'accepted' });
    const [got] = mailbox.messages();
    expect(got?.from).toEqual(mail.from);
    expect(got?.recipients).toEqual(['maria@example.com']);
    expect(got?.subject).toBe(mail.message.subject);
    expect(got?.text.trim()).toBe(mail.message.text.trim());
    expect(got?.html.trim()).toBe(mail.message.html);
  });

  it('has one of each header that filters ask for, and nothing that names the software', async () => {
    const { mailbox, sender } = await senderWithMailbox();
    await sender.send(mail);
    const [got] = mailbox.messages();
    const values = (key: string) => got?.email.headers.filter((header) => header.key === key).map(({ value }) => value);
    expect(values('message-id')).toEqual(['<abc-123@shop.example>']);
    expect(values('date')).toEqual(['Sat, 01 Aug 2026 12:00:00 +0000']);
    expect(values('from')).toHaveLength(1);
    expect(values('to')).toEqual(['maria@example.com']);
    expect(values('auto-submitted')).toEqual(['auto-generated']);
    expect(values('x-auto-response-suppress')).toEqual(['All']);
    expect(values('content-language')).toEqual(['es']);
    for (const absent of ['list-unsubscribe', 'x-mailer', 'reply-to', 'bcc', 'cc']) expect(values(absent)).toEqual([]);
  });

  it('is plain seven-bit text in two quoted-printable parts, no line beyond 78', async () => {
    const { mailbox, sender } = await senderWithMailbox();
    await sender.send(mail);
    const source = mailbox.messages()[0]?.source ?? '';
    expect(source).toMatch(/^Content-Type: multipart\/alternative;/m);
    expect(source.match(/^Content-Transfer-Encoding: .*$/gm)).toEqual(
      Array(2).fill('Content-Transfer-Encoding: quoted-printable'),
    );
    expect(Math.max(...source.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78);
    expect(source).toMatch(/^[\r\n\t\x20-\x7e]*$/);
  });

  it('keeps its headers whatever stands in name, subject, address or id', async () => {
    const { mailbox, sender } = await senderWithMailbox();
    const nasty = constantFrom(
      '\r\n',
      '\n',
      '\r',
      '\u2028',
      '\0',
      '<',
      '>',
      ',',
      ';',
      ':',
      '"',
      '\\',
      '@',
      'Bcc: eve@evil.example',
      ' <eve@evil.example>',
      'ñ',
    );
    const words = oneof(
      array(oneof(nasty, string({ unit: anyCharacter, maxLength: 8 })), { maxLength: 6 }).map((parts) =>
        parts.join(''),
      ),
      string({ maxLength: 30 }),
    );
    await assert(
      asyncProperty(words, words, words, oneof(constant('abc-123'), words), async (name, subject, address, id) => {
        const before = mailbox.messages().length;
        const { result } = await sender.send({
          ...mail,
          from: { name, address: mail.from.address },
          to: { address: `${address}@example.com` },
          message: { ...mail.message, subject },
          messageId: `${id}@shop.example`,
        });
        expect(mailbox.messages().length).toBe(result === 'accepted' ? before + 1 : before);
        if (result !== 'accepted') return;
        const [got] = mailbox.messages();
        // An empty subject has no header at all.
        const keys = got?.email.headers
          .map(({ key }) => key)
          .filter((key) => key !== 'subject')
          .toSorted();
        expect(keys).toEqual([
          'auto-submitted',
          'content-language',
          'content-type',
          'date',
          'from',
          'message-id',
          'mime-version',
          'to',
          'x-auto-response-suppress',
        ]);
        // A local part with odd dots is quoted on the wire: it is the same one.
        expect(got?.recipients.map((recipient) => recipient.replace(/^"(.*)"@/, '$1@'))).toEqual([
          `${address}@example.com`,
        ]);
        expect(got?.from.address).toBe(mail.from.address);
      }),
      { numRuns: 50 },
    );
  });

  it('goes nowhere when its address could be read as another one, or its id as a header', async () => {
    const { mailbox, sender } = await senderWithMailbox();
    for (const address of [
      'a@good.example <b@evil.example>',
      'a@good.example, b@evil.example',
      'a@good.example\r\nRCPT TO:<b@evil.example>',
    ]) {
      expect((await sender.send({ ...mail, to: { address } })).result).toBe('refused');
    }
    const messageId = `${'a'.repeat(70)}\u2028Bcc: ${'b'.repeat(20)}@shop.example`;
    expect((await sender.send({ ...mail, messageId })).result).toBe('refused');
    expect(mailbox.messages()).toEqual([]);
  });
});

describe('a mail server that does not take the mail', () => {
  it('defers it: told as such, the address masked', async () => {
    const { mailbox, sender } = await senderWithMailbox();
    mailbox.behave('defer');
    expect(await sender.send(mail)).toEqual({
      result: 'deferred',
      detail: expect.stringContaining('451 <m***@example.com>'),
    });
  });

  it('refuses it: told as such, and the next mail goes out', async () => {
    const { mailbox, sender } = await senderWithMailbox();
    mailbox.behave('refuse');
    expect(await sender.send(mail)).toEqual({
      result: 'refused',
      detail: expect.stringContaining('550 <m***@example.com>'),
    });
    mailbox.behave('accept');
    expect(await sender.send(mail)).toEqual({ result: 'accepted' });
  });

  it('hangs in the session: given up in time', async () => {
    const { mailbox, sender } = await senderWithMailbox(impatient);
    mailbox.behave('hang');
    expect((await sender.send(mail)).result).toBe('unreachable');
  });

  it('hangs up after the whole mail: fate unknown, so it is told as not taken', async () => {
    const { mailbox, sender } = await senderWithMailbox();
    mailbox.behave('drop');
    expect((await sender.send(mail)).result).toBe('unreachable');
    expect(mailbox.messages()).toHaveLength(1);
  });

  it('is not there', async () => {
    const { mailbox, sender } = await senderWithMailbox();
    await mailbox.close();
    expect((await sender.send(mail)).result).toBe('unreachable');
  });

  it('never greets', async () => {
    const sender = await oddServer(undefined, () => undefined, impatient);
    expect((await sender.send(mail)).result).toBe('unreachable');
  });

  it('turns us away at the door: about us, not about the mail', async () => {
    const sender = await oddServer('554 no service for you', () => undefined);
    expect((await sender.send(mail)).result).toBe('unreachable');
  });

  it('refuses our own address: about us, not about the mail', async () => {
    const sender = await oddServer('220 hello', (line) =>
      line.startsWith('MAIL') ? '550 sender not allowed' : '250 fine',
    );
    expect(await sender.send(mail)).toEqual({ result: 'unreachable', detail: '550 sender not allowed' });
  });

  it('closes the session at the recipient with 421', async () => {
    const sender = await oddServer('220 hello', (line) => (line.startsWith('RCPT') ? '421 going down' : '250 fine'));
    expect((await sender.send(mail)).result).toBe('unreachable');
  });

  it('refuses the mail after its text', async () => {
    const sender = await oddServer('220 hello', (line) => {
      if (line === 'DATA') return '354 go on';
      if (line === '.') return '554 5.7.1 looks like spam';
      return /^(EHLO|MAIL|RCPT)/.test(line) ? '250 fine' : undefined;
    });
    expect(await sender.send(mail)).toEqual({ result: 'refused', detail: '554 5.7.1 looks like spam' });
  });

  it('answers in trickles that meet no single time-out', async () => {
    const timers: NodeJS.Timeout[] = [];
    const sender = await oddServer(
      '220 hello',
      (line, socket) => {
        timers.push(setInterval(() => socket.writable && socket.write('250-still thinking\r\n'), 20));
        return line.startsWith('EHLO') ? undefined : '250 fine';
      },
      impatient,
    );
    expect((await sender.send(mail)).result).toBe('unreachable');
    for (const timer of timers) clearInterval(timer);
  });
});
