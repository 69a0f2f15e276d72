// The notice that an authenticator app was switched on, to every address of the account.
import { momentInWords, type Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface AuthenticatorFacts {
  readonly userId: string;
  /** UTC epoch ms. */
  readonly changedAt: number;
  /** Until when a recovery switches it off again: UTC epoch ms. */
  readonly newUntil: number;
  readonly recoverUrl: string;
  readonly supportUrl: string;
}

export function authenticatorAddedMessage(facts: AuthenticatorFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  const when = momentInWords(t.locale, facts.changedAt);
  const until = momentInWords(t.locale, facts.newUntil);
  return layOut(
    t('mail.authenticator-added.subject', { site }),
    [
      { kind: 'heading', text: t('mail.authenticator-added.heading') },
      { kind: 'paragraph', text: t('mail.authenticator-added.what', { site, userId: facts.userId, when }) },
      { kind: 'paragraph', text: t('mail.authenticator-added.spare') },
      { kind: 'paragraph', text: t('mail.was-you') },
      { kind: 'paragraph', text: t('mail.authenticator-added.was-not-you', { until }) },
      { kind: 'button', label: t('mail.addresses-changed.recover'), href: facts.recoverUrl },
      {
        kind: 'small-link',
        text: t('mail.addresses-changed.cannot'),
        label: t('page.support'),
        href: facts.supportUrl,
      },
    ],
    t,
    brand,
  );
}
