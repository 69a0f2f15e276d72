// What leads and auditors read of the desk. Each chart has its numbers beside it, for whoever cannot see it.
import { html } from 'hono/html';
import type { Agent } from '../../agents/agents.ts';
import { dayMs } from '../../base/clock.ts';
import { type Duration, figureDays, type FigureDays, type Figures } from '../../desk/figures.ts';
import { durationInWords } from '../../i18n/translate.ts';
import type { Frame, Html } from '../pages/layout.ts';
import { pathOf } from '../routes.ts';
import { consolePage } from './layout.ts';

export interface FiguresPage {
  readonly agent: Agent;
  readonly days: FigureDays;
  readonly figures: Figures;
}

export function figuresPage(frame: Frame, { agent, days, figures }: FiguresPage) {
  const { t, base } = frame;
  const path = pathOf(base, 'support.figures');
  return consolePage(frame, {
    title: t('figures.title'),
    agent,
    place: 'support.figures',
    body: html`<nav class="desk-views" aria-label="${t('figures.span')}">${figureDays.map(
      (each) =>
        html`<a href="${path}?days=${each}"${each === days ? html` aria-current="page"` : ''}>${t('figures.days', { days: each })}</a>`,
    )}</nav>
<p>${t('figures.about')}</p>
<dl class="figures">${totals(frame, figures).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<div class="charts">
${dayChart(frame, figures)}
${durationChart(frame, t('figures.first-answer'), figures.answer)}
${durationChart(frame, t('figures.decision'), figures.decision)}
</div>
<h2>${t('figures.agents')}</h2>
<p>${t('figures.agents-about')}</p>
${figures.agents.length === 0 ? html`<p class="note">${t('figures.none-approved')}</p>` : agentTable(frame, figures)}
<p><a class="button" href="${pathOf(base, 'support.figures.file')}?days=${days}">${t('figures.file')}</a></p>`,
  });
}

const orNone = ({ t }: Frame, ms: number | undefined) =>
  ms === undefined ? t('figures.none') : durationInWords(t.locale, Math.max(ms, 600_000));

const totals = (frame: Frame, figures: Figures): readonly (readonly [string, string | number])[] => {
  const { t } = frame;
  const percent = new Intl.NumberFormat(t.locale, { style: 'percent', maximumFractionDigits: 0 });
  const share = figures.inTimeShare === undefined ? undefined : percent.format(figures.inTimeShare);
  return [
    [t('figures.opened'), figures.opened],
    [t('figures.answered'), figures.answered],
    [t('figures.in-time'), share ?? t('figures.none')],
    [t('figures.overdue'), figures.overdue],
    [t('figures.first-answer-median'), orNone(frame, figures.answer.medianMs)],
    [t('figures.first-answer-most'), orNone(frame, figures.answer.mostMs)],
    [t('figures.decided'), figures.decided],
    [t('figures.decision-median'), orNone(frame, figures.decision.medianMs)],
    [t('figures.decision-most'), orNone(frame, figures.decision.mostMs)],
    [t('figures.reopened'), figures.reopened],
    [t('figures.reversed'), figures.reversed],
    [t('figures.approved'), figures.approved],
    [t('figures.vetoed'), figures.vetoed],
    [t('figures.proved-false'), figures.provedFalse],
  ];
};

const chartWidth = 720;
const chartHeight = 160;

/** Two bars for each day: opened and decided. */
function dayChart({ t }: Frame, { days }: Figures): Html {
  const most = Math.max(1, ...days.flatMap(({ opened, decided }) => [opened, decided]));
  const width = chartWidth / days.length;
  const bar = (at: number, which: 'opened' | 'decided', count: number) => {
    const height = Math.round((count / most) * (chartHeight - 4));
    const left = at * width + (which === 'opened' ? 0.1 : 0.55) * width;
    return html`<rect class="${which}" x="${left.toFixed(2)}" y="${chartHeight - height}" width="${(0.35 * width).toFixed(2)}" height="${height}"></rect>`;
  };
  const date = (day: number) =>
    new Intl.DateTimeFormat(t.locale, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(day * dayMs);
  const [from, to] = [days.at(0)?.day ?? 0, days.at(-1)?.day ?? 0];
  // Where there is room for it each day has its own, else the first, the one in the middle and the last.
  const told = days.length > 7 ? [from, Math.round((from + to) / 2), to] : days.map(({ day }) => day);
  return html`<figure class="chart wide"><figcaption>${t('figures.by-day')} <span class="key opened">${t('figures.opened')}</span> <span class="key decided">${t('figures.decided')}</span> <span class="hint">${t('figures.highest', { count: most })}</span></figcaption>
<svg viewBox="0 0 ${chartWidth} ${chartHeight}" preserveAspectRatio="none" aria-hidden="true">${days.map(({ opened, decided }, at) => html`${bar(at, 'opened', opened)}${bar(at, 'decided', decided)}`)}</svg>
<p class="hint days${days.length > 7 ? ' ends' : ''}" aria-hidden="true">${told.map((day) => html`<span>${date(day)}</span>`)}</p>
<details><summary>${t('figures.numbers')}</summary>
<table class="cases"><thead><tr><th scope="col">${t('figures.day')}</th><th scope="col">${t('figures.opened')}</th><th scope="col">${t('figures.answered')}</th><th scope="col">${t('figures.decided')}</th></tr></thead>
<tbody>${days.map(
    ({ day, opened, answered, decided }) =>
      html`<tr><th scope="row">${date(day)}</th><td data-label="${t('figures.opened')}">${opened}</td><td data-label="${t('figures.answered')}">${answered}</td><td data-label="${t('figures.decided')}">${decided}</td></tr>`,
  )}</tbody></table></details></figure>`;
}

/** A table that is its own chart: a bar beside each number. */
function durationChart({ t }: Frame, title: string, { ranges }: Duration): Html {
  const most = Math.max(1, ...ranges.map(({ count }) => count));
  return html`<figure class="chart"><table class="bars"><caption>${title}</caption>
<tbody>${ranges.map(
    ({ range, count }) =>
      html`<tr><th scope="row">${t(`figures.range-${range}`)}</th><td>${count}</td><td aria-hidden="true"><svg viewBox="0 0 100 10" preserveAspectRatio="none"><rect class="opened" width="${((100 * count) / most).toFixed(1)}" height="10"></rect></svg></td></tr>`,
  )}</tbody></table></figure>`;
}

const agentTable = ({ t }: Frame, { agents }: Figures) =>
  html`<table class="cases"><thead><tr><th scope="col">${t('desk.agent-name')}</th><th scope="col">${t('figures.approved')}</th><th scope="col">${t('figures.vetoed')}</th><th scope="col">${t('figures.proved-false')}</th></tr></thead>
<tbody>${agents.map(
    ({ name, approvals, vetoed, provedFalse }) =>
      html`<tr><th scope="row">${name}</th><td data-label="${t('figures.approved')}">${approvals}</td><td data-label="${t('figures.vetoed')}">${vetoed}</td><td data-label="${t('figures.proved-false')}">${provedFalse}</td></tr>`,
  )}</tbody></table>`;
