// A stand-in for the providers of human checks: it gives tokens out, answers `siteverify` as they do, each token once, and
// serves the script of a widget. It listens on loopback.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { minuteMs } from '../base/clock.ts';

/** What a token says of itself: under what its widget was shown. */
export interface Earned {
  readonly hostname?: string;
  readonly action?: string;
  readonly cdata?: string;
  readonly score?: number;
}

export interface StandInProvider {
  readonly url: string;
  readonly secret: string;
  readonly siteKey: string;
  /** The fields of every question so far. */
  readonly questions: readonly Readonly<Record<string, string>>[];
  /** A token as a widget hands it over. */
  token(earned?: Earned): string;
  /** Answers the next questions in another way; as it should where nothing is given. */
  misbehave(answer?: (response: ServerResponse) => void): void;
  close(): Promise<void>;
}

const tokenLifeMs = 2 * minuteMs;

export async function startProvider(clock: Clock): Promise<StandInProvider> {
  const secret = 'stand-in-secret-of-the-site';
  const siteKey = 'stand-in-site-key';
  const tokens = new Map<string, Earned & { readonly at: number }>();
  const spent = new Map<string, string>();
  const questions: Record<string, string>[] = [];
  let misbehaviour: ((response: ServerResponse) => void) | undefined;

  const token = (earned: Earned = {}): string => {
    const made = `token-${tokens.size}-${'x'.repeat(40)}`;
    tokens.set(made, { ...earned, at: clock.now() });
    return made;
  };

  const judge = (asked: Readonly<Record<string, string>>) => {
    const { response = '', idempotency_key: retryId = '' } = asked;
    const refuse = (code: string) => ({ success: false, 'error-codes': [code] });
    if (asked['secret'] !== secret) return refuse('invalid-input-secret');
    const earned = tokens.get(response);
    if (!earned) return refuse('invalid-input-response');
    const isRetry = retryId !== '' && spent.get(response) === retryId;
    if (earned.at + tokenLifeMs < clock.now() || (spent.has(response) && !isRetry))
      return refuse('timeout-or-duplicate');
    spent.set(response, retryId);
    const { at, ...rest } = earned;
    return { success: true, 'error-codes': [], challenge_ts: new Date(at).toISOString(), ...rest };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://stand.in');
    const give = (type: string, text: string) => response.writeHead(200, { 'content-type': type }).end(text);
    if (request.method === 'POST') {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(Buffer.from(part));
      const asked = Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString()));
      questions.push(asked);
      if (misbehaviour) misbehaviour(response);
      else give('application/json', JSON.stringify(judge(asked)));
    } else if (url.pathname === '/frame') give('text/html', frame);
    else if (url.pathname === '/token') give('text/plain', token(Object.fromEntries(url.searchParams)));
    else if (url.pathname.endsWith('/api.js')) give('text/javascript', widget);
    else response.writeHead(404).end();
  };

  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the provider listens on no port');

  return {
    url: `http://127.0.0.1:${address.port}`,
    secret,
    siteKey,
    questions,
    token,
    misbehave(other) {
      misbehaviour = other;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The script that a page loads. As with the real ones, what a person does is done in a frame. */
const widget = `{
  const at = new URL(document.currentScript.src).origin;
  const render = (container, { sitekey, action, cData, callback }) => {
    const frame = document.createElement('iframe');
    frame.title = 'A check by the provider';
    const told = { sitekey, hostname: location.hostname, ...(action && { action }), ...(cData && { cdata: cData }) };
    frame.src = at + '/frame?' + new URLSearchParams(told);
    container.append(frame);
    addEventListener('message', ({ source, data }) => source === frame.contentWindow && callback(data));
  };
  window.turnstile = { render };
  window.hcaptcha = { render };
  window.grecaptcha = { render, ready: (act) => act() };
}`;

const frame = `<!doctype html><title>Check</title><button>I am a person</button><script>
document.querySelector('button').addEventListener('click', async () => {
  const token = await (await fetch('/token' + location.search)).text();
  parent.postMessage(token, '*');
});
</script>`;
