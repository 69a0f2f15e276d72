// The pages of the agents themselves: how they begin, how they sign in, the first page, and the own page.
import { html } from 'hono/html';
import { renderSVG } from 'uqr';
import type { Agent, ListedAgent, ListedPasskey } from '../../agents/agents.ts';
import { agoInWords, type MessageKey, momentInWords } from '../../i18n/translate.ts';
import { field, type Frame, notice, showWords } from '../pages/layout.ts';
import { newPasswordFields, newPasswordForm, userIdField } from '../pages/new-password.ts';
import { returnToField } from '../pages/sign-in.ts';
import { pathOf } from '../routes.ts';
import { consolePage, roleNames } from './layout.ts';

const codeAttributes = 'autocomplete="one-time-code" inputmode="numeric" spellcheck="false" maxlength="40"';

/** A passkey in place of the code: the button sends the form once the browser has an answer. */
const passkeyButton = ({
  kind,
  options,
  words,
  failed,
}: {
  kind: 'new' | 'known';
  options: string;
  words: string;
  failed: string;
}) =>
  html`<div class="passkey">
<input type="hidden" name="passkey" value="">
<button type="button" class="button" data-passkey="${options}" data-kind="${kind}" data-failed="${failed}">${words}</button>
<p class="error" role="status"></p>
</div>`;

export interface AgentSignInPage {
  readonly name: string;
  readonly returnTo: string | null;
  /** The agent has just set the password and this second factor. */
  readonly enrolled?: 'app' | 'passkey' | undefined;
  /** Where passkeys are offered: what the browser needs to answer with one, as JSON. */
  readonly passkeyOptions: string | undefined;
  readonly error?: string | undefined;
  readonly errorAt?: 'name' | 'password' | 'code' | undefined;
}

export function agentSignInPage(frame: Frame, content: AgentSignInPage) {
  const { name, returnTo, enrolled, passkeyOptions, error, errorAt } = content;
  const { t, base, settings } = frame;
  const at = (place: AgentSignInPage['errorAt']) => (errorAt === place ? error : undefined);
  return consolePage(frame, {
    title: t('desk.sign-in-title'),
    scripts: passkeyOptions === undefined ? [] : ['passkey.js'],
    body: html`${enrolled === undefined ? '' : notice(t(enrolled === 'passkey' ? 'desk.enrolled-passkey' : 'desk.enrolled'), 'good')}${errorAt === undefined ? notice(error) : ''}
<p>${t('desk.sign-in-lead', { site: settings.siteName })}</p>
<form novalidate method="post" action="${pathOf(base, 'support.sign-in.send')}">
${returnToField(returnTo)}
${field({ name: 'name', label: t('desk.agent-name'), value: name, error: at('name'), attributes: 'autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64"' })}
${field({ name: 'password', label: t('sign-in.password'), type: 'password', error: at('password'), show: showWords(t), attributes: 'autocomplete="current-password" required' })}
${field({ name: 'code', label: t('desk.code'), hint: t('desk.code-hint'), error: at('code'), attributes: codeAttributes })}
<button class="primary">${t('sign-in.submit')}</button>
${passkeyOptions === undefined ? '' : passkeyButton({ kind: 'known', options: passkeyOptions, words: t('desk.passkey-sign-in'), failed: t('desk.passkey-failed') })}
</form>
<p class="aside">${t('desk.lost')}</p>`,
  });
}

export interface EnrolPage {
  readonly agent: Agent;
  readonly token: string;
  readonly secret: string;
  readonly uri: string;
  /** Where passkeys are offered: what the browser needs to make one, as JSON. */
  readonly passkeyOptions: string | undefined;
  readonly password?: string;
  readonly repeated?: string;
  readonly error?: string | undefined;
  readonly errorAt?: 'password' | 'repeated' | 'code' | undefined;
}

export function enrolPage(frame: Frame, content: EnrolPage) {
  const { t, base, settings } = frame;
  const { agent, token, secret, uri, passkeyOptions, password = '', repeated = '', error, errorAt } = content;
  const at = (place: EnrolPage['errorAt']) => (errorAt === place ? error : undefined);
  const picture = Buffer.from(renderSVG(uri, { border: 4 })).toString('base64');
  return consolePage(frame, {
    title: t('desk.enrol-title'),
    scripts: ['password.js', ...(passkeyOptions === undefined ? [] : ['passkey.js'])],
    body: html`${errorAt === undefined ? notice(error) : ''}
<p>${t('desk.enrol-lead', { name: agent.name, role: t(roleNames[agent.role]), site: settings.siteName })}</p>
<form novalidate method="post" action="${pathOf(base, 'support.enrol.send', { token })}"${newPasswordForm(frame)}>
${userIdField(agent.name)}
<h2>${t('desk.enrol-password')}</h2>
${newPasswordFields(frame, { password, repeated, errors: { password: at('password'), repeated: at('repeated') } })}
<h2>${t('desk.enrol-app')}</h2>
<p>${t('authenticator.scan')} ${t('authenticator.apps')}</p>
<p><img class="qr" src="data:image/svg+xml;base64,${picture}" width="232" height="232" alt="${t('authenticator.qr-alt')}"></p>
<p class="aside"><a href="${uri}">${t('authenticator.on-this-phone')}</a></p>
<dl>
<dt>${t('authenticator.key')}</dt><dd class="code key">${secret.replace(/(.{4})(?=.)/g, '$1 ')}</dd>
</dl>
${field({ name: 'code', label: t('authenticator.first-code'), hint: t('desk.first-code-hint'), error: at('code'), attributes: codeAttributes })}
<button class="primary">${t('desk.enrol-finish')}</button>
${passkeyOptions === undefined ? '' : html`<p class="aside">${t('desk.passkey-instead')}</p>${passkeyButton({ kind: 'new', options: passkeyOptions, words: t('desk.passkey-make'), failed: t('desk.passkey-make-failed') })}`}
</form>`,
  });
}

export const enrolOverPage = (frame: Frame, error: string | undefined) =>
  consolePage(frame, {
    title: frame.t('desk.link-over-title'),
    body: html`${notice(error)}
<p><a class="button" href="${pathOf(frame.base, 'support.sign-in')}">${frame.t('desk.sign-in-title')}</a></p>`,
  });

export interface OwnPage {
  readonly agent: ListedAgent;
  readonly now: number;
  /** As typed. */
  readonly backOn?: string;
  /** What was just done. */
  readonly done?: 'away-kept' | 'shortcuts-changed' | 'passkey-added' | 'passkey-removed' | undefined;
  readonly passkeys: readonly ListedPasskey[];
  /** Where passkeys are offered: what the browser needs to make one, as JSON. */
  readonly passkeyOptions: string | undefined;
  readonly error?: string | undefined;
  readonly errorAt?: 'backOn' | 'password' | undefined;
}

export function ownPage(frame: Frame, content: OwnPage) {
  const { t, base } = frame;
  const { agent, now, backOn, done, passkeyOptions, error, errorAt } = content;
  const { awayUntil } = agent;
  const isAway = awayUntil !== null && awayUntil > now;
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  return consolePage(frame, {
    title: t('desk.own'),
    agent,
    place: 'support.own',
    scripts: passkeyOptions === undefined ? [] : ['passkey.js'],
    body: html`${done === undefined ? '' : notice(t(`desk.${done}`), 'good')}${errorAt === undefined ? notice(error) : ''}
<section class="desk-narrow">
<h2>${t('desk.away-title')}</h2>
<p>${isAway ? t('desk.away', { when: momentInWords(t.locale, awayUntil) }) : t('desk.here')}</p>
<form novalidate method="post" action="${pathOf(base, 'support.own.send')}">
${field({ name: 'backOn', label: t('desk.back-on'), type: 'date', hint: t('desk.back-on-hint'), value: backOn ?? (isAway ? day(awayUntil) : ''), error: errorAt === 'backOn' ? error : undefined, attributes: `min="${day(now)}"` })}
<button class="primary">${t('desk.away-keep')}</button>
</form>
</section>
${shortcutsSection(frame, agent)}
${passkeyOptions === undefined ? '' : ownPasskeys(frame, { ...content, passkeyOptions })}`,
  });
}

/** The keys, each with what it does. */
const keys = {
  c: 'desk.key-cases',
  m: 'desk.key-mine',
  n: 'desk.key-unassigned',
  s: 'desk.key-search',
  j: 'desk.key-next',
  k: 'desk.key-before',
  t: 'desk.key-take',
  w: 'desk.key-write',
} as const satisfies Record<string, MessageKey>;

const shortcutsSection = ({ t, base }: Frame, { shortcuts }: Agent) =>
  html`<section class="desk-narrow">
<h2>${t('desk.shortcuts')}</h2>
<p>${t(shortcuts === 'on' ? 'desk.shortcuts-on' : 'desk.shortcuts-off')}</p>
<dl class="keys">${Object.entries(keys).map(([key, does]) => html`<div><dt><kbd>${key.toUpperCase()}</kbd></dt><dd>${t(does)}</dd></div>`)}</dl>
<form novalidate method="post" action="${pathOf(base, 'support.shortcuts.send')}">
<button name="shortcuts" value="${shortcuts === 'on' ? 'off' : 'on'}">${t(shortcuts === 'on' ? 'desk.shortcuts-switch-off' : 'desk.shortcuts-switch-on')}</button>
</form>
</section>`;

function ownPasskeys(
  { t, base }: Frame,
  { agent, now, passkeys, passkeyOptions, error, errorAt }: OwnPage & { readonly passkeyOptions: string },
) {
  const line = ({ id, createdAt, lastUsedAt }: ListedPasskey) => {
    const made = t('desk.passkey-made', { when: momentInWords(t.locale, createdAt) });
    const used =
      lastUsedAt === null
        ? t('desk.passkey-unused')
        : t('desk.passkey-used', { ago: agoInWords(t.locale, now - lastUsedAt) });
    return html`<li><span>${made}, ${used}</span> <button class="quiet" name="remove" value="${id}" aria-label="${t('desk.passkey-remove')}: ${made}">${t('desk.passkey-remove')}</button></li>`;
  };
  return html`<section class="desk-narrow">
<h2>${t('desk.passkeys')}</h2>
${passkeys.length === 0 ? html`<p>${t('desk.passkeys-none')}</p>` : ''}
<form novalidate method="post" action="${pathOf(base, 'support.passkeys.send')}"${passkeys.length === 0 ? html` class="needs-script"` : ''}>
${userIdField(agent.name)}
${field({ name: 'password', label: t('account.password-again'), type: 'password', hint: t('account.password-why'), error: errorAt === 'password' ? error : undefined, show: showWords(t), attributes: 'autocomplete="current-password" required' })}
${passkeys.length === 0 ? '' : html`<ul class="rows">${passkeys.map(line)}</ul>`}
${passkeyButton({ kind: 'new', options: passkeyOptions, words: t('desk.passkey-add'), failed: t('desk.passkey-failed') })}
</form>
</section>`;
}
