// A case is there, to its confirmed contact (S10): its number, the promise and where to look. Never its code, which was
// shown once to whoever opened it, and never what was written.
import { durationInWords, type Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface CaseOpenedFacts {
  readonly number: string;
  /** What is left of the time in which a person answers; zero or less once it is over. */
  readonly promiseMs: number;
  readonly statusUrl: string;
}

export function caseOpenedMessage(facts: CaseOpenedFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  const wait = durationInWords(t.locale, facts.promiseMs);
  return layOut(
    t('mail.case-opened.subject', { site }),
    [
      { kind: 'heading', text: t('case.opened-title') },
      { kind: 'number', label: t('case.number'), number: facts.number },
      ...(facts.promiseMs > 0 ? [{ kind: 'paragraph', text: t('case.promise', { wait }) } as const] : []),
      { kind: 'paragraph', text: t('mail.case-opened.look') },
      { kind: 'button', label: t('case.look'), href: facts.statusUrl },
      { kind: 'small', text: t('mail.case.secret', { site }) },
    ],
    t,
    brand,
  );
}
