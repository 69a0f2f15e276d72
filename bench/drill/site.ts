// A whole deployment as processes of this machine: nodes behind a proxy, a worker, PostgreSQL, a counter store where there is one,
// and a mail server. What dies is started again, as whatever runs it in production would.
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { createLog } from '../../src/base/log.ts';
import { createKeys, type Keys } from '../../src/base/secret.ts';
import { readSettings } from '../../src/config/read-settings.ts';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createTestPostgres } from '../../src/testing/databases.ts';
import { type Mailbox, startMailbox } from '../../src/testing/mailbox.ts';
import { tellPlace } from '../../test/ask.ts';
import { bundleCommand, bundledCommand } from '../../test/bundled-command.ts';
import { type Serving, startServing, startServingOnCore, startWorker } from '../../test/journeys/command-line.ts';
import { crashing, startOwnPostgres, type OwnPostgres } from '../../test/postgres.ts';
import { startValkey, type ValkeyServer } from '../../test/valkey.ts';
import { startProxy } from './proxy.ts';

/** A process that is kept running. */
export interface Kept {
  readonly name: string;
  readonly address: string | undefined;
  /** Of its process, while it runs. */
  readonly pid: number | undefined;
  /** `ahead`: by how many ms its clock is wrong. */
  start(ahead?: number): Promise<void>;
  /** At once, in the middle of whatever it does. */
  kill(): Promise<void>;
}

export interface Site {
  readonly origin: string;
  readonly keys: Keys;
  readonly db: Database;
  readonly databaseUrl: string;
  readonly mailbox: Mailbox;
  readonly postgres: OwnPostgres;
  readonly valkey: ValkeyServer | undefined;
  readonly nodes: readonly Kept[];
  readonly worker: Kept;
  /** The first of so many numbers that nobody has had: of people. */
  takeNumbers(count: number): number;
  /** What ended by itself, which nothing may. */
  readonly ended: readonly string[];
  close(): Promise<void>;
}

const keyList = `drill:${Buffer.from(Array.from({ length: 32 }, (_, at) => (at * 97 + 13) % 251)).toString('base64')}`;

/** `each`: what a node has of this machine, which it shares with the others; `nodeOptions`: for Node, which runs it. */
export async function openSite({
  nodes: count,
  each = 'machine',
  nodeOptions = '',
}: {
  readonly nodes: number;
  readonly each?: 'machine' | 'core';
  readonly nodeOptions?: string;
}): Promise<Site> {
  await bundleCommand();
  tellPlace('command', bundledCommand);
  const postgres = await startOwnPostgres(crashing);
  const valkey = await startValkey();
  const mailbox = await startMailbox();
  const database = await createTestPostgres(postgres.url);
  const nodes: Kept[] = [];
  const proxy = await startProxy(() => nodes.flatMap(({ address }) => address ?? []));
  const ended: string[] = [];
  let taken = 0;
  const variables: Record<string, string> = {
    REKEY_MODE: 'development',
    REKEY_ORIGIN: proxy.origin,
    REKEY_DATABASE: database.address,
    REKEY_SMTP: mailbox.url,
    REKEY_KEYS: keyList,
    REKEY_SITE_NAME: 'Corner Shop',
    REKEY_SENDER_ADDRESS: 'help@shop.example',
    REKEY_HUMAN_CHECK: 'off',
    REKEY_TRUSTED_PROXIES: '1',
    ...(valkey && { REKEY_VALKEY: valkey.url }),
  };

  function keep(name: string, begin: (more: Record<string, string>) => Promise<Serving>): Kept {
    let serving: Serving | undefined;
    const watch = async (started: Serving) => {
      const code = await started.exited;
      if (serving === started) ended.push(`${name} ended by itself with ${code}`);
    };
    return {
      name,
      get address() {
        return serving?.address;
      },
      get pid() {
        return serving?.process.pid;
      },
      async start(ahead = 0) {
        const skew = `--import=data:text/javascript,const/**/now=Date.now;Date.now=()=>now()+${ahead}`;
        // Whatever it needs may not be there yet.
        for (let tries = 1; !serving; tries += 1) {
          serving = await begin({ ...variables, ...(ahead !== 0 && { NODE_OPTIONS: skew }) }).catch(
            async (error: unknown) => {
              if (tries === 60) throw error;
              await wait(500);
              return undefined;
            },
          );
        }
        void watch(serving);
      },
      async kill() {
        const dying = serving;
        serving = undefined;
        dying?.process.kill('SIGKILL');
        await dying?.exited;
      },
    };
  }

  const startNode = (at: number, env: Record<string, string>) =>
    each === 'core'
      ? startServingOnCore(at % availableParallelism(), env, '--no-jobs')
      : startServing(env, '--no-jobs');
  // One that is told a wrong time is told so by the same variable.
  const withOptions = (env: Record<string, string>) =>
    nodeOptions === '' ? env : { ...env, NODE_OPTIONS: `${nodeOptions} ${env['NODE_OPTIONS'] ?? ''}` };
  for (let at = 1; at <= count; at += 1) nodes.push(keep(`node ${at}`, (env) => startNode(at, withOptions(env))));
  const worker = keep('worker', startWorker);
  await Promise.all([...nodes, worker].map((kept) => kept.start()));

  // Connections of its own, that whatever dies takes along.
  const db = await openDatabase(database.address, { log: createLog('silent'), connections: 4 });
  const settings = readSettings({
    mode: 'development',
    origin: proxy.origin,
    smtp: mailbox.url,
    keys: keyList,
    siteName: 'Corner Shop',
    senderAddress: 'help@shop.example',
  });
  return {
    origin: proxy.origin,
    keys: createKeys(settings.keys),
    db,
    databaseUrl: database.address,
    mailbox,
    postgres,
    valkey,
    nodes,
    worker,
    takeNumbers(count) {
      taken += count;
      return taken - count;
    },
    ended,
    async close() {
      await Promise.all([...nodes, worker].map((kept) => kept.kill()));
      await proxy.close();
      await mailbox.close();
      await db.close();
      await database.db.close();
      await valkey?.stop();
      await postgres.stop();
    },
  };
}
