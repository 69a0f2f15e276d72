// What the signs of a played desk are counted from: rows of the last thirty days, few of each, each from an index.
import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import type { CaseRow } from '../support/case-rows.ts';
import type { Place } from './desk-rows.ts';

/** Rows looked at of each kind: beyond it a count is surely a sign. */
const countedAtMost = 50;

export interface Counted {
  /** Keyed hashes of every name that the account goes by. */
  readonly identifierHashes: readonly string[];
  readonly contactHash: string;
  readonly since: number;
  readonly site: string;
}

/** Cases that name one of these identifiers, and how many different contacts they have. */
export async function casesNaming(
  db: Database,
  { identifierHashes, since, site }: Omit<Counted, 'contactHash'>,
): Promise<{ readonly cases: number; readonly contacts: number }> {
  const lists = await Promise.all(
    identifierHashes.map((hash) =>
      db.read
        .selectFrom('cases')
        .select('id')
        .where('site', '=', site)
        .where('identifier_hash', '=', hash)
        .where('identifier_hash', '<>', '')
        .where('created_at', '>=', since)
        .orderBy('created_at', 'desc')
        .limit(countedAtMost)
        .execute(),
    ),
  );
  const ids = [...new Set(lists.flat().map(({ id }) => id))];
  if (ids.length === 0) return { cases: 0, contacts: 0 };
  const contacts = await db.read
    .selectFrom('case_contacts')
    .select('address_hash')
    .distinct()
    .where('case_id', 'in', ids)
    .where('address_hash', '<>', '')
    .where('replaced_at', 'is', null)
    .execute();
  return { cases: ids.length, contacts: contacts.length };
}

/** How many different identifiers the cases with this contact name, or named before they were corrected. */
export async function identifiersOf(
  db: Database,
  { contactHash, since, site }: Omit<Counted, 'identifierHashes'>,
): Promise<number> {
  if (contactHash === '') return 0;
  const contacts = await db.read
    .selectFrom('case_contacts')
    .select('case_id')
    .where('address_hash', '=', contactHash)
    .where('created_at', '>=', since)
    .where('site', '=', site)
    .orderBy('created_at', 'desc')
    .limit(countedAtMost)
    .execute();
  if (contacts.length === 0) return 0;
  const named = await db.read
    .selectFrom('cases')
    .select(['identifier_hash', 'earlier_hash'])
    .where('id', 'in', [...new Set(contacts.map(({ case_id }) => case_id))])
    .execute();
  const hashes = new Set(named.flatMap(({ identifier_hash, earlier_hash }) => [identifier_hash, earlier_hash ?? '']));
  hashes.delete('');
  return hashes.size;
}

/** What whoever approved the newest release of the case approved since then. */
export async function approvalsOfApprover(db: Database, caseId: string, since: number): Promise<number> {
  const newest = await db.read
    .selectFrom('releases')
    .select('approved_by')
    .where('case_id', '=', caseId)
    .where('approved_by', 'is not', null)
    .orderBy('proposed_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!newest?.approved_by) return 0;
  const { count } = await db.read
    .selectFrom('releases')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .where('approved_by', '=', newest.approved_by)
    .where('approved_at', '>=', since)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Open cases in which somebody wrote or showed something after that place and no later than `until`, the oldest first. */
export const casesTouchedAfter = (
  db: Database,
  site: string,
  { after, until }: { readonly after: Place; readonly until: number },
  most: number,
): Promise<CaseRow[]> =>
  db.read
    .selectFrom('cases')
    .selectAll()
    .where('site', '=', site)
    .where('ended_at', 'is', null)
    .where('last_at', '>=', after.at)
    .where('last_at', '<=', until)
    .where(sql<boolean>`(last_at, id) > (${after.at}, ${after.id})`)
    .orderBy('last_at')
    .orderBy('id')
    .limit(most)
    .execute();
