// The code by which the person of a case shows that they read an address on file. It goes to the stored address alone, and leads
// into no account: what it proves is weighed by the desk.
import { durationInWords, type Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface CaseProofFacts {
  /** 8 digits. */
  readonly code: string;
  /** How long the code can still be typed. */
  readonly codeLifeMs: number;
}

export function caseProofMessage(facts: CaseProofFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  return layOut(
    t('mail.case-proof.subject', { site }),
    [
      { kind: 'heading', text: t('mail.code-heading') },
      { kind: 'paragraph', text: t('mail.case-proof.why', { site }) },
      { kind: 'code', code: facts.code },
      { kind: 'paragraph', text: t('mail.code-life', { duration: durationInWords(t.locale, facts.codeLifeMs) }) },
      { kind: 'paragraph', text: t('mail.code-secret', { site }) },
      { kind: 'small', text: t('mail.case-proof.ignore') },
    ],
    t,
    brand,
  );
}
