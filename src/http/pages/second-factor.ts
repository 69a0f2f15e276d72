// The second step of a sign-in: the code of the authenticator app or a spare code, in one field.
import { html } from 'hono/html';
import { pathOf } from '../routes.ts';
import { field, type Frame, page } from './layout.ts';

/** The code of the app and spare codes: `one-time-code` lets a password manager fill it in. */
export const secondCodeAttributes =
  'autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" required maxlength="40"';

export function secondFactorPage(frame: Frame, { userId, error }: { userId: string; error?: string | undefined }) {
  const { t, base, settings } = frame;
  return page(frame, {
    title: t('second.title'),
    body: html`<p>${t('second.lead', { site: settings.siteName })}</p>
<p class="who">${t('second.for', { userId })}</p>
<form novalidate method="post" action="${pathOf(base, 'second-factor.send')}">
${field({ name: 'code', label: t('second.code'), hint: t('second.hint'), error, attributes: secondCodeAttributes })}
<button class="primary">${t('page.continue')}</button>
</form>
<p class="aside" data-due>${t('second.lost')} <a href="${pathOf(base, 'recover.case')}">${t('page.support')}</a></p>`,
  });
}
