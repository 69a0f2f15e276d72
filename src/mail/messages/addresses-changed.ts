// The notice of an added or removed address, to the other addresses of the account and to the one that was removed: what
// changed, when, and what to do if it was not you.
import { momentInWords, type Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface AddressesChangedFacts {
  readonly userId: string;
  readonly what: 'added' | 'removed';
  /** The address that it is about. */
  readonly address: string;
  /** UTC epoch ms. */
  readonly changedAt: number;
  readonly recoverUrl: string;
  readonly supportUrl: string;
}

export function addressesChangedMessage(facts: AddressesChangedFacts, t: Translate, brand: MailBrand): Message {
  const { userId, what, address, changedAt, recoverUrl, supportUrl } = facts;
  const site = brand.siteName;
  const when = momentInWords(t.locale, changedAt);
  return layOut(
    t('mail.addresses-changed.subject', { site }),
    [
      { kind: 'heading', text: t(`mail.addresses-changed.${what}-heading`) },
      { kind: 'paragraph', text: t(`mail.addresses-changed.${what}`, { site, userId, address, when }) },
      { kind: 'paragraph', text: t('mail.was-you') },
      { kind: 'paragraph', text: t('mail.addresses-changed.was-not-you') },
      { kind: 'button', label: t('mail.addresses-changed.recover'), href: recoverUrl },
      {
        kind: 'small-link',
        text: t('mail.addresses-changed.cannot'),
        label: t('page.support'),
        href: supportUrl,
      },
    ],
    t,
    brand,
  );
}
