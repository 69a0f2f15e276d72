// The truth to the mailbox of a disabled account (D5): that a new password would not help, and who can say more. It gives
// no reason and names no account.
import type { Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface AccountDisabledFacts {
  readonly supportUrl: string;
}

export function accountDisabledMessage(facts: AccountDisabledFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  return layOut(
    t('mail.account-disabled.subject', { site }),
    [
      { kind: 'heading', text: t('mail.account-disabled.heading') },
      { kind: 'paragraph', text: t('mail.account-disabled.why', { site }) },
      { kind: 'paragraph', text: t('mail.account-disabled.way') },
      { kind: 'button', label: t('page.support'), href: facts.supportUrl },
      { kind: 'small', text: t('mail.nothing-changed') },
    ],
    t,
    brand,
  );
}
