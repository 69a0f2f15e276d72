// The notice after a change of password, to every address of the account (D10): what changed, when, and how to undo it if
// it was not you: a link that does nothing without the number that stands only here (D9, D11).
import { durationInWords, momentInWords, type Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface PasswordChangedFacts {
  readonly userId: string;
  /** UTC epoch ms. */
  readonly changedAt: number;
  readonly stopUrl: string;
  /** 6 digits, to be typed on the page of the link. */
  readonly number: string;
  /** How long the link works. */
  readonly lifeMs: number;
  readonly supportUrl: string;
}

export function passwordChangedMessage(facts: PasswordChangedFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  const when = momentInWords(t.locale, facts.changedAt);
  return layOut(
    t('mail.password-changed.subject', { site }),
    [
      { kind: 'heading', text: t('mail.password-changed.heading') },
      { kind: 'paragraph', text: t('mail.password-changed.what', { site, userId: facts.userId, when }) },
      { kind: 'paragraph', text: t('mail.password-changed.devices') },
      { kind: 'paragraph', text: t('mail.was-you') },
      { kind: 'paragraph', text: t('mail.password-changed.was-not-you') },
      { kind: 'number', label: t('mail.password-changed.number'), number: facts.number },
      { kind: 'button', label: t('mail.not-me'), href: facts.stopUrl },
      {
        kind: 'small',
        text: t('mail.password-changed.life', { duration: durationInWords(t.locale, facts.lifeMs), site }),
      },
      {
        kind: 'small-link',
        text: t('mail.password-changed.person'),
        label: t('page.support'),
        href: facts.supportUrl,
      },
    ],
    t,
    brand,
  );
}
