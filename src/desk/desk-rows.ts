// What the desk reads and takes of the rows of cases: lists of a bounded length, each from an index, and one guarded update
// by which an agent holds a case.
import { type SelectQueryBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import type { CaseRow } from '../support/cases.ts';

/** The lists of the desk, in the order in which they are shown. */
export const queueViews = ['mine', 'unassigned', 'waiting', 'open', 'closed'] as const;
export type QueueView = (typeof queueViews)[number];
export const isQueueView = (text: string): text is QueueView => queueViews.some((view) => view === text);

/** Where the next part of a list begins. */
export interface Place {
  /** UTC epoch ms. */
  readonly at: number;
  readonly id: string;
}

/** Cases in one part of a list. */
export const pageSize = 50;
/** From here on a list is told as "more than". */
export const countedAtMost = 999;

export interface QueueScope {
  readonly site: string;
  readonly agentId: string;
}

const inView = (
  db: Database,
  { site, agentId }: QueueScope,
  view: QueueView,
): SelectQueryBuilder<Tables, 'cases', {}> => {
  const cases = db.read.selectFrom('cases').where('site', '=', site);
  if (view === 'closed') return cases.where('ended_at', 'is not', null);
  const open = cases.where('ended_at', 'is', null);
  if (view === 'mine') return open.where('agent_id', '=', agentId);
  if (view === 'unassigned') return open.where('agent_id', 'is', null);
  return view === 'waiting' ? open.where('state', '=', 'asked') : open;
};

/** What was promised first comes first; of the closed ones, what was decided last. One more than a part holds, if there is one. */
export function listCases(
  db: Database,
  scope: QueueScope,
  view: QueueView,
  after: Place | undefined,
): Promise<CaseRow[]> {
  const isClosed = view === 'closed';
  const column = isClosed ? 'ended_at' : 'promised_at';
  const direction = isClosed ? 'desc' : 'asc';
  let query = inView(db, scope, view).selectAll();
  if (after) {
    const than = sql<boolean>`(${sql.ref(column)}, id) ${sql.raw(isClosed ? '<' : '>')} (${after.at}, ${after.id})`;
    query = query.where(than);
  }
  return query
    .orderBy(column, direction)
    .orderBy('id', direction)
    .limit(pageSize + 1)
    .execute();
}

/** How many there are, counted as far as `countedAtMost` and one more. */
export async function countCases(db: Database, scope: QueueScope, view: QueueView): Promise<number> {
  const some = inView(db, scope, view)
    .select('id')
    .limit(countedAtMost + 1)
    .as('some');
  const { count } = await db.read
    .selectFrom(some)
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export interface Held {
  readonly id: string;
  readonly version: number;
  /** Who has to have it; `null`: nobody. */
  readonly agentId: string | null;
}

/**
 * Holds the case until the transaction ends, where it is still what the agent saw and theirs. `undefined`: somebody wrote,
 * moved or took it meanwhile. Of sixteen at once one gets it.
 */
export const holdCase = (
  tx: Transaction,
  { id, version, agentId }: Held,
  changes: Partial<Pick<CaseRow, 'agent_id'>> = {},
): Promise<CaseRow | undefined> => {
  const query = tx
    .updateTable('cases')
    .set({ ...changes, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .where('emptied_at', 'is', null);
  return (agentId === null ? query.where('agent_id', 'is', null) : query.where('agent_id', '=', agentId))
    .returningAll()
    .executeTakeFirst();
};

/** When the desk first wrote to the person. */
export const noteAnswered = (tx: Transaction, id: string, now: number) =>
  tx.updateTable('cases').set({ answered_at: now }).where('id', '=', id).where('answered_at', 'is', null).execute();

/** Cases in which somebody gave one of these contacts, named one of these identifiers, or recovered one of these accounts. The newest first. */
export async function findRelatedCases(
  db: Database,
  site: string,
  by: {
    readonly contactHashes: readonly string[];
    readonly identifierHashes: readonly string[];
    readonly accountIds: readonly string[];
  },
  most: number,
): Promise<CaseRow[]> {
  const found = new Map<string, CaseRow>();
  const cases = () => db.read.selectFrom('cases').selectAll('cases').where('cases.site', '=', site);
  const newest = (query: ReturnType<typeof cases>) =>
    query.orderBy('cases.created_at', 'desc').orderBy('cases.id').limit(most).execute();
  const lists = await Promise.all([
    by.contactHashes.length === 0
      ? []
      : newest(
          cases().where('cases.id', 'in', (row) =>
            row.selectFrom('case_contacts').select('case_id').where('address_hash', 'in', by.contactHashes),
          ),
        ),
    by.identifierHashes.length === 0 ? [] : newest(cases().where('cases.identifier_hash', 'in', by.identifierHashes)),
    by.accountIds.length === 0
      ? []
      : newest(
          cases().where('cases.recovery_id', 'in', (row) =>
            row.selectFrom('recoveries').select('recoveries.id').where('account_id', 'in', by.accountIds),
          ),
        ),
  ]);
  for (const row of lists.flat()) found.set(row.id, row);
  return [...found.values()].toSorted((a, b) => b.created_at - a.created_at).slice(0, most);
}

/** How the mails of a case went: kinds and ends, the newest first. */
export const mailsOf = (db: Database, subjectIds: readonly string[], most: number) =>
  db.read
    .selectFrom('outbox')
    .select(['kind', 'state', 'created_at', 'ended_at'])
    .where('subject_id', 'in', subjectIds)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(most)
    .execute();

/** The contacts that a case ever had, the one that counts first. */
export const contactsOf = (db: Database, caseId: string) =>
  db.read
    .selectFrom('case_contacts')
    .select(['id', 'address_hash', 'address_sealed', 'confirmed_at', 'replaced_at'])
    .where('case_id', '=', caseId)
    .orderBy(sql`replaced_at IS NOT NULL`)
    .orderBy('created_at', 'desc')
    .execute();
