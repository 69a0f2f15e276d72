// The notice that an authenticator app was switched off, to every address of the account.
import { momentInWords, type Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';
import type { AuthenticatorFacts } from './authenticator-added.ts';

export function authenticatorRemovedMessage(facts: AuthenticatorFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  const when = momentInWords(t.locale, facts.changedAt);
  return layOut(
    t('mail.authenticator-removed.subject', { site }),
    [
      { kind: 'heading', text: t('mail.authenticator-removed.heading') },
      { kind: 'paragraph', text: t('mail.authenticator-removed.what', { site, userId: facts.userId, when }) },
      { kind: 'paragraph', text: t('mail.authenticator-removed.by-itself') },
      { kind: 'paragraph', text: t('mail.was-you') },
      { kind: 'paragraph', text: t('mail.authenticator-removed.was-not-you') },
      { kind: 'button', label: t('page.support'), href: facts.supportUrl },
    ],
    t,
    brand,
  );
}
