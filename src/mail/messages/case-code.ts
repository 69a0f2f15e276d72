// The code that confirms where an answer to a case goes (S10). It goes to a typed address, so it repeats nothing that was
// typed and leads into no account.
import { durationInWords, type Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface CaseCodeFacts {
  /** 8 digits. */
  readonly code: string;
  /** How long the code can still be typed. */
  readonly codeLifeMs: number;
}

export function caseCodeMessage(facts: CaseCodeFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  return layOut(
    t('mail.case-code.subject', { site }),
    [
      { kind: 'heading', text: t('mail.code-heading') },
      { kind: 'paragraph', text: t('mail.case-code.why', { site }) },
      { kind: 'code', code: facts.code },
      { kind: 'paragraph', text: t('mail.code-life', { duration: durationInWords(t.locale, facts.codeLifeMs) }) },
      { kind: 'paragraph', text: t('mail.code-secret', { site }) },
      { kind: 'small', text: t('mail.case-code.ignore') },
    ],
    t,
    brand,
  );
}
