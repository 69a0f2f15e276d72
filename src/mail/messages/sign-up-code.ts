// The code that turns a sign-up into an account (D12). It goes to a typed address, so it repeats nothing that was typed.
import { durationInWords, type Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface SignUpCodeFacts {
  /** 8 digits. */
  readonly code: string;
  /** How long the code can still be typed. */
  readonly codeLifeMs: number;
  /** Where the code counts in any browser, and the password is chosen there. */
  readonly continueUrl: string;
}

export function signUpCodeMessage(facts: SignUpCodeFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  return layOut(
    t('mail.sign-up-code.subject', { site }),
    [
      { kind: 'heading', text: t('mail.sign-up-code.heading', { site }) },
      { kind: 'paragraph', text: t('mail.sign-up-code.why') },
      { kind: 'code', code: facts.code },
      { kind: 'paragraph', text: t('mail.code-life', { duration: durationInWords(t.locale, facts.codeLifeMs) }) },
      { kind: 'paragraph', text: t('mail.code-secret', { site }) },
      { kind: 'small', text: t('mail.other-device') },
      { kind: 'button', label: t('mail.continue'), href: facts.continueUrl },
      { kind: 'small', text: t('mail.sign-up-code.ignore') },
    ],
    t,
    brand,
  );
}
