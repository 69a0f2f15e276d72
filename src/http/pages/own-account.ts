// The account page: who is signed in, how they would get back in and what is missing for it, and what happened lately; and
// the list of sessions.
import { html } from 'hono/html';
import { agoInWords, durationInWords } from '../../i18n/translate.ts';
import type { Overview, OwnSession } from '../../own-account/own-account.ts';
import type { OwnRelease } from '../../releases/objections.ts';
import { pathOf } from '../routes.ts';
import { passwordAgainField } from './addresses.ts';
import { type Frame, notice, page } from './layout.ts';

export interface AccountPage {
  /** UTC epoch ms. */
  readonly now: number;
  /** What is being done to the account at the support desk. */
  readonly release: OwnRelease | undefined;
  /** What was just done about that. */
  readonly objected: 'stopped' | 'noted' | 'stands' | 'not-closed' | 'over' | undefined;
}

export function accountPage(frame: Frame, overview: Overview, { now, release, objected }: AccountPage) {
  const { t, base, settings } = frame;
  const { account, addresses, sessions, activity } = overview;
  const others = sessions.length - 1;
  return page(frame, {
    title: t('account.title'),
    body: html`${objected === undefined ? '' : notice(t(`account.release-${objected}`), 'good')}
${release === undefined || objected !== undefined ? '' : releaseNote(frame, release, now)}<p class="who">${t('account.who', { userId: account.userId })}</p>
${waysBack(frame, overview)}
<section>
<h2>${t('account.addresses')}</h2>
${addresses.length === 0 ? html`<p>${t('account.no-address')}</p>` : html`<ul class="rows">${addresses.map(({ address, noticesOnlySince }) => html`<li>${address}${noticesOnlySince === null ? '' : html` <span class="hint">${t('addresses.notices-only')}</span>`}</li>`)}</ul>`}
<p class="aside"><a href="${pathOf(base, 'addresses')}">${t('account.addresses-go')}</a></p>
</section>
<section>
<h2>${t('account.password')}</h2>
<p>${account.passwordChangedAt === null ? t('account.password-first') : t('account.password-changed', { ago: agoInWords(t.locale, now - account.passwordChangedAt) })}</p>
<p class="aside"><a href="${pathOf(base, 'account.password')}">${t('account.password-go')}</a></p>
</section>
<section>
<h2>${t('account.sessions')}</h2>
<p>${t('account.sessions-count', { others })}</p>
${others === 0 ? '' : html`<p class="aside"><a href="${pathOf(base, 'sessions')}">${t('account.sessions-go')}</a></p>`}
</section>
<section>
<h2>${t('account.activity')}</h2>
${activity.length === 0 ? html`<p>${t('account.activity-none')}</p>` : html`<ul class="rows">${activity.map(({ name, at }) => html`<li><span>${t(`activity.${name}`)}</span> <span class="hint">${agoInWords(t.locale, now - at)}</span></li>`)}</ul>`}
<p>${t('account.activity-wrong')} ${others === 0 ? '' : html`<a href="${pathOf(base, 'sessions')}">${t('account.sign-out-others')}</a> ${t('account.or')} `}<a href="${pathOf(base, 'account.password')}">${t(others === 0 ? 'account.password-go' : 'account.password-choose')}</a></p>
</section>
<form novalidate method="post" action="${pathOf(base, 'sign-out.send')}"><button>${t('account.sign-out')}</button></form>
<p class="aside"><a href="${settings.homePath}">${t('page.to-home', { site: settings.siteName })}</a></p>`,
  });
}

/** Somebody asks the desk for this account: first on the page, with the way to stop it. */
const releaseNote = ({ t, base }: Frame, { state, holdEndsAt }: OwnRelease, now: number) =>
  html`<section class="note">
<h2>${t(state === 'closing' ? 'account.closing' : 'account.release')}</h2>
<p>${t(`account.release-${state}`, { wait: durationInWords(t.locale, Math.max(1, (holdEndsAt ?? now) - now)) })}</p>
<form novalidate method="post" action="${pathOf(base, 'account.release.send')}"><button class="primary">${t('account.release-stop')}</button></form>
</section>`;

/** What one could do today, in sentences, and what is missing. */
function waysBack({ t, base }: Frame, { addresses, authenticator }: Overview) {
  const [first, ...more] = addresses.filter(({ noticesOnlySince }) => noticesOnlySince === null);
  const add = html`<a href="${pathOf(base, 'addresses')}">${t(first ? 'account.add-second' : 'account.add-first')}</a>`;
  const toAuthenticator = html`<a href="${pathOf(base, 'authenticator')}">${t(authenticator.isOn ? 'authenticator.title' : 'account.app-set-up')}</a>`;
  return html`<section>
<h2>${t('account.ways')}</h2>
<dl class="ways">
<dt>${t('account.if-forgotten')}</dt>
<dd>${first === undefined ? html`${t('account.then-support')} ${add}` : t(more.length === 0 ? 'account.then-code' : 'account.then-codes', { address: first.address })}</dd>
${first === undefined ? '' : html`<dt>${t(more.length === 0 ? 'account.if-mailbox-lost' : 'account.if-one-lost')}</dt><dd>${more.length === 0 ? html`${t('account.then-support')} ${add}` : t('account.then-other')}</dd>`}
<dt>${t(authenticator.isOn ? 'account.if-phone-lost' : 'account.if-password-known')}</dt>
<dd>${authenticator.isOn ? t('account.then-spare', { left: authenticator.spareCodesLeft }) : t('account.then-in')} ${toAuthenticator}</dd>
</dl>
</section>`;
}

export interface SessionsPage {
  readonly all: readonly OwnSession[];
  /** UTC epoch ms. */
  readonly now: number;
  /** Which is to end: an id, or `others`. */
  readonly chosen: string;
  readonly isDone: boolean;
  readonly error?: string | undefined;
  readonly isFieldError: boolean;
}

export function sessionsPage(frame: Frame, { all, now, chosen, isDone, error, isFieldError }: SessionsPage) {
  const { t, base } = frame;
  const others = all.filter(({ isThis }) => !isThis);
  const nameOf = ({ label }: OwnSession) => (label === '' ? t('sessions.unknown') : label);
  const choice = (value: string, words: string) =>
    html`<label class="choice"><input type="radio" name="session" value="${value}" required${value === chosen ? html` checked` : ''}> ${words}</label>`;
  return page(frame, {
    title: t('sessions.title'),
    body: html`${isFieldError ? '' : notice(error)}${isDone ? notice(t('sessions.ended'), 'good') : ''}
<ul class="rows sessions">${all.map(
      (session) => html`<li><span>${nameOf(session)}${session.isThis ? html` <b>${t('sessions.this')}</b>` : ''}</span>
<span class="hint">${t('sessions.times', { begun: agoInWords(t.locale, now - session.createdAt), used: agoInWords(t.locale, now - session.lastUsedAt) })}</span></li>`,
    )}</ul>
${
  others.length === 0
    ? html`<p>${t('sessions.nowhere')}</p>`
    : html`<form novalidate method="post" action="${pathOf(base, 'sessions.send')}">
<fieldset><legend>${t('sessions.which')}</legend>
${choice('others', t('sessions.everywhere'))}
${others.map((session) => choice(session.id, t('sessions.only', { device: nameOf(session), begun: agoInWords(t.locale, now - session.createdAt) })))}
</fieldset>
${passwordAgainField(frame, { error: isFieldError ? error : undefined })}
<button class="primary">${t('sessions.end')}</button>
</form>`
}
<p class="aside"><a href="${pathOf(base, 'account')}">${t('account.back')}</a></p>`,
  });
}
