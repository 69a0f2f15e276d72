// The counter on Valkey, or Redis, for what bounds no guess: how much comes from where, and what it costs. A hit is one script,
// so sixteen at once count as sixteen; windows end by the server's clock, whatever a node's says. While it does not
// answer, counting is the problem `busy`, told at once, and it is found again by itself.
import * as z from 'zod';
import { minuteMs, secondMs } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { Problem } from '../base/problem.ts';
import type { Counter, Hit } from './counter.ts';

export interface ValkeyCounter extends Counter {
  close(): Promise<void>;
}

/** What is used of the client, a package that only those install who have such a server. */
interface Client {
  connect(): Promise<void>;
  on(event: 'error' | 'ready' | 'close', listener: (error?: Error) => void): unknown;
  eval(script: string, keys: number, ...parameters: (string | number)[]): Promise<unknown>;
  disconnect(): void;
}

const packageName: string = 'iovalkey';
const answerWithinMs = secondMs;
const connectWithinMs = 2 * secondMs;
const retryAfterMs = 3 * secondMs;

/** The window belongs to the first hit; one that was left without an end, by whatever, gets one. */
const hitScript = `
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {count, left}`;
const peekScript = `
local count = redis.call('GET', KEYS[1])
if not count then return {0, 0} end
return {tonumber(count), redis.call('PTTL', KEYS[1])}`;
const giveBackScript = `
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then redis.call('DECR', KEYS[1]) end
return {0, 0}`;

/**
 * `url`: valkey://user:password@host:port/number, or redis://, or with TLS valkeys:// and rediss://. Throws the problem
 * `valkey-unusable` where the package is missing or the server cannot be reached. `deployment`: the same for all nodes of one, and
 * another for each that counts in the same database number.
 */
export async function openValkeyCounter({
  url,
  deployment,
  log,
}: {
  readonly url: string;
  readonly deployment: string;
  readonly log: Log;
}): Promise<ValkeyCounter> {
  const place = describePlace(url);
  const client = await createClient(url.replace(/^valkey(s?):/, 'redis$1:'));
  let isLost = false;
  let lastFailure = 'the connection failed';
  client.on('error', (error) => (lastFailure = error?.message || lastFailure));
  client.on('close', () => {
    if (!isLost && hasOpened) log.error({ valkey: place, failure: lastFailure }, 'the counter store does not answer');
    isLost = true;
  });
  client.on('ready', () => {
    if (isLost && hasOpened) log.info({ valkey: place }, 'the counter store answers again');
    isLost = false;
  });
  let hasOpened = false;
  const run = async (script: string, key: string, ...parameters: number[]): Promise<Hit> =>
    readHit(await client.eval(script, 1, `rekey/${deployment}/${key}`, ...parameters));

  try {
    await client.connect();
    // Rights, and whether it is a server that runs scripts at all.
    await run(peekScript, 'none');
  } catch (error) {
    client.disconnect();
    throw new Problem('valkey-unusable', explainOpening(error, place, lastFailure));
  }
  hasOpened = true;

  const orBusy = async <T>(counting: Promise<T>): Promise<T> => {
    try {
      return await counting;
    } catch (error) {
      throw new Problem('busy', `The counter store at ${place} did not answer: ${String(error)}.`, retryAfterMs);
    }
  };

  const inTransaction = (): never => {
    throw new Error('what is counted in a transaction is counted in its database');
  };
  const hit = (key: string, windowMs: number) => orBusy(run(hitScript, key, windowMs));

  return {
    hit: (key, windowMs, tx) => (tx ? inTransaction() : hit(key, windowMs)),
    note: inTransaction,
    hitAll: (counted) => Promise.all(counted.map(({ key, windowMs }) => hit(key, windowMs))),
    peek: (key) => orBusy(run(peekScript, key)),
    // What stays counted is over with its window; whoever got here got through.
    async giveBack(...keys) {
      try {
        await Promise.all(keys.map((key) => run(giveBackScript, key)));
      } catch (error) {
        log.warn({ valkey: place, failure: String(error) }, 'a count was not given back');
      }
    },
    // It forgets by itself.
    clear: async () => {},
    close: async () => {
      hasOpened = false;
      client.disconnect();
    },
  };
}

async function createClient(url: string): Promise<Client> {
  const { Redis } = await import(packageName)
    .then((loaded) => packageSchema.parse(loaded))
    .catch((error: unknown) => {
      throw new Problem(
        'valkey-unusable',
        `The setting valkey needs a package that cannot be loaded: npm install iovalkey@0.4.0, or leave the setting out. ${String(error)}`,
      );
    });
  const options = {
    lazyConnect: true,
    connectTimeout: connectWithinMs,
    commandTimeout: answerWithinMs,
    // A server that is gone without a word, or became a replica and counts no more: another may have its name by now.
    socketTimeout: 2 * answerWithinMs,
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    // Nothing waits for a server that is away, and nothing is sent twice: it would count twice.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    keepAlive: minuteMs,
  };
  return new Redis(url, options);
}

const packageSchema = z.object({
  Redis: z.custom<new (...given: unknown[]) => Client>((it) => typeof it === 'function'),
});
const toldSchema = z.tuple([z.number(), z.number()]);

function readHit(told: unknown): Hit {
  const [count, endsInMs] = toldSchema.parse(told);
  return { count, endsInMs: Math.max(0, endsInMs) };
}

function explainOpening(error: unknown, place: string, lastFailure: string): string {
  const words = `${String(error)} ${lastFailure}`;
  if (/NOAUTH|WRONGPASS|invalid password|without any password/.test(words))
    return `Valkey at ${place} refused the user or the password: correct the address.`;
  if (/NOPERM/.test(words))
    return `Valkey at ${place} lets this user run no scripts: give it +eval on the keys rekey/*.`;
  return `Valkey at ${place} cannot be reached (${lastFailure}): start it, or correct the address.`;
}

/** Host and database number, without user and password. */
function describePlace(url: string): string {
  if (!URL.canParse(url))
    throw new Problem('valkey-unusable', 'Write the address as valkey://user:password@host:6379/0.');
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
