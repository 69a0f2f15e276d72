// To every address of an account that the support desk is about to give to somebody, or has given: what it stands at, and
// how to stop it without signing in: a link that does nothing without the number that stands only here (D9, D11, D13).
import { durationInWords, momentInWords, type Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface ReleaseNoticeFacts {
  readonly what: 'told' | 'approved' | 'released' | 'spent' | 'closing-approved' | 'closing-closed';
  readonly userId: string;
  /** UTC epoch ms; `null` where nothing is held. */
  readonly holdEndsAt: number | null;
  /** The second step of signing in goes with it, or went. */
  readonly isFactorSetAside: boolean;
  readonly stopUrl: string;
  /** 6 digits, to be typed on the page of the link. */
  readonly number: string;
  /** How long what was done can be undone; `null`: nothing was done yet. */
  readonly undoMs: number | null;
  readonly supportUrl: string;
}

export function releaseNoticeMessage(facts: ReleaseNoticeFacts, t: Translate, brand: MailBrand): Message {
  const { what, userId, holdEndsAt, isFactorSetAside, stopUrl, number, undoMs, supportUrl } = facts;
  const site = brand.siteName;
  const subject = t(`mail.release-notice.${what}-subject`, { site });
  const isClosing = what === 'closing-approved' || what === 'closing-closed';
  const until = holdEndsAt === null ? '' : momentInWords(t.locale, holdEndsAt);
  return layOut(
    subject,
    [
      { kind: 'heading', text: subject },
      { kind: 'paragraph', text: t(`mail.release-notice.${what}`, { site, userId, until }) },
      ...(isFactorSetAside
        ? [
            {
              kind: 'paragraph' as const,
              text: t(what === 'spent' ? 'mail.release-notice.factor-gone' : 'mail.release-notice.factor-goes'),
            },
          ]
        : []),
      ...(isClosing ? [] : [{ kind: 'paragraph' as const, text: t('mail.was-you') }]),
      { kind: 'paragraph', text: t(isClosing ? 'mail.release-notice.you-live' : 'mail.release-notice.was-not-you') },
      { kind: 'number', label: t('mail.password-changed.number'), number },
      { kind: 'button', label: t('mail.not-me'), href: stopUrl },
      ...(undoMs === null
        ? []
        : [
            {
              kind: 'small' as const,
              text: t('mail.release-notice.life', { duration: durationInWords(t.locale, undoMs) }),
            },
          ]),
      { kind: 'small', text: t('mail.release-notice.secret', { site }) },
      { kind: 'small-link', text: t('mail.password-changed.person'), label: t('page.support'), href: supportUrl },
    ],
    t,
    brand,
  );
}
