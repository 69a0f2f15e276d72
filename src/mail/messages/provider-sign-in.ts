// The truth to the mailbox of an account without a password (D5): who signs it in, and how. No code and no link into the
// account; no password is made.
import { eitherInWords, type Translate } from '../../i18n/translate.ts';
import { layOut, type MailBrand, type Message } from '../layout.ts';

export interface ProviderSignInFacts {
  /** Who signs in the accounts on this mailbox: one name or more. */
  readonly providers: readonly string[];
  /** The site's home: its own pages have the providers' buttons. */
  readonly homeUrl: string;
  readonly supportUrl: string;
}

export function providerSignInMessage(facts: ProviderSignInFacts, t: Translate, brand: MailBrand): Message {
  const site = brand.siteName;
  const providers = eitherInWords(t.locale, facts.providers);
  return layOut(
    t('mail.provider-sign-in.subject', { site }),
    [
      { kind: 'heading', text: t('mail.provider-sign-in.heading', { providers }) },
      { kind: 'paragraph', text: t('mail.provider-sign-in.why', { site, providers }) },
      { kind: 'paragraph', text: t('mail.provider-sign-in.how', { site, providers }) },
      { kind: 'button', label: t('mail.provider-sign-in.go', { site }), href: facts.homeUrl },
      {
        kind: 'small-link',
        text: t('mail.provider-sign-in.trouble'),
        label: t('page.support'),
        href: facts.supportUrl,
      },
      { kind: 'small', text: t('mail.nothing-changed') },
    ],
    t,
    brand,
  );
}
