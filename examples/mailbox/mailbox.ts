// The demo's mailbox: what a person would see in their mail program, with the Spam folder that some mails land in.
// It trusts no mail: the HTML view is sandboxed, runs no script and loads nothing.
import { readFileSync } from 'node:fs';
import { type Context, Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { csrf } from 'hono/csrf';
import { html } from 'hono/html';
import { languageDetector } from 'hono/language';
import { inGroupsOfFour } from '../../src/mail/layout.ts';
import { codeIn, type Folder, type Mailbox, type ReceivedMail } from '../../src/testing/mailbox.ts';
import { type Language, type Words, words } from './words.ts';

export interface MailboxPagesOptions {
  readonly mailbox: Mailbox;
  /** Where the pages are mounted. */
  readonly path?: string;
}

type Markup = ReturnType<typeof html>;

const views = ['html', 'text', 'source'] as const;

const pagePolicy =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
// Same origin, so that the page around it can measure its height; no script runs in it, so that gives the mail nothing.
const mailSandbox = 'allow-same-origin allow-popups allow-popups-to-escape-sandbox';
const mailPolicy = `sandbox ${mailSandbox}; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'`;

export function mailboxPages({ mailbox, path = '/mailbox' }: MailboxPagesOptions): Hono {
  const style = readFileSync(new URL('public/style.css', import.meta.url), 'utf8');
  const script = readFileSync(new URL('public/script.js', import.meta.url), 'utf8');
  const opened = new Set<string>();
  const app = new Hono();

  app.use(csrf());
  app.use(
    languageDetector({
      lookupCookie: 'account-lang',
      supportedLanguages: Object.keys(words),
      fallbackLanguage: 'en',
      caches: false,
    }),
  );
  app.use(async (c, next) => {
    c.header('Cache-Control', 'no-store');
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'same-origin');
    if (c.req.query('lang')) setCookie(c, 'account-lang', languageOf(c), { sameSite: 'Lax', maxAge: 31_536_000 });
    await next();
  });

  app.get('/style.css', (c) => c.body(style, 200, { 'Content-Type': 'text/css; charset=utf-8' }));
  app.get('/script.js', (c) => c.body(script, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }));

  app.get('/', (c) => {
    const folder: Folder = c.req.query('folder') === 'spam' ? 'spam' : 'inbox';
    const query = (c.req.query('q') ?? '').trim();
    return page(c, { folder, title: words[languageOf(c)][folder], body: (w) => listBody(c, w, folder, query) });
  });

  app.post('/folder-for-new-mail', async (c) => {
    const { folder, back } = await c.req.parseBody();
    mailbox.fileNewUnder(folder === 'spam' ? 'spam' : 'inbox');
    return c.redirect(back === 'spam' ? `${path}?folder=spam` : path, 303);
  });

  app.get('/:id', (c) => {
    const mail = find(c.req.param('id'));
    if (!mail) return page(c, { title: words[languageOf(c)].gone, body: goneBody, status: 404 });
    opened.add(mail.id);
    return page(c, { folder: mail.folder, title: mail.subject, body: (w) => mailBody(c, w, mail) });
  });

  app.get('/:id/body', (c) => {
    const mail = find(c.req.param('id'));
    if (!mail) return c.notFound();
    c.header('Content-Security-Policy', mailPolicy);
    c.header('Referrer-Policy', 'no-referrer');
    // A mail program opens links outside the mail.
    return c.html(mail.html.replace('<head>', '<head><base target="_blank">'));
  });

  const find = (id: string): ReceivedMail | undefined => mailbox.messages().find((mail) => mail.id === id);
  const hrefOf = (folder: Folder) => (folder === 'spam' ? `${path}?folder=spam` : path);
  const unreadIn = (folder: Folder) =>
    mailbox.messages().filter((mail) => mail.folder === folder && !opened.has(mail.id)).length;

  function page(
    c: Context,
    {
      folder,
      title,
      body,
      status = 200,
    }: { folder?: Folder; title: string; body: (w: Words) => Markup; status?: 200 | 404 },
  ) {
    const language = languageOf(c);
    const w = words[language];
    c.header('Content-Security-Policy', pagePolicy);
    return c.html(
      html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${w.title}</title>
<link rel="stylesheet" href="${path}/style.css">
<script type="module" src="${path}/script.js"></script>
</head>
<body>
<header class="top">
<a class="name" href="${path}">${envelope}${w.title}</a>
<nav class="languages" aria-label="${w.language}">${languageLink(c, 'en', 'English')}${languageLink(c, 'es', 'Español')}</nav>
</header>
<div class="columns">
<nav class="side" aria-label="${w.folders}" data-live="side">
<ul class="folders">${folderLink(w, 'inbox', folder)}${folderLink(w, 'spam', folder)}</ul>
${spamSwitch(w, folder)}
</nav>
<main>${body(w)}</main>
</div>
<footer>${w.about}</footer>
</body>
</html>`,
      status,
    );
  }

  const languageLink = (c: Context, language: Language, name: string): Markup => {
    const query = new URLSearchParams({ ...c.req.query(), lang: language });
    const current = languageOf(c) === language ? html` aria-current="true"` : '';
    return html`<a lang="${language}" hreflang="${language}" href="?${query.toString()}"${current}>${name}</a>`;
  };

  const folderLink = (w: Words, folder: Folder, current: Folder | undefined): Markup => {
    const unread = unreadIn(folder);
    const badge = unread > 0 ? html`<span class="badge">${unread}<span class="unseen"> ${w.unread}</span></span>` : '';
    const here = folder === current ? html` aria-current="page"` : '';
    return html`<li><a href="${hrefOf(folder)}"${here}>${folder === 'spam' ? shield : tray}<span>${w[folder]}</span>${badge}</a></li>`;
  };

  const spamSwitch = (w: Words, folder: Folder = 'inbox'): Markup => {
    const isOn = mailbox.newMailFolder() === 'spam';
    return html`<form class="switch" method="post" action="${path}/folder-for-new-mail">
<input type="hidden" name="folder" value="${isOn ? 'inbox' : 'spam'}">
<input type="hidden" name="back" value="${folder}">
<button role="switch" aria-checked="${String(isOn)}"><span class="track" aria-hidden="true"></span>${w.switchToSpam}</button>
</form>`;
  };

  /** What can be pressed stands above the list, so that no mail that comes moves it away from under a hand. */
  function listBody(c: Context, w: Words, folder: Folder, query: string): Markup {
    const mails = mailbox.messages().filter((mail) => mail.folder === folder && contains(mail.subject, query));
    const language = languageOf(c);
    const hidden = folder === 'spam' ? html`<input type="hidden" name="folder" value="spam">` : '';
    return html`<div class="bar">
<h1>${w[folder]}</h1>
<form class="search" role="search" action="${path}">${hidden}
<input type="search" name="q" value="${query}" aria-label="${w.search}" placeholder="${w.search}"><button>${w.searchButton}</button>
</form>
</div>
<p class="reload"><a href="">${w.reload}</a></p>
<div data-live="list">${mails.length > 0 ? html`<ol class="mails">${mails.map((mail) => row(mail, w, language))}</ol>` : emptyList(w, folder, query)}</div>`;
  }

  const row = (mail: ReceivedMail, w: Words, language: Language): Markup => {
    const isUnread = !opened.has(mail.id);
    return html`<li${isUnread ? html` class="unread"` : ''}><a href="${path}/${mail.id}">
<span class="sender">${mail.from.name} <span class="recipient"><span aria-hidden="true">→</span><span class="unseen"> ${w.to} </span> ${mail.recipients.join(', ')}</span>${isUnread ? html`<span class="unseen"> (${w.unread})</span>` : ''}</span>
${time(mail.receivedAt, language, 'short')}
<span class="subject">${mail.subject}</span>
<span class="excerpt">${excerptOf(mail)}</span>
</a></li>`;
  };

  const emptyList = (w: Words, folder: Folder, query: string): Markup =>
    query === ''
      ? html`<div class="empty">${envelope}<p class="lead">${w.empty}</p><p>${w.emptyHint}</p></div>`
      : html`<div class="empty">${envelope}<p class="lead">${w.nothingFound}</p><p>${w.nothingFoundHint} <a href="${hrefOf(folder)}">${w.clear}</a></p></div>`;

  const goneBody = (w: Words): Markup =>
    html`<div class="empty">${envelope}<h1 class="lead">${w.gone}</h1><p>${w.goneHint}</p></div>`;

  function mailBody(c: Context, w: Words, mail: ReceivedMail): Markup {
    const view = views.find((name) => name === c.req.query('view')) ?? 'html';
    const code = codeIn(mail);
    const here = `${path}/${mail.id}`;
    const tabs = views.map(
      (name) => html`<a href="${here}?view=${name}"${name === view ? html` aria-current="page"` : ''}>${w[name]}</a>`,
    );
    return html`<p class="back"><a href="${hrefOf(mail.folder)}"><span aria-hidden="true">←</span> ${w.back} ${w[mail.folder]}</a></p>
<article>
<h1>${mail.subject}</h1>
<dl class="facts">
<dt>${w.from}</dt><dd><b>${mail.from.name}</b> ${mail.from.address}</dd>
<dt>${w.to}</dt><dd>${mail.recipients.join(', ')}</dd>
<dt>${w.received}</dt><dd>${time(mail.receivedAt, languageOf(c), 'long')}</dd>
</dl>
${code === undefined ? '' : codeCard(w, code)}
<nav class="tabs" aria-label="${w.views}">${tabs}</nav>
${bodyIn(view, mail, w)}
</article>`;
  }

  const codeCard = (w: Words, code: string): Markup => html`<div class="code">
<p><span class="label">${w.code}</span><output class="digits" id="code">${inGroupsOfFour(code)}</output></p>
<button type="button" data-copy="${inGroupsOfFour(code)}" data-copied="${w.copied}" hidden>${w.copy}</button>
</div>`;

  const bodyIn = (view: (typeof views)[number], mail: ReceivedMail, w: Words): Markup =>
    view === 'html'
      ? html`<iframe class="sheet" title="${w.mailBody}" sandbox="${mailSandbox}" src="${path}/${mail.id}/body"></iframe>`
      : html`<pre class="sheet ${view}" tabindex="0" role="region" aria-label="${w[view]}">${view === 'text' ? mail.text : mail.source}</pre>`;

  return app;
}

const languageOf = (c: Context): Language => (c.get('language') === 'es' ? 'es' : 'en');

/** Without regard to case and accents: `codigo` finds `Código`. */
const contains = (subject: string, query: string): boolean => plain(subject).includes(plain(query));
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The first words after the name of the site and the heading. */
const excerptOf = (mail: ReceivedMail): string => mail.text.split(/\n+/).slice(2, 4).join(' ').slice(0, 160);

function time(at: number, language: Language, length: 'short' | 'long'): Markup {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  const format: Intl.DateTimeFormatOptions =
    length === 'short' && isToday
      ? { timeStyle: 'short' }
      : { dateStyle: length === 'short' ? 'medium' : 'full', timeStyle: 'short' };
  const inWords = new Intl.DateTimeFormat(language, format).format(at);
  return html`<time datetime="${new Date(at).toISOString()}">${inWords}</time>`;
}

const icon = (shape: Markup): Markup =>
  html`<svg aria-hidden="true" width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">${shape}</svg>`;
const envelope = icon(html`<rect x="2" y="4" width="16" height="12" rx="2"/><path d="m3 6 7 5 7-5"/>`);
const tray = icon(
  html`<path d="M2 11h4l1.5 2.5h5L14 11h4M2 11v4a1.5 1.5 0 0 0 1.5 1.5h13A1.5 1.5 0 0 0 18 15v-4M2 11l2.5-6.5h11L18 11"/>`,
);
const shield = icon(
  html`<path d="M10 2 3.5 4.5V9.5c0 4 2.700 6.900 6.5 8.5 3.800-1.600 6.5-4.5 6.5-8.5V4.5zM10 6.5v4M10 13.400v.1"/>`,
);
