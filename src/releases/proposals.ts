// What a proposal takes, be it to give an account away or to close it: one that is open, an agent who works, a case of their own
// as they saw it, and a contact that was confirmed. The case is being decided from then on.
import type { Account, AccountDirectory } from '../accounts/directory.ts';
import type { Agent, Agents } from '../agents/agents.ts';
import { type Outcome, refuse } from '../base/outcome.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { Refusal } from '../refusals.ts';
import { findContact, holdCase } from '../support/case-rows.ts';
import type { CaseRow, Cases } from '../support/cases.ts';

interface Proposal {
  readonly of: CaseRow;
  /** Of the case, as the agent saw it. */
  readonly version: number;
  readonly accountId: string;
  readonly agent: Agent;
}

/** What is known once all of that holds. */
interface Held {
  readonly account: Account;
  readonly contactId: string;
}

export interface Proposals {
  /** One transaction, which holds the account, the agent and the case; `put` adds the row and notes it, last. */
  make(
    proposal: Proposal,
    put: (tx: Transaction, held: Held) => Promise<Outcome<unknown, Refusal>>,
  ): Promise<Outcome<unknown, Refusal>>;
}

export interface ProposalsNeeds {
  readonly db: Database;
  readonly directory: AccountDirectory;
  readonly agents: Pick<Agents, 'holdWorking'>;
  readonly cases: Pick<Cases, 'move'>;
}

export const createProposals = ({ db, directory, agents, cases }: ProposalsNeeds): Proposals => ({
  async make({ of, version, accountId, agent }, put) {
    const account = await directory.find(accountId);
    if (account?.state !== 'active') return refuse('release-account');
    return db.write(async (tx) => {
      await directory.hold(tx, accountId);
      const acting = await agents.holdWorking(tx, agent.id);
      const held = acting && (await holdCase(tx, { id: of.id, version, agentId: agent.id }));
      if (!held || acting.role === 'auditor') return refuse('case-state');
      const contact = await findContact(tx, of.id);
      if (!contact || contact.confirmed_at === null) return refuse('release-contact');
      const done = await put(tx, { account, contactId: contact.id });
      if (!done.ok || held.state === 'deciding') return done;
      return cases.move(tx, held, 'taken-up', { facts: { agent: agent.id } });
    });
  },
});
