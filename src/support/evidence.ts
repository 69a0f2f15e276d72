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
