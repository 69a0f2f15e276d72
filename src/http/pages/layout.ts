// The frame of every page: one column, one question, one filled button. Nothing is loaded from elsewhere.
import { html, raw } from 'hono/html';
import type { Settings } from '../../config/settings.ts';
import type { MessageKey, Translate } from '../../i18n/translate.ts';
import { pathOf } from '../routes.ts';

export type Html = ReturnType<typeof html>;

/** What pages need to know of the site and the visit. */
export interface Frame {
  readonly t: Translate;
  readonly settings: Settings;
  /** The base path without its last slash. */
  readonly base: string;
  /** Path and query of this page, for the language links. */
  readonly here: URL;
  /** The path of a built asset such as `page.css`. */
  asset(name: string): string;
}

export interface Page {
  readonly title: string;
  /** "Step 2 of 4": where the walk has counted steps. */
  readonly step?: 1 | 2 | 3 | 4;
  /** Entry scripts, by asset name. */
  readonly scripts?: readonly string[];
  readonly styles?: readonly string[];
  /** Seconds after which the page loads itself again: only where a page waits without help from a script. */
  readonly refreshSeconds?: number;
  /** Of one case, where the person has support already: it offers none a second time. */
  readonly isOfCase?: true;
  readonly body: Html;
}

const stepsInAll = 4;

export function page(frame: Frame, { step, isOfCase, ...content }: Page): Html {
  const { t, settings, base, here } = frame;
  const { title, body } = content;
  const support = pathOf(base, 'recover.case');
  return shell(frame, {
    ...content,
    body: html`<header>
<a class="home" href="${settings.homePath}" aria-label="${t('page.home', { site: settings.siteName })}">${logo(frame)}${settings.siteName}</a>
${languageLinks(frame)}
</header>
<main id="main">
${step === undefined ? '' : html`<p class="step">${t('page.step', { step, steps: stepsInAll })}</p>`}
<h1 tabindex="-1">${title}</h1>
${body}
</main>
${isOfCase || here.pathname === support ? '' : html`<footer><p>${t('page.support-aside')} <a href="${support}">${t('page.support')}</a></p></footer>`}`,
  });
}

/** The site's logo, where it has one, to stand before its name. */
export const logo = ({ settings }: Frame) =>
  settings.logo === undefined ? '' : html`<img src="${settings.logo}" alt="" height="32"> `;

/** What is around every page of people and of agents. `body`: all that is seen. */
export function shell(
  { t, settings, asset }: Frame,
  { title, scripts = [], styles = [], refreshSeconds, body }: Omit<Page, 'step' | 'isOfCase'>,
): Html {
  return html`<!doctype html>
<html lang="${t.locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<noscript>${refreshSeconds === undefined ? '' : html`<meta http-equiv="refresh" content="${refreshSeconds}">`}<link rel="stylesheet" href="${asset('no-script.css')}"></noscript>
${settings.logo === undefined ? raw('<link rel="icon" href="data:,">') : html`<link rel="icon" href="${settings.logo}">`}
<title>${t('page.title', { title, site: settings.siteName })}</title>
${['page.css', ...styles].map((name) => html`<link rel="stylesheet" href="${asset(name)}">`)}
${['page.js', ...scripts].map((name) => html`<script type="module" src="${asset(name)}"></script>`)}
</head>
<body${missingWords(t)}${refreshSeconds === undefined ? '' : html` data-reload="${refreshSeconds}"`}>
<a class="skip" href="#main">${t('page.skip')}</a>
${body}
</body>
</html>`;
}

/** What a script says of a field of this element in the place of the browser, whose language may be another. */
export const missingWords = (t: Translate) =>
  html` data-missing="${t('page.missing')}" data-choose="${t('page.choose')}" data-no-email="${t('page.no-email')}"`;

const languageNames = { en: 'page.english', es: 'page.spanish' } as const satisfies Record<string, MessageKey>;

/** Each language in its own words; the current one is no link. */
export function languageLinks({ t, settings, here }: Frame) {
  // The query alone: a path that somebody else wrote may begin with `//`, and would lead to another site.
  const to = (language: string) => {
    const query = new URLSearchParams(here.search);
    query.set('lang', language);
    return `?${query}`;
  };
  return html`<nav class="languages" aria-label="${t('page.language')}">${settings.languages.map((language) =>
    language === t.locale
      ? html`<span lang="${language}" aria-current="true">${t(languageNames[language])}</span>`
      : html`<a lang="${language}" hreflang="${language}" href="${to(language)}">${t(languageNames[language])}</a>`,
  )}</nav>`;
}

export interface FieldOptions {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly type?: 'text' | 'email' | 'password' | 'date' | 'file';
  readonly hint?: string;
  readonly error?: string | undefined;
  /** Of several with an error, only the first is where the page begins. */
  readonly isFirstError?: boolean;
  /** The words of the button that shows a password. */
  readonly show?: { readonly show: string; readonly hide: string };
  /** Further attributes, written by us: autocomplete and the like. */
  readonly attributes: string;
}

/** What stands beside each field of a form that was refused at one of them: the others may be missing too. */
export const errorsAt =
  <Name extends string>(t: Translate, { error, errorAt }: { error?: string | undefined; errorAt?: Name | undefined }) =>
  (name: Name, typed: string): Pick<FieldOptions, 'error' | 'isFirstError'> => ({
    error: errorAt !== undefined && typed === '' ? t('page.missing') : errorAt === name ? error : undefined,
    isFirstError: errorAt === name,
  });

/** A labelled field; its hint and its error are tied to it by aria-describedby. */
export function field({
  name,
  label,
  value = '',
  type = 'text',
  hint,
  error,
  isFirstError = true,
  show,
  attributes,
}: FieldOptions) {
  const described = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ');
  return html`<div class="field">
<label for="${name}"${show === undefined ? '' : html` id="${name}-label"`}>${label}</label>
${hint === undefined ? '' : html`<p class="hint" id="${name}-hint">${hint}</p>`}
${error === undefined ? '' : html`<p class="error" id="${name}-error">${error}</p>`}
<input id="${name}" name="${name}" type="${type}" value="${value}"${described === '' ? '' : html` aria-describedby="${described}"`}${error === undefined ? '' : raw(` aria-invalid="true"${isFirstError ? ' autofocus' : ''}`)} ${raw(attributes)}>
${show === undefined ? '' : html`<button type="button" class="quiet show" aria-controls="${name}" aria-describedby="${name}-label" data-hide="${show.hide}">${show.show}</button>`}
</div>`;
}

/** The words of the button that shows a password. */
export const showWords = (t: Translate) => ({ show: t('page.show'), hide: t('page.hide') });

/** What went wrong, above the form, announced by screen readers. */
export const notice = (text: string | undefined, kind: 'error' | 'good' = 'error') =>
  text === undefined ? '' : html`<p class="notice ${kind}" role="${kind === 'error' ? 'alert' : 'status'}">${text}</p>`;
