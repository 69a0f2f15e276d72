// What every use case of a recovery is made of: whose recovery it is, whom it may open now, and the one way in which it
// moves along the flow table, with its audit event, in the caller's transaction.
import type { AccountDirectory } from '../accounts/directory.ts';
import { readIdentifier } from '../accounts/identifiers.ts';
import type { Audit, AuditEntry } from '../audit/audit.ts';
import type { Clock } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { Refusal } from '../refusals.ts';
import { type Choices, choicesAmong } from './choices.ts';
import { advance, type FlowEvent } from './flow.ts';
import { proofLifeMs } from './policy.ts';
import {
  type Changes,
  findRecovery,
  moveHeldRecovery,
  moveRecovery,
  type Recovery,
  spendMailedCodes,
} from './recovery-rows.ts';

export interface MovesNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly directory: AccountDirectory;
}

/** A step taken in this browser's recovery: `handle` from its cookie, `id` from the form that was sent. */
export interface Step {
  readonly handle: string | undefined;
  readonly id: string;
  /** Keyed hash of the network. */
  readonly source: string;
}

/** A recovery with what was typed at its start, which is sealed in it. */
export interface Opened {
  readonly recovery: Recovery;
  readonly identifier: string;
}

export type Stepped = Outcome<Opened, Refusal>;
/**
 * A proof gives the browser a new handle: the one before it is worth nothing. `choices`: those that the proof found; none at
 * the start.
 */
export type Proven = Outcome<Opened & { readonly handle: string; readonly choices?: Choices }, Refusal>;

interface MovedBy {
  readonly source: string;
  readonly facts?: Readonly<Record<string, string | number>>;
}

export interface Moves {
  /** The recovery of this browser, whatever step it is at. */
  find(handle: string | undefined): Promise<Recovery | undefined>;
  /** The browser's recovery, provided that the form was made for it. */
  claim(step: Step): Promise<Outcome<Opened, 'recovery-missing' | 'recovery-other'>>;
  /** What was typed at the start. */
  identifierOf(recovery: Recovery): string;
  /** Who may be recovered through this recovery now: addresses and accounts may have changed since it began. */
  choicesOf(opened: Opened): Promise<Choices>;
  /** One move along the flow table: the recovery after it, and what the audit says of it. For one that is not written yet. */
  planMove(
    from: Recovery,
    event: FlowEvent,
    changes: Changes,
    by: MovedBy,
  ): Outcome<{ recovery: Recovery; entry: AuditEntry }, Refusal>;
  /** The same, made and written down: guarded by the version that was read. */
  move(
    tx: Transaction,
    from: Recovery,
    event: FlowEvent,
    changes: Changes,
    by: MovedBy,
  ): Promise<Outcome<{ recovery: Recovery }, Refusal>>;
  /** The same of one that this transaction holds, so that nobody can have moved it meanwhile: nothing waits for it. */
  moveHeld: Moves['move'];
  /** The move after a right code, of one that is held: a new handle, the accounts to choose from, the mailed codes spent. */
  prove(tx: Transaction, held: Opened, choices: Choices, source: string): Promise<Proven>;
}

export function createMoves({ db, keys, clock, random, audit, directory }: MovesNeeds): Moves {
  const find: Moves['find'] = async (handle) =>
    handle ? findRecovery(db.read, { handleHashes: keys.hashes('recovery-handle', handle) }) : undefined;

  const identifierOf: Moves['identifierOf'] = (recovery) => keys.open(recovery.identifier_sealed) ?? '';

  const planMove: Moves['planMove'] = (from, event, changes, { source, facts = {} }) => {
    const advanced = advance(from, event, clock.now());
    if (!advanced.ok) return advanced;
    const { to: step, audit: auditEvent } = advanced;
    const recovery = { ...from, ...changes, step };
    const { id: subjectId, account_id: accountId } = recovery;
    return accept({ recovery, entry: { event: auditEvent, subjectId, accountId, source, facts } });
  };

  /** `write`: makes the move, or finds that somebody else made one first. */
  const moveBy =
    (write: typeof moveRecovery): Moves['move'] =>
    async (tx, from, event, changes, by) => {
      const planned = planMove(from, event, changes, by);
      if (!planned.ok) return planned;
      const recovery = await write(tx, from, { ...changes, step: planned.recovery.step });
      if (!recovery) return refuse('recovery-moved');
      await audit.append(tx, planned.entry);
      return accept({ recovery });
    };
  const move = moveBy(moveRecovery);
  const moveHeld = moveBy(moveHeldRecovery);

  return {
    find,
    identifierOf,
    planMove,
    move,
    moveHeld,

    async claim({ handle, id }) {
      const recovery = await find(handle);
      if (!recovery) return refuse('recovery-missing');
      if (recovery.id !== id) return refuse('recovery-other');
      return accept({ recovery, identifier: identifierOf(recovery) });
    },

    async choicesOf({ recovery, identifier }) {
      if (recovery.release_id !== null) {
        const account = await directory.find(recovery.account_id ?? '');
        return { accounts: account?.state === 'active' ? [{ ...account, address: null }] : [], provided: [] };
      }
      const read = readIdentifier(identifier);
      return read.ok
        ? choicesAmong(recovery, read, await directory.findForRecovery(read))
        : { accounts: [], provided: [] };
    },

    async prove(tx, { recovery: held, identifier }, choices, source) {
      const { accounts, provided } = choices;
      const now = clock.now();
      const handle = randomToken(random);
      const [only] = accounts;
      const several = accounts.length + provided.length > 1;
      const moved = await moveHeld(
        tx,
        held,
        several ? 'code-right-for-several' : 'code-right',
        {
          handle_hash: keys.hash('recovery-handle', handle),
          account_id: several ? null : (only?.id ?? null),
          proven_at: now,
          password_until: now + proofLifeMs,
          expires_at: now + proofLifeMs,
        },
        { source },
      );
      if (!moved.ok) return moved;
      await spendMailedCodes(tx, { recoveryId: held.id, now });
      return accept({ recovery: moved.recovery, identifier, handle, choices });
    },
  };
}
