// Every route of an agent passes here: whoever is not signed in as one, or has not the role, gets no further.
import type { Agents, AgentRole, SignedInAgent } from '../../agents/agents.ts';
import { Problem } from '../../base/problem.ts';
import { type Call, goTo, type Handler } from '../handler.ts';
import { type AgentAudience, type AgentRouteName, type Route, routes } from '../routes.ts';

export type AgentCall = Call & SignedInAgent;
export type AgentHandler = (call: AgentCall) => Promise<Response> | Response;
export type AgentHandlers<Name extends AgentRouteName> = Readonly<Record<Name, AgentHandler>>;

/** Who of the agents belongs to an audience. */
export const rolesOf: Readonly<Record<AgentAudience, readonly AgentRole[]>> = {
  agent: ['agent', 'lead', 'auditor'],
  'acting-agent': ['agent', 'lead'],
  lead: ['lead'],
  'lead-or-auditor': ['lead', 'auditor'],
};

export const forAgents =
  (agents: Pick<Agents, 'signedIn'>, name: AgentRouteName, handle: AgentHandler): Handler =>
  async (call) => {
    const route: Route = routes[name];
    const { audience } = routes[name];
    const { method, isWatching } = route;
    const signedIn = await agents.signedIn(call.visit.cookie('agent') ?? '', isWatching ? 'watching' : 'person');
    if (!signedIn) {
      // A form is not lost: after signing in elsewhere, reloading sends it again.
      if (method !== 'GET') throw new Problem('agent-missing', name);
      const { pathname, search } = call.visit.url;
      return goTo(call, 'support.sign-in', new URLSearchParams({ returnTo: `${pathname}${search}` }).toString());
    }
    if (!rolesOf[audience].includes(signedIn.agent.role)) throw new Problem('agent-role', name);
    return handle({ ...call, ...signedIn });
  };
