// The page for a problem or a fault: what happened, in words, and a way on. It never shows a stack or a detail.
import { html } from 'hono/html';
import { durationInWords } from '../../i18n/translate.ts';
import type { ProblemName } from '../../refusals.ts';
import { type Frame, page } from './layout.ts';

export function problemPage(
  frame: Frame,
  { problem, id = '', waitMs = 30_000 }: { problem: ProblemName; id?: string; waitMs?: number | undefined },
) {
  const { t, settings } = frame;
  return page(frame, {
    title: t('problem.title'),
    body: html`<p>${t(`problem.${problem}`, { id, wait: durationInWords(t.locale, waitMs) })}</p>
<p><a class="button" href="${settings.homePath}">${t('page.to-home', { site: settings.siteName })}</a></p>`,
  });
}
