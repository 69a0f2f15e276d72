// The code that proves a mailbox (S5): what it is for, how long it lives, and the two links that go with it (D9).
import { durationInWords, type Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface RecoveryCodeFacts {
  /** 8 or 12 digits. */
  readonly code: string;
  /** How long the code can still be typed. */
  readonly codeLifeMs: number;
  /** How long it counts behind `continueUrl`. */
  readonly linkLifeMs: number;
  readonly continueUrl: string;
  readonly stopUrl: string;
}

export function recoveryCodeMessage(facts: RecoveryCodeFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  return layOut(
    t('mail.recovery-code.subject', { site }),
    [
      { kind: 'heading', text: t('mail.code-heading') },
      { kind: 'paragraph', text: t('mail.recovery-code.why', { site }) },
      { kind: 'code', code: facts.code },
      { kind: 'paragraph', text: t('mail.code-life', { duration: durationInWords(t.locale, facts.codeLifeMs) }) },
      { kind: 'paragraph', text: t('mail.code-secret', { site }) },
      {
        kind: 'small',
        text: t('mail.recovery-code.other-device', { duration: durationInWords(t.locale, facts.linkLifeMs) }),
      },
      { kind: 'button', label: t('mail.continue'), href: facts.continueUrl },
      {
        kind: 'small-link',
        text: t('mail.recovery-code.ignore'),
        label: t('mail.not-me'),
        href: facts.stopUrl,
      },
    ],
    t,
    brand,
  );
}
