// There is news about a case, to its confirmed contact. What the news is stands on the status page alone.
import type { Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface CaseMovedFacts {
  readonly number: string;
  readonly statusUrl: string;
}

export function caseMovedMessage(facts: CaseMovedFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  return layOut(
    t('mail.case-moved.subject', { site }),
    [
      { kind: 'heading', text: t('mail.case-moved.heading') },
      { kind: 'number', label: t('case.number'), number: facts.number },
      { kind: 'paragraph', text: t('mail.case-opened.look') },
      { kind: 'button', label: t('case.look'), href: facts.statusUrl },
      { kind: 'small', text: t('mail.case.secret', { site }) },
    ],
    t,
    brand,
  );
}
