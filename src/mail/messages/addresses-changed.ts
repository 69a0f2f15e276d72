// The notice of an address that was added, removed or dropped, to the other addresses of the account and to the one that
// went: what changed, when, and what to do if it was not you.
import { momentInWords, type Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface AddressesChangedFacts {
  readonly userId: string;
  /** `dropped`: it was new, and the account was recovered through an older one; `undone`: somebody said "This was not me". */
  readonly what: 'added' | 'removed' | 'dropped' | 'undone';
  /** The address that it is about. */
  readonly address: string;
  /** UTC epoch ms. */
  readonly changedAt: number;
  /** Until when a recovery takes off what was added: UTC epoch ms. */
  readonly newUntil: number;
  readonly recoverUrl: string;
  readonly supportUrl: string;
}

export function addressesChangedMessage(facts: AddressesChangedFacts, t: Translate, brand: MailBrand): Message {
  const { userId, what, address, changedAt, newUntil, recoverUrl, supportUrl } = facts;
  const site = brand.siteName;
  const when = momentInWords(t.locale, changedAt);
  const until = momentInWords(t.locale, newUntil);
  return layOut(
    t('mail.addresses-changed.subject', { site }),
    [
      { kind: 'heading', text: t(`mail.addresses-changed.${what}-heading`) },
      { kind: 'paragraph', text: t(`mail.addresses-changed.${what}`, { site, userId, address, when }) },
      ...(what === 'dropped' || what === 'undone'
        ? ([
            { kind: 'paragraph', text: t(`mail.addresses-changed.${what}-was-not-you`) },
            { kind: 'button', label: t('page.support'), href: supportUrl },
          ] as const)
        : ([
            { kind: 'paragraph', text: t('mail.was-you') },
            {
              kind: 'paragraph',
              text:
                what === 'added'
                  ? t('mail.addresses-changed.added-was-not-you', { until })
                  : t('mail.addresses-changed.was-not-you'),
            },
            { kind: 'button', label: t('mail.addresses-changed.recover'), href: recoverUrl },
            {
              kind: 'small-link',
              text: t('mail.addresses-changed.cannot'),
              label: t('page.support'),
              href: supportUrl,
            },
          ] as const)),
    ],
    t,
    brand,
  );
}
