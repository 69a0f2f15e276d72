// A sign-up with an address that already has an account (D12): the page tells nobody, the mailbox is told the truth.
import type { Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface SignUpExistingFacts {
  /** Where a recovery begins. */
  readonly recoverUrl: string;
  readonly signInUrl: string;
}

export function signUpExistingMessage(facts: SignUpExistingFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  return layOut(
    t('mail.sign-up-existing.subject', { site }),
    [
      { kind: 'heading', text: t('mail.sign-up-existing.heading') },
      { kind: 'paragraph', text: t('mail.sign-up-existing.why', { site }) },
      { kind: 'paragraph', text: t('mail.sign-up-existing.way') },
      { kind: 'button', label: t('mail.sign-up-existing.recover'), href: facts.recoverUrl },
      {
        kind: 'small-link',
        text: t('mail.sign-up-existing.known'),
        label: t('sign-in.title'),
        href: facts.signInUrl,
      },
      { kind: 'small', text: t('mail.sign-up-existing.ignore') },
    ],
    t,
    brand,
  );
}
