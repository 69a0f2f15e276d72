// The page for a problem or a fault: what happened, in words, and a way on. It never shows a stack or a detail.
import { html } from 'hono/html';
import { durationInWords } from '../../i18n/translate.ts';
import type { ProblemName } from '../../refusals.ts';
import { pathOf } from '../routes.ts';
import { consolePage } from '../console/layout.ts';
import { type Frame, page } from './layout.ts';

export interface ShownProblem {
  readonly problem: ProblemName;
  /** Of a fault: what the log has it under. */
  readonly id?: string;
  readonly waitMs?: number | undefined;
  /** Where to try again, if there is such a page. */
  readonly again?: string | undefined;
  /** A form was sent: a reload sends it once more. */
  readonly isOfForm?: boolean;
}

export const problemWords = ({ t }: Frame, { problem, id = '', waitMs = 30_000 }: ShownProblem): string =>
  t(`problem.${problem}`, { id, wait: durationInWords(t.locale, waitMs) });

export function problemPage(frame: Frame, shown: ShownProblem) {
  const { t, settings, base, here } = frame;
  const desk = pathOf(base, 'support');
  const isAtDesk = shown.problem.startsWith('agent-') || `${here.pathname}/`.startsWith(`${desk}/`);
  return (isAtDesk ? consolePage : page)(frame, {
    title: t(shown.problem === 'not-found' ? 'page.not-found' : 'problem.title'),
    body: html`<p>${problemWords(frame, shown)}</p>
${shown.problem === 'busy' && shown.isOfForm ? html`<p>${t('page.send-again')}</p>` : ''}
${shown.problem === 'busy' && shown.again !== undefined ? html`<p><a class="button primary" href="${shown.again}">${t('page.try-again')}</a></p>` : ''}
<p>${
      isAtDesk
        ? html`<a class="button" href="${desk}">${t('desk.to-desk')}</a>`
        : html`<a class="button" href="${settings.homePath}">${t('page.to-home', { site: settings.siteName })}</a>`
    }</p>`,
  });
}
