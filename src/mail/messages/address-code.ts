// The code that adds an address to an account. It goes to a typed address (D8), so it names no account and repeats nothing
// that was typed.
import { durationInWords, type Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface AddressCodeFacts {
  /** 8 digits. */
  readonly code: string;
  /** How long the code can still be typed. */
  readonly codeLifeMs: number;
}

export function addressCodeMessage(facts: AddressCodeFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  return layOut(
    t('mail.address-code.subject', { site }),
    [
      { kind: 'heading', text: t('mail.code-heading') },
      { kind: 'paragraph', text: t('mail.address-code.why', { site }) },
      { kind: 'code', code: facts.code },
      { kind: 'paragraph', text: t('mail.code-life', { duration: durationInWords(t.locale, facts.codeLifeMs) }) },
      { kind: 'paragraph', text: t('mail.code-secret', { site }) },
      { kind: 'small', text: t('mail.address-code.ignore') },
    ],
    t,
    brand,
  );
}
