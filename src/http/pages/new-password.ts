// The fields of a new password, the same wherever one is chosen: twice, shown when asked, with a suggestion. Their form
// takes `newPasswordForm` as its attributes, which the script reads.
import { html } from 'hono/html';
import type { Refusal } from '../../refusals.ts';
import { field, type Frame, showWords } from './layout.ts';

export interface NewPassword {
  readonly password?: string;
  readonly repeated?: string;
  readonly errors: { readonly password?: string | undefined; readonly repeated?: string | undefined };
}

export const newPasswordForm = ({ t, settings }: Frame) =>
  html` data-differ="${t('refusal.passwords-differ')}" data-min="${settings.passwordMinLength}"`;

/** Beside which of these fields a refusal stands. */
export function newPasswordFieldOf(reason: Refusal): 'password' | 'repeated' | undefined {
  if (reason === 'passwords-differ') return 'repeated';
  return reason.startsWith('password-') ? 'password' : undefined;
}

/** Whose it is, for the password manager; above any field of a password. */
export const userIdField = (userId: string) =>
  html`<input class="visually-hidden" name="username" value="${userId}" autocomplete="username" readonly tabindex="-1" aria-hidden="true">`;

export function newPasswordFields(
  { t, settings, asset }: Frame,
  { password = '', repeated = '', errors }: NewPassword,
) {
  const attributes = 'autocomplete="new-password" required';
  const hint = t('recover.password-rule', { length: settings.passwordMinLength });
  return html`${field({ name: 'password', label: t('recover.password'), value: password, type: 'password', hint, error: errors.password, show: showWords(t), attributes })}
${field({ name: 'repeated', label: t('recover.password-repeat'), value: repeated, type: 'password', error: errors.repeated, show: showWords(t), attributes })}
<p class="suggest"><button type="button" class="quiet" data-words="${asset(`words-${t.locale}.js`)}">${t('recover.suggest')}</button> <span role="status" data-suggested="${t('recover.suggested')}"></span></p>`;
}
