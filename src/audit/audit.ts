// The audit trail: `append` writes in the caller's transaction; a sealer chains committed events; `verify` proves the chain.
import type { Transaction } from '../database/database.ts';
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

export interface Audit {
  /** Inserts the event with its keyed MAC, in the caller's transaction. */
  append(tx: Transaction, entry: AuditEntry): Promise<void>;
}
