// The one way in which a release moves along its table: the row by its version, what happened beside it, and the audit
// event, in the caller's transaction, which holds the account.
import type { Audit } from '../audit/audit.ts';
import type { AuditEvent } from '../audit/events.ts';
import type { Clock } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Transaction } from '../database/database.ts';
import { advanceRelease, type ReleaseAct, type ReleaseRefusal } from './flow.ts';
import type { FactorFate } from './policy.ts';
import { insertStep, moveRelease, type Release, type ReleaseStep } from './release-rows.ts';

export interface MovesNeeds {
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly site: string;
}

/** Who objected: by the mail to an address, in a browser that is signed in, by signing in, or by a recovery of their own. */
export type Objector = 'address' | 'session' | 'sign-in' | 'recovery';

/** Who did it: an agent and why, or whoever has the account, and since when that is known; or the clock, or the person of the case. */
export interface By {
  readonly agentId?: string;
  readonly words?: string;
  readonly objector?: Objector;
  readonly knownSince?: number;
  /** What becomes of the second factor by it. */
  readonly factor?: FactorFate;
  readonly source?: string;
  readonly facts?: Readonly<Record<string, string | number>>;
}

export interface ReleaseMoves {
  move(
    tx: Transaction,
    from: Release,
    act: ReleaseAct,
    by?: By,
  ): Promise<Outcome<{ readonly release: Release; readonly step: ReleaseStep }, ReleaseRefusal>>;
  /** Notes something that moves no release. */
  note(
    tx: Transaction,
    of: { readonly caseId: string; readonly accountId: string; readonly releaseId: string | null },
    what: { readonly event: string; readonly audit: AuditEvent },
    by?: By,
  ): Promise<ReleaseStep>;
}

export function createReleaseMoves({ keys, clock, random, audit, site }: MovesNeeds): ReleaseMoves {
  const note: ReleaseMoves['note'] = async (tx, { caseId, accountId, releaseId }, what, by = {}) => {
    const { agentId, words = '', objector, knownSince, factor, source, facts = {} } = by;
    const step: ReleaseStep = {
      id: randomToken(random),
      site,
      case_id: caseId,
      account_id: accountId,
      release_id: releaseId,
      event: what.event,
      agent_id: agentId ?? null,
      objector: objector ?? null,
      known_since: knownSince ?? null,
      words_sealed: words === '' ? '' : keys.seal(words),
      at: clock.now(),
      factor: factor ?? null,
    };
    await insertStep(tx, step);
    await audit.append(tx, {
      event: what.audit,
      subjectId: releaseId ?? caseId,
      accountId,
      ...(source !== undefined && { source }),
      facts: {
        ...facts,
        case: caseId,
        ...(agentId !== undefined && { agent: agentId }),
        ...(objector !== undefined && { by: objector }),
        ...(knownSince !== undefined && { knownSince }),
        ...(factor !== undefined && { factor }),
      },
    });
    return step;
  };

  return {
    note,

    async move(tx, from, act, by = {}) {
      const advanced = advanceRelease(from, act, clock.now());
      if (!advanced.ok) return advanced;
      const release = await moveRelease(tx, from, advanced.changes);
      if (!release) return refuse('release-state');
      const of = { caseId: from.case_id, accountId: from.account_id, releaseId: from.id };
      const { audit: event } = advanced;
      const step = await note(tx, of, { event: event.replace('release.', ''), audit: event }, by);
      return accept({ release, step });
    },
  };
}
