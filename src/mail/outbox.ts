// What is to be mailed, written in the transaction that decides it and delivered later: at least once, never lost, and no
// longer once it is of no use. A row holds a kind and ids; the mail itself is made when it is sent.
import { type Clock, minuteMs, secondMs } from '../base/clock.ts';
import { type Log, maskAddress } from '../base/log.ts';
import { createOrderedIds, type Random } from '../base/random.ts';
import type { Database, Transaction } from '../database/database.ts';
import { statement, type Values } from '../database/statement.ts';
import type { OutboxTable } from '../database/tables.ts';
import { isLocale, type Locale } from '../i18n/translate.ts';
import type { Message } from './layout.ts';
import { sendsAtOnce, type Delivery, type MailSender } from './smtp.ts';
import { deleteOver } from '../database/batches.ts';

/** A kind that only a newer version knows is left to its workers. `none`: a decoy's row (D5). It is written and ended like any other, and sends nothing. */
const outboxKinds = [
  'none',
  'recovery-code',
  'no-account',
  'provider-sign-in',
  'account-disabled',
  'password-changed',
  'sign-up-code',
  'sign-up-existing',
  'case-code',
  'case-proof',
  'case-opened',
  'case-moved',
  'authenticator-added',
  'authenticator-removed',
  'address-code',
  'addresses-changed',
  'release-notice',
  'release-grant',
] as const;

export type OutboxKind = (typeof outboxKinds)[number];
export type MailKind = Exclude<OutboxKind, 'none'>;

export interface Order {
  readonly kind: OutboxKind;
  /** Id of the recovery, sign-up, account or contact of a case that it is about. */
  readonly subjectId: string;
  readonly addressId?: string | null;
  readonly locale: Locale;
  /** From when the mail would be of no use: UTC epoch ms. */
  readonly expiresAt: number;
}

/** A row, as whoever makes its mail or records its end sees it. */
export interface Entry<Kind extends OutboxKind = OutboxKind> {
  readonly id: string;
  readonly kind: Kind;
  readonly subjectId: string;
  readonly addressId: string | null;
  readonly locale: Locale;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** An earlier try did not get through: what the mail counts against was counted then. */
  readonly isRetry: boolean;
}

/** The mail, or why none is to go out: a cap, silence, or that its reason is gone. */
export type Prepared =
  | { readonly send: true; readonly to: { readonly address: string }; readonly message: Message }
  | { readonly send: false; readonly reason: string | null };

/** Makes the mail of an entry. Called again at each retry, it must make the same mail. */
export type Prepare = (entry: Entry<MailKind>) => Promise<Prepared>;

export type Ending = 'sent' | 'withheld' | 'expired' | 'failed';

export interface OutboxHealth {
  /** How long the oldest mail that is due has been waiting for the worker. */
  readonly oldestDueMs: number;
  /** Mail has not been going out for a minute. */
  readonly isFailing: boolean;
  readonly lastFailure: string | undefined;
}

export interface Outbox {
  /** Inserts the row in the caller's transaction: the mail goes out if and only if that commits. */
  enqueue(tx: Transaction, order: Order): Promise<void>;
  /** One pass of the worker: delivers what is due, and tells how many rows it took up. Called by a timer, never by a request. */
  deliver(): Promise<number>;
  health(): Promise<OutboxHealth>;
  /** Deletes the rows that ended before `before` (UTC epoch ms). */
  forget(before: number): Promise<void>;
}

export interface OutboxNeeds {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly sender: MailSender;
  readonly log: Log;
  readonly site: {
    readonly id: string;
    readonly senderName: string;
    readonly senderAddress: string;
  };
  readonly prepare: Prepare;
  /** Runs in the transaction that ends a row: the place for its audit event. */
  readonly onEnd: (tx: Transaction, entry: Entry, ending: Ending) => Promise<void>;
}

type Row = Readonly<OutboxTable>;

const insertRow = statement((tx, row: Values<Row>) => tx.insertInto('outbox').values(row));

/** Longer than a pass over one batch can take: who still holds a row after that has died. */
const leaseMs = minuteMs;
const failingAfterMs = minuteMs;
const longestWaitMs = 10 * minuteMs;

/** 5 s, 15 s, 45 s, ... at most 10 min. */
export const waitAfterMs = (attempts: number): number => Math.min(5 * secondMs * 3 ** (attempts - 1), longestWaitMs);

export function createOutbox({ db, clock, random, sender, log, site, prepare, onEnd }: OutboxNeeds): Outbox {
  /** Ordered, so that mails of one moment go out in the order they were asked for. */
  const nextId = createOrderedIds(random);

  /** When mail stopped going out, as this process met it. */
  let failingSince: number | undefined;
  let lastFailure: string | undefined;
  let wasFailing = false;

  // Each row goes to exactly one worker: `attempts` is the number of the claim, and what was claimed under an older
  // number can no longer move the row. PostgreSQL needs the lock, or two workers would wait for the same rows.
  const claim = async (now: number): Promise<Row[]> => {
    const claimed = await db.write((tx) =>
      tx
        .with('due', (query) => {
          const due = query
            .selectFrom('outbox')
            .select('id')
            .where('state', '=', 'queued')
            .where('kind', 'in', outboxKinds)
            .where('due_at', '<=', now)
            .where('leased_until', '<=', now)
            .orderBy('due_at')
            .orderBy('id')
            .limit(sendsAtOnce);
          return db.engine === 'postgres' ? due.forUpdate().skipLocked() : due;
        })
        .updateTable('outbox')
        .set((row) => ({ attempts: row('attempts', '+', 1), leased_until: now + leaseMs }))
        .where('id', 'in', (query) => query.selectFrom('due').select('id'))
        .returningAll()
        .execute(),
    );
    // Neither engine returns them in the order in which they were chosen.
    return claimed.toSorted((a, b) => a.due_at - b.due_at || (a.id < b.id ? -1 : 1));
  };

  async function end(row: Row, ending: Ending, failure: string | null): Promise<void> {
    await db.write(async (tx) => {
      const ended = await tx
        .updateTable('outbox')
        .set({ state: ending, failure, ended_at: clock.now() })
        .where('id', '=', row.id)
        .where('state', '=', 'queued')
        // A mail that is out is out, whoever holds the row by now; any other end needs the claim.
        .$if(ending !== 'sent', (update) => update.where('attempts', '=', row.attempts))
        .returning('id')
        .executeTakeFirst();
      if (ended) await onEnd(tx, entryOf(row), ending);
    });
  }

  const putBack = (row: Row, failure: string) =>
    db.write((tx) =>
      tx
        .updateTable('outbox')
        // Due again at the latest when it expires: that pass ends it.
        .set({ due_at: Math.min(clock.now() + waitAfterMs(row.attempts), row.expires_at), leased_until: 0, failure })
        .where('id', '=', row.id)
        .where('state', '=', 'queued')
        .where('attempts', '=', row.attempts)
        .execute(),
    );

  /**
   * Each mail is made once the one before it is, the oldest first, as it takes what its mailbox may still get; they go out at
   * once. A row that meets a fault of ours stays leased and is tried again; it does not hold up the others.
   */
  async function deliverAll(rows: readonly Row[]): Promise<void> {
    const deliveries: Promise<void>[] = [];
    for (const row of rows) {
      const making = make(row);
      deliveries.push(making.then((made) => deliverRow(row, made)).catch(noteFault));
      await making.catch(() => {});
    }
    await Promise.all(deliveries);
  }

  function noteFault(error: unknown): void {
    failingSince ??= clock.now();
    lastFailure = 'fault';
    log.error({ err: error }, 'a mail could not be made or recorded');
  }

  async function make(row: Row): Promise<Prepared | 'expired'> {
    if (row.expires_at <= clock.now()) return 'expired';
    const { kind, ...entry } = entryOf(row);
    return kind === 'none' ? { send: false, reason: null } : prepare({ ...entry, kind });
  }

  async function deliverRow(row: Row, prepared: Prepared | 'expired'): Promise<void> {
    if (prepared === 'expired') return end(row, 'expired', row.failure);
    if (!prepared.send) return end(row, 'withheld', prepared.reason);
    const delivery = await sender.send({
      from: { name: site.senderName, address: site.senderAddress },
      to: prepared.to,
      message: prepared.message,
      messageId: `${row.id}@${site.senderAddress.slice(site.senderAddress.lastIndexOf('@') + 1)}`,
      language: entryOf(row).locale,
      writtenAt: clock.now(),
    });
    note(delivery);
    if (delivery.result === 'accepted') return end(row, 'sent', null);
    if (delivery.result !== 'refused') return void (await putBack(row, delivery.detail));
    log.warn({ mail: row.id, to: maskAddress(prepared.to.address), failure: delivery.detail }, 'a mail was refused');
    return end(row, 'failed', delivery.detail);
  }

  // A refusal of one mail shows a mail server at work. A deferral may be greylisting: it counts only while nothing goes out.
  function note(delivery: Delivery): void {
    if (delivery.result === 'accepted' || delivery.result === 'refused') failingSince = undefined;
    else failingSince ??= clock.now();
    if (delivery.result !== 'accepted') lastFailure = delivery.detail;
  }

  const isGoingOut = () => failingSince === undefined;

  /** When the oldest queued row is or was free for a worker: due, and not leased. */
  const oldestFreeAt = async (): Promise<number | undefined> => {
    const oldest = await db.read
      .selectFrom('outbox')
      .select((row) => [
        row
          .case()
          .when('leased_until', '>', row.ref('due_at'))
          .then(row.ref('leased_until'))
          .else(row.ref('due_at'))
          .end()
          .as('free_at'),
      ])
      .where('state', '=', 'queued')
      .where('kind', 'in', outboxKinds)
      .orderBy('free_at')
      .limit(1)
      .executeTakeFirst();
    return oldest?.free_at;
  };

  async function health(): Promise<OutboxHealth> {
    const now = clock.now();
    const oldestDueMs = Math.max(0, now - ((await oldestFreeAt()) ?? now));
    const failedForMs = now - (failingSince ?? now);
    return { oldestDueMs, isFailing: Math.max(oldestDueMs, failedForMs) >= failingAfterMs, lastFailure };
  }

  async function tellChange(): Promise<void> {
    // With nothing left to send nobody can know; a node that stayed red would get no request that could turn it green.
    if (failingSince !== undefined && (await oldestFreeAt()) === undefined) failingSince = undefined;
    const { isFailing, oldestDueMs } = await health();
    if (isFailing === wasFailing) return;
    wasFailing = isFailing;
    if (isFailing) log.error({ failure: lastFailure, oldestDueMs }, 'mail is not going out');
    else log.info({}, 'mail is not failing any more');
  }

  return {
    async enqueue(tx, { kind, subjectId, addressId = null, locale, expiresAt }) {
      const now = clock.now();
      await insertRow.send(tx, {
        id: nextId(now),
        site: site.id,
        kind,
        subject_id: subjectId,
        address_id: addressId,
        locale,
        state: 'queued',
        attempts: 0,
        due_at: now,
        leased_until: 0,
        failure: null,
        created_at: now,
        expires_at: expiresAt,
        ended_at: null,
      });
    },

    async deliver() {
      let taken = 0;
      let batch: Row[];
      do {
        batch = await claim(clock.now());
        await deliverAll(batch);
        taken += batch.length;
      } while (batch.length === sendsAtOnce && isGoingOut());
      await tellChange();
      return taken;
    },

    health,

    forget: (before) => deleteOver(db, 'outbox', (row) => row('ended_at', '<', before)),
  };
}

function entryOf(row: Row): Entry {
  const kind = outboxKinds.find((known) => known === row.kind);
  if (kind === undefined || !isLocale(row.locale)) throw new Error(`cannot mail ${row.kind} in ${row.locale}`);
  return {
    id: row.id,
    kind,
    subjectId: row.subject_id,
    addressId: row.address_id,
    locale: row.locale,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    isRetry: row.attempts > 1,
  };
}
