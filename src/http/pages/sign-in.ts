// S2: the sign-in page, and the same form as the content of the modal on a PC.
import { html } from 'hono/html';
import { pathOf } from '../routes.ts';
import { field, type Frame, notice, page, showWords } from './layout.ts';

export interface SignInPage {
  readonly identifier: string;
  readonly returnTo: string | null;
  readonly error?: string | undefined;
  /** The person comes from a finished recovery. */
  readonly isAfterReset?: boolean;
}

export function signInPage(frame: Frame, content: SignInPage) {
  return page(frame, { title: frame.t('sign-in.title'), scripts: ['sign-in.js'], body: signInForm(frame, content) });
}

/** What the modal fetches: heading and form, without the frame. */
export const signInPart = (frame: Frame, content: SignInPage) =>
  html`<h2>${frame.t('sign-in.title')}</h2>${signInForm(frame, content)}`;

function signInForm({ t, base }: Frame, { identifier, returnTo, error, isAfterReset }: SignInPage) {
  const query = returnTo === null ? '' : `?${new URLSearchParams({ returnTo })}`;
  return html`${isAfterReset ? notice(t('sign-in.changed'), 'good') : ''}${notice(error)}
<form class="sign-in" method="post" action="${pathOf(base, 'sign-in.send')}">
${returnToField(returnTo)}
${field({ name: 'identifier', label: t('sign-in.identifier'), value: identifier, attributes: 'autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="254"' })}
${field({ name: 'password', label: t('sign-in.password'), type: 'password', show: showWords(t), attributes: 'autocomplete="current-password" required' })}
<button class="primary">${t('sign-in.submit')}</button>
<p class="forgot"><a href="${pathOf(base, 'recover')}${query}"><span class="in-browser">${t('sign-in.forgot')}</span><span class="in-app">${t('sign-in.forgot-app')}</span></a></p>
<p class="aside">${t('sign-in.new')} <a href="${pathOf(base, 'sign-up')}${query}">${t('sign-in.sign-up')}</a></p>
</form>`;
}

export const returnToField = (returnTo: string | null) =>
  returnTo === null ? '' : html`<input type="hidden" name="returnTo" value="${returnTo}">`;
