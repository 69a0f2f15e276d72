// The page of a grant's link: the case code, and then the page for a new password. And what became of a release that
// somebody objected to.
import { html } from 'hono/html';
import type { MessageKey } from '../../i18n/translate.ts';
import type { Objected } from '../../releases/objections.ts';
import { pathOf } from '../routes.ts';
import { field, type Frame, page } from './layout.ts';

export function grantPage(
  frame: Frame,
  { token, typed = '', error }: { token: string; typed?: string; error?: string | undefined },
) {
  const { t, base } = frame;
  const attributes = 'class="code" autocomplete="off" autocapitalize="characters" spellcheck="false" required';
  return page(frame, {
    title: t('grant.title'),
    body: html`<p>${t('grant.lead')}</p>
<form method="post" action="${pathOf(base, 'recover.grant.send', { token })}">
${field({ name: 'code', label: t('case.code'), value: typed, error, attributes })}
<button class="primary">${t('page.continue')}</button>
</form>
<p class="aside">${t('grant.lost')} <a href="${pathOf(base, 'recover.case')}">${t('grant.new-case')}</a></p>`,
  });
}

export const grantOverPage = (frame: Frame) =>
  page(frame, {
    title: frame.t('grant.title'),
    body: html`<p>${frame.t('grant.over')}</p>
<p><a class="button primary" href="${pathOf(frame.base, 'case.status')}">${frame.t('case.look')}</a></p>`,
  });

/** S11, from a notice about a release. */
export function releaseNoticePage(
  frame: Frame,
  { token, typed = '', error }: { token: string; typed?: string; error?: string | undefined },
) {
  const { t, base } = frame;
  return page(frame, {
    title: t('recover.stop-title'),
    body: html`<p>${t('recover.release-lead')}</p>
<form method="post" action="${pathOf(base, 'recover.stop.send', { token })}">
${field({ name: 'number', label: t('recover.notice-number'), hint: t('recover.notice-hint'), value: typed, error, attributes: 'class="code" inputmode="numeric" autocomplete="off" spellcheck="false" required' })}
<button class="primary">${t('recover.release-submit')}</button>
</form>`,
  });
}

const titles = {
  stopped: 'recover.release-stopped-title',
  undone: 'recover.disowned-title',
  noted: 'recover.stop-title',
  stands: 'recover.release-stopped-title',
} as const satisfies Record<Objected, MessageKey>;

export function objectedPage(frame: Frame, objected: Objected) {
  const { t, base } = frame;
  return page(frame, {
    title: t(titles[objected]),
    body: html`<p>${t(`recover.release-${objected}`)}</p>
<p><a class="button primary" href="${pathOf(base, objected === 'undone' ? 'recover' : 'sign-in')}">${t(objected === 'undone' ? 'recover.disowned-choose' : 'sign-in.title')}</a></p>`,
  });
}
