// The truth to a mailbox that opens no account (D8): no code, no link into an account, no word of whoever typed it.
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

export interface SetAsideFacts {
  readonly supportUrl: string;
}

/** To an address that had one until a release took it to another address. */
export function setAsideMessage(facts: SetAsideFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  return layOut(
    t('mail.set-aside.subject', { site }),
    [
      { kind: 'heading', text: t('mail.set-aside.heading') },
      { kind: 'paragraph', text: t('mail.set-aside.why', { site }) },
      { kind: 'paragraph', text: t('mail.set-aside.way') },
      { kind: 'button', label: t('page.support'), href: facts.supportUrl },
    ],
    t,
    brand,
  );
}
