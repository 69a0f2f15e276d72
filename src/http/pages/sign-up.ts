// S2b: signing up. The page after the form always says to look in the mail, whatever the address (D12).
import { html } from 'hono/html';
import { pathOf } from '../routes.ts';
import type { HumanCheckBlock } from './human-check.ts';
import { checkScript, humanCheckBlock } from './human-check.ts';
import { codeField, codeLife, expiredForm, mailNote, resendForm, resendHint } from './mailed-code.ts';
import { errorsAt, field, type Frame, notice, page, showWords } from './layout.ts';
import { type NewPassword, newPasswordFields, newPasswordForm, userIdField } from './new-password.ts';
import { returnToField } from './sign-in.ts';

export interface SignUpPage {
  readonly userId: string;
  readonly address: string;
  readonly password: string;
  readonly returnTo: string | null;
  readonly check: HumanCheckBlock;
  readonly error?: string | undefined;
  readonly errorAt?: 'userId' | 'address' | 'password' | undefined;
}

export function signUpPage(frame: Frame, { userId, address, password, returnTo, check, error, errorAt }: SignUpPage) {
  const { t, base, settings } = frame;
  const errorOf = errorsAt(t, { error, errorAt });
  return page(frame, {
    title: t('sign-up.title'),
    scripts: [checkScript(check), 'password.js'],
    styles: ['human-check.css'],
    body: html`${errorAt === undefined ? notice(error) : ''}
<form novalidate method="post" action="${pathOf(base, 'sign-up.send')}">
${returnToField(returnTo)}
${field({ name: 'userId', label: t('sign-up.user-id'), value: userId, hint: t('sign-up.user-id-hint'), ...errorOf('userId', userId), attributes: 'autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64"' })}
${field({ name: 'address', label: t('sign-up.address'), value: address, type: 'email', ...errorOf('address', address), attributes: 'autocomplete="email" required maxlength="254"' })}
${field({ name: 'password', label: t('sign-up.password'), value: password, type: 'password', hint: t('recover.password-rule', { length: settings.passwordMinLength }), ...errorOf('password', password), show: showWords(t), attributes: 'autocomplete="new-password" required' })}
${humanCheckBlock(check)}
<button class="primary">${t('sign-up.submit')}</button>
<p class="aside">${t('sign-up.have-one')} <a href="${pathOf(base, 'sign-in')}">${t('sign-in.title')}</a></p>
</form>`,
  });
}

export interface SignUpCodePage {
  readonly address: string;
  /** How long the code can still be typed; zero or less when it has expired. */
  readonly lifeMs: number;
  readonly resendWaitMs: number;
  readonly isAskedAgain: boolean;
  readonly typed: string;
  readonly error?: string | undefined;
  readonly resendError?: string | undefined;
}

export function signUpCodePage(
  frame: Frame,
  { address, lifeMs, resendWaitMs, isAskedAgain, typed, error, resendError }: SignUpCodePage,
) {
  const { t, base, settings } = frame;
  const isExpired = lifeMs <= 0;
  const again = { t, action: pathOf(base, 'sign-up.again.send'), hidden: '' };
  return page(frame, {
    title: t(isExpired ? 'recover.code-expired-title' : 'sign-up.code-title'),
    scripts: ['code.js'],
    body: html`${isAskedAgain && !isExpired ? notice(t('sign-up.asked-again'), 'good') : ''}${notice(resendError)}
${
  isExpired
    ? html`<p class="who">${t('recover.for', { identifier: address })}</p>${expiredForm({ ...again, error })}`
    : html`<p>${t('sign-up.code-lead', { address })}</p>
<form novalidate method="post" action="${pathOf(base, 'sign-up.code.send')}">
${codeField({ t, error, value: typed })}
<button class="primary">${t('recover.confirm')}</button>
${codeLife(t, lifeMs)}
</form>
${mailNote(frame, t('mail.sign-up-code.subject', { site: settings.siteName }))}`
}
<div class="ways-on">
${isExpired ? '' : resendForm({ ...again, waitMs: resendWaitMs })}
<a class="button" href="${pathOf(base, 'sign-up')}">${t('page.start-again')}</a>
${isExpired ? '' : resendHint(t, resendWaitMs)}
</div>`,
  });
}

/** The tries are not given back by another mail: only a new sign-up leads on. */
export function signUpOverPage(frame: Frame) {
  const { t, base } = frame;
  return page(frame, {
    title: t('recover.over-title'),
    body: html`<p data-refused>${t('sign-up.over')}</p>
<p><a class="button primary" href="${pathOf(base, 'sign-up')}">${t('page.start-again')}</a></p>`,
  });
}

export function signUpUserIdPage(
  frame: Frame,
  { userId, taken, error }: { userId: string; taken: string; error?: string | undefined },
) {
  const { t, base } = frame;
  return page(frame, {
    title: t('sign-up.user-id-title'),
    body: html`<p>${t('sign-up.user-id-lead', { userId: taken })}</p>
<form novalidate method="post" action="${pathOf(base, 'sign-up.user-id.send')}">
${field({ name: 'userId', label: t('sign-up.user-id'), value: userId, hint: t('sign-up.user-id-hint'), error, attributes: 'autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64"' })}
<button class="primary">${t('page.continue')}</button>
</form>`,
  });
}

/** From the link of its mail, in whatever browser. */
export function signUpLinkPage(
  frame: Frame,
  { token, typed = '', error }: { token: string; typed?: string; error?: string | undefined },
) {
  const { t, base } = frame;
  return page(frame, {
    title: t('sign-up.link-title'),
    body: html`<p>${t('sign-up.link-lead')}</p>
<form novalidate method="post" action="${pathOf(base, 'sign-up.link.send', { token })}">
${codeField({ t, value: typed, error })}
<button class="primary">${t('recover.confirm')}</button>
</form>`,
  });
}

export function signUpPasswordPage(
  frame: Frame,
  { userId, error, ...typed }: NewPassword & { readonly userId: string; readonly error?: string | undefined },
) {
  const { t, base } = frame;
  return page(frame, {
    title: t('sign-up.password-title'),
    scripts: ['password.js'],
    body: html`${notice(error)}
<p class="who">${t('recover.password-for', { userId })}</p>
<p>${t('sign-up.password-lead')}</p>
<form novalidate method="post" action="${pathOf(base, 'sign-up.password.send')}"${newPasswordForm(frame)}>
${userIdField(userId)}
${newPasswordFields(frame, typed)}
<button class="primary">${t('sign-up.submit')}</button>
</form>`,
  });
}
