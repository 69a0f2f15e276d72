// Words for people: a message key, values and a language become text. A new language is one file beside en.ts.
import { IntlMessageFormat } from 'intl-messageformat';
import { en } from './en.ts';
import { es } from './es.ts';

export type MessageKey = keyof typeof en;
export type Messages = Record<MessageKey, string>;

const languages = { en, es } satisfies Record<string, Messages>;

export type Locale = keyof typeof languages;
export const isLocale = (text: string): text is Locale => Object.hasOwn(languages, text);
/** The language of a stored row. One that only another version knows is told in English. */
export const storedLocale = (text: string): Locale => (isLocale(text) ? text : 'en');
export const locales: readonly Locale[] = Object.keys(languages).filter(isLocale);

export interface Translate {
  (key: MessageKey, values?: Readonly<Record<string, string | number>>): string;
  readonly locale: Locale;
}

const compiled = new Map<string, IntlMessageFormat>();

/** The voice in one language. Values are plain text: escaping is the page's business. */
export function translator(locale: Locale): Translate {
  const translate = (key: MessageKey, values?: Readonly<Record<string, string | number>>): string => {
    const name = `${locale}/${key}`;
    let message = compiled.get(name);
    if (!message) {
      message = new IntlMessageFormat(languages[locale][key], locale, undefined, { ignoreTag: true });
      compiled.set(name, message);
    }
    return String(message.format(values));
  };
  return Object.assign(translate, { locale });
}

/** "Example or Other", "Example u Otro": one of several names. */
export const eitherInWords = (locale: Locale, names: readonly string[]): string =>
  new Intl.ListFormat(locale, { type: 'disjunction' }).format(names);

/** Made once for a language and a unit: making one costs a hundred times what it does, and a list says sixty ages. */
const kept = <Format>(make: (locale: Locale, of: string) => Format) => {
  const formats = new Map<string, Format>();
  return (locale: Locale, of = ''): Format => {
    const name = `${locale}/${of}`;
    const known = formats.get(name) ?? make(locale, of);
    formats.set(name, known);
    return known;
  };
};

const relativeFormat = kept((locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
const unitFormat = kept((locale, unit) => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }));

/** "just now", "3 minutes ago", "hace 2 días": how long ago something was, in the largest unit that reads well. */
export function agoInWords(locale: Locale, durationMs: number): string {
  const inWords = relativeFormat(locale);
  const minutes = Math.max(0, Math.floor(durationMs / 60_000));
  if (minutes === 0) return translator(locale)('page.just-now');
  if (minutes < 60) return inWords.format(-minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? inWords.format(-hours, 'hour') : inWords.format(-Math.floor(hours / 24), 'day');
}

/** "10 minutes", "1 hora": the largest unit that reads well, rounded up. */
export function durationInWords(locale: Locale, durationMs: number): string {
  const seconds = Math.max(1, Math.ceil(durationMs / 1_000));
  const inWords = (value: number, unit: 'second' | 'minute' | 'hour' | 'day') => unitFormat(locale, unit).format(value);
  if (seconds < 60) return inWords(seconds, 'second');
  if (seconds < 5_400) return inWords(Math.ceil(seconds / 60), 'minute');
  if (seconds <= 259_200) return inWords(Math.ceil(seconds / 3_600), 'hour');
  return inWords(Math.ceil(seconds / 86_400), 'day');
}

/** "Spanish", "español": a language in the words of another. */
export const languageInWords = (locale: Locale, language: Locale): string =>
  new Intl.DisplayNames(locale, { type: 'language' }).of(language) ?? language;

/** A moment for a person of whom we know no time zone, as in a mail that may be read anywhere: UTC, and it says so. */
export const momentInWords = (locale: Locale, at: number): string =>
  new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZone: 'UTC',
    timeZoneName: 'short',
  }).format(at);
