// One process of a measurement: our server, the one that sends its mail, or a floor, which does a part of the work and
// nothing else: no work at all, the one hash, or the writes of a start. It is told what to do by the process that forked it.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { Session } from 'node:inspector/promises';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { createPasswords, type PasswordCost, type PasswordsNeeds } from '../../src/accounts/passwords.ts';
import { createApp } from '../../src/app.ts';
import { systemClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { randomToken, systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import { readSettings } from '../../src/config/read-settings.ts';
import type { Database, Transaction } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { statement, type Values } from '../../src/database/statement.ts';
import type { AuditEventsTable, OutboxTable } from '../../src/database/tables.ts';
import { createDatabaseCounter } from '../../src/limits/counter.ts';
import { begunRecovery, insertRecovery, moveRecovery } from '../../src/recovery/recovery-rows.ts';
import type { Cpu } from './processes.ts';
import { printProfile } from './profile.ts';

export const roles = ['server', 'mailer', 'empty', 'hash', 'writes'] as const;
export type Role = (typeof roles)[number];

export interface Task {
  readonly origin: string;
  readonly smtp: string;
  readonly database: string;
  /** How many of the first hashes cost next to nothing: those of the recoveries that only have the rest compiled. */
  readonly cheapHashes?: number;
}

export const nameOf = (at: number) => `person${at}`;
export const addressOf = (at: number) => `${nameOf(at)}@mail.example`;
export const oldPassword = 'an old and quiet lamp';
/** Beside the time of the machine's clock this is all that differs between two floors. */
const hourMs = 3_600_000;

/** As `rekey serve`: a connection outlives the turns of the others. */
const keepAliveMs = 65_000;
/** The least that Argon2 takes. */
const cheapCost: PasswordCost = { memoryCost: 8, timeCost: 1 };

/** What it answers when it is told to do something. */
type Work = Readonly<Record<string, (times: number) => Promise<unknown>>>;

const msOf = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;

async function serve(role: Role, { origin, smtp, database, cheapHashes = 0 }: Task): Promise<void> {
  const settings = readSettings({
    mode: 'development',
    origin,
    smtp,
    database,
    keys: `bench:${Buffer.alloc(32, 7).toString('base64')}`,
    siteName: 'Corner Shop',
    senderAddress: 'help@shop.example',
    trustedProxies: 1,
    humanCheck: 'off',
  });
  /** The first hashes cost next to nothing. */
  const createWarming = (needs: PasswordsNeeds) => {
    const made = createPasswords(needs);
    const cheap = createPasswords({ ...needs, cost: cheapCost });
    let left = cheapHashes;
    return {
      ...made,
      hash: (password: string) => {
        left -= 1;
        return (left < 0 ? made : cheap).hash(password);
      },
    };
  };
  const passwords = createWarming({
    keys: createKeys(settings.keys),
    random: systemRandom,
    minLength: settings.passwordMinLength,
    siteName: settings.siteName,
  });
  const log = createLog('silent');
  const common: Work = {
    cpu: async (): Promise<Cpu> => ({ all: msOf(process.cpuUsage()), main: msOf(process.threadCpuUsage()) }),
    hash: async (times) => {
      const before = process.cpuUsage();
      for (let done = 0; done < times; done += 1) await passwords.hash(oldPassword);
      return msOf(process.cpuUsage(before)) / times;
    },
    stop: async () => setImmediate(() => process.exit(0)),
  };
  const work: Work = { ...common, ...(await workOf(role)) };
  process.on('message', ([name, times]: [string, number]) => {
    void work[name]?.(times).then((answer) => process.send?.([name, answer]));
  });
  // Whoever forked it has gone, however it ended.
  process.once('disconnect', () => process.exit(1));
  process.send?.(['ready', 0]);

  async function workOf(of: Role): Promise<Work> {
    switch (of) {
      case 'empty':
        return answerAll((_request, response) => void response.end('{}'));
      case 'hash':
        return answerAll(
          (_request, response) => void passwords.hash(oldPassword).then(({ hash }) => response.end(hash)),
        );
      case 'writes': {
        const db = await openDatabase(settings.database, { log });
        await migrate(db, { clock: systemClock });
        const write = createWrites(db);
        return answerAll((_request, response) => void write().then(() => response.end('{}')));
      }
      default:
        return serveRekey();
    }
  }

  async function listen(server: ServerType): Promise<void> {
    if ('keepAliveTimeout' in server) server.keepAliveTimeout = keepAliveMs;
    server.listen(Number(new URL(origin).port), '127.0.0.1');
    await once(server, 'listening');
  }

  async function answerAll(answer: RequestListener): Promise<Work> {
    await listen(createServer((request, response) => request.resume().on('end', () => answer(request, response))));
    return {};
  }

  async function serveRekey(): Promise<Work> {
    const db = await openDatabase(settings.database, { log });
    if (role === 'server') await migrate(db, { clock: systemClock });
    const makers = { passwords: createWarming };
    const app = await createApp({ settings, db, log, clock: systemClock, random: systemRandom, makers });
    if (role === 'server') {
      await listen(
        createAdaptorServer({
          fetch: (request, { incoming }) => app.server.fetch(request, { remoteAddress: incoming.socket.remoteAddress }),
        }),
      );
    }
    const session = new Session();
    return {
      deliver: async () => {
        for (const job of app.jobs) await job();
      },
      people: async (count) => {
        const password = await passwords.hash(oldPassword);
        await db.write(async (tx) => {
          for (let at = 0; at < count; at += 1) {
            const address = addressOf(at);
            const addresses = [{ address, key: address, isConfirmed: true }];
            await app.directory.create(tx, { userId: nameOf(at), locale: 'en', password, addresses });
          }
        });
      },
      profile: async (recoveries) => {
        if (recoveries === 0) {
          session.connect();
          await session.post('Profiler.enable');
          await session.post('Profiler.setSamplingInterval', { interval: 200 });
          await session.post('Profiler.start');
        } else {
          const { profile } = await session.post('Profiler.stop');
          printProfile(profile, recoveries);
        }
      },
    };
  }
}

const insertEvent = statement((tx, event: Values<Omit<AuditEventsTable, 'seq' | 'chain'>>) =>
  tx.insertInto('audit_events').values(event),
);
const insertMail = statement((tx, row: Values<OutboxTable>) => tx.insertInto('outbox').values(row));

/** The rows that the start of a recovery writes, in as many statements, without what decides them. */
function createWrites(db: Database): () => Promise<void> {
  const counter = createDatabaseCounter({ db, clock: systemClock });
  const site = 'default';

  const note = (tx: Transaction, subject: string, event: string) =>
    insertEvent.send(tx, {
      id: randomToken(systemRandom),
      site,
      at: systemClock.now(),
      event,
      subject_id: subject,
      account_id: null,
      source_hash: subject,
      facts: '{}',
      mac: subject,
    });

  return async () => {
    const id = randomToken(systemRandom);
    const now = systemClock.now();
    const recovery = begunRecovery({
      id,
      site,
      handle_hash: id,
      identifier_sealed: id,
      mailbox_hash: id,
      address_id: null,
      account_id: null,
      locale: 'en',
      return_to: null,
      created_at: now,
      expires_at: now + hourMs,
    });
    await db.write(async (tx) => {
      await counter.hit(`bench-source/${id}`, hourMs, tx);
      await insertRecovery(tx, recovery);
      await note(tx, id, 'recovery.started');
      await moveRecovery(tx, recovery, { step: 'code', code_random: id, code_expires_at: now + hourMs });
      await note(tx, id, 'recovery.mail_asked');
      await insertMail.send(tx, {
        id: randomToken(systemRandom),
        site,
        kind: 'none',
        subject_id: id,
        address_id: null,
        locale: 'en',
        state: 'queued',
        attempts: 0,
        due_at: now,
        leased_until: 0,
        failure: null,
        created_at: now,
        expires_at: now + hourMs,
        ended_at: null,
      });
      await counter.hit(`bench-identifier/${id}`, hourMs, tx);
    });
  };
}

const [, script, role, told] = process.argv;
if (script === import.meta.filename) {
  const known = roles.find((each) => each === role);
  if (known === undefined) throw new Error(`no role ${role}`);
  await serve(known, JSON.parse(told ?? '{}'));
}
