// The support branch: a case is opened without signing in and without a mailbox.
import { html } from 'hono/html';
import { hourMs } from '../../base/clock.ts';
import { durationInWords } from '../../i18n/translate.ts';
import { caseKinds, maxIdentifierLength, type OpenedCase } from '../../support/cases.ts';
import { inGroupsOfFour, inGroupsOfThree } from '../../support/case-number.ts';
import { pathOf } from '../routes.ts';
import { caseHelp } from './case-status.ts';
import { checkScript, type HumanCheckBlock, humanCheckBlock } from './human-check.ts';
import { errorsAt, field, type Frame, notice, page } from './layout.ts';
import { wordsField } from './words-field.ts';

export interface CasePage {
  readonly kind: string;
  /** Whose account it is, as typed here or where the person comes from. */
  readonly identifier: string;
  readonly words: string;
  readonly contact: string;
  /** The number of the case that this browser follows. */
  readonly followed?: string | undefined;
  readonly check: HumanCheckBlock;
  readonly error?: string | undefined;
  readonly errorAt?: 'identifier' | 'words' | 'contact' | undefined;
}

export function casePage(
  frame: Frame,
  { kind, identifier, words, contact, followed, check, error, errorAt }: CasePage,
) {
  const { t, base } = frame;
  const errorOf = errorsAt(t, { error, errorAt });
  const ofWords = errorOf('words', words);
  return page(frame, {
    title: t('case.title'),
    scripts: [checkScript(check)],
    styles: ['human-check.css'],
    body: html`${followed === undefined ? '' : html`<p class="note">${t('case.followed', { number: inGroupsOfThree(followed) })} <a href="${pathOf(base, 'case', { number: followed })}">${t('case.look')}</a></p>`}
<p>${t('case.lead')}</p>
${errorAt === undefined ? notice(error) : ''}
<form novalidate method="post" action="${pathOf(base, 'recover.case.send')}">
<fieldset><legend>${t('case.kind')}</legend>
${caseKinds.map((name) => html`<label class="choice"><input type="radio" name="kind" value="${name}" required${kind === name ? html` checked` : ''}> ${t(`case.${name}`)}</label>`)}
</fieldset>
${field({ name: 'identifier', label: t('case.identifier'), value: identifier, hint: t('case.identifier-hint'), error: errorAt === 'identifier' ? error : undefined, attributes: `autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="${maxIdentifierLength}"` })}
${wordsField({ id: 'words', label: t('case.words'), hint: t('case.words-hint'), rows: 6, value: words, error: ofWords.error, more: html` required${ofWords.isFirstError ? ' autofocus' : ''}` })}
${field({ name: 'contact', label: t('case.contact'), value: contact, type: 'email', ...errorOf('contact', contact), attributes: 'autocomplete="email" required maxlength="254"' })}
${humanCheckBlock(check)}
<button class="primary">${t('case.submit')}</button>
</form>
${followed === undefined ? html`<p class="aside">${t('case.status-known')} <a href="${pathOf(base, 'case.status')}">${t('case.look')}</a></p>` : ''}`,
  });
}

export function caseOpenedPage(frame: Frame, { opened, kind }: { opened: OpenedCase; kind: string }) {
  const { t, settings, base } = frame;
  const { number, code } = opened;
  return page(frame, {
    title: t('case.opened-title'),
    scripts: ['copy.js'],
    body: html`<dl>
<dt>${t('case.number')}</dt><dd><span class="code">${inGroupsOfThree(number)}</span> ${copyButton(frame, inGroupsOfThree(number), t('case.copy-number'))}</dd>
<dt>${t('case.code')}</dt><dd><span class="code">${inGroupsOfFour(code)}</span> ${copyButton(frame, inGroupsOfFour(code), t('case.copy-code'))}</dd>
</dl>
<p>${t('case.keep')}</p>
<p>${t('case.promise', { wait: durationInWords(t.locale, settings.supportHours * hourMs) })}</p>
<div class="ways-on">
<a class="button primary" href="${pathOf(base, 'case.contact', { number })}">${t('case.contact-title')}</a>
<a class="button" href="${pathOf(base, 'case', { number })}">${t('case.look')}</a>
</div>
${caseHelp(frame, { kind })}
<p><a class="button" href="${settings.homePath}">${t('page.to-home', { site: settings.siteName })}</a></p>`,
  });
}

const copyButton = ({ t }: Frame, text: string, label: string) =>
  html`<button type="button" class="quiet copy" data-copy="${text}" data-copied="${t('case.copied')}">${label}</button>`;
