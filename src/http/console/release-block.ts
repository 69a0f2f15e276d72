// What the page of a case shows of giving its account to the person: the evidence, who may do what now, and what happened.
// A button that may not be used yet is there and says what is missing.
import { html } from 'hono/html';
import type { Agent } from '../../agents/agents.ts';
import type { DeskCase } from '../../desk/desk.ts';
import { agoInWords, durationInWords, type MessageKey, momentInWords } from '../../i18n/translate.ts';
import type { CaseClosing } from '../../releases/closings.ts';
import type { Candidate, CaseReleases, CourseStep } from '../../releases/releases.ts';
import type { Frame, Html } from '../pages/layout.ts';
import { wordsField } from '../pages/words-field.ts';
import { pathOf } from '../routes.ts';

export interface ReleaseBlock {
  readonly agent: Agent;
  readonly shown: DeskCase;
  /** Words that were refused. */
  readonly why: string;
  readonly error: string | undefined;
  /** `why`: what is wrong with them. */
  readonly errorAt: string | undefined;
  readonly now: number;
}

export function releaseBlock(frame: Frame, content: ReleaseBlock): Html | string {
  const { t } = frame;
  const { agent, shown, now } = content;
  const { open, candidates, given, isContested } = shown.releases;
  const mayPropose = agent.role !== 'auditor' && shown.isOwn && shown.state !== 'decided';
  const isOver = given !== undefined && open === undefined && shown.state === 'decided';
  return html`<h2 id="release">${t(isOver ? 'desk.release-over' : shown.kind === 'owner-died' ? 'desk.closing-title' : 'desk.release')}</h2>
${isContested ? html`<p class="note"><b>${t('desk.contested')}</b></p>` : ''}
${given === undefined ? '' : html`<p class="note">${t('desk.release-given', { userId: given.userId, ago: agoInWords(t.locale, now - given.at) })}</p>`}
${open ? openRelease(frame, content, open) : isOver ? '' : shown.kind === 'owner-died' ? ownerDied(frame, content) : html`<p class="hint">${t('desk.release-lead-words')}</p>${candidates.map((each) => candidate(frame, content, each, mayPropose))}`}
${releaseCourse(frame, content)}`;
}

/** All that is left of it once the case is emptied. */
export function releaseCourse(frame: Frame, { shown, now }: Pick<ReleaseBlock, 'shown' | 'now'>): Html | string {
  const { course } = shown.releases;
  if (course.length === 0) return '';
  const title = frame.t('desk.course');
  return html`${shown.isEmptied ? html`<h2>${title}</h2>` : html`<h3>${title}</h3>`}<ol class="plain lines">${course.map((step) => courseLine(frame, step, now))}</ol>`;
}

const evidenceOf = ({ t }: Frame, { evidence }: Candidate) =>
  evidence.length === 0
    ? t('desk.release-proved-none')
    : t('desk.release-proved', { list: evidence.map((kind) => t(`desk.proved-${kind}`)).join(', ') });

const needsOf = ({ t }: Frame, { needs }: Candidate) =>
  [
    t('desk.release-needs', { proofs: needs.proofs }),
    needs.isLeadNeeded ? t('desk.release-needs-lead') : '',
    needs.why.length > 0
      ? t('desk.release-because', { list: needs.why.map((why) => t(`desk.why-${why}`)).join(', ') })
      : '',
  ].join(' ');

/** Nobody gets it by a release. There is a ready answer, and two people can close it. */
function ownerDied(frame: Frame, content: ReleaseBlock): Html {
  const { t, base } = frame;
  const { agent, shown, now } = content;
  const { closing, candidates } = shown.releases;
  const mayWrite = agent.role !== 'auditor' && shown.isOwn && shown.state !== 'decided';
  return html`<p>${t('refusal.release-kind')}</p>
${mayWrite ? html`<p><a class="button" href="${pathOf(base, 'support.case', { number: shown.number })}?canned=died#write">${t('desk.died-answer')}</a></p>` : ''}
<h3>${t('desk.closing')}</h3>
<p class="hint">${t(closing === undefined && candidates.length === 0 ? 'desk.closing-none' : 'desk.closing-about')}</p>
${
  closing === undefined
    ? candidates.map(({ accountId, userId }) =>
        mayWrite
          ? html`<form novalidate method="post" action="${formAt(frame, shown)}">
<input type="hidden" name="account" value="${accountId}"><input type="hidden" name="version" value="${shown.version}">
${whyField(frame, content, `why-${accountId}`)}
<button name="act" value="propose-closing">${t('desk.closing-propose', { userId })}</button>
</form>`
          : html`<p>${t('desk.release-account', { userId })}</p>`,
      )
    : closing.closedAt === null
      ? openClosing(frame, content, closing)
      : html`<p class="note">${t('desk.closing-closed', { userId: closing.userId, ago: agoInWords(t.locale, now - closing.closedAt) })}</p>`
}`;
}

function openClosing(frame: Frame, block: ReleaseBlock, closing: CaseClosing): Html {
  const { t } = frame;
  const { state, userId, proposedBy, dueAt } = closing;
  const when = momentInWords(t.locale, dueAt);
  return decisions(frame, block, {
    open: closing,
    facts: html`<p><b>${t('desk.release-account', { userId })}</b><br>${t(state === 'holding' ? 'desk.closing-holding' : 'desk.release-proposed', { when })}<br>${t('desk.release-by', { name: proposedBy })}</p>`,
    isLeadNeeded: true,
    acts: { approve: 'approve-closing', refuse: 'refuse-closing', withdraw: 'withdraw-closing' },
  });
}

/** What becomes of the second factor: told before anybody approves. */
const factorOf = ({ t }: Frame, { factor }: Candidate): Html | string =>
  factor === 'none' ? '' : html`<br>${t(`desk.factor-${factor}`)}`;

const whyField = ({ t }: Frame, { why, error, errorAt }: ReleaseBlock, id: string) =>
  wordsField({
    id,
    label: t('desk.release-why'),
    hint: t('desk.release-why-hint'),
    rows: 3,
    value: why,
    error: errorAt === 'why' ? error : undefined,
    more: html` dir="auto" required`,
  });

const formAt = ({ base }: Frame, { number }: DeskCase) => pathOf(base, 'support.case.release.send', { number });

function candidate(frame: Frame, block: ReleaseBlock, of: Candidate, mayPropose: boolean): Html {
  const { t } = frame;
  const { shown } = block;
  const { accountId, userId, proofs, needs } = of;
  const left = needs.proofs - proofs;
  const isConfirmed = shown.contacts.some((contact) => contact.isConfirmed && !contact.isReplaced);
  const missing =
    left > 0 ? t('desk.release-missing', { left }) : isConfirmed ? undefined : t('desk.release-no-contact');
  const id = `why-${accountId}`;
  const facts = html`<h3>${t('desk.release-account', { userId })}</h3>
<p>${evidenceOf(frame, of)}<br>${needsOf(frame, of)}${factorOf(frame, of)}</p>`;
  if (!mayPropose) return facts;
  return html`<form novalidate method="post" action="${formAt(frame, shown)}">
${facts}
<input type="hidden" name="account" value="${accountId}"><input type="hidden" name="version" value="${shown.version}">
${whyField(frame, block, id)}
${missing === undefined ? '' : html`<p class="hint" id="${id}-missing">${missing}</p>`}
<button name="act" value="propose"${missing === undefined ? '' : html` disabled aria-describedby="${id}-missing"`}>${t('desk.propose')}</button>
</form>`;
}

const stateWords: Readonly<Record<string, MessageKey>> = {
  proposed: 'desk.release-proposed',
  holding: 'desk.release-holding',
  released: 'desk.release-released',
  opened: 'desk.release-opened',
};

function openRelease(frame: Frame, block: ReleaseBlock, open: NonNullable<CaseReleases['open']>): Html {
  const { t } = frame;
  const { state, userId, proposedBy, dueAt } = open;
  const of = block.shown.releases.candidates.find((each) => each.userId === userId);
  const isMissing = of !== undefined && of.proofs < Math.max(of.needs.proofs, open.proofsNeeded);
  return decisions(frame, block, {
    open,
    facts: html`<h3>${t('desk.release-account', { userId })}</h3>
<p><b>${t(stateWords[state] ?? 'desk.release-proposed', { when: momentInWords(t.locale, dueAt) })}</b><br>${t('desk.release-by', { name: proposedBy })}</p>
${of ? html`<p>${evidenceOf(frame, of)}${state === 'proposed' ? html`<br>${needsOf(frame, of)}` : ''}${factorOf(frame, of)}</p>` : ''}`,
    isLeadNeeded: open.isLeadNeeded || (of?.needs.isLeadNeeded ?? false),
    missing: isMissing ? t('desk.approve-missing') : undefined,
    acts: { approve: 'approve', refuse: 'refuse', withdraw: 'withdraw' },
  });
}

interface Decisions {
  readonly open: Pick<CaseClosing, 'id' | 'version' | 'state' | 'isOwn'>;
  readonly facts: Html;
  /** Only a lead can approve it. */
  readonly isLeadNeeded: boolean;
  /** Why nobody can approve it yet. */
  readonly missing?: string | undefined;
  /** What the buttons send. */
  readonly acts: Readonly<Record<'approve' | 'refuse' | 'withdraw', string>>;
}

/** What stands, and what this agent may do about it: the same for a release and a closing. */
function decisions(frame: Frame, block: ReleaseBlock, { open, facts, isLeadNeeded, missing, acts }: Decisions): Html {
  const { t } = frame;
  const { agent, shown } = block;
  const { id, version, state, isOwn } = open;
  const dead = missing ?? (isLeadNeeded && agent.role !== 'lead' ? t('desk.approve-lead') : undefined);
  const mayDecide = state === 'proposed' && !isOwn && agent.role !== 'auditor';
  // Who may decide refuses it: to take back what another proposed would be the same.
  const mayStop = !mayDecide && agent.role !== 'auditor' && (isOwn || agent.role === 'lead' || shown.isOwn);
  const told = html`${facts}
${isOwn && state === 'proposed' ? html`<p class="hint">${t(isLeadNeeded ? 'desk.release-own-lead' : 'desk.release-own')}</p>` : ''}`;
  if (!mayDecide && !mayStop) return told;
  return html`<form novalidate method="post" action="${formAt(frame, shown)}">
${told}
<input type="hidden" name="release" value="${id}"><input type="hidden" name="version" value="${version}">
${whyField(frame, block, 'why')}
${mayDecide && dead !== undefined ? html`<p class="hint" id="why-missing">${dead}</p>` : ''}
<div class="ways-on">
${mayDecide ? html`<button name="act" value="${acts.approve}"${dead !== undefined ? html` disabled aria-describedby="why-missing"` : ''}>${t('desk.approve')}</button><button name="act" value="${acts.refuse}">${t('desk.refuse')}</button>` : ''}
${mayStop ? html`<button name="act" value="${acts.withdraw}">${t('desk.withdraw')}</button>` : ''}
</div>
</form>`;
}

const stepWords: Readonly<Record<string, MessageKey>> = {
  told: 'desk.step-told',
  proposed: 'desk.step-proposed',
  approved: 'desk.step-approved',
  refused: 'desk.step-refused',
  withdrawn: 'desk.step-withdrawn',
  contested: 'desk.step-contested',
  vetoed: 'desk.step-vetoed',
  released: 'desk.step-released',
  opened: 'desk.step-opened',
  spent: 'desk.step-spent',
  lapsed: 'desk.step-lapsed',
  undone: 'desk.step-undone',
  'closing-proposed': 'desk.step-closing-proposed',
  'closing-approved': 'desk.step-closing-approved',
  'closing-refused': 'desk.step-closing-refused',
  'closing-withdrawn': 'desk.step-closing-withdrawn',
  'closing-vetoed': 'desk.step-closing-vetoed',
  'closing-lapsed': 'desk.step-closing-lapsed',
  'closing-closed': 'desk.step-closing-closed',
  'closing-undone': 'desk.step-closing-undone',
};

const courseLine = ({ t }: Frame, { event, at, by, words, objector, knownSince, factor }: CourseStep, now: number) =>
  html`<li>${t(stepWords[event] ?? 'desk.step-proposed')}${by === null ? '' : html`, ${by}`}, ${agoInWords(t.locale, now - at)}${
    objector === null || knownSince === null
      ? ''
      : html`, ${t(`desk.objector-${objector}`, { age: durationInWords(t.locale, Math.max(1, at - knownSince)) })}`
  }${event === 'spent' && (factor === 'young' || factor === 'lost') ? html`<br>${t('desk.step-factor-gone')}` : ''}${words === '' ? '' : html`<br><span class="words" dir="auto">${words}</span>`}</li>`;
