// The audit trail. `append` writes an event with a keyed MAC in the caller's transaction; one sealer among all nodes
// chains what was committed; `verify` proves that nothing was changed, added, moved or removed. What it cannot see: an
// event removed before it was sealed, and a database put back whole to an earlier state. For that, note `head` elsewhere.
// What is old is cut off at the beginning: the chain then goes on from a signed start.
import { type Clock, secondMs } from '../base/clock.ts';
import { createOrderedIds, type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import { inBatches } from '../database/batches.ts';
import { statement, type Values } from '../database/statement.ts';
import type { AuditEventsTable, AuditHeadsTable } from '../database/tables.ts';
import type { AuditEvent } from './events.ts';

export interface AuditEntry {
  readonly event: AuditEvent;
  /** Id of the recovery, case, sign-up or session that it is about. */
  readonly subjectId?: string;
  readonly accountId?: string | null;
  /** Keyed hash of the network that asked. */
  readonly source?: string;
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

/** An event as the account that it is about may see it. */
export interface SeenEvent {
  readonly event: string;
  /** UTC epoch ms. */
  readonly at: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** How far the chain goes; `seq` 0 before the first event. */
export interface AuditHead {
  readonly seq: number;
  readonly chain: string;
}

export interface AuditFault {
  /** Place in the chain; `null` for an event that is not sealed yet, and for the head. */
  readonly seq: number | null;
  readonly id: string | null;
  /**
   * - `changed`: the event is not what was written.
   * - `moved`: it does not follow the one before it.
   * - `removed`: from `seq` on, one or more events are missing.
   * - `head`: the signed end of the chain was changed or removed.
   * - `start`: where it begins, once old events are cut off, was changed.
   * - `key-gone`: it was signed by a key that is no longer live, so nothing can be said about it.
   */
  readonly what: 'changed' | 'moved' | 'removed' | 'head' | 'start' | 'key-gone';
}

export interface AuditReport {
  readonly sealed: number;
  /** Of the beginning of the chain, deleted as they were old. */
  readonly cut: number;
  /** Events that no seal protects yet: the last second's, unless the sealer is down. */
  readonly unsealed: number;
  /** The first thousand. */
  readonly faults: readonly AuditFault[];
  /** To be noted where the database's administrator cannot write; a later head must have a larger `seq`. */
  readonly head: AuditHead;
}

export interface Audit {
  /** Inserts the events with their keyed MACs, in the caller's transaction. */
  append(tx: Transaction, ...entries: readonly AuditEntry[]): Promise<void>;
  /** The newest of these events about an account, newest first. */
  eventsOf(accountId: string, events: readonly string[], most: number): Promise<readonly SeenEvent[]>;
  /** One pass of the sealer: returns how many events it chained; 0 while another node holds the lease. To run every second. */
  seal(): Promise<number>;
  /** Cuts off what was written before; not what does not verify, which is left for whoever has to see it. */
  forget(before: number): Promise<void>;
  /** Walks the whole trail in pages. */
  verify(): Promise<AuditReport>;
  /** One JSON object a line: first the sealed events in their order, then the others. */
  export(): AsyncGenerator<string>;
}

type Row = AuditEventsTable;

const insertEvents = statement((tx, { events }: { events: readonly Values<Omit<Row, 'seq' | 'chain'>>[] }) =>
  tx.insertInto('audit_events').values(events),
);

const leaseName = 'audit-sealer';
const leaseMs = 10 * secondMs;
/** Its signed ends, by name: the last event that is sealed, and the last that was cut off. */
type End = 'chain' | 'start';
/** Rows at a time: what `seal` chains in one transaction, what `verify` reads in one query, how many faults it keeps. */
const usualSizes = { batch: 200, page: 1_000, faults: 1_000 };

export function createAudit({
  db,
  keys,
  clock,
  random,
  site,
  sizes = usualSizes,
}: {
  db: Database;
  keys: Keys;
  clock: Clock;
  random: Random;
  site: string;
  /** Fewer only in a test. */
  sizes?: typeof usualSizes;
}): Audit {
  const holder = randomToken(random);
  /** Ordered, so that events of one moment are chained in the order they happened. */
  const nextId = createOrderedIds(random);

  async function sealBatch(): Promise<number> {
    return db.write(async (tx) => {
      if (!(await takeLease(tx))) return 0;
      const head = await readHead(tx);
      const events = await tx
        .selectFrom('audit_events')
        .select(['id', 'mac'])
        .where('seq', 'is', null)
        .orderBy('at')
        .orderBy('id')
        .limit(sizes.batch)
        .execute();
      if (events.length === 0) return 0;
      let { seq, chain } = head;
      for (const { id, mac } of events) {
        seq += 1;
        chain = keys.hash('audit', ...chainParts(chain, seq, id, mac));
        await tx.updateTable('audit_events').set({ seq, chain }).where('id', '=', id).execute();
      }
      await writeEnd(tx, 'chain', { seq, chain });
      return events.length;
    });
  }

  /** The row stays locked until the batch is committed: that, not the clock, keeps two sealers apart. */
  async function takeLease(tx: Transaction): Promise<boolean> {
    const now = clock.now();
    const lease = { name: leaseName, holder, expires_at: now + leaseMs };
    const taken = await tx
      .insertInto('leases')
      .values(lease)
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet(lease)
          .where((row) => row.or([row('leases.holder', '=', holder), row('leases.expires_at', '<=', now)])),
      )
      .returning('holder')
      .executeTakeFirst();
    return taken !== undefined;
  }

  const beginning: AuditHead = { seq: 0, chain: '' };

  const findEnd = (reader: Transaction, end: End): Promise<AuditHeadsTable | undefined> =>
    reader.selectFrom('audit_heads').selectAll().where('name', '=', end).executeTakeFirst();

  /** Throws when the head was changed: to sign a new one over it would hide what was removed. */
  async function readHead(tx: Transaction): Promise<AuditHead> {
    const head = await findEnd(tx, 'chain');
    if (head && !isGenuine(head))
      throw new Error('the head of the audit chain was changed: nothing is sealed any more');
    return head ?? beginning;
  }

  async function writeEnd(tx: Transaction, end: End, { seq, chain }: AuditHead): Promise<void> {
    const row = { name: end, seq, chain, mac: keys.hash('audit', ...endParts(end, seq, chain)) };
    await tx
      .insertInto('audit_heads')
      .values(row)
      .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
      .execute();
  }

  const isGenuine = ({ name, seq, chain, mac }: AuditHeadsTable): boolean =>
    keys.matches('audit', mac, ...endParts(name, seq, chain));

  const isKeyGone = (mac: string): boolean => keys.derive('audit', mac.slice(0, mac.indexOf('.'))) === undefined;

  const judgeEvent = (row: Row): AuditFault['what'] | undefined => {
    if (isKeyGone(row.mac)) return 'key-gone';
    return keys.matches('audit', row.mac, ...eventParts(row)) ? undefined : 'changed';
  };

  const judgePlace = (row: Row, seq: number, before: string): AuditFault['what'] | undefined => {
    const chain = row.chain ?? '';
    if (isKeyGone(chain)) return 'key-gone';
    return keys.matches('audit', chain, ...chainParts(before, seq, row.id, row.mac)) ? undefined : 'moved';
  };

  /** What is wrong with an event that has to come right after `before`. */
  const judge = (row: Row & { seq: number }, before: AuditHead): AuditFault['what'] | undefined =>
    row.seq === before.seq + 1 ? (judgeEvent(row) ?? judgePlace(row, row.seq, before.chain)) : 'removed';

  async function cutBatch(tx: Transaction, before: number, most: number): Promise<number> {
    // Whoever has the lease alone changes the chain, at either end.
    if (!(await takeLease(tx))) return 0;
    const [found, head] = [await findEnd(tx, 'start'), await findEnd(tx, 'chain')];
    if (!head || (found && !isGenuine(found))) return 0;
    const start = found ?? beginning;
    const rows = await tx
      .selectFrom('audit_events')
      .selectAll()
      .where('seq', '>', start.seq)
      .where('seq', '<', head.seq)
      .$narrowType<{ seq: number }>()
      .orderBy('seq')
      .limit(most)
      .execute();
    let last = start;
    for (const row of rows) {
      const what = judge(row, last);
      if (row.at >= before || (what !== undefined && what !== 'key-gone')) break;
      last = { seq: row.seq, chain: row.chain ?? '' };
    }
    const count = last.seq - start.seq;
    if (count === 0) return 0;
    await writeEnd(tx, 'start', last);
    await tx.deleteFrom('audit_events').where('seq', '>', start.seq).where('seq', '<=', last.seq).execute();
    return count;
  }

  async function* sealedRows(): AsyncGenerator<Row & { seq: number }> {
    let after = Number.MIN_SAFE_INTEGER;
    for (;;) {
      const page = await db.read
        .selectFrom('audit_events')
        .selectAll()
        .where('seq', '>', after)
        .$narrowType<{ seq: number }>()
        .orderBy('seq')
        .limit(sizes.page)
        .execute();
      yield* page;
      const last = page.at(-1);
      if (!last || page.length < sizes.page) return;
      after = last.seq;
    }
  }

  async function* unsealedRows(): AsyncGenerator<Row> {
    let last: Row | undefined;
    for (;;) {
      let query = db.read.selectFrom('audit_events').selectAll().where('seq', 'is', null);
      const { at, id } = last ?? {};
      if (at !== undefined && id !== undefined) {
        query = query.where((row) => row(row.refTuple('at', 'id'), '>', row.tuple(at, id)));
      }
      const page = await query.orderBy('at').orderBy('id').limit(sizes.page).execute();
      yield* page;
      last = page.at(-1);
      if (!last || page.length < sizes.page) return;
    }
  }

  return {
    async append(tx, ...entries) {
      const at = clock.now();
      const events = entries.map(({ event, subjectId, accountId, source, facts }) => {
        const row = {
          id: nextId(at),
          site,
          at,
          event,
          subject_id: subjectId ?? null,
          account_id: accountId ?? null,
          source_hash: source ?? null,
          facts: JSON.stringify(facts ?? {}),
        };
        return { ...row, mac: keys.hash('audit', ...eventParts(row)) };
      });
      await insertEvents.send(tx, { events });
    },

    async eventsOf(accountId, events, most) {
      const rows = await db.read
        .selectFrom('audit_events')
        .select(['event', 'at', 'facts'])
        .where('site', '=', site)
        .where('account_id', '=', accountId)
        .where('event', 'in', events)
        .orderBy('at', 'desc')
        .orderBy('id')
        .limit(most)
        .execute();
      return rows.map(({ event, at, facts }) => ({ event, at, facts: readFacts(facts) }));
    },

    async seal() {
      let sealed = 0;
      for (;;) {
        const count = await sealBatch();
        sealed += count;
        if (count < sizes.batch) return sealed;
      }
    },

    async forget(before) {
      // Nearly always nothing is that old: one event tells, and nobody waits for the lease.
      const start = await findEnd(db.read, 'start');
      const oldest = await db.read
        .selectFrom('audit_events')
        .select('at')
        .where('seq', '>', start?.seq ?? beginning.seq)
        .orderBy('seq')
        .limit(1)
        .executeTakeFirst();
      if (oldest && oldest.at < before) await inBatches(db, (tx, most) => cutBatch(tx, before, most));
    },

    async verify() {
      const faults: AuditFault[] = [];
      const note = (fault: AuditFault) => {
        if (faults.length < sizes.faults) faults.push(fault);
      };
      const wrongEnd = (end: AuditHeadsTable | undefined, what: 'head' | 'start') => {
        if (end && !isGenuine(end)) note({ seq: null, id: null, what: isKeyGone(end.mac) ? 'key-gone' : what });
      };
      // Read first: events that are sealed meanwhile lie beyond it and are checked like all others.
      const head = await findEnd(db.read, 'chain');
      const start = await findEnd(db.read, 'start');
      wrongEnd(head, 'head');
      wrongEnd(start, 'start');

      let sealed = 0;
      let last: AuditHead = start ?? beginning;
      for await (const row of sealedRows()) {
        if (row.seq !== last.seq + 1) {
          // Cut off since the start was read, or nobody knows why they are gone. After a gap the chain goes on from this event:
          // nobody without the key can write one that follows it.
          const since = await findEnd(db.read, 'start');
          const isCut = row.seq > last.seq && since !== undefined && since.seq >= row.seq - 1 && isGenuine(since);
          if (!isCut) note({ seq: last.seq + 1, id: null, what: 'removed' });
          // The cut may have gone on past this event.
          else if (since.seq === row.seq - 1) last = since;
        }
        const what = row.seq === last.seq + 1 ? judge(row, last) : judgeEvent(row);
        if (what) note({ seq: row.seq, id: row.id, what });
        if (head?.seq === row.seq && head.chain !== row.chain) note({ seq: null, id: null, what: 'head' });
        last = { seq: row.seq, chain: row.chain ?? '' };
        sealed += 1;
      }
      if (head && head.seq > last.seq) note({ seq: last.seq + 1, id: null, what: 'removed' });
      if (!head && sealed > 0) note({ seq: null, id: null, what: 'head' });

      let unsealed = 0;
      for await (const row of unsealedRows()) {
        const what = judgeEvent(row);
        if (what) note({ seq: null, id: row.id, what });
        unsealed += 1;
      }
      return { sealed, cut: start?.seq ?? 0, unsealed, faults, head: { seq: last.seq, chain: last.chain } };
    },

    async *export() {
      for await (const row of sealedRows()) yield `${JSON.stringify(row)}\n`;
      for await (const row of unsealedRows()) yield `${JSON.stringify(row)}\n`;
    },
  };
}

// Each list begins with what it is for, so that a MAC made for one never fits another; `keys.hash` prefixes the lengths.

const eventParts = (row: Omit<Row, 'mac' | 'seq' | 'chain'>): string[] => [
  'event',
  row.id,
  row.site,
  String(row.at),
  row.event,
  orNull(row.subject_id),
  orNull(row.account_id),
  orNull(row.source_hash),
  row.facts,
];

const chainParts = (before: string, seq: number, id: string, mac: string): string[] => [
  'chain',
  before,
  String(seq),
  id,
  mac,
];

const endParts = (end: string, seq: number, chain: string): string[] => [
  // The word that heads were signed with before there was a start.
  end === 'chain' ? 'head' : end,
  String(seq),
  chain,
];

function readFacts(json: string): Record<string, unknown> {
  const facts: unknown = JSON.parse(json);
  return typeof facts === 'object' && facts !== null ? { ...facts } : {};
}

/** Tells NULL from the empty text. */
const orNull = (text: string | null): string => (text === null ? '' : `=${text}`);
