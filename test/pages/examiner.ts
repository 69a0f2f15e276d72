// Where pages are looked at: their copies, in two pages that stay open. axe, which a browser takes long to read and to warm up
// to, is there once and not with every page, and nobody waits for a window to change its size.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

declare global {
  interface Window {
    readonly axe: typeof axe;
  }
}

export interface Examiner {
  /** Copies what stands on the page; what is examined until the next time is this copy. */
  see(page: Page): Promise<void>;
  /** As wide as a PC, or as a phone. */
  readonly own: Page;
  /** In the other scheme. On a PC at 320 px, which is 400 % of zoom; on a phone twice as wide, with letters of twice the size. */
  readonly other: Page;
  close(): Promise<void>;
}

export interface Surface {
  /** CSS px. */
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export async function openExaminer(browser: Browser, { width, scheme }: Surface): Promise<Examiner> {
  async function open(options: BrowserContextOptions): Promise<Page> {
    // The policy of a page is for what it does itself: the copy has the styles that its scripts have set.
    const context = await browser.newContext({ ...options, bypassCSP: true });
    const page = await context.newPage();
    await page.evaluate(readFileSync(axeFile, 'utf8'));
    return page;
  }
  const isPhone = width < 768;
  const own = await open({ viewport: { width, height: isPhone ? 740 : 860 }, colorScheme: scheme });
  const other = await open({
    viewport: isPhone ? { width: 640, height: 430 } : { width: 320, height: 640 },
    colorScheme: scheme === 'light' ? 'dark' : 'light',
  });
  const sheets = new Map<string, string>();
  /** A page may use its style sheets only from its own site, so what the copy gets is their text. */
  async function sheetAt(url: string): Promise<string> {
    const { pathname } = new URL(url);
    const sheet = sheets.get(pathname) ?? (await (await fetch(url)).text());
    sheets.set(pathname, sheet);
    return sheet;
  }
  return {
    own,
    other,
    async see(page) {
      const { html, base, links } = await page.evaluate(copyOf);
      const sheets = await Promise.all(links.map(sheetAt));
      const rootSize = isPhone ? '200%' : '';
      await Promise.all([
        own.evaluate(show, { html, base, sheets, rootSize: '' }),
        other.evaluate(show, { html, base, sheets, rootSize }),
      ]);
    },
    async close() {
      for (const each of [own, other]) await each.context().close();
    },
  };
}

/** Runs in the page: all that stands in it, with what was typed and chosen; its address; and where its style sheets are. */
function copyOf(): { html: string; base: string; links: string[] } {
  const copy = document.documentElement.cloneNode(true);
  if (!(copy instanceof Element)) throw new Error('no page');
  const kinds = 'input, textarea, option, dialog';
  const copies = Array.from(copy.querySelectorAll(kinds));
  for (const [at, from] of Array.from(document.querySelectorAll(kinds)).entries()) {
    const to = copies[at];
    if (from instanceof HTMLInputElement) {
      if (from.type !== 'file') to?.setAttribute('value', from.value);
      to?.toggleAttribute('checked', from.checked);
    } else if (from instanceof HTMLOptionElement) to?.toggleAttribute('selected', from.selected);
    else if (from instanceof HTMLTextAreaElement) to?.replaceChildren(from.value);
    else if (from.matches(':modal')) to?.setAttribute('data-modal', '');
  }
  // What a frame shows is not looked at, and what is for browsers without script is not seen.
  for (const frame of copy.querySelectorAll('iframe')) frame.removeAttribute('src');
  for (const each of copy.querySelectorAll('script, noscript, link:not([rel="stylesheet"])')) each.remove();
  const links = Array.from(document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]'), ({ href }) => href);
  return { html: copy.outerHTML, base: document.baseURI, links };
}

interface Copied {
  readonly html: string;
  readonly base: string;
  /** In the order of the links to them. */
  readonly sheets: readonly string[];
  /** Of the letters; empty for that of the browser. */
  readonly rootSize: string;
}

/** Runs in the examiner's page. */
async function show({ html, base, sheets, rootSize }: Copied): Promise<void> {
  const copied = new DOMParser().parseFromString(html, 'text/html');
  const at = copied.createElement('base');
  at.href = base;
  copied.head.prepend(at);
  const links = Array.from(copied.querySelectorAll('link'));
  if (links.length !== sheets.length) throw new Error('not its style sheets');
  for (const [number, link] of links.entries()) {
    const style = copied.createElement('style');
    style.textContent = sheets[number] ?? '';
    link.replaceWith(style);
  }
  if (rootSize !== '') copied.documentElement.style.setProperty('font-size', rootSize);
  document.replaceChild(document.adoptNode(copied.documentElement), document.documentElement);
  await Promise.all(Array.from(document.images, (image) => image.decode().catch(() => {})));
  for (const dialog of document.querySelectorAll<HTMLDialogElement>('dialog[data-modal]')) {
    dialog.removeAttribute('data-modal');
    dialog.open = false;
    dialog.showModal();
  }
}
