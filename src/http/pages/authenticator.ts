// The authenticator app of the own account: off, being set up, on, and its spare codes.
import { html } from 'hono/html';
import { renderSVG } from 'uqr';
import { durationInWords, momentInWords } from '../../i18n/translate.ts';
import { type AuthenticatorStatus, setUpLifeMs } from '../../proofs/authenticator.ts';
import { pathOf } from '../routes.ts';
import { passwordAgainField } from './addresses.ts';
import { field, type Frame, notice, page } from './layout.ts';
import { secondCodeAttributes } from './second-factor.ts';

export interface AuthenticatorPage {
  readonly status: AuthenticatorStatus;
  /** Just switched off. */
  readonly isRemoved?: boolean;
  readonly error?: string | undefined;
  readonly errorAt?: 'password' | 'code' | undefined;
}

export function authenticatorPage(frame: Frame, content: AuthenticatorPage) {
  const { t, base } = frame;
  const { status, isRemoved, error, errorAt } = content;
  return page(frame, {
    title: t('authenticator.title'),
    body: html`${isRemoved ? notice(t('authenticator.removed'), 'good') : ''}${errorAt === undefined ? notice(error) : ''}
${status.isOn ? on(frame, content) : off(frame, content)}
<p class="aside"><a href="${pathOf(base, 'account')}">${t('account.back')}</a></p>`,
  });
}

const passwordField = (frame: Frame, { error, errorAt }: AuthenticatorPage) =>
  passwordAgainField(frame, {
    error: errorAt === 'password' ? error : undefined,
  });

function off(frame: Frame, content: AuthenticatorPage) {
  const { t, base } = frame;
  return html`<p>${t('authenticator.off')}</p>
<p>${t('authenticator.apps')}</p>
<form novalidate method="post" action="${pathOf(base, 'authenticator.send')}">
${passwordField(frame, content)}
<button class="primary">${t('authenticator.begin')}</button>
</form>`;
}

function on(frame: Frame, content: AuthenticatorPage) {
  const { t, base } = frame;
  const { status, error, errorAt } = content;
  return html`<p>${t('authenticator.on', { when: momentInWords(t.locale, status.addedAt ?? 0) })}</p>
<p>${t('authenticator.spare-left', { left: status.spareCodesLeft })}</p>
<h2>${t('authenticator.change')}</h2>
<p>${t('authenticator.change-why')}</p>
<form novalidate method="post" action="${pathOf(base, 'authenticator.change.send')}">
${passwordField(frame, content)}
${field({ name: 'code', label: t('second.code'), hint: t('second.hint'), error: errorAt === 'code' ? error : undefined, attributes: secondCodeAttributes })}
<button class="primary" name="change" value="spare-codes">${t('authenticator.new-spare')}</button>
<button class="button" name="change" value="remove">${t('authenticator.remove')}</button>
</form>`;
}

export function setUpPage(
  frame: Frame,
  { secret, uri, error }: { secret: string; uri: string; error?: string | undefined },
) {
  const { t, base, settings } = frame;
  const picture = Buffer.from(renderSVG(uri, { border: 4 })).toString('base64');
  return page(frame, {
    title: t('authenticator.set-up-title'),
    body: html`<p>${t('authenticator.scan')}</p>
<p><img class="qr" src="data:image/svg+xml;base64,${picture}" width="232" height="232" alt="${t('authenticator.qr-alt')}"></p>
<p class="aside"><a href="${uri}">${t('authenticator.on-this-phone')}</a></p>
<dl>
<dt>${t('authenticator.key')}</dt><dd class="code key">${secret.replace(/(.{4})(?=.)/g, '$1 ')}</dd>
</dl>
<form novalidate method="post" action="${pathOf(base, 'authenticator.set-up.send')}">
${field({ name: 'code', label: t('authenticator.first-code'), hint: t('authenticator.first-code-hint', { site: settings.siteName }), error, attributes: `${secondCodeAttributes} inputmode="numeric"` })}
<button class="primary">${t('authenticator.switch-on')}</button>
</form>
<p class="aside">${t('authenticator.time', { life: durationInWords(t.locale, setUpLifeMs) })}</p>
<p class="aside"><a href="${pathOf(base, 'account')}">${t('account.back')}</a></p>`,
  });
}

export function spareCodesPage(frame: Frame, { spareCodes, isNew }: { spareCodes: readonly string[]; isNew: boolean }) {
  const { t, base } = frame;
  const codes = spareCodes.map((code) => `${code.slice(0, 5)}-${code.slice(5)}`);
  return page(frame, {
    title: t('authenticator.spare-title'),
    scripts: ['copy.js', 'print.js'],
    body: html`${notice(isNew ? t('authenticator.spare-on') : t('authenticator.spare-old'), 'good')}
<p>${t('authenticator.spare-lead')}</p>
<div>
<ol class="spare-codes code">${codes.map((code) => html`<li>${code}</li>`)}</ol>
<button type="button" class="quiet copy" data-copy="${codes.join('\n')}" data-copied="${t('case.copied')}">${t('authenticator.copy')}</button>
</div>
<p><button type="button" class="quiet by-script" data-print>${t('authenticator.print')}</button></p>
<p><a class="button primary" href="${pathOf(base, 'authenticator')}">${t('authenticator.kept')}</a></p>`,
  });
}
