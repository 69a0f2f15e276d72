// What a case has proved of an account. Facts that anybody may know prove nothing and are not among it.
import type { Transaction } from '../database/database.ts';

/** The first three are strong: proofs. A live session or a known device counts only beside one of those: somebody may hold an old tablet. */
export const evidenceKinds = ['other-address', 'spare-code', 'authenticator', 'session', 'device'] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

/** The kinds that this case has proved of this account and that are still kept. */
export async function provenOf(reader: Transaction, caseId: string, accountId: string): Promise<EvidenceKind[]> {
  const rows = await reader
    .selectFrom('case_evidence')
    .select('kind')
    .where('case_id', '=', caseId)
    .where('account_id', '=', accountId)
    .execute();
  return evidenceKinds.filter((known) => rows.some(({ kind }) => kind === known));
}

/** Kept once, where the account is still there. `undefined`: it is gone, or this was proved before. */
export const insertEvidence = (
  tx: Transaction,
  {
    accountId,
    ...row
  }: { id: string; site: string; caseId: string; accountId: string; kind: EvidenceKind; now: number },
): Promise<{ id: string } | undefined> =>
  tx
    .insertInto('case_evidence')
    .columns(['id', 'site', 'case_id', 'account_id', 'kind', 'proven_at'])
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
        ])
        .where('accounts.id', '=', accountId),
    )
    .onConflict((conflict) => conflict.columns(['case_id', 'account_id', 'kind']).doNothing())
    .returning('id')
    .executeTakeFirst();
