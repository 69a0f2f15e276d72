// Hands mails to the site's mail server. A send ends within `2 * timeoutMs`, however the server behaves, and tells what
// became of the mail; a mail whose fate is unknown may be sent again under the same Message-ID.
import { createTransport, type NodemailerError } from 'nodemailer';
import { secondMs } from '../base/clock.ts';
import { maskAddress } from '../base/log.ts';
import type { Message } from './layout.ts';

export interface Mail {
  readonly from: { readonly name: string; readonly address: string };
  /** An address as it is stored: an object, so that it is never parsed as "name <address>" or as a list. */
  readonly to: { readonly address: string };
  readonly message: Message;
  /** `unique@our.domain`, the same at every retry: receivers then show a doubled mail once. */
  readonly messageId: string;
  readonly language: string;
  /** UTC epoch ms. */
  readonly writtenAt: number;
}

/**
 * `refused`: the server will never take this mail. `deferred`: not now, this mail. `unreachable`: it took nothing at all
 * (no connection, a time-out, a broken session, wrong credentials). `detail` is for the operator, addresses masked.
 */
export type Delivery =
  | { readonly result: 'accepted' }
  | { readonly result: 'refused' | 'deferred' | 'unreachable'; readonly detail: string };

/** Port. Adapter: SMTP (below); what it promises is in smtp.test.ts. */
export interface MailSender {
  /** Never throws for what a mail server does. */
  send(mail: Mail): Promise<Delivery>;
  close(): Promise<void>;
}

/** How many mails are on their way at once. */
export const sendsAtOnce = 5;

/** `url`: smtps://user:password@host or smtp://host:port. `timeoutMs`: the longest wait for one answer of the server. */
export function createSmtpSender({ url, timeoutMs = 10 * secondMs }: { url: string; timeoutMs?: number }): MailSender {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: sendsAtOnce,
    // A connection that broke is the outbox's business: it knows when the mail stops being of use.
    maxRequeues: 0,
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  return {
    async send({ from, to, message, messageId, language, writtenAt }) {
      if (!isPlainAddress(to.address)) return { result: 'refused', detail: 'not an address that mail can go to' };
      // It has the shape of an address. A long one may be folded at U+2028, and what follows would be a header.
      if (!isPlainAddress(messageId)) return { result: 'refused', detail: 'not an id that a mail can have' };
      try {
        await transport.sendMail({
          from,
          to: { name: '', address: to.address },
          envelope: { from: from.address, to: [to.address] },
          messageId: `<${messageId}>`,
          date: new Date(writtenAt),
          subject: message.subject,
          text: message.text,
          html: message.html,
          textEncoding: 'quoted-printable',
          xMailer: false,
          headers: {
            'Content-Language': language,
            // No automatic answers: out-of-office notes would tell a stranger that the mailbox exists (RFC 3834).
            'Auto-Submitted': 'auto-generated',
            'X-Auto-Response-Suppress': 'All',
          },
          // A server that trickles its answers meets no single time-out.
          signal: AbortSignal.timeout(2 * timeoutMs),
        });
        return { result: 'accepted' };
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        return judge(error);
      }
    },
    close: async () => transport.close(),
  };
}

// nodemailer reads even an envelope as "name <address>" or a list, and "a@good <b@evil>" would go to b@evil. So nothing
// that could be read as more than one bare address reaches it.
const isPlainAddress = (address: string): boolean => /^[^\s\p{C}<>()[\]"\\,;:@]+@[^\s\p{C}<>()"\\,;@]+$/u.test(address);

// A "no, never" counts as one only where it is about this recipient or this mail. Before that (greeting, credentials,
// sender) it is about us: it is tried again, and the operator hears of it, so that no mail is lost to a wrong set-up.
function judge(error: NodemailerError): Delivery {
  const { command, responseCode } = error;
  const detail = maskAddresses(error.response ?? error.message).slice(0, 200);
  const isAboutMail = command === 'RCPT TO' || command === 'DATA';
  if (isAboutMail && error.permanent === true) return { result: 'refused', detail };
  // 421: the server is closing the session, whatever the mail.
  if (isAboutMail && responseCode !== undefined && responseCode !== 421) return { result: 'deferred', detail };
  return { result: 'unreachable', detail };
}

const maskAddresses = (text: string): string => text.replace(/[^\s<>"',;:()]+@[^\s<>"',;:()]+/g, maskAddress);
