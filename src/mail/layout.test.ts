import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locales, translator } from '../i18n/translate.ts';
import { inGroupsOfFour, layOut, type MailBrand, type Message } from './layout.ts';
import { accountDisabledMessage } from './messages/account-disabled.ts';
import { addressCodeMessage } from './messages/address-code.ts';
import { addressesChangedMessage } from './messages/addresses-changed.ts';
import { noAccountMessage } from './messages/no-account.ts';
import { passwordChangedMessage } from './messages/password-changed.ts';
import { providerSignInMessage } from './messages/provider-sign-in.ts';
import { recoveryCodeMessage } from './messages/recovery-code.ts';
import { signUpCodeMessage } from './messages/sign-up-code.ts';
import { signUpExistingMessage } from './messages/sign-up-existing.ts';

const brand: MailBrand = {
  siteName: 'Casa Ñandú & Co',
  colour: '#1d4ed8',
  cornerRadiusPx: 10,
  origin: 'https://shop.example:8443',
};
const link = (name: string) => `https://shop.example:8443/recover/${name}`;

const messagesIn = (locale: (typeof locales)[number]): Record<string, Message> => {
  const t = translator(locale);
  return {
    'recovery-code': recoveryCodeMessage(
      {
        code: '48219037',
        codeLifeMs: 1_800_000,
        linkLifeMs: 86_400_000,
        continueUrl: link('link/abc'),
        stopUrl: link('stop/def'),
      },
      t,
      brand,
    ),
    'no-account': noAccountMessage({ recoverUrl: link('') }, t, brand),
    'provider-sign-in': providerSignInMessage(
      { providers: ['Example', 'Ikea & Co'], homeUrl: link(''), supportUrl: link('case') },
      t,
      brand,
    ),
    'account-disabled': accountDisabledMessage({ supportUrl: link('case') }, t, brand),
    'password-changed': passwordChangedMessage(
      {
        userId: 'lucia',
        changedAt: 0,
        stopUrl: link('stop/ghi'),
        number: '048219',
        lifeMs: 7 * 86_400_000,
        supportUrl: link('case'),
      },
      t,
      brand,
    ),
    'sign-up-code': signUpCodeMessage(
      { code: '00120034', codeLifeMs: 1_800_000, continueUrl: link('link/jkl') },
      t,
      brand,
    ),
    'address-code': addressCodeMessage({ code: '00120034', codeLifeMs: 1_800_000 }, t, brand),
    ...Object.fromEntries(
      (['added', 'removed', 'dropped', 'undone'] as const).map((what) => [
        `addresses-changed, ${what}`,
        addressesChangedMessage(
          {
            userId: 'lucia',
            what,
            address: 'lucia@second.example',
            changedAt: 0,
            newUntil: 259_200_000,
            recoverUrl: link(''),
            supportUrl: link('case'),
          },
          t,
          brand,
        ),
      ]),
    ),
    'sign-up-existing': signUpExistingMessage({ recoverUrl: link(''), signInUrl: link('') }, t, brand),
  };
};

const all = locales.flatMap((locale) =>
  Object.entries(messagesIn(locale)).map(([kind, message]) => ({ locale, kind, message })),
);

/** What a person reads in the HTML part, the links as written out. */
const wordsOf = (html: string): string =>
  html
    .slice(html.indexOf('<body'))
    .replace(/<a [^>]*href="([^"]*)"[^>]*>([^<]*)<\/a>/g, '$2: $1')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim();

// SpamAssassin's ACCT_PHISHING: two such phrases in one mail cost 1.5 of the 5 points.
const phishingPhrases =
  /(verify|confirm) your (identity|account|access)|(restore|regain) access|(recover|unlock|restore) your account|account has been (locked|suspended)|security department/gi;

describe('every mail', () => {
  it.each(all)('$kind in $locale says the same in text and HTML', ({ message }) => {
    const text = message.text
      .replace(/\n@\S+ #\d+\n$/, '')
      .replace(/\s+/g, ' ')
      .trim();
    expect(wordsOf(message.html)).toBe(text);
  });

  it.each(all)('$kind in $locale has its subject as the HTML title, and no code in it', ({ message }) => {
    expect(message.html).toContain(`<title>${message.subject.replaceAll('&', '&amp;')}</title>`);
    expect(message.subject).not.toMatch(/\d/);
  });

  it.each(all)('$kind in $locale loads nothing and links only to the site', ({ message }) => {
    expect(message.html).not.toMatch(/<(img|script|link|iframe|object)\b|url\(|@import|src=/i);
    for (const [, href] of message.html.matchAll(/href="([^"]*)"/g))
      expect(href).toMatch(/^https:\/\/shop\.example:8443\//);
  });

  it.each(all)('$kind in $locale avoids the phrases that spam filters count', ({ message }) => {
    expect(`${message.subject} ${message.text}`.match(phishingPhrases) ?? []).toEqual([]);
  });

  it('is in its own language throughout', () => {
    const english = messagesIn('en');
    for (const [kind, message] of Object.entries(messagesIn('es'))) {
      const lines = new Set(english[kind]?.text.split('\n').filter((line) => /[a-z]{3}/i.test(line)));
      const shared = message.text.split('\n').filter((line) => lines.has(line) && !line.startsWith('http'));
      expect(shared.filter((line) => line !== brand.siteName && !line.startsWith('@'))).toEqual([]);
      expect(message.html).toContain('<html lang="es">');
    }
  });
});

describe('the mails that hold a code', () => {
  it.each(all.filter(({ kind }) => kind.endsWith('-code')))(
    '$kind in $locale has it alone on a line below its label',
    ({ locale, message }) => {
      const lines = message.text.split('\n');
      const at = lines.indexOf(`${translator(locale)('mail.code-label')}:`);
      expect(lines.slice(at, at + 4)).toEqual([lines[at], '', expect.stringMatching(/^\d{4} \d{4}$/), '']);
    },
  );

  it.each(all.filter(({ kind }) => kind.endsWith('-code')))(
    '$kind in $locale binds it to the host in its last line',
    ({ message }) => {
      expect(message.text.trimEnd().split('\n').at(-1)).toMatch(/^@shop\.example #\d{8}$/);
    },
  );

  it('are the only ones: the others hold neither a code nor a line that could be taken for one', () => {
    for (const { message } of all.filter(({ kind }) => !kind.endsWith('-code')))
      expect(message.text).not.toMatch(/#\d|\d{4} \d{4}/);
  });

  it('show 12 digits as 4 + 4 + 4', () => {
    expect(inGroupsOfFour('123456789012')).toBe('1234 5678 9012');
  });
});

it('the recovery mail leads on and leads out, and each link is one of its own', () => {
  for (const locale of locales) {
    const { text } = messagesIn(locale)['recovery-code'] ?? { text: '' };
    expect(text).toContain(`${translator(locale)('mail.continue')}:\n${link('link/abc')}`);
    expect(text).toContain(`${translator(locale)('mail.not-me')}:\n${link('stop/def')}`);
  }
});

it('the notice leads to its undoing, with a number under a name of its own and in no address', () => {
  for (const locale of locales) {
    const { text, html } = messagesIn(locale)['password-changed'] ?? { text: '', html: '' };
    expect(text).toContain(`${translator(locale)('mail.password-changed.number')}:\n\n048 219\n`);
    expect(text).toContain(`${translator(locale)('mail.not-me')}:\n${link('stop/ghi')}\n`);
    expect(text).toContain(`${translator(locale)('page.support')}:\n${link('case')}\n`);
    expect(html).not.toMatch(/href="[^"]*048/);
    expect(text).not.toContain(translator(locale)('mail.code-label'));
  }
});

it('the notice tells the moment in UTC, in words of the language', () => {
  expect(messagesIn('en')['password-changed']?.text).toContain('January 1, 1970 at 12:00 AM UTC');
  expect(messagesIn('es')['password-changed']?.text).toContain('1 de enero de 1970 a las 0:00 UTC');
});

it('whatever a block says stays words: no markup of it reaches the HTML', () => {
  const tagsOf = (words: string) =>
    layOut(words, [{ kind: 'paragraph', text: words }], translator('en'), { ...brand, siteName: words }).html.match(
      /</g,
    )?.length;
  const tags = tagsOf('x');
  const markup = constantFrom('<b>', '</p>', '"', "'", '&lt;', '<!--', '<script>');
  assert(property(array(oneof(markup, string())), (parts) => tagsOf(parts.join('')) === tags));
});
