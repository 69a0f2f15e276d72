// The human check as a block inside a form. Without script the letters stand in the form itself; with script the slide
// comes first, and the same letters box is taken out of <noscript> when it is needed. No inline style, no text in script.
import { html, raw } from 'hono/html';
import { secondMs } from '../../base/clock.ts';
import type { CheckView } from '../../human-check/check.ts';
import { waitingRung } from '../../human-check/ladder.ts';
import { durationInWords, type Translate } from '../../i18n/translate.ts';
import { pathOf } from '../routes.ts';
import { type Frame, notice, page } from './layout.ts';

export interface HumanCheckBlock {
  readonly t: Translate;
  /** The base path without its last slash. */
  readonly base: string;
  /** The path of a built asset. */
  asset(name: string): string;
  readonly check: CheckView;
}

/** The fields that the block adds to its form. */
export const checkFields = ['challenge', 'letters', 'otherLetters'] as const;

/** What a page with the block loads. */
export const checkScript = ({ check }: HumanCheckBlock): string =>
  check.provided ? 'human-check-provider.js' : 'human-check.js';

/** Goes into the `<form>` that the check guards, above its button; the page loads `checkScript` and human-check.css. */
export function humanCheckBlock(block: HumanCheckBlock) {
  const { t, base, asset, check } = block;
  const { provided } = check;
  if (check.state === 'off') return '';
  if (check.state === 'passed') return passedLine(t);
  const words = JSON.stringify({
    checking: t('check.checking'),
    failed: t('check.failed'),
    half: t('check.half'),
    early: t('check.late'),
    late: t('check.late'),
    wrong: t('check.again'),
    letters: t('refusal.check-letters'),
    lettersWrong: t('refusal.check-letters-wrong'),
    missing: t('check.missing'),
    missingLetters: t('check.missing-letters'),
    otherLetters: t('refusal.check-again'),
    passed: t('check.passed'),
    played: t('check.played'),
    short: t('check.short'),
    tooMany: t('check.too-many'),
    waiting: t('check.waiting', { time: durationInWords(t.locale, waitingRung.notBeforeMs) }),
    ...(provided && {
      wrong: t('check.provider-again'),
      missing: t('check.provider-missing'),
      unavailable: t(provided.hasSlide ? 'check.provider-slide' : 'check.provider-away'),
    }),
  });
  return html`<div
    class="check field"
    data-human-check="${check.state}"
    data-purpose="${check.purpose}"
    data-checks="${pathOf(base, 'api.issueHumanCheck')}"
    data-letters="${pathOf(base, 'check.letters')}"
    data-audio="${pathOf(base, 'check.audio')}"
    data-more="${asset('human-check-letters.js')}"
    data-challenge="${check.letters}"
    data-words="${words}"
    ${provided ? raw(`data-own="${asset('human-check.js')}"${provided.hasSlide ? ' data-instead="slide"' : ''}`) : ''}
  >
    <div class="check-slide"${check.state === 'letters' || provided ? html` hidden` : ''}>
      <label for="check-range">${t('check.label')}</label>
      <div class="check-track">
        <input type="range" id="check-range" value="0" step="10" autocomplete="off" aria-describedby="check-text check-keys">
        <b class="check-handle primary" aria-hidden="true">&gt;&gt;</b>
        <span class="check-text" id="check-text">${t('check.slide')}</span>
      </div>
      <button type="button" class="check-click quiet by-script">${t('check.click')}</button>
      <span id="check-keys" hidden>${t('check.keys')}</span>
    </div>
    ${provided ? providerBox(block) : ''}
    <p class="check-status" role="status"><span class="check-trouble">${t('check.trouble')} <a href="${waitLink(base, check)}" target="_blank">${t('check.wait')}</a></span></p>
    <p class="check-error error" role="alert"></p>
    <noscript>${lettersBox(block)}</noscript>
  </div>`;
}

const passedLine = (t: Translate) => html`<p class="notice good">${t('check.label')}: ${t('check.passed')}</p>`;

/** The group's name is what the focus tells, when something is missing. */
const providerBox = ({ t, asset }: HumanCheckBlock) =>
  html`<link rel="stylesheet" href="${asset('human-check-provider.css')}"><div
    class="check-provider"
    role="group"
    aria-labelledby="check-provider"
    tabindex="-1"
    hidden
  >
    <p id="check-provider">${t('check.label')}</p>
    <div class="check-widget"></div>
    <p class="hint">${t('check.provider-note')}</p>
    <button type="button" class="check-wait quiet">${t('check.wait')}</button>
  </div><p class="check-done notice good" tabindex="-1" hidden>${t('check.label')}: ${t('check.passed')}</p>`;

const waitLink = (base: string, { purpose }: CheckView): string => `${pathOf(base, 'check.wait')}?purpose=${purpose}`;

/** The waiting check opens in a page of its own, so that what was typed here stays; a password is never sent back. */
function lettersBox({ t, base, asset, check }: HumanCheckBlock) {
  const waiting = html`<button
    class="check-wait quiet"
    formaction="${waitLink(base, check)}"
    formmethod="post"
    formtarget="_blank"
    formnovalidate
  >${t('check.wait')}</button>`;
  return html`<link rel="stylesheet" href="${asset('human-check-letters.css')}"><div class="check-letters">
    <label for="check-letters">${t('check.letters')}</label>
    <div class="check-row">
      <img src="${pathOf(base, 'check.letters', { challenge: check.letters })}" width="200" height="70" alt="${t('check.letters-alt')}">
      <input id="check-letters" name="letters" size="8" maxlength="20" autocomplete="off" autocapitalize="characters" spellcheck="false">
      <button class="check-send">${t('check.send')}</button>
    </div>
    <input type="hidden" name="challenge" value="${check.letters}">
    <div class="check-row">
      <button class="check-other quiet" name="otherLetters" value="1" formnovalidate>${t('check.other')}</button>
      <a class="check-listen button quiet" href="${pathOf(base, 'check.audio', { challenge: check.letters })}" target="_blank" aria-describedby="check-listen">${t('check.listen')}</a>
      ${check.isStuck ? '' : waiting}
    </div>
    <span id="check-listen" hidden>${t('check.listen-hint')}</span>
    <div class="check-stuck"${check.isStuck ? '' : html` hidden`}>
      <p>${t('check.stuck')}</p>
      ${check.isStuck ? waiting : ''}
      ${check.purpose === 'case' ? '' : html`<a class="button quiet" href="${pathOf(base, 'recover.case')}">${t('page.support')}</a>`}
    </div>
  </div>`;
}

export interface WaitPage {
  readonly error?: string | undefined;
  readonly leftMs?: number;
  /** Of this page, with its wait in the query; absent where none could begin. */
  readonly path?: string;
}

/** The waiting check without script: it loads itself again, and then shows the button that ends it. */
export function waitPage(frame: Frame, { error, leftMs = 0, path }: WaitPage) {
  const { t } = frame;
  const waiting = html`<p>${t('check.wait-now', { time: durationInWords(t.locale, leftMs) })}</p>
<p><a class="button" href="${path}">${t('page.continue')}</a></p>`;
  const ready = html`<p>${t('check.wait-ready')}</p>
<form novalidate method="post" action="${path}"><button class="primary">${t('page.continue')}</button></form>`;
  return page(frame, {
    title: t('check.wait'),
    ...(leftMs > 0 ? { refreshSeconds: Math.ceil(leftMs / secondMs) } : {}),
    body: html`${notice(error)}${path === undefined ? '' : leftMs > 0 ? waiting : ready}`,
  });
}

export function waitDonePage(frame: Frame, backPath: string) {
  const { t } = frame;
  return page(frame, {
    title: t('check.passed'),
    body: html`<p>${t('check.wait-done')}</p>
<p class="aside"><a href="${backPath}">${t('check.wait-back')}</a></p>`,
  });
}
