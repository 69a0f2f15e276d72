// The link of a grant, to the confirmed contact of a case. It opens nothing without the case code, which is in no mail.
import { durationInWords, type Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface ReleaseGrantFacts {
  readonly grantUrl: string;
  /** Of the case whose code the link asks for. */
  readonly number: string;
  /** How long the link works. */
  readonly lifeMs: number;
}

export function releaseGrantMessage(
  { grantUrl, number, lifeMs }: ReleaseGrantFacts,
  t: Translate,
  brand: MailBrand,
): Message {
  const site = brand.siteName;
  return layOut(
    t('mail.release-grant.subject', { site }),
    [
      { kind: 'heading', text: t('mail.release-grant.heading') },
      { kind: 'paragraph', text: t('mail.release-grant.what', { site }) },
      { kind: 'number', label: t('case.number'), number },
      { kind: 'button', label: t('grant.title'), href: grantUrl },
      { kind: 'small', text: t('mail.release-grant.life', { duration: durationInWords(t.locale, lifeMs) }) },
      { kind: 'small', text: t('mail.case.secret', { site }) },
    ],
    t,
    brand,
  );
}
