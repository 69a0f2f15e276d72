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
  /** What is examined until the next time is a copy of this. */
  see(shown: Shown): Promise<void>;
  /** As wide as a PC, or as a phone. */
  readonly own: Page;
  /** In the other scheme. On a PC at 320 px, which is 400 % of zoom; on a phone twice as wide, with letters of twice the size. */
  readonly other: Page;
  close(): Promise<void>;
}

/** What stands on a page. */
export interface Shown {
  readonly html: string;
  readonly url: string;
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
  async function sheetAt(url: URL): Promise<string> {
    const { pathname } = url;
    const sheet = sheets.get(pathname) ?? (await (await fetch(url)).text());
    sheets.set(pathname, sheet);
    return sheet;
  }
  return {
    own,
    other,
    async see({ html: whole, url }) {
      // What is for browsers without script is not seen.
      const html = whole.replaceAll(/<(noscript|script)\b[\s\S]*?<\/\1>/g, '');
      const links = Array.from(html.matchAll(/<link rel="stylesheet" href="([^"]+)"/g), ([, path = '']) => path);
      const sheets = await Promise.all(links.map((path) => sheetAt(new URL(path, url))));
      await Promise.all([
        own.evaluate(show, { html, url, sheets, rootSize: '' }),
        other.evaluate(show, { html, url, sheets, rootSize: isPhone ? '200%' : '' }),
      ]);
    },
    async close() {
      for (const each of [own, other]) await each.context().close();
    },
  };
}

/** All that stands on it now, with what was typed and chosen. */
export const shownOn = async (page: Page): Promise<Shown> => ({ html: await page.evaluate(htmlOf), url: page.url() });

/** Runs in the page. */
function htmlOf(): string {
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
  return copy.outerHTML;
}

interface Copied extends Shown {
  /** In the order of the links to them. */
  readonly sheets: readonly string[];
  /** Of the letters; empty for that of the browser. */
  readonly rootSize: string;
}

/** Runs in the examiner's page. */
async function show({ html, url, sheets, rootSize }: Copied): Promise<void> {
  const copied = new DOMParser().parseFromString(html, 'text/html');
  const at = copied.createElement('base');
  at.href = url;
  copied.head.prepend(at);
  // What a frame shows is not looked at.
  for (const frame of copied.querySelectorAll('iframe')) frame.removeAttribute('src');
  for (const each of copied.querySelectorAll('link:not([rel="stylesheet"])')) each.remove();
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
