// Sessions of agents: short, and over at once when the agent is removed, as the statement that finds a session judges its
// agent too.
import { type Clock, minuteMs } from '../base/clock.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import { type Agent, agentOf } from './agent-rows.ts';
import { agentIdleMs, agentSessionLifeMs } from './policy.ts';
import { deleteOver } from '../database/batches.ts';

export interface SignedInAgent {
  readonly agent: Agent;
  /** Names the session, opens nothing. */
  readonly sessionId: string;
}

/** A person's own request, or one that a page makes while nobody may be there: it keeps no session alive. */
export type SessionUse = 'person' | 'watching';

export interface AgentSessions {
  begin(tx: Transaction, agentId: string): Promise<{ readonly token: string; readonly expiresAt: number }>;
  /** Who is signed in with this token. The session is used by that, unless a page only `watches` for news by itself. */
  find(token: string, by: SessionUse): Promise<SignedInAgent | undefined>;
  /** Ends it; whose it was, where it was live. */
  end(tx: Transaction, token: string): Promise<{ readonly id: string; readonly agentId: string } | undefined>;
  endAll(tx: Transaction, agentId: string): Promise<void>;
  /** Deletes those that were over before `before` (UTC epoch ms). */
  forget(before: number): Promise<void>;
}

export interface AgentSessionsNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly site: string;
}

/** How long a session is used before that is written down once more: an agent opens a page every few seconds. */
const notedEveryMs = minuteMs;

export function createAgentSessions({ db, keys, clock, random, site }: AgentSessionsNeeds): AgentSessions {
  return {
    async begin(tx, agentId) {
      const token = randomToken(random);
      const now = clock.now();
      const expiresAt = now + agentSessionLifeMs;
      await tx
        .insertInto('agent_sessions')
        .values({
          id: randomToken(random),
          site,
          agent_id: agentId,
          token_hash: keys.hash('agent-session', token),
          created_at: now,
          last_used_at: now,
          expires_at: expiresAt,
          ended_at: null,
        })
        .execute();
      return { token, expiresAt };
    },

    async find(token, by) {
      const now = clock.now();
      const row = await db.read
        .selectFrom('agent_sessions as session')
        .innerJoin('agents', 'agents.id', 'session.agent_id')
        .select(['session.id as sessionId', 'session.last_used_at as usedAt'])
        .select(['agents.id', 'agents.name', 'agents.role', 'agents.locale', 'agents.shortcuts'])
        .where('session.site', '=', site)
        .where('session.token_hash', 'in', keys.hashes('agent-session', token))
        .where('session.ended_at', 'is', null)
        .where('session.expires_at', '>', now)
        .where('session.last_used_at', '>', now - agentIdleMs)
        .where('agents.removed_at', 'is', null)
        .executeTakeFirst();
      if (!row) return undefined;
      if (by === 'person' && row.usedAt <= now - notedEveryMs)
        await db.write((tx) =>
          tx
            .updateTable('agent_sessions')
            .set({ last_used_at: now })
            .where('id', '=', row.sessionId)
            .where('last_used_at', '<', now)
            .where('ended_at', 'is', null)
            .execute(),
        );
      return { agent: agentOf(row), sessionId: row.sessionId };
    },

    end: (tx, token) =>
      tx
        .updateTable('agent_sessions')
        .set({ ended_at: clock.now() })
        .where('site', '=', site)
        .where('token_hash', 'in', keys.hashes('agent-session', token))
        .where('ended_at', 'is', null)
        .where('expires_at', '>', clock.now())
        .returning(['id', 'agent_id as agentId'])
        .executeTakeFirst(),

    async endAll(tx, agentId) {
      await tx
        .updateTable('agent_sessions')
        .set({ ended_at: clock.now() })
        .where('agent_id', '=', agentId)
        .where('ended_at', 'is', null)
        .execute();
    },

    async forget(before) {
      await deleteOver(db, 'agent_sessions', (row) => row('expires_at', '<', before));
      await deleteOver(db, 'agent_sessions', (row) => row('ended_at', '<', before));
    },
  };
}
