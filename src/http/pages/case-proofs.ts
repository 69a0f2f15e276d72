// How a person shows that an account is theirs, on one page of small forms. It looks the same for every account and for none.
import { html } from 'hono/html';
import { durationInWords } from '../../i18n/translate.ts';
import type { AskedAddress } from '../../support/case-proofs.ts';
import { inGroupsOfThree } from '../../support/case-number.ts';
import { maxIdentifierLength } from '../../support/cases.ts';
import type { ProofWay } from '../../support/policy.ts';
import { pathOf } from '../routes.ts';
import { field, type Frame, type Html, notice, page } from './layout.ts';
import { mailNote } from './mailed-code.ts';

/** The forms of the page: whose account it is, the ways, and the code of the mail that one of them asks for. */
export const typedForms = ['account', 'correction', 'address', 'address-code', 'code'] as const;
export type ProofForm = (typeof typedForms)[number] | 'browser';
export const isProofForm = (text: string): text is ProofForm =>
  text === 'browser' || typedForms.some((form) => form === text);

export interface ProofsPage {
  readonly number: string;
  readonly ways: readonly ProofWay[];
  /** What the person typed to say whose account it is; empty: nothing yet. */
  readonly account: string;
  /** It was not corrected yet: that is possible once. */
  readonly mayCorrect: boolean;
  readonly asked: AskedAddress | undefined;
  readonly done: 'asked' | 'sent' | 'corrected' | undefined;
  readonly now: number;
  readonly refused: { readonly form: ProofForm; readonly typed: string; readonly error: string } | undefined;
}

export function proofsPage(frame: Frame, content: ProofsPage) {
  const { t, base } = frame;
  const { number, ways, account, mayCorrect, done, refused } = content;
  const isAtField = refused !== undefined && hasField(content, refused.form);
  return page(frame, {
    isOfCase: true,
    title: t('proof.title'),
    body: html`${done === undefined ? '' : notice(t(`proof.${done}`), 'good')}${refused === undefined || isAtField ? '' : notice(refused.error)}
<p>${t(account === '' ? 'proof.account-lead' : 'proof.lead')}</p>
<dl>
<dt>${t('case.number')}</dt><dd class="code">${inGroupsOfThree(number)}</dd>
${account === '' ? '' : html`<dt>${t('proof.account')}</dt><dd><bdi>${account}</bdi></dd>`}
</dl>
${account === '' ? accountForm(frame, content) : ways.map((way) => sections[way](frame, content))}
${account !== '' && mayCorrect ? correction(frame, content) : ''}
<p><a class="button" href="${pathOf(base, 'case', { number })}">${t('case.look')}</a></p>`,
  });
}

/** Whether the page has the field of this form: another tab may have used it up, and then what was refused is said above. */
function hasField({ ways, account, mayCorrect, asked }: ProofsPage, form: ProofForm): boolean {
  if (form === 'browser') return false;
  if (form === 'account' || account === '') return form === 'account' && account === '';
  if (form === 'correction') return mayCorrect;
  return form === 'address-code' ? asked !== undefined && ways.includes('address') : ways.includes(form);
}

/** A form of the page, with what it is for; what was typed is kept where it was refused. */
function proofForm(
  { base }: Frame,
  { number, refused }: ProofsPage,
  {
    form,
    label,
    button,
    attributes,
    hint,
  }: {
    readonly form: ProofForm;
    readonly label: string;
    readonly button: string;
    readonly attributes: string;
    readonly hint?: string;
  },
): Html {
  const own = refused?.form === form ? refused : undefined;
  const input = field({
    name: form,
    label,
    value: own?.typed ?? '',
    error: own?.error,
    attributes,
    ...(hint !== undefined && { hint }),
  });
  return html`<form novalidate method="post" action="${pathOf(base, 'case.proofs.send', { number })}">
<input type="hidden" name="form" value="${form}">
${input}
<button${form === 'account' ? html` class="primary"` : ''}>${button}</button>
</form>`;
}

const accountForm = (frame: Frame, content: ProofsPage) =>
  proofForm(frame, content, {
    form: 'account',
    label: frame.t('proof.which-account'),
    button: frame.t('page.continue'),
    attributes: `autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="${maxIdentifierLength}"`,
  });

/** Closed, as it is for a slip alone; open where something of it was refused. */
const correction = (frame: Frame, content: ProofsPage) =>
  html`<section class="way"><details${content.refused?.form === 'correction' ? html` open` : ''}><summary>${frame.t('proof.correct')}</summary>
<p>${frame.t('proof.correct-about')}</p>
${proofForm(frame, content, {
  form: 'correction',
  label: frame.t('proof.which-account'),
  button: frame.t('proof.correct-send'),
  attributes: `autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="${maxIdentifierLength}"`,
})}</details></section>`;

const sections: Readonly<Record<ProofWay, (frame: Frame, content: ProofsPage) => Html>> = {
  address(frame, content) {
    const { t, settings } = frame;
    const { asked, now } = content;
    return html`<section class="way"><h2>${t('proof.address')}</h2>
<p>${t('proof.address-about')}</p>
${proofForm(frame, content, { form: 'address', label: t('proof.address-label'), button: t('proof.address-send'), attributes: 'autocomplete="email" required maxlength="254"' })}
${
  asked === undefined
    ? ''
    : html`<p>${t('proof.address-asked', { address: asked.address })}</p>
${proofForm(frame, content, { form: 'address-code', label: t('recover.code'), button: t('recover.confirm'), attributes: 'class="code" inputmode="numeric" autocomplete="one-time-code" spellcheck="false" required', ...(asked.codeExpiresAt > now && { hint: t('recover.code-life', { life: durationInWords(t.locale, asked.codeExpiresAt - now) }) }) })}
${mailNote(frame, t('mail.case-proof.subject', { site: settings.siteName }))}`
}</section>`;
  },

  code(frame, content) {
    const { t } = frame;
    return html`<section class="way"><h2>${t('proof.code')}</h2>
<p>${t('proof.code-about')}</p>
${proofForm(frame, content, { form: 'code', label: t('proof.code-label'), button: t('proof.send'), attributes: 'class="code" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" required' })}</section>`;
  },

  browser({ t, base }, { number }) {
    return html`<section class="way"><h2>${t('proof.browser')}</h2>
<p>${t('proof.browser-about')}</p>
<form novalidate method="post" action="${pathOf(base, 'case.proofs.send', { number })}">
<input type="hidden" name="form" value="browser">
<button>${t('proof.browser-send')}</button>
</form></section>`;
  },
};
