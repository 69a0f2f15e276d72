// How a case stands (S10): asked for by number and code, then shown in four words, the same for all; and the contact that
// is confirmed by a mailed code. None of it says whether there is an account.
import { html } from 'hono/html';
import { agoInWords, durationInWords } from '../../i18n/translate.ts';
import { type Standing, toldState } from '../../releases/releases.ts';
import type { Refusal } from '../../refusals.ts';
import type { CasePicture } from '../../support/case-pictures.ts';
import { type CaseContact, type CaseMessage, type CaseRow, isCaseKind } from '../../support/cases.ts';
import { isCaseState } from '../../support/case-flow.ts';
import { inGroupsOfThree } from '../../support/case-number.ts';
import { answerDueAt, proofWaysOf } from '../../support/policy.ts';
import { pathOf } from '../routes.ts';
import { codeField, codeLife, expiredForm, mailNote, resendForm, resendHint } from './mailed-code.ts';
import { field, type Frame, notice, page } from './layout.ts';
import { wordsField } from './words-field.ts';

export interface StatusAskPage {
  readonly number: string;
  readonly code: string;
  readonly error?: string | undefined;
  readonly errorAt?: 'number' | 'code' | undefined;
}

export function statusAskPage(frame: Frame, { number, code, error, errorAt }: StatusAskPage) {
  const { t, base } = frame;
  const errorOf = (name: StatusAskPage['errorAt']) => (errorAt === name ? error : undefined);
  const attributes = 'class="code" autocomplete="off" autocapitalize="characters" spellcheck="false" required';
  return page(frame, {
    title: t('case.status-ask-title'),
    body: html`${errorAt === undefined ? notice(error) : ''}
<p>${t('case.status-ask-lead')}</p>
<form novalidate method="post" action="${pathOf(base, 'case.status.send')}">
${field({ name: 'number', label: t('case.number'), value: number, error: errorOf('number'), attributes })}
${field({ name: 'code', label: t('case.code'), value: code, error: errorOf('code'), attributes })}
<button class="primary">${t('case.status-ask-submit')}</button>
</form>`,
  });
}

export interface StatusPage {
  readonly row: CaseRow;
  /** `undefined` once it was deleted. */
  readonly contact: CaseContact | undefined;
  /** Where the account is being given to the person. */
  readonly release: Standing | undefined;
  readonly messages: readonly CaseMessage[];
  /** `undefined`: none is taken. */
  readonly pictures: readonly CasePicture[] | undefined;
  readonly maxPictureKb: number;
  readonly isPictureSent: boolean;
  /** What could not be sent. */
  readonly typed: string;
  readonly isWritten: boolean;
  readonly error: string | undefined;
  readonly refused: Refusal | undefined;
  readonly now: number;
}

export function statusPage(
  frame: Frame,
  {
    row,
    contact,
    release: standing,
    messages,
    pictures,
    maxPictureKb,
    isPictureSent,
    typed,
    isWritten,
    error,
    refused,
    now,
  }: StatusPage,
) {
  const { t, base } = frame;
  const { number } = row;
  const isOver = standing?.state === 'lapsed' || standing?.state === 'spent';
  // Once the person has written again, the case stands as any other that is looked at again.
  const release = isOver && row.state !== 'decided' ? undefined : standing;
  const isEmptied = row.emptied_at !== null;
  // A closing decides without words.
  const isAnswered = row.state === 'decided' && !isEmptied && !release && messages.at(-1)?.author === 'desk';
  const isAtPicture = refused?.startsWith('picture-') ?? false;
  const state = isCaseState(row.state) ? row.state : 'received';
  const dueAt = answerDueAt(row);
  const takesPictures = !isEmptied && state !== 'decided';
  const isAtField = isAtPicture ? takesPictures && pictures !== undefined : !isEmptied;
  return page(frame, {
    isOfCase: true,
    // In one piece, also where the heading has to break.
    title: t('case.status-title', { number: inGroupsOfThree(number).replaceAll(' ', '\u00a0') }),
    body: html`${isWritten ? notice(t('case.written'), 'good') : isPictureSent ? notice(t('picture.sent'), 'good') : ''}${isAtField ? '' : notice(error)}<div class="note state"><p class="step">${t('case.state')}</p>
<h2>${t(`case.${toldState(state, release)}`)}</h2>
${state === 'asked' && release && !isEmptied ? html`<p>${t('case.asked-about')}</p>` : ''}<p>${isEmptied ? t('case.emptied') : release ? t(`case.release-${release.state}`, { wait: durationInWords(t.locale, Math.max(1, release.until - now)) }) : t(`case.${state}-about`)}${isAnswered ? ` ${t('case.decided-read')}` : ''}</p></div>
<dl>
<dt>${t('case.kind')}</dt><dd>${kindOf(frame, row)}</dd>
<dt>${t('case.opened-at')}</dt><dd>${agoInWords(t.locale, now - row.created_at)}</dd>
${dueAt === undefined ? '' : html`<dt>${t('case.answer')}</dt><dd>${dueAt > now ? t('case.promise', { wait: durationInWords(t.locale, dueAt - now) }) : t('case.promise-late')}</dd>`}
${
  contact === undefined
    ? ''
    : html`<dt>${t('case.contact-here')}</dt><dd>${contact.address}<br>${
        contact.isConfirmed
          ? html`<b>${t('case.confirmed')}</b>`
          : html`<b>${t('case.not-confirmed')}</b> <a href="${pathOf(base, 'case.contact', { number })}">${t('case.confirm')}</a><br>${t('case.not-confirmed-about')}`
      }</dd>`
}
</dl>
${messages.length === 0 ? '' : html`<h2>${t('case.messages')}</h2>${messages.map((message) => messageBlock(frame, message, now))}`}
${
  isEmptied || state === 'decided' || release !== undefined || proofWaysOf(row.kind).length === 0
    ? ''
    : html`<div class="note"><p>${t('proof.offer')}</p>
<p><a class="button" href="${pathOf(base, 'case.proofs', { number })}">${t('proof.title')}</a></p></div>`
}
${release?.state === 'lapsed' && !isEmptied ? askAgain(frame, row) : ''}
${isEmptied ? '' : messageForm(frame, row, { typed, error: isAtPicture ? undefined : error, release })}
${!takesPictures || pictures === undefined ? '' : pictureForm(frame, row, { pictures, maxPictureKb, now, error: isAtPicture ? error : undefined })}
${isEmptied || state === 'decided' || release !== undefined || messages.length > 0 ? '' : caseHelp(frame, row)}
<div class="ways-on">
<a class="button" href="${frame.settings.homePath}">${t('page.to-home', { site: frame.settings.siteName })}</a>
<a class="button" href="${pathOf(base, 'case.status')}">${t('case.another')}</a>
</div>`,
  });
}

const messageBlock = ({ t }: Frame, { author, words, writtenAt }: CaseMessage, now: number) =>
  html`<div class="message ${author}"><p class="step">${t(author === 'person' ? 'case.by-you' : 'case.by-desk', { ago: agoInWords(t.locale, now - writtenAt) })}</p>
<p class="words" dir="auto">${words}</p></div>`;

/** A new link is decided about like the first, so asking for it is a message to the desk. */
const askAgain = ({ t, base }: Frame, { number }: CaseRow) =>
  html`<form novalidate method="post" action="${pathOf(base, 'case.message.send', { number })}">
<input type="hidden" name="words" value="${t('case.release-again-words')}">
<p><button class="primary">${t('case.release-again')}</button></p>
</form>`;

const messageForm = (
  { t, base }: Frame,
  { number, state }: CaseRow,
  { typed, error, release }: Pick<StatusPage, 'typed' | 'error' | 'release'>,
) =>
  html`<form novalidate method="post" action="${pathOf(base, 'case.message.send', { number })}">
${wordsField({
  id: 'words',
  label: t(
    state === 'asked'
      ? 'case.answer-label'
      : state === 'decided' && (!release || release.state === 'spent')
        ? 'case.disagree-label'
        : 'case.write-label',
  ),
  hint: t('case.words-hint'),
  rows: 4,
  value: typed,
  error,
  more: html` required${error === undefined ? '' : ' autofocus'}`,
})}
<button${state === 'asked' ? html` class="primary"` : ''}>${t('case.write-send')}</button>
</form>`;

/** A form of its own: a file travels in another way than words. */
const pictureForm = (
  { t, base }: Frame,
  { number }: CaseRow,
  {
    pictures,
    maxPictureKb,
    error,
    now,
  }: {
    readonly pictures: readonly CasePicture[];
    readonly maxPictureKb: number;
    readonly error: string | undefined;
    readonly now: number;
  },
) =>
  html`<div class="note"><form novalidate method="post" enctype="multipart/form-data" action="${pathOf(base, 'case.picture.send', { number })}">
${pictures.length === 0 ? '' : html`<ul class="plain lines">${pictures.map(({ addedAt }) => html`<li>${t('picture.by-you', { ago: agoInWords(t.locale, now - addedAt) })}</li>`)}</ul>`}
${field({ name: 'picture', type: 'file', label: t('picture.label'), hint: t('picture.hint', { size: maxPictureKb >= 1_024 ? `${Math.floor(maxPictureKb / 1_024)} MB` : `${maxPictureKb} kB` }), error, attributes: 'accept="image/png,image/jpeg" required' })}
<button>${t('picture.send')}</button>
</form></div>`;

const kindOf = ({ t }: Frame, { kind }: Pick<CaseRow, 'kind'>) => t(`case.${isCaseKind(kind) ? kind : 'other'}`);

/** What the person can do meanwhile. It never promises that facts alone suffice. */
export const caseHelp = ({ t }: Frame, { kind }: Pick<CaseRow, 'kind'>) =>
  html`<h2>${t('case.helps-title')}</h2>
<p>${t(`case.helps-${isCaseKind(kind) ? kind : 'other'}`)}</p>`;

export interface ContactPage {
  readonly number: string;
  readonly contact: CaseContact;
  readonly typed: string;
  readonly now: number;
  readonly resendWaitMs: number;
  readonly isAskedAgain: boolean;
  readonly error?: string | undefined;
  readonly resendError?: string | undefined;
}

export function contactPage(
  frame: Frame,
  { number, contact, typed, now, resendWaitMs, isAskedAgain, ...errors }: ContactPage,
) {
  const { t, base, settings } = frame;
  const { error, resendError } = errors;
  const lifeMs = contact.codeExpiresAt - now;
  const isExpired = lifeMs <= 0;
  const again = { t, action: pathOf(base, 'case.again.send', { number }), hidden: '' };
  return page(frame, {
    isOfCase: true,
    title: t(isExpired ? 'recover.code-expired-title' : 'case.contact-title'),
    scripts: ['code.js'],
    body: html`${isAskedAgain && !isExpired ? notice(t('sign-up.asked-again'), 'good') : ''}${notice(resendError)}
<p${isExpired ? html` class="who"` : ''}>${t(isExpired ? 'recover.for' : 'case.contact-lead', { address: contact.address, identifier: contact.address })} <a href="${pathOf(base, 'case.change', { number })}">${t('case.contact-change')}</a></p>
${
  isExpired
    ? expiredForm({ ...again, error })
    : html`<form novalidate method="post" action="${pathOf(base, 'case.contact.send', { number })}">
${codeField({ t, error, value: typed })}
<button class="primary">${t('recover.confirm')}</button>
${codeLife(t, lifeMs)}
</form>
${mailNote(frame, t('mail.case-code.subject', { site: settings.siteName }))}`
}
<div class="ways-on">
${isExpired ? '' : resendForm({ ...again, waitMs: resendWaitMs })}
<a class="button" href="${pathOf(base, 'case', { number })}">${t('case.look')}</a>
${isExpired ? '' : resendHint(t, resendWaitMs)}
</div>
<p class="aside">${t('case.contact-later')}</p>`,
  });
}

export interface ContactChangePage {
  readonly number: string;
  readonly contact: string;
  /** Why it has to be given once more. */
  readonly notice?: string | undefined;
  readonly error?: string | undefined;
}

export function contactChangePage(frame: Frame, { number, contact, error, notice: above }: ContactChangePage) {
  const { t, base } = frame;
  return page(frame, {
    isOfCase: true,
    title: t('case.contact-change-title'),
    body: html`${notice(above)}
<p>${t('case.contact-change-lead')}</p>
<form novalidate method="post" action="${pathOf(base, 'case.change.send', { number })}">
${field({ name: 'contact', label: t('case.contact'), value: contact, type: 'email', error, attributes: 'autocomplete="email" required maxlength="254"' })}
<button class="primary">${t('case.contact-change-submit')}</button>
</form>
<p class="aside"><a href="${pathOf(base, 'case', { number })}">${t('case.look')}</a></p>`,
  });
}
