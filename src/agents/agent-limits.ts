// What an agent may do in an hour before somebody has to look: far more than a day's work, far less than a raid. The first
// beyond a limit rings the alarm, once a window: an audit event, and a warning in the log.
import type { Audit } from '../audit/audit.ts';
import type { Log } from '../base/log.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Database } from '../database/database.ts';
import { type LimitName, limits as table, type Limits } from '../limits/limits.ts';

export type AgentLimit = Extract<LimitName, `agent-${string}`>;

export interface AgentLimits {
  /** Counts one for the agent; refuses beyond the limit. `countedAs`: where it is counted by something else than the agent. */
  take(name: AgentLimit, agentId: string | undefined, countedAs?: string): Promise<Outcome<unknown, 'agent-limit'>>;
}

export interface AgentLimitsNeeds {
  readonly db: Database;
  readonly audit: Audit;
  readonly limits: Limits;
  readonly log: Log;
}

export function createAgentLimits({ db, audit, limits, log }: AgentLimitsNeeds): AgentLimits {
  return {
    async take(name, agentId, countedAs = agentId ?? '') {
      const count = await limits.hit(name, countedAs);
      const { max, windowMs } = table[name];
      if (count <= max) return accept();
      // Counting is atomic, so exactly one of those at once is the first beyond it.
      if (count === max + 1) {
        log.warn(
          { agent: agentId ?? null, limit: name, max, windowMs },
          'an agent reached a limit: somebody should look',
        );
        await db.write((tx) =>
          audit.append(tx, {
            event: 'agent.limit_reached',
            ...(agentId !== undefined && { subjectId: agentId }),
            facts: { limit: name, max },
          }),
        );
      }
      const { retryAfterMs } = { retryAfterMs: windowMs, ...(await limits.look(name, countedAs)) };
      return refuse('agent-limit', retryAfterMs);
    },
  };
}
