// What agents see: the lists of cases, the search, and a case with what can be done about it. Whatever somebody wrote is
// plain text, each in its own direction.
import { html } from 'hono/html';
import type { Agent } from '../../agents/agents.ts';
import { type ActName, acts, actsIn } from '../../desk/acts.ts';
import {
  type DeskCase,
  type ListedCase,
  type NamedAccount,
  type Queue,
  type SeenMail,
  unmaskReasons,
} from '../../desk/desk.ts';
import { countedAtMost, type QueueView, queueViews } from '../../desk/desk-rows.ts';
import { agoInWords, durationInWords, isLocale, languageInWords, type MessageKey } from '../../i18n/translate.ts';
import { inGroupsOfThree } from '../../support/case-number.ts';
import { isCaseKind } from '../../support/cases.ts';
import { type Frame, type Html, notice } from '../pages/layout.ts';
import { wordsField } from '../pages/words-field.ts';
import { pathOf } from '../routes.ts';
import { cannedNames } from './canned.ts';
import { consolePage, keyFor } from './layout.ts';
import { releaseBlock, releaseCourse } from './release-block.ts';
import { signalBlock } from './signal-block.ts';

const viewNames = {
  mine: 'desk.view-mine',
  unassigned: 'desk.view-unassigned',
  waiting: 'desk.view-waiting',
  approve: 'desk.view-approve',
  hold: 'desk.view-hold',
  open: 'desk.view-open',
  closed: 'desk.view-closed',
} as const satisfies Record<QueueView, MessageKey>;

const languageOf = ({ t }: Frame, locale: string) => (isLocale(locale) ? languageInWords(t.locale, locale) : locale);

const stateOf = ({ t }: Frame, { told }: ListedCase) => t(`desk.state-${told}`);

const kindOf = ({ t }: Frame, kind: string) => t(`case.${isCaseKind(kind) ? kind : 'other'}`);

export interface QueuePage {
  readonly agent: Agent;
  readonly view: QueueView;
  readonly queue: Queue;
  /** Whether the list begins here. */
  readonly isFirst: boolean;
  readonly now: number;
}

export function queuePage(frame: Frame, { agent, view, queue, isFirst, now }: QueuePage) {
  const { t, base } = frame;
  const path = (query: Record<string, string>) => `${pathOf(base, 'support')}?${new URLSearchParams(query)}`;
  const { next } = queue;
  return consolePage(frame, {
    title: t('desk.queue'),
    agent,
    place: 'support',
    scripts: ['news.js'],
    body: html`<nav class="desk-views" aria-label="${t('desk.views')}">${queueViews.map(
      (name) =>
        html`<a href="${path({ view: name })}"${name === 'mine' ? keyFor(agent, 'm') : name === 'unassigned' ? keyFor(agent, 'n') : ''}${name === view ? html` aria-current="page"` : ''}>${t(viewNames[name])} <span class="count">${countInWords(queue.counts[name])}</span></a>`,
    )}</nav>
${newsLine(frame, { to: path({ view }), asks: `view=${view}&since=${now}`, link: t('desk.look-again') })}
${queue.cases.length === 0 ? html`<p class="note">${t(isFirst ? 'desk.none-here' : 'desk.none-more')}</p>` : caseTable(frame, queue.cases, { now, caption: t(viewNames[view]) })}
${isFirst && next === undefined ? '' : html`<p>${isFirst ? '' : html`<a class="button" href="${path({ view })}">${t('desk.to-first')}</a> `}${next === undefined ? '' : html`<a class="button" href="${path({ view, after: `${next.at}.${next.id}` })}">${t('desk.more')}</a>`}</p>`}`,
  });
}

/** A link that is always there, and beside it what a script finds out: nothing moves when it does. */
const newsLine = (
  { base }: Frame,
  { to, asks, link }: { readonly to: string; readonly asks: string; readonly link: string },
): Html =>
  html`<p class="news"><a href="${to}">${link}</a> <span role="status" data-news="${pathOf(base, 'support.news')}?${asks}"></span></p>`;

const countInWords = (count: number) => (count > countedAtMost ? `${countedAtMost}+` : String(count));

function caseTable(
  frame: Frame,
  cases: readonly ListedCase[],
  { now, caption }: { readonly now: number; readonly caption: string },
): Html {
  const { t, base } = frame;
  return html`<table class="cases"><caption class="visually-hidden">${caption}</caption>
<thead><tr><th scope="col">${t('case.number')}</th><th scope="col">${t('desk.kind')}</th><th scope="col">${t('case.state')}</th><th scope="col">${t('case.opened-at')}</th><th scope="col">${t('case.answer')}</th><th scope="col">${t('page.language')}</th><th scope="col">${t('desk.agent')}</th></tr></thead>
<tbody>${cases.map(
    (each) =>
      html`<tr><th scope="row"><a class="number" href="${pathOf(base, 'support.case', { number: each.number })}">${inGroupsOfThree(each.number)}</a></th>
<td data-label="${t('desk.kind')}">${kindOf(frame, each.kind)}</td>
<td data-label="${t('case.state')}">${stateOf(frame, each)}${each.isPersonLast && each.answeredAt !== null ? html` <b class="new">${t('desk.new-message')}</b>` : ''}</td>
<td data-label="${t('case.opened-at')}">${agoInWords(t.locale, now - each.openedAt)}</td>
<td data-label="${t('case.answer')}">${promiseOf(frame, each, now)}</td>
<td data-label="${t('page.language')}">${languageOf(frame, each.locale)}</td>
<td data-label="${t('desk.agent')}">${each.agent ?? t('desk.nobody')}</td></tr>`,
  )}</tbody></table>`;
}

/** How long the desk has for its answer: nothing is due once it has answered, in words or by its decision, until the person writes. */
function promiseOf({ t }: Frame, { state, answeredAt, isPersonLast, dueAt }: ListedCase, now: number): Html | string {
  if (state === 'decided' || (answeredAt !== null && !isPersonLast)) return t('desk.answered');
  const leftMs = dueAt - now;
  return leftMs > 0
    ? t('desk.due', { wait: durationInWords(t.locale, leftMs) })
    : html`<b class="late">${t('desk.late', { wait: durationInWords(t.locale, Math.max(1, -leftMs)) })}</b>`;
}

export interface SearchPage {
  readonly agent: Agent;
  readonly text: string;
  /** `undefined`: nothing was looked for yet. */
  readonly found: readonly ListedCase[] | undefined;
  readonly now: number;
  readonly error?: string | undefined;
}

export function searchPage(frame: Frame, { agent, text, found, now, error }: SearchPage) {
  const { t, base } = frame;
  return consolePage(frame, {
    title: t('desk.search'),
    agent,
    place: 'support.search',
    body: html`${notice(error)}<form novalidate method="post" action="${pathOf(base, 'support.search.send')}" class="desk-narrow" role="search">
<div class="field"><label for="text">${t('desk.search-label')}</label>
<p class="hint" id="text-hint">${t('desk.search-hint')}</p>
<input id="text" name="text" value="${text}" aria-describedby="text-hint" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="254" required></div>
<button class="primary">${t('desk.search')}</button>
</form>
${found === undefined ? '' : found.length === 0 ? html`<p class="note" role="status">${t('desk.found-none')}</p>` : caseTable(frame, found, { now, caption: t('desk.search') })}`,
  });
}

export const noCasePage = (
  frame: Frame,
  { agent, error }: { readonly agent: Agent; readonly error: string | undefined },
) =>
  consolePage(frame, {
    title: frame.t('desk.queue'),
    agent,
    body: html`${notice(error)}<p><a class="button" href="${pathOf(frame.base, 'support')}">${frame.t('desk.to-desk')}</a></p>`,
  });

export type ErrorAt = 'words' | 'why' | 'reason';

export interface DeskCasePage {
  readonly agent: Agent;
  readonly shown: DeskCase;
  readonly colleagues: readonly Agent[];
  /** Why an account is to be given away, or not, where that was refused. */
  readonly why: string;
  /** What stands in the field to write in. */
  readonly words: string;
  /** What was just done, as the address says. */
  readonly done: string | null;
  readonly error: string | undefined;
  /** The field that it is about: said above, as the case may no longer have it, and there. */
  readonly errorAt: ErrorAt | undefined;
  readonly now: number;
}

export function deskCasePage(frame: Frame, page: DeskCasePage) {
  const { t } = frame;
  const { agent, shown, done, error, now } = page;
  const number = inGroupsOfThree(shown.number).replaceAll(' ', '\u00a0');
  return consolePage(frame, {
    title: t('desk.case-title', { number }),
    agent,
    scripts: ['news.js'],
    body: html`${done !== null && isDone(done) ? notice(t(doneWords[done]), 'good') : ''}${notice(error)}
${newsLine(frame, { to: pathOf(frame.base, 'support.case', { number: shown.number }), asks: `number=${shown.number}&version=${shown.version}`, link: t('desk.look-again') })}
<div class="desk-case">
<div>
<div class="note state"><p class="step">${t('case.state')}</p><h2>${stateOf(frame, shown)}</h2>
<p>${promiseOf(frame, shown, now)}</p></div>
<h2>${t('desk.conversation')}</h2>
${shown.isEmptied ? html`<p>${t('desk.emptied')}</p>` : conversation(frame, shown, now)}
${shown.isEmptied || agent.role === 'auditor' ? '' : shown.isOwn ? writeForm(frame, page) : takeForm(frame, page)}
</div>
<div>
${signalBlock(frame, shown.signals)}
<dl>
<dt>${t('desk.kind')}</dt><dd>${kindOf(frame, shown.kind)}</dd>
<dt>${t('case.opened-at')}</dt><dd>${agoInWords(t.locale, now - shown.openedAt)}</dd>
<dt>${t('page.language')}</dt><dd>${languageOf(frame, shown.locale)}</dd>
<dt>${t('desk.agent')}</dt><dd>${shown.agent ?? t('desk.nobody')}</dd>
${shown.isEmptied ? '' : whoAsks(frame, page)}
</dl>
${shown.isEmptied ? releaseCourse(frame, page) : whatIsKnown(frame, page)}
${agent.role === 'auditor' ? '' : handOverForm(frame, page)}
</div>
</div>`,
  });
}

/** What goes when a case is emptied: of what is no longer there nothing is said, not even that there was none. */
const whoAsks = ({ t }: Frame, { shown, now }: DeskCasePage) =>
  html`<dt>${t('desk.contact')}</dt>${shown.contacts.map(
    ({ address, isConfirmed, isReplaced }) =>
      html`<dd><bdi>${address}</bdi> ${isReplaced ? html`<span class="hint">${t('desk.replaced')}</span>` : html`<b>${t(isConfirmed ? 'case.confirmed' : 'case.not-confirmed')}</b>`}</dd>`,
  )}
<dt>${t('desk.identifier')}</dt><dd>${shown.identifier === '' ? t('desk.not-said') : html`<bdi>${shown.identifier}</bdi>`}${shown.corrected === undefined ? '' : html`<br><span class="hint">${t('desk.corrected', { ago: agoInWords(t.locale, now - shown.corrected.at) })} <bdi>${shown.corrected.from}</bdi></span>`}</dd>`;

function whatIsKnown(frame: Frame, page: DeskCasePage): Html {
  const { t } = frame;
  const { shown, now } = page;
  return html`${shown.isUnmasked ? '' : unmaskForm(frame, page)}
<h2>${t('desk.accounts')}</h2>
${shown.accounts.length === 0 ? html`<p>${t('desk.no-account')}</p>` : shown.accounts.map((account) => accountBlock(frame, account, now))}
${shown.areMoreAccounts ? html`<p class="note">${t('desk.more-accounts', { count: shown.accounts.length })}</p>` : ''}
${releaseBlock(frame, page)}
<h2>${t('desk.mails')}</h2>
${shown.mails.length === 0 ? html`<p>${t('desk.no-mails')}</p>` : mailList(frame, shown.mails, now)}
<h2>${t('desk.related')}</h2>
${shown.related.length === 0 ? html`<p>${t('desk.no-related')}</p>` : html`<ul class="plain lines">${shown.related.map((each) => relatedLine(frame, each, now))}</ul>`}`;
}

const mailStates: Readonly<Record<string, MessageKey>> = { queued: 'desk.mail-queued', sent: 'desk.mail-sent' };

const mailNames: Readonly<Record<string, MessageKey>> = {
  'case-code': 'desk.mail-code',
  'case-opened': 'desk.mail-opened',
  'case-moved': 'desk.mail-news',
  'case-proof': 'desk.mail-proof',
  // Asked for, and no email of the account: there was nothing to send.
  none: 'desk.mail-proof',
  'release-notice': 'desk.mail-notice',
  'release-grant': 'desk.mail-grant',
  'recovery-code': 'desk.mail-recovery',
  'provider-sign-in': 'desk.mail-no-code',
  'account-disabled': 'desk.mail-no-code',
};

const mailOf = ({ t }: Frame, kind: string) => t(mailNames[kind] ?? 'desk.mail-news');

const mailList = (frame: Frame, mails: readonly SeenMail[], now: number) =>
  html`<ul class="plain lines">${mails.map(
    ({ kind, state, at }) =>
      html`<li>${mailOf(frame, kind)}, ${agoInWords(frame.t.locale, now - at)}: ${frame.t(mailStates[state] ?? 'desk.mail-withheld')}</li>`,
  )}</ul>`;

const relatedLine = (frame: Frame, related: ListedCase, now: number) => {
  const { number, kind, openedAt } = related;
  return html`<li><a href="${pathOf(frame.base, 'support.case', { number })}">${inGroupsOfThree(number)}</a> ${kindOf(frame, kind)}<br><span class="hint">${stateOf(frame, related)}, ${agoInWords(frame.t.locale, now - openedAt)}</span></li>`;
};

/** What came, words and pictures, the oldest first. Each picture is from a path of its own, where it is an image and nothing else. */
function conversation(
  { t, base }: Frame,
  { number, words, openedAt, messages, pictures }: DeskCase,
  now: number,
): Html {
  const written = messages.map(({ author, by, words: text, writtenAt }) => {
    const ago = agoInWords(t.locale, now - writtenAt);
    const who =
      author === 'person'
        ? t('desk.by-person', { ago })
        : t(author === 'note' ? 'desk.by-note' : 'desk.by-agent', { name: by ?? '', ago });
    const block = html`<div class="message ${author}"><p class="step">${who}</p><p class="words" dir="auto">${text}</p></div>`;
    return { at: writtenAt, block };
  });
  const sent = pictures.map(({ id, addedAt }) => {
    const caption = t('picture.by-person', { ago: agoInWords(t.locale, now - addedAt) });
    const path = pathOf(base, 'support.case.picture', { number, picture: id });
    const block = html`<figure class="message person"><figcaption class="step">${caption}</figcaption><a href="${path}"><img src="${path}" alt="${caption}" loading="lazy"></a></figure>`;
    return { at: addedAt, block };
  });
  return html`<div class="message person"><p class="step">${t('desk.by-person', { ago: agoInWords(t.locale, now - openedAt) })}</p>
<p class="words" dir="auto">${words}</p></div>
${[...written, ...sent].toSorted((one, other) => one.at - other.at).map(({ block }) => block)}`;
}

const accountBlock = (frame: Frame, account: NamedAccount, now: number) => {
  const { t } = frame;
  const ago = (at: number) => agoInWords(t.locale, now - at);
  return html`<dl class="account">
<dt>${t('desk.user-id')}</dt><dd><bdi>${account.userId}</bdi>${account.state === 'active' ? '' : html` <b>${t(`desk.${account.state}`)}</b>`}</dd>
<dt>${t('desk.since')}</dt><dd>${ago(account.createdAt)}</dd>
<dt>${t('desk.addresses')}</dt>${account.addresses.map(({ address, isSetAside }) => html`<dd><bdi>${address}</bdi>${isSetAside ? html` <span class="hint">${t('addresses.notices-only')}</span>` : ''}</dd>`)}
<dt>${t('desk.second-factor')}</dt><dd>${t(account.hasAuthenticator ? 'desk.has-app' : 'desk.no-app')}</dd>
<dt>${t('desk.proven')}</dt>${account.proven.length === 0 ? html`<dd>${t('desk.proven-none')}</dd>` : account.proven.map((kind) => html`<dd><b>${t(`desk.proof-${kind}`)}</b></dd>`)}
${account.passwordChangedAt === null ? '' : html`<dt>${t('activity.password-changed')}</dt><dd>${ago(account.passwordChangedAt)}</dd>`}
</dl>
${account.activity.length === 0 ? '' : html`<h3>${t('account.activity')}</h3><ul class="plain lines">${account.activity.map(({ name, at }) => html`<li>${t(name === 'disowned' || name === 'code-wrong' ? `desk.${name}` : `activity.${name}`)}, ${ago(at)}</li>`)}</ul>`}
${account.mails.length === 0 ? '' : html`<h3>${t('desk.recovery-mails')}</h3>${mailList(frame, account.mails, now)}`}`;
};

const seenField = ({ version }: DeskCase) => html`<input type="hidden" name="version" value="${version}">`;

const doneWords = {
  reply: 'desk.done-reply',
  ask: 'desk.done-ask',
  'take-up': 'desk.done-take-up',
  decide: 'desk.done-decide',
  reopen: 'desk.done-reopen',
  note: 'desk.done-note',
  take: 'desk.done-take',
  'hand-over': 'desk.done-hand-over',
  propose: 'desk.done-propose',
  approve: 'desk.done-approve',
  refuse: 'desk.done-refuse',
  withdraw: 'desk.done-withdraw',
} as const satisfies Record<ActName, MessageKey> & Record<string, MessageKey>;
const isDone = (name: string): name is keyof typeof doneWords => Object.hasOwn(doneWords, name);

const actNames = {
  reply: 'desk.act-reply',
  ask: 'desk.act-ask',
  'take-up': 'desk.act-take-up',
  decide: 'desk.act-decide',
  reopen: 'desk.act-reopen',
  note: 'desk.act-note',
} as const satisfies Record<ActName, MessageKey>;

function writeForm(frame: Frame, { agent, shown, words, error, errorAt }: DeskCasePage): Html {
  const { t, base } = frame;
  const { number, state, locale } = shown;
  const casePath = pathOf(base, 'support.case', { number });
  const may = actsIn(state);
  const mayWriteToPerson = may.some((name) => acts[name].author === 'desk');
  const wrong = errorAt === 'words' ? error : undefined;
  return html`<h2 id="write">${t('desk.write')}</h2>
${
  mayWriteToPerson
    ? html`<p>${t('desk.person-reads', { language: languageOf(frame, locale) })}</p>
<p class="canned">${t('desk.canned')} ${cannedNames.map((name) => html`<a href="${casePath}?canned=${name}#write">${t(`desk.canned-${name}`)}</a> `)}</p>`
    : ''
}
<form novalidate method="post" action="${pathOf(base, 'support.case.act.send', { number })}">
${seenField(shown)}
${wordsField({ id: 'words', label: t('desk.words'), hint: t(mayWriteToPerson ? 'desk.words-hint' : 'desk.release-why-hint'), rows: 7, value: words, error: wrong, more: html` dir="auto"${keyFor(agent, 'w')}` })}
<div class="ways-on">${may.map((name) => html`<button name="act" value="${name}">${t(actNames[name])}</button>`)}</div>
</form>`;
}

/** What was typed while the case went to somebody else is shown, to be copied. */
function takeForm(frame: Frame, { agent: viewer, shown, words }: DeskCasePage): Html {
  const { t, base } = frame;
  const { number, agent } = shown;
  const kept = words === '' ? '' : html`<p>${t('desk.words')}:</p><p class="note words" dir="auto">${words}</p>`;
  if (agent !== null) return html`<p class="note">${t('desk.works-on-it', { name: agent })}</p>${kept}`;
  return html`<form novalidate method="post" action="${pathOf(base, 'support.case.take.send', { number })}">
${seenField(shown)}
<button class="primary"${keyFor(viewer, 't')}>${t('desk.take')}</button>
</form>${kept}`;
}

function unmaskForm({ t, base }: Frame, { shown, error, errorAt }: DeskCasePage): Html {
  const isWrong = errorAt === 'reason';
  return html`<form novalidate method="post" action="${pathOf(base, 'support.case.unmask.send', { number: shown.number })}" class="line">
<label for="reason">${t('desk.unmask-why')}</label>
${isWrong ? html`<p class="error" id="reason-error">${error}</p>` : ''}
<select id="reason" name="reason" required${isWrong ? html` aria-invalid="true" aria-describedby="reason-error"` : ''}><option value="">${t('desk.choose')}</option>${unmaskReasons.map((reason) => html`<option value="${reason}">${t(`desk.unmask-${reason}`)}</option>`)}</select>
<button>${t('desk.unmask')}</button>
</form>`;
}

function handOverForm({ t, base }: Frame, { agent, shown, colleagues }: DeskCasePage): Html | string {
  const isNobodys = shown.agent === null;
  if (shown.isEmptied || (!shown.isOwn && agent.role !== 'lead') || (isNobodys && colleagues.length === 0)) return '';
  return html`<h2>${t('desk.hand-over')}</h2>
<form novalidate method="post" action="${pathOf(base, 'support.case.hand-over.send', { number: shown.number })}" class="line">
${seenField(shown)}
<label for="to">${t('desk.hand-over-to')}</label>
<select id="to" name="to">${isNobodys ? '' : html`<option value="">${t('desk.nobody')}</option>`}${colleagues.map(({ name }) => html`<option value="${name}">${name}</option>`)}</select>
<button>${t('desk.hand-over')}</button>
</form>`;
}
