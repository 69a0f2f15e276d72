// The rows of releases, of what happened to them and of the notices about it. A release moves only by its version, so of
// sixteen at once one wins; a grant's tries are taken before anything is compared.
import { sql } from 'kysely';
import type { Database, Transaction } from '../database/database.ts';
import { statement, type Value } from '../database/statement.ts';
import type { ReleaseNoticesTable, ReleasesTable, ReleaseStepsTable } from '../database/tables.ts';
import { maxNoticeTries } from '../proofs/notice-number.ts';
import { maxGrantTries } from './policy.ts';
import { deleteOver } from '../database/batches.ts';

export type Release = Readonly<ReleasesTable>;
export type ReleaseStep = Readonly<ReleaseStepsTable>;
export type ReleaseNotice = Readonly<ReleaseNoticesTable>;

/** `undefined`: the account or the case has an open one already. */
export const insertRelease = (tx: Transaction, release: Release): Promise<{ readonly id: string } | undefined> =>
  tx
    .insertInto('releases')
    .values(release)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();

/** Moves the release on from the version that was read. `undefined`: somebody else moved it first. */
export const moveRelease = (
  tx: Transaction,
  { id, version }: Release,
  changes: Partial<Release>,
): Promise<Release | undefined> =>
  tx
    .updateTable('releases')
    .set({ ...changes, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .returningAll()
    .executeTakeFirst();

export const findRelease = (reader: Transaction, id: string): Promise<Release | undefined> =>
  reader.selectFrom('releases').selectAll().where('id', '=', id).executeTakeFirst();

/** Asked at every sign-in and reset, so that it reads no more than it must. */
export const hasOpenRelease = statement((tx, { accountId }: { accountId: Value<string> }) =>
  tx.selectFrom('releases').select('id').where('account_id', '=', accountId).where('ended_at', 'is', null),
).executeTakeFirst;

export const openReleaseOf = statement((reader, { accountId }: { accountId: Value<string> }) =>
  reader.selectFrom('releases').selectAll().where('account_id', '=', accountId).where('ended_at', 'is', null),
).executeTakeFirst;

/** The newest first. */
export const releasesOfCase = (reader: Transaction, caseId: string): Promise<Release[]> =>
  reader
    .selectFrom('releases')
    .selectAll()
    .where('case_id', '=', caseId)
    .orderBy('proposed_at', 'desc')
    .orderBy('id')
    .execute();

/** Those that gave the account away and were not undone, the newest first. */
export const spentReleasesOf = (reader: Transaction, accountId: string, after: number): Promise<Release[]> =>
  reader
    .selectFrom('releases')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('state', '=', 'spent')
    .where('spent_at', '>', after)
    .orderBy('spent_at', 'desc')
    .execute();

/** Takes one of the grant's tries, before anything is compared. `undefined`: none is left, or the grant is over. */
export const takeGrantTry = (tx: Transaction, id: string, now: number): Promise<Release | undefined> =>
  tx
    .updateTable('releases')
    .set({ grant_tries: sql<number>`grant_tries + 1`, version: sql<number>`version + 1` })
    .where('id', '=', id)
    .where('state', '=', 'released')
    .where('grant_tries', '<', maxGrantTries)
    .where('due_at', '>', now)
    .returningAll()
    .executeTakeFirst();

export const findReleaseOfGrant = (reader: Transaction, hashes: readonly string[]): Promise<Release | undefined> =>
  reader.selectFrom('releases').selectAll().where('grant_hash', 'in', hashes).executeTakeFirst();

/** What the link of the grant is compared with; a retry of its mail finds what its first try kept. `undefined`: it is over. */
export const keepGrant = (
  tx: Transaction,
  id: string,
  grant: { readonly grant_hash: string; readonly grant_key_id: string },
): Promise<Release | undefined> =>
  tx
    .updateTable('releases')
    .set(grant)
    .where('id', '=', id)
    .where('state', '=', 'released')
    .returningAll()
    .executeTakeFirst();

/** How many at most, and which are left out. */
interface Part {
  readonly most: number;
  readonly but: readonly string[];
}

/** The open ones that the clock moves. */
export const dueReleases = (reader: Transaction, now: number, { most, but }: Part): Promise<Release[]> =>
  reader
    .selectFrom('releases')
    .selectAll()
    .where('ended_at', 'is', null)
    .where('due_at', '<=', now)
    .$if(but.length > 0, (query) => query.where('id', 'not in', but))
    .orderBy('due_at')
    .limit(most)
    .execute();

export const insertStep = (tx: Transaction, step: ReleaseStep) => tx.insertInto('release_steps').values(step).execute();

/** The oldest first. */
export const stepsOfCase = (reader: Transaction, caseId: string): Promise<ReleaseStep[]> =>
  reader.selectFrom('release_steps').selectAll().where('case_id', '=', caseId).orderBy('at').orderBy('id').execute();

export const findStep = (reader: Transaction, id: string): Promise<ReleaseStep | undefined> =>
  reader.selectFrom('release_steps').selectAll().where('id', '=', id).executeTakeFirst();

export const objections = ['contested', 'vetoed', 'undone'] as const;

interface OfEither {
  readonly caseId: string;
  readonly accountId: string;
}

/** Whether somebody ever objected to a release, for this case or this account. */
export const isContested = (reader: Transaction, of: OfEither) => hasStep(reader, of, objections);

/** The same, or to the closing of the account. */
export const hasObjected = (reader: Transaction, of: OfEither) =>
  hasStep(reader, of, [...objections, 'closing-vetoed', 'closing-undone']);

async function hasStep(reader: Transaction, { caseId, accountId }: OfEither, events: readonly string[]) {
  const found = await reader
    .selectFrom('release_steps')
    .select('id')
    .where('event', 'in', events)
    .where((step) => step.or([step('account_id', '=', accountId), step('case_id', '=', caseId)]))
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

const count = (rows: readonly { readonly count: number | string }[]) => Number(rows[0]?.count ?? 0);

/** Approvals after a moment, whatever became of them. */
export const approvalsAfter = async (
  reader: Transaction,
  by: { readonly accountId: string } | { readonly agentId: string },
  after: number,
): Promise<number> => {
  const approved = reader
    .selectFrom('release_steps')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .where('event', '=', 'approved')
    .where('at', '>', after);
  return count(
    await ('accountId' in by
      ? approved.where('account_id', '=', by.accountId)
      : approved.where('agent_id', '=', by.agentId)
    ).execute(),
  );
};

/** Whether the account was released after a moment, whatever became of that. */
export async function wasReleasedAfter(reader: Transaction, accountId: string, after: number): Promise<boolean> {
  const found = await reader
    .selectFrom('release_steps')
    .select('id')
    .where('event', '=', 'released')
    .where('account_id', '=', accountId)
    .where('at', '>', after)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** When the account of a release was made. */
export async function accountMadeAt(reader: Transaction, accountId: string): Promise<number> {
  const row = await reader
    .selectFrom('accounts')
    .select('created_at')
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow();
  return row.created_at;
}

/** Since when the browser of a session has been known to its account. */
export async function browserKnownSince(reader: Transaction, sessionId: string): Promise<number | undefined> {
  const row = await reader
    .selectFrom('sessions')
    .leftJoin('devices', 'devices.id', 'sessions.device_id')
    .select(['sessions.created_at', 'devices.created_at as remembered_at'])
    .where('sessions.id', '=', sessionId)
    .executeTakeFirst();
  return row && (row.remembered_at ?? row.created_at);
}

/** A retry of the mail finds the row that its first try made. */
export async function keepNotice(tx: Transaction, notice: ReleaseNotice): Promise<void> {
  await tx
    .insertInto('release_notices')
    .values(notice)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

export const findNotice = (reader: Transaction, id: string): Promise<ReleaseNotice | undefined> =>
  reader.selectFrom('release_notices').selectAll().where('id', '=', id).executeTakeFirst();

/** `hashes`: of the link's token under every live key. */
export const findNoticeOfLink = (
  reader: Transaction,
  hashes: readonly string[],
): Promise<(ReleaseNotice & { readonly case_id: string; readonly event: string }) | undefined> =>
  reader
    .selectFrom('release_notices')
    .innerJoin('release_steps', 'release_steps.id', 'release_notices.step_id')
    .selectAll('release_notices')
    .select(['release_steps.case_id', 'release_steps.event'])
    .where('release_notices.stop_hash', 'in', hashes)
    .executeTakeFirst();

/** Takes one of the notice's tries, before anything is compared. `undefined`: none is left. */
export const takeNoticeTry = (tx: Transaction, id: string): Promise<ReleaseNotice | undefined> =>
  tx
    .updateTable('release_notices')
    .set({ tries: sql<number>`tries + 1` })
    .where('id', '=', id)
    .where('tries', '<', maxNoticeTries)
    .returningAll()
    .executeTakeFirst();

/** Deletes the notices that were mailed before `before`. */
export const deleteNotices = (db: Database, before: number): Promise<void> =>
  deleteOver(db, 'release_notices', (row) => row('created_at', '<', before));

/** Confirmed contacts of open cases of which whoever has the account was not told yet. */
export const untoldContacts = (reader: Transaction, { most, but }: Part) =>
  reader
    .selectFrom('case_contacts')
    .innerJoin('cases', 'cases.id', 'case_contacts.case_id')
    .select(['case_contacts.id as contactId', 'cases.id as caseId', 'cases.identifier_sealed'])
    .where('case_contacts.confirmed_at', 'is not', null)
    .where('case_contacts.owners_told_at', 'is', null)
    .$if(but.length > 0, (query) => query.where('case_contacts.id', 'not in', but))
    .orderBy('case_contacts.confirmed_at')
    .limit(most)
    .execute();

export type Untold = Awaited<ReturnType<typeof untoldContacts>>[number];

/** Marks it as told, once: of several workers one goes on, and none for a case that was just said to be about somebody else. */
export async function markTold(
  tx: Transaction,
  { contactId, caseId, identifier_sealed }: Untold,
  now: number,
): Promise<boolean> {
  // Held first, as whoever names its account does.
  const of = await tx
    .updateTable('cases')
    .set({ version: sql<number>`version` })
    .where('id', '=', caseId)
    .returning('identifier_sealed')
    .executeTakeFirst();
  if (of?.identifier_sealed !== identifier_sealed) return false;
  const row = await tx
    .updateTable('case_contacts')
    .set({ owners_told_at: now })
    .where('id', '=', contactId)
    .where('owners_told_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** What an account is told on its own page: the newest case about it that it was told of and that is not decided. */
export const toldCaseOf = (reader: Transaction, accountId: string) =>
  reader
    .selectFrom('release_steps')
    .innerJoin('cases', 'cases.id', 'release_steps.case_id')
    .select(['release_steps.case_id', 'release_steps.at'])
    .where('release_steps.account_id', '=', accountId)
    .where('release_steps.event', '=', 'told')
    .where('cases.ended_at', 'is', null)
    .orderBy('release_steps.at', 'desc')
    .executeTakeFirst();
