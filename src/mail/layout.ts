// One mail, written once: a list of blocks from which the text part and the HTML part are both made, so that they
// cannot say different things. No picture, no outside resource, nothing that tells us the mail was opened.
import type { Translate } from '../i18n/translate.ts';

/** What a mail shows of the site that it comes from. */
export interface MailBrand {
  readonly siteName: string;
  /** `#rrggbb`; white text on it is legible (checked at start). */
  readonly colour: string;
  readonly cornerRadiusPx: number;
  /** Scheme, host and port of the site: the only place that links in mail lead to. */
  readonly origin: string;
}

export interface Message {
  /** One line, without any secret: it shows on locked screens. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export type Block =
  | { readonly kind: 'heading' | 'paragraph' | 'small'; readonly text: string }
  /** A mailed code: digits only, alone on its line so that it can be copied and filled in by itself. */
  | { readonly kind: 'code'; readonly code: string }
  /** The number of a notice or a case, under its own name: no browser is to take it for a code. */
  | { readonly kind: 'number'; readonly label: string; readonly number: string }
  | { readonly kind: 'button'; readonly label: string; readonly href: string }
  /** A sentence and the link that follows from it. */
  | { readonly kind: 'small-link'; readonly text: string; readonly label: string; readonly href: string };

/** Both parts of one mail. `subject` becomes the HTML title too: a title unlike the subject is a mark of spam. */
export function layOut(subject: string, blocks: readonly Block[], t: Translate, brand: MailBrand): Message {
  const all: readonly Block[] = [...blocks, { kind: 'small', text: t('mail.footer', { site: brand.siteName }) }];
  return { subject, text: asText(all, t, brand), html: asHtml(subject, all, t, brand) };
}

/** `48219037` as `4821 9037`: groups of four are read and copied without slips. */
export const inGroupsOfFour = (code: string): string => code.replace(/(\d{4})(?=\d)/g, '$1 ');

/** `482190` as `482 190`: unlike a code at first sight. */
const inGroupsOfThree = (number: string): string => number.replace(/(.{3})(?=.)/g, '$1 ');

function asText(blocks: readonly Block[], t: Translate, brand: MailBrand): string {
  const paragraphs = blocks.map((block) => blockAsText(block, t));
  const code = blocks.find((block) => block.kind === 'code')?.code;
  // A code bound to its host, as the last line: browsers then offer it on that host only (WICG origin-bound codes).
  const bound = code === undefined ? [] : [`@${new URL(brand.origin).hostname} #${code}`];
  return `${[brand.siteName, ...paragraphs, ...bound].join('\n\n')}\n`;
}

function blockAsText(block: Block, t: Translate): string {
  if (block.kind === 'code') return `${t('mail.code-label')}:\n\n${inGroupsOfFour(block.code)}`;
  if (block.kind === 'number') return `${block.label}:\n\n${inGroupsOfThree(block.number)}`;
  if (block.kind === 'button') return `${block.label}:\n${block.href}`;
  if (block.kind === 'small-link') return `${block.text}\n${block.label}:\n${block.href}`;
  return block.text;
}

// Mail programs drop much of a style sheet, so each element carries the light look itself; the sheet adds the dark one.
const ink = { text: '#1c2430', quiet: '#566070', page: '#f4f5f7', card: '#ffffff', line: '#dfe3e8', well: '#f4f5f7' };
const darkSheet = `@media (prefers-color-scheme: dark) {
.page { background: #14171c !important }
.card { background: #1e2229 !important; border-color: #343a44 !important }
.text { color: #eef0f3 !important }
.quiet { color: #aab2bf !important }
.well { background: #14171c !important; border-color: #343a44 !important }
}`;
const systemFont = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
const codeFont = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace";

function asHtml(subject: string, blocks: readonly Block[], t: Translate, brand: MailBrand): string {
  const radius = `${brand.cornerRadiusPx}px`;
  const body = blocks.map((block) => blockAsHtml(block, t, brand)).join('\n');
  return `<!doctype html>
<html lang="${t.locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>${escape(subject)}</title>
<style>${darkSheet}</style>
</head>
<body class="page" style="margin: 0; padding: 0; background: ${ink.page}">
<div class="page" style="padding: 24px 12px; background: ${ink.page}">
<div class="card" style="box-sizing: border-box; max-width: 560px; margin: 0 auto; padding: 28px 24px; background: ${ink.card}; border: 1px solid ${ink.line}; border-radius: ${radius}; font-family: ${systemFont}; font-size: 17px; line-height: 1.5">
<p class="text" style="margin: 0 0 24px; padding: 0 0 16px; border-bottom: 3px solid ${brand.colour}; color: ${ink.text}; font-weight: 700">${escape(brand.siteName)}</p>
${body}
</div>
</div>
</body>
</html>
`;
}

function blockAsHtml(block: Block, t: Translate, brand: MailBrand): string {
  const small = `margin: 0 0 12px; color: ${ink.quiet}; font-size: 15px`;
  switch (block.kind) {
    case 'heading':
      return `<h1 class="text" style="margin: 0 0 16px; color: ${ink.text}; font-size: 24px; line-height: 1.25">${escape(block.text)}</h1>`;
    case 'paragraph':
      return `<p class="text" style="margin: 0 0 16px; color: ${ink.text}">${escape(block.text)}</p>`;
    case 'small':
      return `<p class="quiet" style="${small}">${escape(block.text)}</p>`;
    case 'small-link':
      return `<p class="quiet" style="${small}">${escape(block.text)}<br><a class="quiet" style="display: inline-block; padding: 8px 0; color: ${ink.quiet}; font-weight: 600" href="${escape(block.href)}">${escape(block.label)}</a></p>`;
    case 'button':
      return `<p style="margin: 0 0 24px"><a style="display: inline-block; padding: 13px 24px; background: ${brand.colour}; border-radius: ${brand.cornerRadiusPx}px; color: #ffffff; font-weight: 600; text-align: center; text-decoration: none" href="${escape(block.href)}">${escape(block.label)}</a></p>`;
    case 'number':
      return well({ label: block.label, digits: escape(inGroupsOfThree(block.number)), sizePx: 30 }, brand);
    case 'code':
      break;
  }
  const sizePx = block.code.length > 8 ? 24 : 30;
  return well({ label: t('mail.code-label'), digits: inGroupsOfFour(block.code), sizePx }, brand);
}

/** Digits to copy, large and alone below their name. */
function well({ label, digits, sizePx }: { label: string; digits: string; sizePx: number }, brand: MailBrand): string {
  return `<div class="well" style="margin: 0 0 24px; padding: 16px 8px; background: ${ink.well}; border: 1px solid ${ink.line}; border-radius: ${brand.cornerRadiusPx}px; text-align: center">
<p class="quiet" style="margin: 0 0 4px; color: ${ink.quiet}; font-size: 15px">${escape(label)}:</p>
<p class="text" style="margin: 0; color: ${ink.text}; font-family: ${codeFont}; font-size: ${sizePx}px; font-weight: 700; letter-spacing: 1px; white-space: nowrap">${digits}</p>
</div>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
