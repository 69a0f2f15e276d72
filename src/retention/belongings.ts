// What belongs to an account, and what becomes of it in every table when the account is erased: one line a table, in an
// order in which nothing refers to what is gone. A table that is not here does not compile.
import { accountTries, nameTries, nobodysTries } from '../accounts/password-tries.ts';
import { sql } from 'kysely';
import { addressKey } from '../accounts/identifiers.ts';
import type { Keys } from '../base/secret.ts';
import type { Transaction } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import { limits } from '../limits/limits.ts';
import { emptyCases } from '../support/case-rows.ts';

export interface ErasedAccount {
  readonly id: string;
  readonly userIdKey: string;
}

/** Ids and keyed hashes by which its rows are found. */
export interface Belongings {
  readonly accountId: string;
  readonly addressIds: readonly string[];
  readonly recoveryIds: readonly string[];
  readonly changeIds: readonly string[];
  readonly signUpIds: readonly string[];
  readonly caseIds: readonly string[];
  /** Keyed hashes of its names, as somebody may have typed them in a case. */
  readonly identifierHashes: readonly string[];
  /** Of what mail is about: all of the above, contacts and the account itself. */
  readonly subjectIds: readonly string[];
  /** Of mailboxes that no other account has. */
  readonly mailboxHashes: readonly string[];
  readonly passwordSubjects: readonly string[];
  /** Of rows that an import of the same user ID left behind. */
  readonly stagedIds: readonly string[];
  readonly counterKeys: readonly string[];
  readonly site: string;
  readonly now: number;
}

/** Deletes or empties, and tells how many rows that were. */
type Erase = (tx: Transaction, of: Belongings) => Promise<number>;

const statementSize = 500;

async function inParts(values: readonly string[], work: (part: readonly string[]) => Promise<number>): Promise<number> {
  let count = 0;
  for (let at = 0; at < values.length; at += statementSize) count += await work(values.slice(at, at + statementSize));
  return count;
}

/** Deletes the rows of `table` whose `column` is one of the values that `pick` names. */
const deleteWhere =
  <Table extends keyof Tables>(
    table: Table,
    column: keyof Tables[Table] & string,
    pick: (of: Belongings) => readonly string[],
  ): Erase =>
  (tx, of) =>
    inParts(pick(of), async (part) => {
      const { rows } =
        await sql`DELETE FROM ${sql.table(table)} WHERE ${sql.ref(column)} IN (${sql.join(part)}) RETURNING 1 AS one`.execute(
          tx,
        );
      return rows.length;
    });

const ofAccount = ({ accountId }: Belongings) => [accountId];

const all =
  (...steps: readonly Erase[]): Erase =>
  async (tx, of) => {
    let count = 0;
    for (const step of steps) count += await step(tx, of);
    return count;
  };

/** `nothing`: it holds nothing of a person, or ids alone that lead nowhere once the rest is gone. */
export const erasure = {
  outbox: all(
    deleteWhere('outbox', 'subject_id', ({ subjectIds }) => subjectIds),
    deleteWhere('outbox', 'address_id', ({ addressIds }) => addressIds),
  ),
  notices: deleteWhere('notices', 'change_id', ({ changeIds }) => changeIds),
  password_changes: deleteWhere('password_changes', 'id', ({ changeIds }) => changeIds),
  mailed_codes: deleteWhere('mailed_codes', 'recovery_id', ({ recoveryIds }) => recoveryIds),
  recoveries: deleteWhere('recoveries', 'id', ({ recoveryIds }) => recoveryIds),
  case_contacts: deleteWhere('case_contacts', 'case_id', ({ caseIds }) => caseIds),
  case_messages: deleteWhere('case_messages', 'case_id', ({ caseIds }) => caseIds),
  closings: deleteWhere('closings', 'account_id', ofAccount),
  desk_days: 'nothing',
  case_pictures: deleteWhere('case_pictures', 'case_id', ({ caseIds }) => caseIds),
  release_notices: deleteWhere('release_notices', 'account_id', ofAccount),
  release_steps: deleteWhere('release_steps', 'account_id', ofAccount),
  releases: deleteWhere('releases', 'account_id', ofAccount),
  case_address_codes: all(
    deleteWhere('case_address_codes', 'case_id', ({ caseIds }) => caseIds),
    deleteWhere('case_address_codes', 'address_id', ({ addressIds }) => addressIds),
  ),
  case_evidence: all(
    deleteWhere('case_evidence', 'case_id', ({ caseIds }) => caseIds),
    deleteWhere('case_evidence', 'account_id', ofAccount),
  ),
  cases: all(
    // The number stays and goes on answering to its code, in words.
    (tx, { caseIds, now }) =>
      inParts(caseIds, async (part) => {
        await emptyCases(tx, part, now);
        return part.length;
      }),
    // A stranger's case goes on, without the name that it was about.
    (tx, { identifierHashes, site }) =>
      inParts(identifierHashes, async (part) => {
        const unnamed = await tx
          .updateTable('cases')
          .set({ identifier_sealed: '', identifier_hash: '' })
          .where('site', '=', site)
          .where('identifier_hash', 'in', part)
          // In the words of its index.
          .where('identifier_hash', '<>', sql.lit(''))
          .returning('id')
          .execute();
        await tx
          .updateTable('cases')
          .set({ earlier_sealed: null, earlier_hash: null })
          .where('earlier_hash', 'in', part)
          .execute();
        return unnamed.length;
      }),
  ),
  case_handles: 'nothing',
  sign_ups: deleteWhere('sign_ups', 'id', ({ signUpIds }) => signUpIds),
  address_claims: deleteWhere('address_claims', 'account_id', ofAccount),
  address_changes: deleteWhere('address_changes', 'account_id', ofAccount),
  authenticators: deleteWhere('authenticators', 'account_id', ofAccount),
  authenticator_set_ups: deleteWhere('authenticator_set_ups', 'account_id', ofAccount),
  spare_codes: deleteWhere('spare_codes', 'account_id', ofAccount),
  factors_set_aside: deleteWhere('factors_set_aside', 'account_id', ofAccount),
  second_steps: deleteWhere('second_steps', 'account_id', ofAccount),
  sessions: deleteWhere('sessions', 'account_id', ofAccount),
  devices: deleteWhere('devices', 'account_id', ofAccount),
  addresses: deleteWhere('addresses', 'account_id', ofAccount),
  mailboxes: deleteWhere('mailboxes', 'mailbox_hash', ({ mailboxHashes }) => mailboxHashes),
  password_tries: deleteWhere('password_tries', 'subject_hash', ({ passwordSubjects }) => passwordSubjects),
  counters: deleteWhere('counters', 'key', ({ counterKeys }) => counterKeys),
  agents: 'nothing',
  agent_enrolments: 'nothing',
  agent_sessions: 'nothing',
  agent_passkeys: 'nothing',
  agent_challenges: 'nothing',
  human_checks: 'nothing',
  human_check_answers: 'nothing',
  slide_sketches: 'nothing',
  audit_events: 'nothing',
  audit_heads: 'nothing',
  leases: 'nothing',
  key_checks: 'nothing',
  copies: 'nothing',
  migrations: 'nothing',
  import_addresses: deleteWhere('import_addresses', 'account_id', ({ stagedIds }) => stagedIds),
  import_rows: deleteWhere('import_rows', 'account_id', ({ stagedIds }) => stagedIds),
  accounts: deleteWhere('accounts', 'id', ofAccount),
} as const satisfies Record<keyof Tables, Erase | 'nothing'>;

/** Reads what belongs to the account. */
export async function belongingsOf(
  tx: Transaction,
  { id, userIdKey }: ErasedAccount,
  { keys, site, now }: { readonly keys: Keys; readonly site: string; readonly now: number },
): Promise<Belongings> {
  const addresses = await tx
    .selectFrom('addresses')
    .select(['id', 'address_key'])
    .where('account_id', '=', id)
    .execute();
  // Those that were removed lately are still told of.
  const addressChanges = await tx
    .selectFrom('address_changes')
    .select(['id', 'address_sealed'])
    .where('account_id', '=', id)
    .execute();
  const changed = addressChanges.flatMap(({ address_sealed }) => addressKey(keys.open(address_sealed) ?? '') ?? []);
  const addressKeys = [...new Set([...addresses.map(({ address_key }) => address_key), ...changed])];
  const ids = (rows: readonly { readonly id: string }[]) => rows.map((row) => row.id);

  // What an identifier cannot be recovered by has a hash of its own, so the user ID counts as a mailbox too.
  const hashesOf = (names: readonly string[]) => names.flatMap((name) => keys.hashes('mailbox', site, name));
  const mailboxHashes = hashesOf([...addressKeys, userIdKey]);
  const recoveryIds = ids(
    await tx
      .selectFrom('recoveries')
      .select('id')
      .where((row) =>
        row.or([
          row('account_id', '=', id),
          row.and([row('account_id', 'is', null), row('mailbox_hash', 'in', mailboxHashes)]),
        ]),
      )
      .execute(),
  );
  const changeIds = ids(await tx.selectFrom('password_changes').select('id').where('account_id', '=', id).execute());

  const pending = await tx.selectFrom('sign_ups').select(['id', 'address']).where('site', '=', site).execute();
  const signUpIds = ids(pending.filter(({ address }) => addressKeys.includes(addressKey(address) ?? '')));

  const caseIds = new Set(
    (await tx.selectFrom('case_contacts').select('case_id').where('address_hash', 'in', mailboxHashes).execute()).map(
      ({ case_id }) => case_id,
    ),
  );
  await inParts(recoveryIds, async (part) => {
    const rows = await tx.selectFrom('cases').select('id').where('recovery_id', 'in', part).execute();
    for (const row of rows) caseIds.add(row.id);
    return rows.length;
  });
  const contacts: { readonly id: string; readonly address_hash: string }[] = [];
  await inParts([...caseIds], (part) =>
    tx
      .selectFrom('case_contacts')
      .select(['id', 'address_hash'])
      .where('case_id', 'in', part)
      .execute()
      .then((rows) => contacts.push(...rows)),
  );

  const shared = new Set(
    (
      await tx
        .selectFrom('addresses')
        .select('address_key')
        .where('site', '=', site)
        .where('address_key', 'in', [...addressKeys, userIdKey])
        .where('account_id', '<>', id)
        .execute()
    ).map(({ address_key }) => address_key),
  );
  const claims = await tx.selectFrom('address_claims').select('id').where('account_id', '=', id).execute();
  const devices = await tx.selectFrom('devices').select('id').where('account_id', '=', id).execute();
  const identifiers = [['user-id', userIdKey], ...addressKeys.map((key) => ['email', key] as const)] as const;
  const passwordSubjects = [
    accountTries(id),
    ...identifiers.flatMap(([kind, key]) => [nameTries(kind, key), nobodysTries(kind, key)]),
  ].flatMap((parts) => keys.hashes('password-tries', site, ...parts));
  const identifierHashes = identifiers.flatMap(([kind, key]) => keys.hashes('identifier', site, kind, key));
  const counted = [
    ...mailboxHashes,
    ...passwordSubjects,
    ...identifierHashes,
    ...contacts.map(({ address_hash }) => address_hash),
    ...ids(devices),
    ...keys.hashes('second-step', site, 'tries', id),
    ...keys.hashes('identifier', site, 'account', id),
    ...[...caseIds].flatMap((caseId) => keys.hashes('case-try', caseId)),
  ];
  const releases = await tx.selectFrom('releases').select('id').where('account_id', '=', id).execute();
  const steps = await tx.selectFrom('release_steps').select('id').where('account_id', '=', id).execute();
  const staged = await tx
    .selectFrom('import_rows')
    .select('account_id')
    .where('site', '=', site)
    .where('user_id_key', '=', userIdKey)
    .execute();
  return {
    accountId: id,
    stagedIds: staged.map(({ account_id }) => account_id),
    addressIds: ids(addresses),
    recoveryIds,
    changeIds,
    signUpIds,
    caseIds: [...caseIds],
    identifierHashes,
    subjectIds: [
      id,
      ...ids(addressChanges),
      ...ids(claims),
      ...recoveryIds,
      ...changeIds,
      ...ids(releases),
      ...ids(steps),
      ...signUpIds,
      ...caseIds,
      ...ids(contacts),
    ],
    mailboxHashes: hashesOf([...addressKeys.filter((key) => !shared.has(key)), userIdKey]),
    passwordSubjects,
    counterKeys: Object.keys(limits).flatMap((name) => counted.map((who) => `${name}/${who}`)),
    site,
    now,
  };
}
