// The pages of the own addresses: all of them and one more, the code of that one, and the removal of one.
import { html } from 'hono/html';
import { type DirectoryAddress, maxAddresses } from '../../accounts/directory.ts';
import { pathOf } from '../routes.ts';
import { field, type Frame, notice, page, showWords } from './layout.ts';
import { codeField, codeLife, expiredForm, mailNote, resendForm, resendHint } from './mailed-code.ts';

export interface AddressesPage {
  readonly all: readonly DirectoryAddress[];
  /** An address that waits for its code in this session. */
  readonly waiting?: string | undefined;
  readonly done?: 'added' | 'removed' | undefined;
  readonly typed?: string | undefined;
  readonly password?: string | undefined;
  readonly error?: string | undefined;
  readonly errorAt?: 'address' | 'password' | undefined;
}

export function addressesPage(
  frame: Frame,
  { all, waiting, done, typed = '', password = '', error, errorAt }: AddressesPage,
) {
  const { t, base } = frame;
  const errorOf = (name: AddressesPage['errorAt']) => (errorAt === name ? error : undefined);
  const counting = all.filter(({ noticesOnlySince }) => noticesOnlySince === null);
  const isFull = counting.length >= maxAddresses;
  return page(frame, {
    title: t('addresses.title'),
    body: html`${errorAt === undefined ? notice(error) : ''}
${done === undefined || error !== undefined ? '' : notice(t(`addresses.${done}`), 'good')}
<p>${t('addresses.lead')}</p>
<ul class="rows">${all.map(
      ({ id, address, noticesOnlySince }) =>
        html`<li><span>${address}${noticesOnlySince === null ? '' : html` <span class="hint">${t('addresses.notices-only')}</span>`}</span>${noticesOnlySince !== null || counting.length > 1 ? html` <a href="${pathOf(base, 'addresses.remove', { address: id })}">${t('addresses.remove')} <span class="visually-hidden">${address}</span></a>` : ''}</li>`,
    )}</ul>
${counting.length === 1 ? html`<p class="hint">${t('addresses.only')}</p>` : ''}
${waiting === undefined ? '' : html`<p class="note">${t('addresses.waiting', { address: waiting })} <a href="${pathOf(base, 'addresses.code')}">${t('addresses.waiting-go')}</a></p>`}
${isFull ? html`<p>${t('refusal.addresses-full')}</p>` : addForm()}
<p class="aside"><a href="${pathOf(base, 'account')}">${t('account.back')}</a></p>`,
  });

  function addForm() {
    return html`<h2>${t('addresses.add-title')}</h2>
<form novalidate method="post" action="${pathOf(base, 'addresses.send')}">
${field({ name: 'address', label: t('sign-up.address'), value: typed, type: 'email', error: errorOf('address'), attributes: 'autocomplete="email" required maxlength="254"' })}
${passwordAgainField(frame, { value: password, error: errorOf('password') })}
<button class="primary">${t('addresses.add')}</button>
</form>`;
  }
}

/** The password of a signed-in person, asked for again, and the way on for who does not know it. */
export const passwordAgainField = (
  { t, base }: Frame,
  { value = '', error }: { value?: string; error: string | undefined },
) => html`${field({
  name: 'password',
  label: t('account.password-again'),
  value,
  type: 'password',
  hint: t('account.password-why'),
  error,
  show: showWords(t),
  attributes: 'autocomplete="current-password" required',
})}
<p class="hint">${t('change.forgotten')} <a href="${pathOf(base, 'recover')}">${t('change.recover')}</a></p>`;

export interface AddressCodePage {
  readonly address: string;
  /** How long the code can still be typed; zero or less when it has expired. */
  readonly lifeMs: number;
  readonly resendWaitMs: number;
  readonly isAskedAgain: boolean;
  readonly typed: string;
  readonly error?: string | undefined;
  readonly resendError?: string | undefined;
}

export function addressCodePage(
  frame: Frame,
  { address, lifeMs, resendWaitMs, isAskedAgain, typed, error, resendError }: AddressCodePage,
) {
  const { t, base, settings } = frame;
  const isExpired = lifeMs <= 0;
  const again = { t, action: pathOf(base, 'addresses.again.send'), hidden: '' };
  return page(frame, {
    title: t(isExpired ? 'recover.code-expired-title' : 'addresses.code-title'),
    scripts: ['code.js'],
    body: html`${isAskedAgain && !isExpired ? notice(t('sign-up.asked-again'), 'good') : ''}${notice(resendError)}
${
  isExpired
    ? html`<p class="who">${t('recover.for', { identifier: address })}</p>${expiredForm({ ...again, error })}`
    : html`<p>${t('addresses.code-lead', { address })}</p>
<form novalidate method="post" action="${pathOf(base, 'addresses.code.send')}">
${codeField({ t, value: typed, error })}
<button class="primary">${t('recover.confirm')}</button>
${codeLife(t, lifeMs)}
</form>
${mailNote(frame, t('mail.address-code.subject', { site: settings.siteName }))}`
}
<div class="ways-on">
${isExpired ? '' : resendForm({ ...again, waitMs: resendWaitMs })}
<a class="button" href="${pathOf(base, 'addresses')}">${t('addresses.other')}</a>
${isExpired ? '' : resendHint(t, resendWaitMs)}
</div>`,
  });
}

export interface RemoveAddressPage {
  readonly address: DirectoryAddress;
  readonly error?: string | undefined;
  readonly isFieldError: boolean;
}

export function removeAddressPage(frame: Frame, { address, error, isFieldError }: RemoveAddressPage) {
  const { t, base } = frame;
  return page(frame, {
    title: t('addresses.remove-title'),
    body: html`${isFieldError ? '' : notice(error)}
<p class="who">${address.address}</p>
<p>${t('addresses.remove-effect')}</p>
<form novalidate method="post" action="${pathOf(base, 'addresses.remove.send', { address: address.id })}">
${passwordAgainField(frame, { error: isFieldError ? error : undefined })}
<button class="primary">${t('addresses.remove')}</button>
</form>
<p class="aside"><a href="${pathOf(base, 'addresses')}">${t('addresses.keep')}</a></p>`,
  });
}
