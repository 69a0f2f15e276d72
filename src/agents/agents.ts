// The agents of the support desk: who they are, how they begin, how they sign in, and how much they may do in an hour.
import type { Passwords } from '../accounts/passwords.ts';
import type { Log } from '../base/log.ts';
import type { Settings } from '../config/settings.ts';
import type { Limits } from '../limits/limits.ts';
import { type AgentLimits, createAgentLimits } from './agent-limits.ts';
import { createAgentSessions } from './agent-sessions.ts';
import { type AgentSignIn, createAgentSignIn } from './agent-sign-in.ts';
import { createEnrolment, type Enrolment } from './enrolment.ts';
import { createOwnPasskeys, type OwnPasskeys } from './own-passkeys.ts';
import { createPasskeys, type Passkeys } from './passkeys.ts';
import { createRoster, type Roster, type RosterNeeds } from './roster.ts';

export type { Agent, AgentRole, ListedAgent } from './agent-rows.ts';
export type { ListedPasskey } from './passkeys.ts';
export type { SignedInAgent } from './agent-sessions.ts';

export interface Agents extends Roster, Enrolment, AgentSignIn, OwnPasskeys {
  readonly passkeys: Pick<Passkeys, 'creationOptions' | 'requestOptions'>;
  /** What an agent may do in an hour. */
  readonly within: AgentLimits['take'];
  /** Deletes sessions that were over before `before` (UTC epoch ms), and what was not used in time. */
  forget(before: { readonly sessions: number }): Promise<void>;
}

export interface AgentsNeeds extends RosterNeeds {
  readonly limits: Limits;
  readonly passwords: Passwords;
  readonly settings: Settings;
  readonly log: Log;
}

export function createAgents(needs: AgentsNeeds): Agents {
  const sessions = createAgentSessions(needs);
  const agentLimits = createAgentLimits(needs);
  const passkeys = createPasskeys(needs);
  const all = { ...needs, sessions, passkeys, agentLimits };
  const enrolment = createEnrolment(all);
  return {
    ...createRoster(needs),
    ...enrolment,
    ...createAgentSignIn(all),
    ...createOwnPasskeys(all),
    passkeys,
    within: agentLimits.take,
    async forget(before) {
      await sessions.forget(before.sessions);
      await enrolment.forgetLinks();
      await passkeys.forgetChallenges();
    },
  };
}
