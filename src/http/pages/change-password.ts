// The new password of a signed-in person, and that it is set.
import { html } from 'hono/html';
import type { Account } from '../../accounts/directory.ts';
import { pathOf } from '../routes.ts';
import { field, type Frame, notice, page, showWords } from './layout.ts';
import { newPasswordFields, newPasswordForm, userIdField } from './new-password.ts';

export interface ChangePasswordPage {
  readonly account: Account;
  readonly current?: string;
  readonly password?: string;
  readonly repeated?: string;
  readonly error?: string | undefined;
  readonly errorAt?: 'current' | 'password' | 'repeated' | undefined;
  /** After too many wrong ones: the way by mail is open. */
  readonly isSentToRecovery?: boolean;
}

export function changePasswordPage(frame: Frame, content: ChangePasswordPage) {
  const { t, base } = frame;
  const { account, current = '', password = '', repeated = '', error, errorAt, isSentToRecovery } = content;
  const errorOf = (name: ChangePasswordPage['errorAt']) => (errorAt === name ? error : undefined);
  const errors = { password: errorOf('password'), repeated: errorOf('repeated') };
  return page(frame, {
    title: t('recover.password-title'),
    scripts: ['password.js'],
    body: html`${errorAt === undefined ? notice(error) : ''}
<p class="who">${t('recover.password-for', { userId: account.userId })}</p>
<p>${t('recover.password-advice')}</p>
<form novalidate method="post" action="${pathOf(base, 'account.password.send')}"${newPasswordForm(frame)}>
${userIdField(account.userId)}
${field({ name: 'current', label: t('change.current'), value: current, type: 'password', error: errorOf('current'), show: showWords(t), attributes: 'autocomplete="current-password" required' })}
${newPasswordFields(frame, { password, repeated, errors })}
<p>${t('change.effect')}</p>
<button class="primary">${t('page.continue')}</button>
</form>
<p class="aside">${isSentToRecovery ? '' : html`${t('change.forgotten')} `}<a href="${pathOf(base, 'recover')}">${t('change.recover')}</a></p>
<p class="aside"><a href="${pathOf(base, 'account')}">${t('account.back')}</a></p>`,
  });
}

/** An account without a password has none to type: who signs it in, or the way by mail. */
export function noPasswordPage(frame: Frame, { userId, provider }: Account) {
  const { t, base, settings } = frame;
  return page(frame, {
    title: t('change.none-title'),
    body: html`<p class="who">${t('recover.password-for', { userId })}</p>
${
  provider === null
    ? html`<p>${t('change.none')}</p>
<p><a class="button primary" href="${pathOf(base, 'recover')}">${t('change.none-choose')}</a></p>`
    : html`<p>${t('change.none-provider', { provider })}</p>
<p><a class="button primary" href="${settings.accountPath}">${t('change.to-account')}</a></p>`
}`,
  });
}

export function passwordChangedPage(frame: Frame, { userId }: Account) {
  const { t, settings } = frame;
  return page(frame, {
    title: t('recover.done-title'),
    body: html`<p>${t('recover.done-for', { userId })}</p>
<p>${t('recover.done-devices')} ${t('change.stays')} ${t('recover.done-notice')}</p>
<p><a class="button primary" href="${settings.accountPath}">${t('change.to-account')}</a></p>`,
  });
}
