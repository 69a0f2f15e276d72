// `rekey agents`: who works at the support desk. The only place where agents come from; a link that is printed is shown
// once and kept as a keyed hash.
import type { AgentRole, ListedAgent } from '../agents/agents.ts';
import { readDayBack } from '../agents/away.ts';
import { createRoster, type EnrolmentLink, type Roster } from '../agents/roster.ts';
import { Problem } from '../base/problem.ts';
import type { Settings } from '../config/settings.ts';
import { pathOf } from '../http/routes.ts';
import type { Locale } from '../i18n/translate.ts';
import { type SiteOptions, withSite } from './site.ts';

export interface AgentOptions extends SiteOptions {
  readonly json: boolean;
}

export interface AgentAddOptions extends AgentOptions {
  readonly role: AgentRole;
  readonly locale?: Locale | undefined;
}

type Needed = 'origin' | 'basePath' | 'languages';

/** What a command works with: the agents, and how it answers. */
interface Desk {
  readonly roster: Roster;
  readonly settings: Pick<Settings, Needed>;
  readonly now: number;
  /** The facts as JSON, or the sentence. */
  say(facts: object, sentence: string): void;
}

const withDesk = (options: AgentOptions, work: (desk: Desk) => Promise<void>): Promise<void> =>
  withSite<void, Needed>(
    options,
    (site) =>
      work({
        roster: createRoster(site),
        settings: site.settings,
        now: site.clock.now(),
        say: (facts, sentence) => console.log(options.json ? JSON.stringify(facts) : sentence),
      }),
    ['origin', 'basePath', 'languages'],
  );

const refused = (sentence: string) => new Problem('agent-refused', sentence);

async function findOrRefuse({ roster }: Desk, name: string): Promise<ListedAgent> {
  const agent = await roster.findByName(name);
  if (!agent) throw unknown(name);
  return agent;
}

const unknown = (name: string) => refused(`There is no agent ${name}. See rekey agents list.`);

/** `2026-11-30 12:00 UTC` */
const momentOf = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

function sayLink({ settings, say }: Desk, sentence: string, facts: object, { token, expiresAt }: EnrolmentLink): void {
  const path = pathOf(settings.basePath.replace(/\/$/, ''), 'support.enrol', { token });
  const link = `${settings.origin}${path}`;
  say(
    { ...facts, link, linkExpiresAt: expiresAt },
    `${sentence} This link works once, until ${momentOf(expiresAt)}:\n\n  ${link}`,
  );
}

export const addAgent = (name: string, { role, locale, ...options }: AgentAddOptions): Promise<void> =>
  withDesk(options, async (desk) => {
    const { roster, settings } = desk;
    const added = await roster.add({ name, role, locale: locale ?? settings.languages[0] ?? 'en' });
    if (!added.ok)
      throw refused(
        added.reason === 'name-taken'
          ? `There is an agent ${name} already.`
          : `The name ${JSON.stringify(name)} cannot be used. It has 3 to 32 letters, digits, dots, dashes or underscores.`,
      );
    const { agent } = added;
    sayLink(desk, `${agent.name} was added as ${role}.`, { id: agent.id, name: agent.name, role }, added);
  });

export const renewLink = (name: string, options: AgentOptions): Promise<void> =>
  withDesk(options, async (desk) => {
    const agent = await findOrRefuse(desk, name);
    const made = await desk.roster.renewLink(agent.id);
    if (!made.ok) throw unknown(name);
    sayLink(desk, `Until ${agent.name} uses it, all stays as it is.`, { id: agent.id, name: agent.name }, made);
  });

export const listAgents = (options: AgentOptions): Promise<void> =>
  withDesk(options, async ({ roster, now, say }) => {
    const agents = await roster.list();
    const width = Math.max(0, ...agents.map(({ name }) => name.length));
    const lines = agents.map(({ name, role, enrolledAt, signedInAt, awayUntil }) => {
      const state =
        enrolledAt === null
          ? 'has not used the link yet'
          : awayUntil !== null && awayUntil > now
            ? `away until ${dayOf(awayUntil)}`
            : signedInAt === null
              ? 'has not signed in yet'
              : `signed in last at ${momentOf(signedInAt)}`;
      return `${name.padEnd(width)}  ${role.padEnd(7)}  ${state}`;
    });
    say(agents, lines.length === 0 ? 'There are no agents. Add one with rekey agents add.' : lines.join('\n'));
  });

export const setRole = (name: string, role: AgentRole, options: AgentOptions): Promise<void> =>
  withDesk(options, async (desk) => {
    const agent = await findOrRefuse(desk, name);
    const changed = await desk.roster.setRole(agent.id, role);
    if (!changed.ok) throw unknown(name);
    desk.say({ name: agent.name, role }, `${agent.name} is now ${role}.`);
  });

export const setAway = (name: string, day: string, options: AgentOptions): Promise<void> =>
  withDesk(options, async (desk) => {
    const until = day === 'back' ? null : readDayBack(day, desk.now);
    if (until === undefined)
      throw refused(`${JSON.stringify(day)} is no day to come, such as 2027-01-31, within two years.`);
    const agent = await findOrRefuse(desk, name);
    const changed = await desk.roster.setAway(agent.id, until);
    if (!changed.ok) throw unknown(name);
    desk.say(
      { name: agent.name, awayUntil: until },
      until === null ? `${agent.name} is back.` : `${agent.name} is away until ${dayOf(until)}.`,
    );
  });

export const removeAgent = (name: string, options: AgentOptions): Promise<void> =>
  withDesk(options, async (desk) => {
    const agent = await findOrRefuse(desk, name);
    const removed = await desk.roster.remove(agent.id);
    if (!removed.ok) throw unknown(name);
    desk.say({ id: agent.id, name: agent.name }, `${agent.name} was removed and is signed out.`);
  });
