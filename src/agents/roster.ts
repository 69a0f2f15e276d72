// Who works at the support desk, as the operator says on the command line: nothing here is reached from the web but the
// own absence. Whoever is removed is signed out by that.
import { foldAscii, readUserId } from '../accounts/identifiers.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { Locale } from '../i18n/translate.ts';
import {
  type Agent,
  agentOf,
  type AgentRole,
  listedOf,
  type ListedAgent,
  updateWorking,
  workingAgents,
  type Shortcuts,
} from './agent-rows.ts';
import { createAgentSessions } from './agent-sessions.ts';
import { enrolmentLifeMs } from './policy.ts';

/** What an enrolment link is made of; shown once. */
export interface EnrolmentLink {
  readonly token: string;
  /** UTC epoch ms. */
  readonly expiresAt: number;
}

export interface Roster {
  add(agent: {
    readonly name: string;
    readonly role: AgentRole;
    readonly locale: Locale;
  }): Promise<Outcome<{ readonly agent: Agent } & EnrolmentLink, 'name-shape' | 'name-taken'>>;
  /** A new link: for whom the first one was too late, or who lost the second factor. Until it is used all stays as it is. */
  renewLink(id: string): Promise<Outcome<EnrolmentLink, 'agent-gone'>>;
  /** Signs the agent out everywhere, for good: password, second factor and link go. */
  remove(id: string): Promise<Outcome<unknown, 'agent-gone'>>;
  setRole(id: string, role: AgentRole): Promise<Outcome<unknown, 'agent-gone'>>;
  /** Whether single keys act on the agent's pages. */
  setShortcuts(id: string, shortcuts: Shortcuts): Promise<Outcome<unknown, 'agent-gone'>>;
  /** `until`: UTC epoch ms; `null`: back. */
  setAway(id: string, until: number | null): Promise<Outcome<unknown, 'agent-gone'>>;
  /** All who were not removed, by name. */
  list(): Promise<readonly ListedAgent[]>;
  /** Whoever works here by this name. */
  findByName(name: string): Promise<ListedAgent | undefined>;
  find(id: string): Promise<ListedAgent | undefined>;
  /** Names by id, of those who left too: whose a note or a decision is. */
  namesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Holds the agent until the end of the transaction, with the role of now. `undefined`: removed. */
  holdWorking(tx: Transaction, id: string): Promise<Agent | undefined>;
  /** Who may be given work: enrolled, no auditor, and not away. */
  present(): Promise<readonly Agent[]>;
}

export interface RosterNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly site: string;
}

/** Names are told apart like user IDs. */
export const agentNameKey = (name: string): string => foldAscii(name.trim().normalize('NFC'));

export function createRoster(needs: RosterNeeds): Roster {
  const { db, keys, clock, random, audit, site } = needs;
  const sessions = createAgentSessions(needs);

  async function makeLink(tx: Transaction, agentId: string): Promise<EnrolmentLink> {
    const token = randomToken(random);
    const now = clock.now();
    const expiresAt = now + enrolmentLifeMs;
    const link = { token_hash: keys.hash('agent-enrolment', token), created_at: now, expires_at: expiresAt };
    await tx
      .insertInto('agent_enrolments')
      .values({ agent_id: agentId, site, ...link })
      .onConflict((conflict) => conflict.column('agent_id').doUpdateSet(link))
      .execute();
    return { token, expiresAt };
  }

  const gone = refuse('agent-gone');

  return {
    async add({ name, role, locale }) {
      const read = readUserId(name);
      if (!read.ok) return refuse('name-shape');
      const agent: Agent = { id: randomToken(random), name: read.userId, role, locale, shortcuts: 'on' };
      return db.write(async (tx) => {
        const added = await tx
          .insertInto('agents')
          .values({ ...agent, site, name_key: agentNameKey(agent.name), added_at: clock.now(), ...nothingYet })
          .onConflict((conflict) => conflict.doNothing())
          .returning('id')
          .executeTakeFirst();
        if (!added) return refuse('name-taken');
        await audit.append(tx, { event: 'agent.added', subjectId: agent.id, facts: { role } });
        return accept({ agent, ...(await makeLink(tx, agent.id)) });
      });
    },

    renewLink: (id) =>
      db.write(async (tx) => {
        // Held: an agent who is just being removed gets no link after it.
        if (!(await updateWorking(tx, id, { removed_at: null }))) return gone;
        await audit.append(tx, { event: 'agent.link_made', subjectId: id });
        return accept(await makeLink(tx, id));
      }),

    remove: (id) =>
      db.write(async (tx) => {
        const removed = await updateWorking(tx, id, {
          removed_at: clock.now(),
          password_hash: null,
          password_key_id: null,
          secret_sealed: null,
        });
        if (!removed) return gone;
        await sessions.endAll(tx, id);
        await tx.deleteFrom('agent_enrolments').where('agent_id', '=', id).execute();
        await tx.deleteFrom('agent_passkeys').where('agent_id', '=', id).execute();
        await audit.append(tx, { event: 'agent.removed', subjectId: id });
        return accept();
      }),

    setRole: (id, role) =>
      db.write(async (tx) => {
        if (!(await updateWorking(tx, id, { role }))) return gone;
        await audit.append(tx, { event: 'agent.role_changed', subjectId: id, facts: { role } });
        return accept();
      }),

    setShortcuts: (id, shortcuts) =>
      db.write(async (tx) => {
        if (!(await updateWorking(tx, id, { shortcuts }))) return gone;
        await audit.append(tx, { event: 'agent.shortcuts_changed', subjectId: id, facts: { shortcuts } });
        return accept();
      }),

    setAway: (id, until) =>
      db.write(async (tx) => {
        if (!(await updateWorking(tx, id, { away_until: until }))) return gone;
        await audit.append(tx, { event: 'agent.away_changed', subjectId: id, facts: { until: until ?? 0 } });
        return accept();
      }),

    list: async () => (await workingAgents(db.read, site).orderBy('name_key').execute()).map(listedOf),

    async findByName(name) {
      const row = await workingAgents(db.read, site).where('name_key', '=', agentNameKey(name)).executeTakeFirst();
      return row && listedOf(row);
    },

    async find(id) {
      const row = await workingAgents(db.read, site).where('id', '=', id).executeTakeFirst();
      return row && listedOf(row);
    },

    async namesOf(ids) {
      if (ids.length === 0) return new Map();
      const rows = await db.read
        .selectFrom('agents')
        .select(['id', 'name'])
        .where('site', '=', site)
        .where('id', 'in', [...new Set(ids)])
        .execute();
      return new Map(rows.map(({ id, name }) => [id, name]));
    },

    async holdWorking(tx, id) {
      const row = await updateWorking(tx, id, { removed_at: null });
      return row && agentOf(row);
    },

    async present() {
      const rows = await workingAgents(db.read, site)
        .where('enrolled_at', 'is not', null)
        .where('role', '<>', 'auditor')
        .where((row) => row.or([row('away_until', 'is', null), row('away_until', '<=', clock.now())]))
        .orderBy('name_key')
        .execute();
      return rows.map(agentOf);
    },
  };
}

/** Of an agent who was just added. */
const nothingYet = {
  password_hash: null,
  password_key_id: null,
  secret_sealed: null,
  last_step: 0,
  enrolled_at: null,
  signed_in_at: null,
  away_until: null,
  removed_at: null,
};
