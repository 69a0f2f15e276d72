// S2: the sign-in page, and the same form as the content of the modal on a PC.
import { html } from 'hono/html';
import { pathOf } from '../routes.ts';
import { checkScript, type HumanCheckBlock, humanCheckBlock } from './human-check.ts';
import { field, type Frame, missingWords, notice, page, showWords } from './layout.ts';

export interface SignInPage {
  readonly identifier: string;
  readonly returnTo: string | null;
  readonly error?: string | undefined;
  readonly isFieldError?: boolean;
  /** Sent without one: it is never sent back, so the field does not tell. */
  readonly isPasswordMissing?: boolean;
  /** After a few wrong passwords. */
  readonly check?: HumanCheckBlock | undefined;
  /** After far too many: the way in from this browser is a new password. */
  readonly isSentToRecovery?: boolean;
  /** The person comes from a finished recovery. */
  readonly isAfterReset?: boolean;
}

export function signInPage(frame: Frame, content: SignInPage) {
  return page(frame, {
    title: frame.t('sign-in.title'),
    scripts: content.check ? [checkScript(content.check), 'sign-in.js'] : ['sign-in.js'],
    styles: content.check ? ['human-check.css'] : [],
    body: signInForm(frame, content),
  });
}

/** What the modal fetches: heading and form, without the frame. */
export const signInPart = (frame: Frame, content: SignInPage) =>
  html`<h2>${frame.t('sign-in.title')}</h2>${signInForm(frame, content)}`;

function signInForm({ t, base }: Frame, content: SignInPage) {
  const { identifier, returnTo, error, isFieldError, isPasswordMissing, check, isSentToRecovery, isAfterReset } =
    content;
  const query = returnTo === null ? '' : `?${new URLSearchParams({ returnTo })}`;
  // In the fragment, which never reaches a server: the recovery page takes it from there.
  const carried = `#${new URLSearchParams({ identifier })}`;
  return html`${isAfterReset ? notice(t('sign-in.changed'), 'good') : ''}${isFieldError ? '' : notice(error)}
${isSentToRecovery ? html`<p><a class="button primary" href="${pathOf(base, 'recover')}${query}${carried}">${t('sign-in.recover')}</a></p>` : ''}
<form class="sign-in" novalidate method="post" action="${pathOf(base, 'sign-in.send')}"${missingWords(t)}>
${returnToField(returnTo)}
${field({ name: 'identifier', label: t('sign-in.identifier'), value: identifier, error: isFieldError && identifier.trim() === '' ? t('refusal.identifier-missing') : undefined, attributes: 'autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="254"' })}
${field({ name: 'password', label: t('sign-in.password'), type: 'password', error: isFieldError && isPasswordMissing ? t('page.missing') : undefined, isFirstError: identifier.trim() !== '', show: showWords(t), attributes: 'autocomplete="current-password" required' })}
${check === undefined ? '' : humanCheckBlock(check)}
<button${isSentToRecovery ? '' : html` class="primary"`}>${t('sign-in.submit')}</button>
<p class="forgot"><a href="${pathOf(base, 'recover')}${query}"><span class="in-browser">${t('sign-in.forgot')}</span><span class="in-app">${t('sign-in.forgot-app')}</span></a></p>
<p class="aside">${t('sign-in.new')} <a href="${pathOf(base, 'sign-up')}${query}">${t('sign-in.sign-up')}</a></p>
</form>`;
}

export const returnToField = (returnTo: string | null) =>
  returnTo === null ? '' : html`<input type="hidden" name="returnTo" value="${returnTo}">`;
