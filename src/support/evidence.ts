// What a case has proved of an account. Facts that anybody may know prove nothing and are not among it.
import type { Transaction } from '../database/database.ts';

/** The first three are strong: proofs. A live session or a known device counts only beside one of those: somebody may hold an old tablet. */
export const evidenceKinds = ['other-address', 'spare-code', 'authenticator', 'session', 'device'] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

/**
 * The kinds that this case has proved of this account and that are still there: an address that was taken off or set aside
 * since, a browser that was signed out, or a code or app that is gone proves nothing any more.
 */
export async function provenOf(reader: Transaction, caseId: string, accountId: string): Promise<EvidenceKind[]> {
  const rows = await reader
    .selectFrom('case_evidence')
    .select('kind')
    .where('case_id', '=', caseId)
    .where('account_id', '=', accountId)
    .where((row) => {
      const from = 'case_evidence.source_id';
      return row.or([
        row(from, 'is', null),
        row.exists(
          row
            .selectFrom('addresses')
            .select('addresses.id')
            .whereRef('addresses.id', '=', from)
            .where('addresses.notices_only_since', 'is', null),
        ),
        row.exists(
          row
            .selectFrom('sessions')
            .select('sessions.id')
            .whereRef('sessions.id', '=', from)
            .where('sessions.ended_at', 'is', null),
        ),
        row.exists(
          // The browser that changed the password is still known, and whoever else had its cookie is not.
          row
            .selectFrom('devices')
            .innerJoin('accounts', 'accounts.id', 'devices.account_id')
            .select('devices.id')
            .whereRef('devices.id', '=', from)
            .where('devices.ended_at', 'is', null)
            .where((device) =>
              device.or([
                device('accounts.password_changed_at', 'is', null),
                device('accounts.password_changed_at', '<=', device.ref('case_evidence.proven_at')),
              ]),
            ),
        ),
        row.exists(row.selectFrom('spare_codes').select('spare_codes.id').whereRef('spare_codes.id', '=', from)),
        row.exists(
          row
            .selectFrom('authenticators')
            .select('authenticators.account_id')
            .whereRef('authenticators.account_id', '=', from)
            .whereRef('authenticators.created_at', '<=', 'case_evidence.proven_at'),
        ),
      ]);
    })
    .execute();
  return evidenceKinds.filter((known) => rows.some(({ kind }) => kind === known));
}

/** Kept once, where the account is still there; proved again, it is the newer that counts. `undefined`: the account is gone. */
export const insertEvidence = (
  tx: Transaction,
  {
    accountId,
    ...row
  }: {
    id: string;
    site: string;
    caseId: string;
    accountId: string;
    kind: EvidenceKind;
    /** Id of the address, session, device or spare code, or of the account whose app it is. */
    sourceId: string;
    now: number;
  },
): Promise<{ id: string } | undefined> =>
  tx
    .insertInto('case_evidence')
    .columns(['id', 'site', 'case_id', 'account_id', 'kind', 'proven_at', 'source_id'])
    .expression((select) =>
      select
        .selectFrom('accounts')
        .select((account) => [
          account.val(row.id).as('id'),
          account.val(row.site).as('site'),
          account.val(row.caseId).as('case_id'),
          'accounts.id as account_id',
          account.val(row.kind).as('kind'),
          account.val(row.now).as('proven_at'),
          account.val(row.sourceId).as('source_id'),
        ])
        .where('accounts.id', '=', accountId),
    )
    .onConflict((conflict) =>
      conflict.columns(['case_id', 'account_id', 'kind']).doUpdateSet({ proven_at: row.now, source_id: row.sourceId }),
    )
    .returning('id')
    .executeTakeFirst();
