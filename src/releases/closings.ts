// Closing the account of somebody who died (walk 52): an agent proposes it in a case of that kind, a lead who is another approves,
// it is held for two weeks and told to every address. A sign-in, a recovery or "This was not me" ends it; after it was closed,
// "This was not me" opens the account again. Nobody gets in by it.
import { sql } from 'kysely';
import type { AccountDirectory } from '../accounts/directory.ts';
import type { Agent, Agents } from '../agents/agents.ts';
import type { Log } from '../base/log.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { createBackOff, passOver } from '../base/pass.ts';
import { randomToken } from '../base/random.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { ClosingsTable } from '../database/tables.ts';
import type { Refusal } from '../refusals.ts';
import type { Devices } from '../sessions/devices.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { findCaseById } from '../support/case-rows.ts';
import type { CaseRow, Cases } from '../support/cases.ts';
import { advanceClosing, type ClosingAct, dueClosing, objectionTo, proposedClosing } from './closing-flow.ts';
import type { By, MovesNeeds, ReleaseMoves } from './moves.ts';
import type { ReleaseNotices } from './notices.ts';
import { undoLifeMs } from './policy.ts';
import type { Proposals } from './proposals.ts';

type Closing = Readonly<ClosingsTable>;

interface ByAgent {
  readonly agent: Agent;
  /** Why, already read. */
  readonly words: string;
}

export interface CaseClosing {
  readonly id: string;
  readonly version: number;
  readonly state: string;
  readonly userId: string;
  readonly proposedBy: string;
  /** Whether the agent who looks proposed it. */
  readonly isOwn: boolean;
  /** UTC epoch ms. */
  readonly dueAt: number;
  readonly closedAt: number | null;
}

/** `not-closed`: it ended; `reopened`: the account is open again; `stays-closed`: the site itself has disabled it meanwhile. */
export type ClosingObjected = 'not-closed' | 'reopened' | 'stays-closed';

export interface Closings {
  /** The newest of the case, where it is open or closed the account. */
  ofCase(agent: Agent, of: CaseRow): Promise<CaseClosing | undefined>;
  propose(of: CaseRow, version: number, accountId: string, by: ByAgent): Promise<Outcome<unknown, Refusal>>;
  /** `approved` and `refused` by another than who proposed it; `withdrawn` by that one, whose case it is, or a lead. */
  decide(
    seen: Pick<Closing, 'id' | 'version'>,
    event: 'approved' | 'refused' | 'withdrawn',
    by: ByAgent,
  ): Promise<Outcome<unknown, Refusal>>;
  isOpenFor(reader: Transaction, caseId: string): Promise<boolean>;
  /** When the account of a case is closed, where that was approved: UTC epoch ms. */
  holdEndsAt(caseId: string): Promise<number | undefined>;
  /** The one of an account that somebody can object to. */
  ofAccount(reader: Transaction, accountId: string): Promise<Closing | undefined>;
  /** Whoever has the account lives, and says so; the caller holds the account. `undefined`: there was nothing to object to. */
  object(tx: Transaction, accountId: string, by: By): Promise<ClosingObjected | undefined>;
  settle(): Promise<void>;
}

export interface ClosingsNeeds extends MovesNeeds {
  readonly db: Database;
  readonly log: Log;
  readonly directory: AccountDirectory;
  readonly agents: Pick<Agents, 'namesOf' | 'holdWorking'>;
  readonly cases: Pick<Cases, 'move' | 'answer'>;
  readonly sessions: Pick<Sessions, 'endAll'>;
  readonly devices: Pick<Devices, 'endAll'>;
}

export function createClosings(
  needs: ClosingsNeeds,
  {
    moves,
    notices,
    proposals,
  }: { readonly moves: ReleaseMoves; readonly notices: ReleaseNotices; readonly proposals: Proposals },
): Closings {
  const { db, log, clock, random, directory, agents, cases, sessions, devices, site } = needs;

  const backOff = createBackOff(clock);

  const find = (reader: Transaction, id: string): Promise<Closing | undefined> =>
    reader.selectFrom('closings').selectAll().where('id', '=', id).executeTakeFirst();

  /** The row by its version, and what happened beside it: of sixteen at once one goes on. */
  async function move(tx: Transaction, from: Closing, act: ClosingAct, by: By = {}) {
    const advanced = advanceClosing(from, act, clock.now());
    if (!advanced.ok) return advanced;
    const closing = await tx
      .updateTable('closings')
      .set({ ...advanced.changes, version: from.version + 1 })
      .where('id', '=', from.id)
      .where('version', '=', from.version)
      .returningAll()
      .executeTakeFirst();
    if (!closing) return refuse('release-state');
    const of = { caseId: from.case_id, accountId: from.account_id, releaseId: null };
    const { audit } = advanced;
    return accept({ closing, step: await moves.note(tx, of, { event: audit.replace('.', '-'), audit }, by) });
  }

  /** Somebody signed in, was here with a session from before, or set a password since: nobody closes the account over it. */
  async function livesSince(reader: Transaction, accountId: string, since: number): Promise<boolean> {
    const session = await reader
      .selectFrom('sessions')
      .select('id')
      .where('account_id', '=', accountId)
      .where((row) => row.or([row('created_at', '>', since), row('last_used_at', '>', since)]))
      .limit(1)
      .executeTakeFirst();
    const account = await reader
      .selectFrom('accounts')
      .select('id')
      .where('id', '=', accountId)
      .where('password_changed_at', '>', since)
      .executeTakeFirst();
    return session !== undefined || account !== undefined;
  }

  async function settleOne(due: Closing): Promise<void> {
    const owner = await notices.ownerOf(due.account_id);
    await db.write(async (tx) => {
      await directory.hold(tx, due.account_id);
      const of = await findCaseById(tx, due.case_id);
      const isPossible = owner?.account.state === 'active' && of !== undefined;
      const isAlive = await livesSince(tx, due.account_id, due.proposed_at);
      const event = dueClosing({ state: due.state, isPossible, isAlive });
      const settled = await move(tx, due, { event }, event === 'vetoed' ? { objector: 'sign-in' } : {});
      if (!settled.ok || event !== 'hold-over' || !owner || !of) return;
      await directory.close(tx, due.account_id);
      await sessions.endAll(tx, due.account_id);
      await devices.endAll(tx, due.account_id);
      await notices.tell(tx, settled.step, owner);
      if (of.state === 'deciding') await cases.move(tx, of, 'decided');
    });
  }

  return {
    async ofCase(agent, of) {
      const newest = await db.read
        .selectFrom('closings')
        .selectAll()
        .where('case_id', '=', of.id)
        .orderBy('proposed_at', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (!newest || (newest.ended_at !== null && newest.state !== 'closed')) return undefined;
      const names = await agents.namesOf([newest.proposed_by]);
      return {
        id: newest.id,
        version: newest.version,
        state: newest.state,
        userId: (await directory.find(newest.account_id))?.userId ?? '',
        proposedBy: names.get(newest.proposed_by) ?? '',
        isOwn: newest.proposed_by === agent.id,
        dueAt: newest.due_at,
        closedAt: newest.closed_at,
      };
    },

    async propose(of, version, accountId, { agent, words }) {
      if (of.kind !== 'owner-died') return refuse('closing-kind');
      return proposals.make({ of, version, accountId, agent }, async (tx) => {
        const row: Closing = {
          ...proposedClosing(agent.id, clock.now()),
          id: randomToken(random),
          site,
          case_id: of.id,
          account_id: accountId,
          version: 1,
        };
        const inserted = await tx
          .insertInto('closings')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .returning('id')
          .executeTakeFirst();
        if (!inserted) return refuse('release-open');
        const what = { event: 'closing-proposed', audit: 'closing.proposed' } as const;
        await moves.note(tx, { caseId: of.id, accountId, releaseId: null }, what, { agentId: agent.id, words });
        return accept();
      });
    },

    async decide(seen, event, { agent, words }) {
      const found = await find(db.read, seen.id);
      const owner = found && (await notices.ownerOf(found.account_id));
      if (!found || !owner) return refuse('release-state');
      return db.write(async (tx) => {
        await directory.hold(tx, found.account_id);
        const acting = await agents.holdWorking(tx, agent.id);
        const closing = await find(tx, found.id);
        if (!acting || acting.role === 'auditor' || closing?.version !== seen.version) return refuse('release-state');
        const of = await findCaseById(tx, closing.case_id);
        if (event === 'withdrawn') {
          const mayStop = acting.role === 'lead' || acting.id === closing.proposed_by || acting.id === of?.agent_id;
          if (!mayStop) return refuse('case-of-other');
        }
        const act = event === 'withdrawn' ? { event } : { event, agent: acting };
        const moved = await move(tx, closing, act, { agentId: acting.id, words });
        if (!moved.ok) return moved;
        if (event !== 'approved') return accept();
        await notices.tell(tx, moved.step, owner);
        if (of) await cases.answer(tx, of);
        return accept();
      });
    },

    async isOpenFor(reader, caseId) {
      const open = await reader
        .selectFrom('closings')
        .select('id')
        .where('case_id', '=', caseId)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      return open !== undefined;
    },

    async holdEndsAt(caseId) {
      const holding = await db.read
        .selectFrom('closings')
        .select('due_at')
        .where('case_id', '=', caseId)
        .where('state', '=', 'holding')
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      return holding?.due_at;
    },

    ofAccount: (reader, accountId) =>
      reader
        .selectFrom('closings')
        .selectAll()
        .where('account_id', '=', accountId)
        .where((row) =>
          row.or([
            row('ended_at', 'is', null),
            row.and([row('state', '=', 'closed'), row('closed_at', '>', clock.now() - undoLifeMs)]),
          ]),
        )
        .orderBy(sql`ended_at IS NOT NULL`)
        .limit(1)
        .executeTakeFirst(),

    async object(tx, accountId, by) {
      const closing = await this.ofAccount(tx, accountId);
      if (!closing) return undefined;
      const isClosed = closing.state === 'closed';
      const moved = await move(tx, closing, { event: objectionTo(closing.state) }, by);
      if (!moved.ok) return undefined;
      const of = await findCaseById(tx, closing.case_id);
      if (of?.state === 'decided') await cases.move(tx, of, 'reopened');
      if (!isClosed) return 'not-closed';
      return (await directory.reopen(tx, accountId)) ? 'reopened' : 'stays-closed';
    },

    async settle() {
      const waiting = backOff.waiting();
      const due = await db.read
        .selectFrom('closings')
        .selectAll()
        .where('ended_at', 'is', null)
        .where('due_at', '<=', clock.now())
        .$if(waiting.length > 0, (query) => query.where('id', 'not in', waiting))
        .orderBy('due_at')
        .limit(100)
        .execute();
      const settling = (closing: Closing) => backOff.trying(closing.id, () => settleOne(closing));
      await passOver(due, settling, { log, job: 'closings', of: ({ id }) => ({ closing: id }) });
    },
  };
}
