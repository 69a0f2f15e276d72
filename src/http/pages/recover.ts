// S3 to S8: the pages of a recovery. They show what the recovery's row and the visitor's own words say, and so look the
// same whether or not there is an account (D5).
import { html } from 'hono/html';
import { minuteMs } from '../../base/clock.ts';
import { durationInWords, type MessageKey } from '../../i18n/translate.ts';
import { maxTries } from '../../proofs/email-code.ts';
import type { Disowned } from '../../password-changes/password-changes.ts';
import type { Choices, Recovery } from '../../recovery/recovery.ts';
import type { Standing } from '../../recovery/standing.ts';
import { pathOf } from '../routes.ts';
import { codeField, codeLife, expiredForm, mailNote, resendForm, resendHint } from './mailed-code.ts';
import { checkScript, type HumanCheckBlock, humanCheckBlock } from './human-check.ts';
import { field, type Frame, notice, page } from './layout.ts';
import { newPasswordFields, newPasswordForm, userIdField } from './new-password.ts';
import { returnToField } from './sign-in.ts';

export interface IdentifyPage {
  readonly identifier: string;
  readonly returnTo: string | null;
  readonly check: HumanCheckBlock;
  /** "Did you mean gmail.com?": the same for any address, offered and not forced. */
  readonly suggestion?: string | undefined;
  readonly error?: string | undefined;
  readonly isFieldError?: boolean;
}

export function identifyPage(
  frame: Frame,
  { identifier, returnTo, check, suggestion, error, isFieldError }: IdentifyPage,
) {
  const { t, base } = frame;
  return page(frame, {
    title: t('recover.title'),
    step: 1,
    scripts: [checkScript(check), 'identify.js'],
    styles: ['human-check.css'],
    body: html`<p>${t('recover.lead')}</p>
${isFieldError ? '' : notice(error)}
${suggestion === undefined ? '' : suggestionForm(frame, suggestion, returnTo)}
<form novalidate method="post" action="${pathOf(base, 'recover.send')}">
${returnToField(returnTo)}
${suggestion === undefined ? '' : html`<input type="hidden" name="suggested" value="${identifier}">`}
${field({ name: 'identifier', label: t('recover.identifier'), value: identifier, error: isFieldError ? error : undefined, attributes: 'autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="254"' })}
${humanCheckBlock(check)}
<button class="primary">${t('page.continue')}</button>
</form>`,
  });
}

/** Above the form that it is about, and with the focus: it is why the page came back. The check was passed already. */
const suggestionForm = ({ t, base }: Frame, suggestion: string, returnTo: string | null) =>
  html`<form novalidate method="post" action="${pathOf(base, 'recover.send')}">
${returnToField(returnTo)}
<input type="hidden" name="identifier" value="${suggestion}">
<p class="note" tabindex="-1" autofocus>${t('recover.suggestion', { address: suggestion })} <button class="quiet">${t('recover.suggestion-take', { address: suggestion })}</button></p>
</form>`;

/** What the person typed, and the way to change it. */
const whoLine = ({ t, base }: Frame, identifier: string) =>
  html`<p class="who">${t('recover.for', { identifier })} <a href="${pathOf(base, 'recover')}">${t('recover.change')}</a></p>`;

const idField = (recovery: Recovery) => html`<input type="hidden" name="recovery" value="${recovery.id}">`;

export function methodPage(
  frame: Frame,
  { recovery, identifier, error }: { recovery: Recovery; identifier: string; error?: string | undefined },
) {
  const { t, base } = frame;
  return page(frame, {
    title: t('recover.method-title'),
    step: 2,
    body: html`${notice(error)}${whoLine(frame, identifier)}
<form class="way" novalidate method="post" action="${pathOf(base, 'recover.method.send')}">
${idField(recovery)}
<h2>${t('recover.email')}</h2>
<p id="email-about">${t('recover.email-about')}</p>
<button class="primary" aria-describedby="email-about">${t('recover.verify')}</button>
</form>
<form class="way" method="get" action="${pathOf(base, 'recover.case')}">
<h2>${t('recover.support')}</h2>
<p id="support-about">${t('recover.support-about')}</p>
<button aria-describedby="support-about">${t('recover.verify')}</button>
</form>`,
  });
}

export interface CodePage {
  readonly recovery: Recovery;
  readonly identifier: string;
  /** UTC epoch ms. */
  readonly now: number;
  readonly resendWaitMs: number;
  readonly offerSupportInMs: number;
  readonly typed?: string;
  readonly error?: string | undefined;
  readonly resendError?: string | undefined;
  readonly isAskedAgain?: boolean;
}

export function codePage(
  frame: Frame,
  { recovery, identifier, now, resendWaitMs, offerSupportInMs, typed = '', error, resendError, isAskedAgain }: CodePage,
) {
  const { t, base, settings } = frame;
  const lifeMs = (recovery.code_expires_at ?? 0) - now;
  const isExpired = lifeMs <= 0;
  // A code lives from the mail that it was made for; to ask again while it lives changes the one time and not the other.
  const isNew = (recovery.code_expires_at ?? 0) - (recovery.mail_asked_at ?? 0) === settings.codeLifeMinutes * minuteMs;
  const again = { t, action: pathOf(base, 'recover.again.send'), hidden: idField(recovery) };
  return page(frame, {
    title: t(isExpired ? 'recover.code-expired-title' : 'recover.code-title'),
    step: 3,
    scripts: ['code.js'],
    body: html`${isAskedAgain && !isExpired ? notice(t(isNew ? 'recover.asked-new' : 'recover.asked-again'), 'good') : ''}${notice(resendError)}
${whoLine(frame, identifier)}
${isExpired ? '' : html`<p>${t('recover.code-lead')}</p>`}
${
  isExpired
    ? expiredForm({ ...again, error })
    : html`<form novalidate method="post" action="${pathOf(base, 'recover.code.send')}">
${idField(recovery)}
${codeField({ t, value: typed, error })}
${recovery.tries === 0 ? '' : html`<p class="hint">${t('recover.tries-left', { left: maxTries - recovery.tries })}</p>`}
<button class="primary">${t('recover.confirm')}</button>
${codeLife(t, lifeMs)}
</form>`
}
${mailNote(frame, t('mail.recovery-code.subject', { site: settings.siteName }))}
<div class="ways-on">
${isExpired ? '' : resendForm({ ...again, waitMs: resendWaitMs })}
<a class="button" href="${pathOf(base, 'recover.method')}">${t('recover.other-way')}</a>
${isExpired ? '' : resendHint(t, resendWaitMs)}
</div>
<p class="aside">${t('recover.elsewhere')} <a href="${pathOf(base, 'sign-in')}">${t('sign-in.title')}</a></p>
${isExpired ? '' : html`<p class="aside" data-after="${Math.max(0, offerSupportInMs)}" role="status">${t('recover.still-nothing')} <a href="${pathOf(base, 'recover.case')}">${t('page.support')}</a></p>`}`,
  });
}

export function accountPage(
  frame: Frame,
  { recovery, choices, error }: { recovery: Recovery; choices: Choices; error?: string | undefined },
) {
  const { t, base } = frame;
  return page(frame, {
    title: t('recover.account-title'),
    step: 4,
    body: html`${notice(error)}
<p>${t('recover.account-lead')}</p>
<form novalidate method="post" action="${pathOf(base, 'recover.account.send')}">
${idField(recovery)}
<fieldset><legend class="visually-hidden">${t('recover.account-title')}</legend>
${choices.accounts.map(({ id, userId }) => html`<label class="choice"><input type="radio" name="account" value="${id}" required> ${userId}</label>`)}
</fieldset>
${choices.provided.map(({ userId, provider }) => html`<p>${t('recover.account-provided', { userId, provider: provider ?? '' })}</p>`)}
<button class="primary">${t('page.continue')}</button>
</form>`,
  });
}

export interface PasswordPage {
  readonly recovery: Recovery;
  readonly userId: string;
  readonly now: number;
  readonly password?: string;
  readonly repeated?: string;
  readonly error?: string | undefined;
  readonly errorAt?: 'password' | 'repeated' | undefined;
}

export function passwordPage(
  frame: Frame,
  { recovery, userId, now, password = '', repeated = '', error, errorAt }: PasswordPage,
) {
  const { t, base } = frame;
  const errorOf = (name: PasswordPage['errorAt']) => (errorAt === name ? error : undefined);
  const errors = { password: errorOf('password'), repeated: errorOf('repeated') };
  const lifeMs = (recovery.password_until ?? now) - now;
  return page(frame, {
    title: t('recover.password-title'),
    // Who comes by the support desk went through none of the other three.
    ...(recovery.release_id === null && { step: 4 }),
    scripts: ['password.js', 'code.js'],
    body: html`${errorAt === undefined ? notice(error) : ''}
<p class="who">${t('recover.password-for', { userId })}</p>
<p>${t('recover.password-advice')}</p>
<form novalidate method="post" action="${pathOf(base, 'recover.password.send')}"${newPasswordForm(frame)}>
${idField(recovery)}
${userIdField(userId)}
${newPasswordFields(frame, { password, repeated, errors })}
<p>${t('recover.password-effect')}</p>
<button class="primary">${t('page.continue')}</button>
<p class="hint" data-life="${lifeMs}">${t('recover.password-time', { life: durationInWords(t.locale, lifeMs) })}</p>
</form>`,
  });
}

export interface DonePage {
  readonly userId: string;
  /** What was new and went with this. */
  readonly dropped: readonly ('addresses' | 'authenticator')[];
  /** By the support desk: the contact of the case is the email of the account from now on. */
  readonly isReleased: boolean;
}

export function donePage(frame: Frame, { userId, dropped, isReleased }: DonePage) {
  const { t, base } = frame;
  return page(frame, {
    title: t('recover.done-title'),
    body: html`<p>${t('recover.done-for', { userId })}</p>
<p>${t('recover.done-devices')} ${t('recover.done-notice')}</p>
${isReleased ? html`<p class="note">${t('recover.done-released')}</p>` : ''}${dropped.map((what) => html`<p class="note">${t(`recover.done-${what}`)}</p>`)}
<p><a class="button primary" href="${pathOf(base, 'sign-in')}">${t('sign-in.title')}</a></p>`,
  });
}

const overWords = {
  'tries-used': 'recover.over-tries',
  'reset-elsewhere': 'recover.over-elsewhere',
  time: 'recover.over-time',
} as const satisfies Record<Standing['why'], MessageKey>;

export function overPage(frame: Frame, { why }: Pick<Standing, 'why'>) {
  const { t, base } = frame;
  return page(frame, {
    title: t('recover.over-title'),
    body: html`<p data-refused>${t(overWords[why])}</p>
<p><a class="button primary" href="${pathOf(base, 'recover')}">${t('page.start-again')}</a></p>
<p class="aside"><a href="${pathOf(base, 'sign-in')}">${t('sign-in.title')}</a></p>`,
  });
}

export function linkPage(
  frame: Frame,
  { token, typed = '', error }: { token: string; typed?: string; error?: string | undefined },
) {
  const { t, base } = frame;
  return page(frame, {
    title: t('recover.link-title'),
    step: 3,
    body: html`<p>${t('recover.link-lead')}</p>
<form novalidate method="post" action="${pathOf(base, 'recover.link.send', { token })}">
${codeField({ t, value: typed, error })}
<button class="primary">${t('recover.confirm')}</button>
</form>`,
  });
}

/** S11, from a code mail. */
export function stopPage(
  frame: Frame,
  { token, typed = '', error }: { token: string; typed?: string; error?: string | undefined },
) {
  const { t, base } = frame;
  return page(frame, {
    title: t('recover.stop-title'),
    body: html`<p>${t('recover.stop-lead')}</p>
<form novalidate method="post" action="${pathOf(base, 'recover.stop.send', { token })}">
${codeField({ t, value: typed, error })}
<button class="primary">${t('recover.stop-submit')}</button>
</form>`,
  });
}

export function stoppedPage(
  frame: Frame,
  { continueToken, token, code }: { continueToken: string | undefined; token: string; code: string },
) {
  const { t, base } = frame;
  return page(frame, {
    title: t('recover.stopped-title'),
    body: html`<p>${t('recover.stopped-lead')}</p>
<p><a class="button primary" href="${pathOf(base, 'sign-in')}">${t('sign-in.title')}</a></p>
${
  continueToken === undefined
    ? // Its code is spent: a new mail has to come, which the silence would hold back.
      html`<form class="aside" novalidate method="post" action="${pathOf(base, 'recover.stop.send', { token })}">
<input type="hidden" name="code" value="${code}"><input type="hidden" name="after" value="all">
<button class="quiet">${t('recover.stopped-after-all')}</button>
</form>`
    : html`<p class="aside"><a href="${pathOf(base, 'recover.link', { token: continueToken })}">${t('recover.stopped-after-all')}</a></p>`
}`,
  });
}

/** S11, from the notice of a change. */
export function noticePage(
  frame: Frame,
  { token, typed = '', error }: { token: string; typed?: string; error?: string | undefined },
) {
  const { t, base } = frame;
  return page(frame, {
    title: t('recover.stop-title'),
    body: html`<p>${t('recover.notice-lead')}</p>
<form novalidate method="post" action="${pathOf(base, 'recover.stop.send', { token })}">
${field({ name: 'number', label: t('recover.notice-number'), hint: t('recover.notice-hint'), value: typed, error, attributes: 'class="code" inputmode="numeric" autocomplete="off" spellcheck="false" required' })}
<button class="primary">${t('recover.notice-submit')}</button>
</form>`,
  });
}

export function disownedPage(frame: Frame, { isSuspended, address }: Disowned) {
  const { t, base } = frame;
  const carried = address === undefined ? '' : `#${new URLSearchParams({ identifier: address })}`;
  return page(frame, {
    title: t('recover.disowned-title'),
    body: html`<p>${t(isSuspended ? 'recover.disowned-suspended' : 'recover.disowned-changed-again')}</p>
<p>${t('recover.disowned-gone')}</p>
<p>${t('recover.disowned-mailbox')}</p>
${address === undefined ? '' : html`<p class="who">${t('recover.disowned-start', { address })}</p>`}
<p><a class="button${isSuspended ? ' primary' : ''}" href="${pathOf(base, 'recover')}${carried}">${t('recover.disowned-choose')}</a></p>`,
  });
}

export function stopOverPage(frame: Frame) {
  const { t } = frame;
  return page(frame, { title: t('recover.stop-over-title'), body: html`<p>${t('recover.stop-over')}</p>` });
}
