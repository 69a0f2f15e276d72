// What every page with a mailed code shows: its field, where the mail may be, and how to have it sent again.
import { html } from 'hono/html';
import { durationInWords, type Translate } from '../../i18n/translate.ts';
import { field, type Frame, type Html, notice } from './layout.ts';

/** One field, so that a whole code is pasted or filled in at once, with its spaces. */
export const codeField = ({ t, error, value = '' }: { t: Translate; error?: string | undefined; value?: string }) =>
  field({
    name: 'code',
    label: t('recover.code'),
    value,
    error,
    // No maxlength: it would cut a code that is pasted with the words around it.
    attributes: 'class="code" inputmode="numeric" autocomplete="one-time-code" spellcheck="false" required',
  });

/** How long the code can still be typed; a script keeps it true while the page stays open. */
export const codeLife = (t: Translate, lifeMs: number) =>
  html`<p class="hint" data-life="${lifeMs}">${t('recover.code-life', { life: durationInWords(t.locale, lifeMs) })}</p>`;

/** Spam, with the sender and the subject to look for. */
export const mailNote = ({ t, settings }: Frame, subject: string) =>
  html`<p class="note">${t('recover.spam')}<br>${t('recover.sender')}: <b>${settings.senderName ?? settings.siteName}</b><br>${t('recover.subject')}: <b>${subject}</b>. ${t('recover.other-subject')}</p>`;

interface Again {
  readonly t: Translate;
  readonly action: string;
  /** Fields that go along. */
  readonly hidden: Html | string;
}

/** Without script the button is always there and answers with the time that is left. */
export const resendForm = ({ t, action, hidden, waitMs }: Again & { readonly waitMs: number }) =>
  html`<form novalidate method="post" action="${action}">
${hidden}
<button data-wait="${Math.max(0, waitMs)}"${waitMs > 0 ? html` aria-describedby="again-in"` : ''}>${t('recover.again')}</button>
</form>`;

export const resendHint = (t: Translate, waitMs: number) =>
  waitMs <= 0
    ? ''
    : html`<p class="hint" id="again-in">${t('recover.again-in', { wait: durationInWords(t.locale, waitMs) })}</p>`;

/** In the place of the field once the code has expired, which the heading says. */
export const expiredForm = ({ t, action, hidden, error }: Again & { readonly error?: string | undefined }) =>
  html`<form novalidate method="post" action="${action}">
${hidden}
${notice(error === t('refusal.code-expired') ? undefined : error)}
<p data-refused>${t('recover.code-expired-lead')}</p>
<button class="primary">${t('recover.new-code')}</button>
</form>`;
