// The rows of cases, their contacts and the browsers that follow them. A case moves only by its version, so of sixteen at
// once one wins; a contact's tries are taken before anything is compared.
import { type Expression, type ExpressionBuilder, sql, type SqlBool } from 'kysely';
import type { Database, Transaction } from '../database/database.ts';
import type {
  CaseAddressCodesTable,
  CaseContactsTable,
  CaseHandlesTable,
  CaseMessagesTable,
  CasesTable,
  Tables,
} from '../database/tables.ts';
import { maxTries } from '../proofs/email-code.ts';
import { given, noCode, oneTry } from '../proofs/typed-address.ts';
import { deleteOver, emptyCodes, inBatches } from '../database/batches.ts';

export type CaseRow = Readonly<CasesTable>;
export type ContactRow = Readonly<CaseContactsTable>;
export type MessageRow = Readonly<CaseMessagesTable>;
export type AddressCodeRow = Readonly<CaseAddressCodesTable>;

export const insertCase = (tx: Transaction, row: CaseRow) => tx.insertInto('cases').values(row).execute();

export const insertContact = (tx: Transaction, row: ContactRow) => tx.insertInto('case_contacts').values(row).execute();

export const insertHandle = (tx: Transaction, row: Readonly<CaseHandlesTable>) =>
  tx.insertInto('case_handles').values(row).execute();

export const findCaseByNumber = (db: Database, site: string, number: string): Promise<CaseRow | undefined> =>
  db.read.selectFrom('cases').selectAll().where('site', '=', site).where('number', '=', number).executeTakeFirst();

export const findCaseById = (reader: Transaction, id: string): Promise<CaseRow | undefined> =>
  reader.selectFrom('cases').selectAll().where('id', '=', id).executeTakeFirst();

/** `handleHashes`: the browser's handle under every live key. */
export const findCaseByHandle = (
  db: Database,
  handleHashes: readonly string[],
  now: number,
): Promise<CaseRow | undefined> =>
  db.read
    .selectFrom('cases')
    .innerJoin('case_handles', 'case_handles.case_id', 'cases.id')
    .selectAll('cases')
    .where('case_handles.handle_hash', 'in', handleHashes)
    .where('case_handles.expires_at', '>', now)
    .executeTakeFirst();

/** Moves the case on from the version that was read. `undefined`: somebody else moved it first. */
export const moveCase = (
  tx: Transaction,
  from: CaseRow,
  changes: Pick<CaseRow, 'state' | 'ended_at'> & Partial<Pick<CaseRow, 'decided_at' | 'reopened_at' | 'due_at'>>,
): Promise<CaseRow | undefined> =>
  tx
    .updateTable('cases')
    .set({ ...changes, version: from.version + 1 })
    .where('id', '=', from.id)
    .where('version', '=', from.version)
    .where('emptied_at', 'is', null)
    .returningAll()
    .executeTakeFirst();

/** Once, and not after a decision. Whoever has the account is told of the case from then on, as they could not be before. */
export async function nameCase(
  tx: Transaction,
  id: string,
  name: Pick<CaseRow, 'identifier_sealed' | 'identifier_hash'>,
): Promise<{ id: string } | undefined> {
  const named = await tx
    .updateTable('cases')
    .set({ ...name, version: sql<number>`version + 1` })
    .where('id', '=', id)
    .where('identifier_sealed', '=', '')
    .where('ended_at', 'is', null)
    .where('emptied_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (named) await tx.updateTable('case_contacts').set({ owners_told_at: null }).where('case_id', '=', id).execute();
  return named;
}

/**
 * Says once that the case is about another account: what was proved of the first goes, the codes that were asked for end, and
 * whoever has the other account is told. `undefined`: it was said before, or the account is being given away or closed.
 */
export async function correctCase(
  tx: Transaction,
  { id, identifier_sealed: earlier_sealed, identifier_hash: earlier_hash }: CaseRow,
  name: Pick<CaseRow, 'identifier_sealed' | 'identifier_hash'>,
  { now, dueAt }: { readonly now: number; readonly dueAt: number },
): Promise<{ id: string } | undefined> {
  // Held first: a statement that waits for a proposal of this moment would not see the release that it made.
  await tx.updateTable('cases').set({ version: sql<number>`version` }).where('id', '=', id).execute();
  const corrected = await tx
    .updateTable('cases')
    .set({
      ...name,
      earlier_sealed,
      earlier_hash,
      corrected_at: now,
      last_author: 'person',
      last_at: now,
      due_at: dueAgain(dueAt),
      version: sql<number>`version + 1`,
    })
    .where('id', '=', id)
    .where('identifier_sealed', '=', earlier_sealed)
    .where('identifier_sealed', '<>', '')
    .where('corrected_at', 'is', null)
    .where('ended_at', 'is', null)
    .where('emptied_at', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('releases')
            .select('releases.id')
            .whereRef('releases.case_id', '=', 'cases.id')
            .where('releases.ended_at', 'is', null),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('closings')
            .select('closings.id')
            .whereRef('closings.case_id', '=', 'cases.id')
            .where('closings.ended_at', 'is', null),
        ),
      ),
    )
    .returning('id')
    .executeTakeFirst();
  if (!corrected) return undefined;
  await tx.deleteFrom('case_evidence').where('case_id', '=', id).execute();
  await tx
    .updateTable('case_address_codes')
    .set({ replaced_at: now, code_random: noCode })
    .where('case_id', '=', id)
    .where('replaced_at', 'is', null)
    .execute();
  await tx.updateTable('case_contacts').set({ owners_told_at: null }).where('case_id', '=', id).execute();
  return corrected;
}

/** Who did something in a case, and when: `dueAt` is when the desk should answer that. A note of the desk says nothing to anybody. */
export type Touch =
  | { readonly author: 'person'; readonly at: number; readonly dueAt: number }
  | { readonly author: 'desk'; readonly at: number }
  | { readonly author: 'note' };

/** Whoever waits for an answer already keeps the place in the queue. */
const dueAgain = (dueAt: number) => sql<number>`CASE WHEN last_author = 'desk' THEN ${dueAt} ELSE due_at END`;

/** Counts one more version and holds the case until the transaction ends. `undefined`: what was written about it is deleted. */
export const touchCase = (tx: Transaction, id: string, by: Touch): Promise<CaseRow | undefined> =>
  tx
    .updateTable('cases')
    .set({
      ...(by.author !== 'note' && { last_author: by.author, last_at: by.at }),
      ...(by.author === 'person' && { due_at: dueAgain(by.dueAt) }),
      version: sql<number>`version + 1`,
    })
    .where('id', '=', id)
    .where('emptied_at', 'is', null)
    .returningAll()
    .executeTakeFirst();

/** When the desk first told the person something. */
export const noteAnswered = (tx: Transaction, id: string, now: number) =>
  tx.updateTable('cases').set({ answered_at: now }).where('id', '=', id).where('answered_at', 'is', null).execute();

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

export const insertMessage = (tx: Transaction, row: MessageRow) => tx.insertInto('case_messages').values(row).execute();

/** The oldest first. */
export const listMessages = (db: Database, caseId: string, authors: readonly string[]): Promise<MessageRow[]> =>
  db.read
    .selectFrom('case_messages')
    .selectAll()
    .where('case_id', '=', caseId)
    .where('author', 'in', authors)
    .orderBy('written_at')
    .orderBy('id')
    .execute();

const currentContact = (reader: Transaction, caseId: string) =>
  reader.selectFrom('case_contacts').selectAll().where('case_id', '=', caseId).where('replaced_at', 'is', null);

export const findContact = (reader: Transaction, caseId: string): Promise<ContactRow | undefined> =>
  currentContact(reader, caseId).executeTakeFirst();

export const findContactById = (reader: Transaction, id: string): Promise<ContactRow | undefined> =>
  reader.selectFrom('case_contacts').selectAll().where('id', '=', id).executeTakeFirst();

/** The contact with this id, while it is the one of its case, and its case. */
export async function findContactAndCase(
  db: Database,
  contactId: string,
): Promise<{ readonly contact: ContactRow; readonly of: CaseRow } | undefined> {
  const contact = await db.read
    .selectFrom('case_contacts')
    .selectAll()
    .where('id', '=', contactId)
    .where('replaced_at', 'is', null)
    .executeTakeFirst();
  const of =
    contact && (await db.read.selectFrom('cases').selectAll().where('id', '=', contact.case_id).executeTakeFirst());
  return of && { contact, of };
}

const openContact = (tx: Transaction, id: string) =>
  tx
    .updateTable('case_contacts')
    .where('id', '=', id)
    .where('confirmed_at', 'is', null)
    .where('replaced_at', 'is', null);

/** Takes one of the tries, before anything is compared. `undefined`: none is left, or it is settled by now. */
export const takeContactTry = (tx: Transaction, id: string): Promise<ContactRow | undefined> =>
  openContact(tx, id).set(oneTry).where('tries', '<', maxTries).returningAll().executeTakeFirst();

/** Confirms it, once. */
export const confirmContact = (tx: Transaction, id: string, now: number): Promise<ContactRow | undefined> =>
  openContact(tx, id)
    .set({ confirmed_at: now, code_random: noCode, version: sql<number>`version + 1` })
    .returningAll()
    .executeTakeFirst();

/** Ends an unconfirmed contact, once; what takes its place is inserted in the same transaction. */
export const replaceContact = (tx: Transaction, id: string, now: number): Promise<ContactRow | undefined> =>
  openContact(tx, id)
    .set({ replaced_at: now, code_random: noCode, version: sql<number>`version + 1` })
    .returningAll()
    .executeTakeFirst();

/** The mail asked for once more, from the version that was read. */
export const askContactAgain = (
  tx: Transaction,
  from: ContactRow,
  changes: Partial<Pick<ContactRow, 'code_random' | 'code_key_id' | 'code_expires_at'>> & { mail_asked_at: number },
): Promise<ContactRow | undefined> =>
  openContact(tx, from.id)
    .set({ ...changes, version: from.version + 1 })
    .where('version', '=', from.version)
    .returningAll()
    .executeTakeFirst();

export const giveContactCode = (tx: Transaction, id: string, codeRandom: string): Promise<ContactRow | undefined> =>
  openContact(tx, id).set(given(codeRandom)).returningAll().executeTakeFirst();

const currentAddressCode = (reader: Transaction) =>
  reader.selectFrom('case_address_codes').selectAll().where('replaced_at', 'is', null);

export const findAddressCode = (reader: Transaction, caseId: string): Promise<AddressCodeRow | undefined> =>
  currentAddressCode(reader).where('case_id', '=', caseId).executeTakeFirst();

/** The code with this id, while it is the one of its case, and its case. */
export async function findAddressCodeAndCase(
  db: Database,
  id: string,
): Promise<{ readonly row: AddressCodeRow; readonly of: CaseRow } | undefined> {
  const row = await currentAddressCode(db.read).where('id', '=', id).executeTakeFirst();
  const of = row && (await db.read.selectFrom('cases').selectAll().where('id', '=', row.case_id).executeTakeFirst());
  return of && { row, of };
}

const insertAddressCode = (tx: Transaction, row: AddressCodeRow): Promise<AddressCodeRow | undefined> =>
  tx
    .insertInto('case_address_codes')
    .values(row)
    .onConflict((conflict) => conflict.column('case_id').where('replaced_at', 'is', null).doNothing())
    .returningAll()
    .executeTakeFirst();

const updateAddressCode = (tx: Transaction, id: string) =>
  tx.updateTable('case_address_codes').where('id', '=', id).where('replaced_at', 'is', null);

/** Another address in the place of the one that was read. `undefined`: somebody was quicker. */
export async function replaceAddressCode(
  tx: Transaction,
  from: AddressCodeRow | undefined,
  row: AddressCodeRow,
): Promise<AddressCodeRow | undefined> {
  if (from) {
    const replaced = await updateAddressCode(tx, from.id)
      .set({ replaced_at: row.created_at, code_random: noCode, version: from.version + 1 })
      .where('version', '=', from.version)
      .returning('id')
      .executeTakeFirst();
    if (!replaced) return undefined;
  }
  return insertAddressCode(tx, row);
}

/** The mail asked for once more, from the version that was read. */
export const askAddressAgain = (
  tx: Transaction,
  from: AddressCodeRow,
  changes: Partial<Omit<AddressCodeRow, 'id' | 'version'>>,
): Promise<AddressCodeRow | undefined> =>
  updateAddressCode(tx, from.id)
    .set({ ...changes, version: from.version + 1 })
    .where('version', '=', from.version)
    .returningAll()
    .executeTakeFirst();

/** Takes one of the tries, before anything is compared; a right one takes it too. `undefined`: none is left. */
export const takeAddressTry = (tx: Transaction, id: string): Promise<AddressCodeRow | undefined> =>
  updateAddressCode(tx, id).set(oneTry).where('tries', '<', maxTries).returningAll().executeTakeFirst();

/** A code from now on, the same for each further mail. */
export const giveAddressCode = (tx: Transaction, id: string, codeRandom: string): Promise<AddressCodeRow | undefined> =>
  updateAddressCode(tx, id).set(given(codeRandom)).returningAll().executeTakeFirst();

/** Leaves the number, which goes on answering, and nothing that anybody wrote. */
export async function emptyCases(tx: Transaction, ids: readonly string[], now: number): Promise<void> {
  if (ids.length === 0) return;
  await tx.deleteFrom('case_contacts').where('case_id', 'in', ids).execute();
  await tx.deleteFrom('case_address_codes').where('case_id', 'in', ids).execute();
  await tx.deleteFrom('case_messages').where('case_id', 'in', ids).execute();
  await tx.deleteFrom('case_evidence').where('case_id', 'in', ids).execute();
  await tx.deleteFrom('case_pictures').where('case_id', 'in', ids).execute();
  await tx.updateTable('release_steps').set({ words_sealed: '' }).where('case_id', 'in', ids).execute();
  await tx
    .updateTable('cases')
    .set({
      words_sealed: '',
      identifier_sealed: '',
      identifier_hash: '',
      earlier_sealed: null,
      earlier_hash: null,
      recovery_id: null,
      state: 'decided',
      ended_at: sql<number>`COALESCE(ended_at, ${now})`,
      emptied_at: now,
      version: sql<number>`version + 1`,
    })
    .where('id', 'in', ids)
    .where('emptied_at', 'is', null)
    .execute();
}

/** What is over: UTC epoch ms, for each rule of retention. */
export interface CasesOver {
  readonly decided: number;
  readonly undecided: number;
  readonly closed: number;
  /** Of what a case proved. */
  readonly evidence: number;
  readonly codes: number;
  readonly handles: number;
}

/** Empties and deletes the cases that were over before these times, and what browsers and mailed codes left of them. */
export async function deleteCases(db: Database, before: CasesOver, now: number): Promise<void> {
  await deleteOver(db, 'case_handles', (row) => row('expires_at', '<=', before.handles));
  await deleteOver(db, 'case_address_codes', (row) => row('code_expires_at', '<', before.codes));
  await deleteOver(db, 'case_evidence', (row) =>
    row.and([
      row('proven_at', '<', before.evidence),
      row.exists(
        row
          .selectFrom('cases')
          .select('cases.id')
          .whereRef('cases.id', '=', 'case_evidence.case_id')
          .where('cases.ended_at', '<', before.evidence),
      ),
    ]),
  );
  await deleteOver(db, 'case_pictures', (row) =>
    row.and([
      row('added_at', '<', before.evidence),
      row.exists(
        row
          .selectFrom('cases')
          .select('cases.id')
          .whereRef('cases.id', '=', 'case_pictures.case_id')
          .where('cases.ended_at', '<', before.evidence),
      ),
    ]),
  );
  await emptyCodes(db, 'case_contacts', noCode, (row) =>
    row.and([row('code_expires_at', '<', before.codes), row('code_random', '<>', noCode)]),
  );
  const emptyWhere = (isOver: (row: ExpressionBuilder<Tables, 'cases'>) => Expression<SqlBool>) =>
    inBatches(db, async (tx, most) => {
      const over = await tx
        .selectFrom('cases')
        .select('id')
        .where('emptied_at', 'is', null)
        .where(isOver)
        .limit(most)
        .execute();
      await emptyCases(
        tx,
        over.map(({ id }) => id),
        now,
      );
      return over.length;
    });
  // One after the other: for both at once PostgreSQL would read all.
  await emptyWhere((row) => row('ended_at', '<', before.decided));
  await emptyWhere((row) => row.and([row('created_at', '<', before.undecided), row('ended_at', 'is', null)]));
  await deleteOver(db, 'cases', (row) =>
    row.and([
      row('ended_at', '<', before.closed),
      row('emptied_at', 'is not', null),
      row.not(
        row.exists(
          row.selectFrom('case_handles').select('case_handles.id').whereRef('case_handles.case_id', '=', 'cases.id'),
        ),
      ),
    ]),
  );
}
