// What the desk reads and takes of the rows of cases: lists of a bounded length, each from an index, and one guarded update
// by which an agent holds a case.
import { type SelectQueryBuilder, sql } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import type { CaseRow } from '../support/cases.ts';

/** The lists of the desk, in the order in which they are shown. */
export const queueViews = ['mine', 'unassigned', 'waiting', 'approve', 'hold', 'open', 'closed'] as const;
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
  switch (view) {
    case 'mine':
      return open.where('agent_id', '=', agentId);
    case 'unassigned':
      return open.where('agent_id', 'is', null);
    case 'waiting':
      return open.where('state', '=', 'asked');
    case 'approve':
    case 'hold': {
      // Few: each was proposed by hand, and ends within days. So they lead to their cases: the site is asked of them, and with
      // the plus no index of all open cases is taken.
      const state = view === 'approve' ? 'proposed' : 'holding';
      const among = (table: 'releases' | 'closings') => inState(db, table, state).where('site', '=', site);
      const both = among('releases').unionAll(among('closings'));
      return db.read.selectFrom('cases').where('id', 'in', both).where(sql<boolean>`+ended_at IS NULL`);
    }
    default:
      return open;
  }
};

/** The cases of what is open in this state. */
const inState = (db: Database, table: 'releases' | 'closings', state: 'proposed' | 'holding') =>
  db.read.selectFrom(table).select('case_id').where('ended_at', 'is', null).where('state', '=', state);

/** What a line of a list shows of a case: without the words, which are most of a row. */
const lineColumns = [
  'cases.id',
  'cases.number',
  'cases.kind',
  'cases.state',
  'cases.locale',
  'cases.created_at',
  'cases.due_at',
  'cases.answered_at',
  'cases.reopened_at',
  'cases.ended_at',
  'cases.last_author',
  'cases.agent_id',
] as const;
type LineColumn = (typeof lineColumns)[number] extends `cases.${infer Column extends keyof CaseRow}` ? Column : never;
export type CaseLine = Pick<CaseRow, LineColumn>;

/** What is due first comes first; of the closed ones, what was decided last. One more than a part holds, if there is one. */
export function listCases(
  db: Database,
  scope: QueueScope,
  view: QueueView,
  after: Place | undefined,
): Promise<CaseLine[]> {
  const isClosed = view === 'closed';
  const column = isClosed ? 'ended_at' : 'due_at';
  const direction = isClosed ? 'desc' : 'asc';
  let query = inView(db, scope, view).select(lineColumns);
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

/** Which of these cases wait for the end of a hold: what was decided about them is told, and not yet done. */
export async function heldAmong(db: Database, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const among = (table: 'releases' | 'closings') => inState(db, table, 'holding').where('case_id', 'in', ids);
  const rows = await among('releases').unionAll(among('closings')).execute();
  return new Set(rows.map(({ case_id }) => case_id));
}

/** How many there are in each list, each counted as far as `countedAtMost` and one more; in one statement. */
export async function countCases(db: Database, scope: QueueScope): Promise<Record<QueueView, number>> {
  const counted = (view: QueueView) => {
    const some = inView(db, scope, view)
      .select('id')
      .limit(countedAtMost + 1)
      .as('some');
    return db.read.selectFrom(some).select(({ fn }) => fn.countAll<number | string>().as('count'));
  };
  const row = await db.read.selectNoFrom(queueViews.map((view) => counted(view).as(view))).executeTakeFirstOrThrow();
  const count = (view: QueueView) => Number(row[view]);
  return {
    mine: count('mine'),
    unassigned: count('unassigned'),
    waiting: count('waiting'),
    approve: count('approve'),
    hold: count('hold'),
    open: count('open'),
    closed: count('closed'),
  };
}

/**
 * Cases in which somebody gave one of these contacts, named one of these identifiers, or recovered one of these accounts.
 * The newest first; of each kind no more than `most` are looked at, however many there are.
 */
export async function findRelatedCases(
  db: Database,
  site: string,
  by: {
    readonly contactHashes: readonly string[];
    readonly identifierHashes: readonly string[];
    readonly accountIds: readonly string[];
  },
  most: number,
): Promise<CaseLine[]> {
  const cases = () => db.read.selectFrom('cases').select(lineColumns);
  // The site is asked of what leads to the case: together with the order it would make SQLite walk through all cases.
  const newest = (query: ReturnType<typeof cases>) =>
    query.orderBy(sql`+cases.created_at`, 'desc').limit(most).execute();
  const byContact = async (hash: string): Promise<CaseLine[]> => {
    const contacts = await db.read
      .selectFrom('case_contacts')
      .select('case_id')
      .where('address_hash', '=', hash)
      .where('site', '=', site)
      .orderBy('created_at', 'desc')
      .limit(most)
      .execute();
    const ids = [...new Set(contacts.map(({ case_id }) => case_id))];
    return ids.length === 0 ? [] : newest(cases().where('cases.id', 'in', ids));
  };
  const byIdentifier = (hash: string) =>
    cases()
      .where('cases.site', '=', site)
      .where('cases.identifier_hash', '=', hash)
      // Of the index, which holds no others.
      .where(sql<boolean>`cases.identifier_hash <> ''`)
      .orderBy('cases.created_at', 'desc')
      .limit(most)
      .execute();
  const byAccount = (accountId: string) => {
    const recoveries = db.read
      .selectFrom('recoveries')
      .select('recoveries.id')
      .where('account_id', '=', accountId)
      .where('site', '=', site);
    return newest(cases().where('cases.recovery_id', 'in', recoveries));
  };
  // One statement for each: a list of hashes in one would be sorted whole before any is shown.
  const lists = await Promise.all([
    ...by.contactHashes.map(byContact),
    ...by.identifierHashes.map(byIdentifier),
    ...by.accountIds.map(byAccount),
  ]);
  const found = new Map(lists.flat().map((line) => [line.id, line]));
  return [...found.values()].toSorted((a, b) => b.created_at - a.created_at).slice(0, most);
}

/** Open cases in which the person wrote last, after `since`: the newest hundred. */
export const newsSince = (db: Database, { site }: QueueScope, since: number) =>
  db.read
    .selectFrom('cases')
    .select(['state', 'agent_id', 'last_author'])
    .where('site', '=', site)
    .where('ended_at', 'is', null)
    .where('last_at', '>', since)
    .orderBy('last_at', 'desc')
    .limit(100)
    .execute();

/** What the mails of a case are about: its contacts, the codes to an address on file, its releases and what was told of them. */
export async function mailSubjectsOf(db: Database, caseId: string): Promise<string[]> {
  const of = (table: 'case_contacts' | 'case_address_codes' | 'releases' | 'release_steps') =>
    db.read.selectFrom(table).select('id').where('case_id', '=', caseId);
  const rows = await of('case_contacts')
    .unionAll(of('case_address_codes'))
    .unionAll(of('releases'))
    .unionAll(of('release_steps'))
    .execute();
  return rows.map(({ id }) => id);
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

export type MailLine = Awaited<ReturnType<typeof mailsOf>>[number];

/** The same of what was mailed in the newest recoveries of an account. */
export async function recoveryMailsOf(db: Database, accountId: string, most: number): Promise<readonly MailLine[]> {
  const recoveries = await db.read
    .selectFrom('recoveries')
    .select('id')
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .limit(most)
    .execute();
  if (recoveries.length === 0) return [];
  return mailsOf(
    db,
    recoveries.map(({ id }) => id),
    most,
  );
}

/** The contacts that a case ever had, the one that counts first. */
export const contactsOf = (db: Database, caseId: string) =>
  db.read
    .selectFrom('case_contacts')
    .select(['id', 'address_hash', 'address_sealed', 'confirmed_at', 'replaced_at'])
    .where('case_id', '=', caseId)
    .orderBy(sql`replaced_at IS NOT NULL`)
    .orderBy('created_at', 'desc')
    .execute();
