// The page of a grant's link: the case code, and then the page for a new password. And what became of a release that
// somebody objected to.
import { html } from 'hono/html';
import type { MessageKey } from '../../i18n/translate.ts';
import type { NoticeAbout, Objected } from '../../releases/objections.ts';
import { pathOf, type RouteName } from '../routes.ts';
import { field, type Frame, page } from './layout.ts';

export function grantPage(
  frame: Frame,
  { token, typed = '', error }: { token: string; typed?: string; error?: string | undefined },
) {
  const { t, base } = frame;
  const attributes = 'class="code" autocomplete="off" autocapitalize="characters" spellcheck="false" required';
  return page(frame, {
    title: t('grant.code-title'),
    body: html`<p>${t('grant.lead')}</p>
<form novalidate method="post" action="${pathOf(base, 'recover.grant.send', { token })}">
${field({ name: 'code', label: t('case.code'), value: typed, error, attributes })}
<button class="primary">${t('page.continue')}</button>
</form>
<p class="aside">${t('grant.lost')} <a href="${pathOf(base, 'recover.case')}">${t('grant.new-case')}</a></p>`,
  });
}

export const grantOverPage = (frame: Frame) =>
  page(frame, {
    title: frame.t('grant.over-title'),
    body: html`<p>${frame.t('grant.over')}</p>
<p><a class="button primary" href="${pathOf(frame.base, 'case.status')}">${frame.t('case.look')}</a></p>`,
  });

const notices = {
  release: ['recover.stop-title', 'recover.release-lead', 'recover.release-submit'],
  closing: ['recover.closing-title', 'recover.closing-lead', 'recover.closing-submit'],
  closed: ['recover.closed-title', 'recover.closed-lead', 'recover.closed-submit'],
} as const satisfies Record<NoticeAbout, readonly [title: MessageKey, lead: MessageKey, submit: MessageKey]>;

export interface ReleaseNoticePage {
  readonly token: string;
  readonly about: NoticeAbout;
  readonly typed?: string;
  readonly error?: string | undefined;
}

/** S11, from a notice about a release, or the closing of the account. */
export function releaseNoticePage(frame: Frame, { token, about, typed = '', error }: ReleaseNoticePage) {
  const [title, lead, submit] = notices[about];
  const { t, base } = frame;
  return page(frame, {
    title: t(title),
    body: html`<p>${t(lead)}</p>
<form novalidate method="post" action="${pathOf(base, 'recover.stop.send', { token })}">
${field({ name: 'number', label: t('recover.notice-number'), hint: t('recover.notice-hint'), value: typed, error, attributes: 'class="code" inputmode="numeric" autocomplete="off" spellcheck="false" required' })}
<button class="primary">${t(submit)}</button>
</form>`,
  });
}

const titles = {
  stopped: 'recover.release-stopped-title',
  undone: 'recover.disowned-title',
  noted: 'recover.stop-title',
  stands: 'recover.release-stopped-title',
  'not-closed': 'recover.not-closed-title',
  reopened: 'recover.reopened-title',
  'stays-closed': 'recover.stays-closed-title',
} as const satisfies Record<Objected, MessageKey>;

/** What is left to do; else a sign-in is offered, and not pressed for. */
const waysOn: Partial<Record<Objected, readonly [to: RouteName, label: MessageKey]>> = {
  undone: ['recover', 'recover.disowned-choose'],
  'stays-closed': ['recover.case', 'page.support'],
};

export function objectedPage(frame: Frame, objected: Objected) {
  const { t, base, settings } = frame;
  const next = waysOn[objected];
  const [to, label] = next ?? (['sign-in', 'sign-in.title'] as const);
  return page(frame, {
    title: t(titles[objected]),
    body: html`<p>${t(`recover.release-${objected}`, { site: settings.siteName })}</p>
<p><a class="button${next ? ' primary' : ''}" href="${pathOf(base, to)}">${t(label)}</a></p>`,
  });
}
