// The frame of the support desk: as wide as a list of cases needs, calm, and it always says who is signed in.
import { html } from 'hono/html';
import type { Agent, AgentRole } from '../../agents/agents.ts';
import type { MessageKey } from '../../i18n/translate.ts';
import { type Frame, type Html, languageLinks, logo, shell } from '../pages/layout.ts';
import { pathOf, type RouteName, routes } from '../routes.ts';
import { rolesOf } from './agent-call.ts';

export interface ConsolePage {
  readonly title: string;
  /** Who is signed in; nobody at the sign-in. */
  readonly agent?: Agent;
  /** The place of the navigation that this page belongs to. */
  readonly place?: Place;
  readonly scripts?: readonly string[];
  readonly styles?: readonly string[];
  readonly body: Html;
}

/** What the navigation leads to, in its order. */
const places = {
  support: 'desk.queue',
  'support.search': 'desk.search',
  'support.figures': 'figures.title',
  'support.own': 'desk.own',
} as const satisfies Partial<Record<RouteName, MessageKey>>;
type Place = keyof typeof places;

export const roleNames = {
  agent: 'desk.role-agent',
  lead: 'desk.role-lead',
  auditor: 'desk.role-auditor',
} as const satisfies Record<AgentRole, MessageKey>;

/** The key that acts on this, where the agent wants keys. */
export const keyFor = ({ shortcuts }: Agent, key: string): Html | string =>
  shortcuts === 'on' ? html` aria-keyshortcuts="${key}"` : '';

const placeKeys: Partial<Record<Place, string>> = { support: 'c', 'support.search': 's' };

export function consolePage(frame: Frame, { agent, place, styles = [], scripts = [], ...content }: ConsolePage): Html {
  const { t, settings, base } = frame;
  const { title, body } = content;
  return shell(frame, {
    ...content,
    styles: ['console.css', ...styles],
    scripts: agent?.shortcuts === 'on' ? [...scripts, 'shortcuts.js'] : scripts,
    body: html`<header class="desk">
<a class="home" href="${pathOf(base, 'support')}">${logo(frame)}${t('desk.name', { site: settings.siteName })}</a>
${agent === undefined ? '' : navigation(frame, agent, place)}
<div class="desk-who">
${languageLinks(frame)}
${agent === undefined ? '' : whoIsHere(frame, agent)}
</div>
</header>
<main id="main" class="${agent === undefined ? 'desk-narrow' : 'desk'}">
<h1 tabindex="-1">${title}</h1>
${body}
</main>`,
  });
}

const navigation = ({ t, base }: Frame, agent: Agent, current: Place | undefined) =>
  html`<nav class="desk-places" aria-label="${t('desk.places')}">${placeNames
    .filter((place) => rolesOf[routes[place].audience].includes(agent.role))
    .map(
      (place) =>
        html`<a href="${pathOf(base, place)}"${keyOf(agent, place)}${place === current ? html` aria-current="page"` : ''}>${t(places[place])}</a>`,
    )}</nav>`;

const keyOf = (agent: Agent, place: Place) => {
  const key = placeKeys[place];
  return key === undefined ? '' : keyFor(agent, key);
};

const isPlace = (name: string): name is Place => Object.hasOwn(places, name);
const placeNames = Object.keys(places).filter(isPlace);

const whoIsHere = ({ t, base }: Frame, { name, role }: Agent) =>
  html`<span class="desk-agent">${name} <span class="hint">${t(roleNames[role])}</span></span>
<form novalidate method="post" action="${pathOf(base, 'support.sign-out.send')}"><button class="quiet">${t('account.sign-out')}</button></form>`;
