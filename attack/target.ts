// What is attacked. From outside it is an origin and nothing more; a target of one's own also gives its accounts, its
// mailboxes, its clock and what a thief would carry away.
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Clock } from '../src/base/clock.ts';
import { type Browser, type Carried, createBrowser, fetchOverHttp } from '../src/testing/browser.ts';

/** `small`: what a test can pay for. */
export type Size = 'small' | 'full';

export interface Outside {
  readonly origin: string;
  readonly size: Size;
  /** Of what is in it: `small` in a test, else `full`. */
  sized(small: number, full: number): number;
  /** A path below the base path. */
  path(path: string): string;
  /** A browser without cookies; in a network of its own, where the target believes who says so. */
  browser(language?: 'en' | 'es'): Browser;
  /** One request as it stands, with headers that no browser would send. */
  send(request: RawRequest): Promise<RawAnswer>;
  /** An identifier of an account there, and one of none, for what compares the two. */
  readonly known?: string | undefined;
  readonly unknown: string;
}

export interface RawRequest {
  readonly method?: string;
  /** In the request line: a path, or a whole URL. */
  readonly target: string;
  /** Names and values one after the other, so that one can come twice. */
  readonly headers: readonly string[];
  readonly body?: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

export interface Person {
  readonly userId: string;
  readonly address: string;
  readonly password: string;
}

/** An account that is not like most. */
export interface OddAccount {
  readonly userId: string;
  readonly addresses: readonly string[];
  readonly unconfirmedAddresses?: readonly string[];
  readonly password: string | null;
  readonly provider?: string;
  readonly state?: 'active' | 'disabled';
}

export interface SentMail {
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** As it came over the wire. */
  readonly source: string;
}

export interface Inside extends Outside {
  readonly clock: Clock & { advance(ms: number): void };
  /** With a password and confirmed addresses, new unless `more` says otherwise. */
  addPerson(more?: Partial<Person> & { readonly addresses?: readonly string[] }): Promise<Person>;
  addOdd(account: OddAccount): Promise<void>;
  /** Switches on an authenticator app, and gives what its owner's phone shows. */
  addAuthenticator(person: Person): Promise<{ code(): string; pair(): string }>;
  /** As its operator would, in the middle of everything. */
  disable(person: Person): Promise<void>;
  /** Whose address is gone; another one stays. */
  removeAddress(address: string): Promise<void>;
  /** Whether somebody with this password is let in, in a browser that was never there. */
  opens(person: Person, password: string): Promise<boolean>;
  /** Who is signed in in this browser. */
  visitor(browser: Browser): Promise<string | undefined>;
  /** All mails, newest first, after what is due went out. */
  mails(): Promise<readonly SentMail[]>;
  /** The newest mail to the address. */
  mailTo(address: string): Promise<SentMail>;
  /** What is due is refused by its mail server, which is logged. */
  refuseMail(): Promise<void>;
  /** A new agent of the support desk, signed in. */
  agent(role: 'agent' | 'lead' | 'auditor'): Promise<Browser>;
  /** Every row of the database, as text. */
  dump(): Promise<string>;
  /** All that was logged. */
  logs(): string;
  /** What answering has cost so far. */
  work(): Promise<Work>;
  restart(): Promise<void>;
  /** What the target calls a fault of its own. */
  faults(): readonly unknown[];
}

export interface Work {
  /** Argon2id. */
  readonly hashes: number;
  readonly outboxRows: number;
}

export interface OutsideOptions {
  readonly url: string;
  readonly size: Size;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Counts every request. */
  readonly onRequest?: () => void;
  readonly known?: string | undefined;
  readonly unknown?: string | undefined;
}

let networks = 0;

export function createOutside({
  url,
  size,
  clock,
  signal,
  onRequest = () => {},
  known,
  unknown = 'nobody-at@mail.example',
}: OutsideOptions): Outside {
  const { origin, pathname } = new URL(url);
  const base = pathname.replace(/\/$/, '');
  return {
    origin,
    size,
    known,
    unknown,
    sized: (small, full) => (size === 'small' ? small : full),
    path: (path) => `${base}${path}`,
    browser(language = 'en') {
      networks += 1;
      // A network is a /24: the first three bytes name it.
      const address = `${11 + (networks >> 16)}.${(networks >> 8) & 255}.${networks & 255}.1`;
      const fetch = (target: URL, carried: Carried) => {
        onRequest();
        return fetchOverHttp(target, carried, signal);
      };
      return createBrowser({ origin, clock, language, address, fetch });
    },
    send: (request) => {
      onRequest();
      return sendRaw(origin, request, signal);
    },
  };
}

/** Past `fetch`, which allows no Host of one's own, no header twice and no whole URL in the request line. */
function sendRaw(
  origin: string,
  { method = 'GET', target, headers, body = '' }: RawRequest,
  signal: AbortSignal | undefined,
): Promise<RawAnswer> {
  const { protocol, hostname, port } = new URL(origin);
  const send = protocol === 'https:' ? requestHttps : requestHttp;
  const sent = [...headers, 'content-length', String(Buffer.byteLength(body)), 'connection', 'close'];
  return new Promise((resolve, reject) => {
    const options = { hostname: hostname.replace(/^\[|\]$/g, ''), port, method, path: target, headers: sent };
    const outgoing = send({ ...options, setHost: false, agent: false, ...(signal && { signal }) }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.rawHeaders.join('\n'),
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
