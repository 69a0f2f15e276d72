// The truth to a mailbox without an account (D8): no code, no link into an account, no word of whoever typed it.
import type { Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface NoAccountFacts {
  /** Where a recovery begins, for another try. */
  readonly recoverUrl: string;
}

export function noAccountMessage(facts: NoAccountFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  return layOut(
    t('mail.no-account.subject', { site }),
    [
      { kind: 'heading', text: t('mail.no-account.heading') },
      { kind: 'paragraph', text: t('mail.no-account.why', { site }) },
      { kind: 'paragraph', text: t('mail.no-account.perhaps', { site }) },
      { kind: 'button', label: t('mail.no-account.again'), href: facts.recoverUrl },
      { kind: 'small', text: t('mail.no-account.ignore') },
    ],
    t,
    brand,
  );
}
