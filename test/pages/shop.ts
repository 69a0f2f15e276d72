// The demo shop with account recovery in it, open to a real Chromium; its clock runs with the browser's and can be moved
// on. It notes what nobody may ever meet: an error in the console, a breach of the policy, a request that leaves the
// site, a page that moves under the eye, something in web storage.
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { mailboxPages } from '../../examples/mailbox/mailbox.ts';
import { brand, createShop } from '../../examples/shop/shop.ts';
import { customers } from '../../examples/shop/stock.ts';
import type { App } from '../../src/app.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { SettingsInput } from '../../src/config/settings.ts';
import { createTestApp, type Site, type TestApp } from '../../src/testing/app.ts';
import type { Mailbox } from '../../src/testing/mailbox.ts';
import { Hono } from 'hono';
import { chromiumFlags, chromiumPath, thriftyFlags } from './chromium.ts';
import { type Language, type Words, wordsIn } from './words.ts';

/** Of every customer, until they change it. */
export const oldPassword = 'taza azul al sol';

export interface VisitOptions {
  readonly language?: Language;
  /** CSS px; below 768 it is a phone with a touch screen. */
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  /** As an installed app. */
  readonly isApp?: boolean;
  readonly hasScript?: boolean;
  readonly reducedMotion?: 'reduce' | 'no-preference';
}

/** A browser of its own, in a network of its own, with one tab open. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly words: Words;
  readonly isPhone: boolean;
  readonly isApp: boolean;
  /** Lets time go by, in the browser and on the server. */
  pass(ms: number): Promise<void>;
}

export interface Shop extends Omit<TestApp, 'close'> {
  visit(options?: VisitOptions): Promise<Visit>;
  /** In a context that is open already and stays open, as if nobody had been there; in it time goes by itself alone. */
  visitIn(context: BrowserContext, options: VisitOptions): Promise<Visit>;
  /** Answers what went wrong meanwhile. */
  close(): Promise<readonly string[]>;
}

const tickMs = 20;

/** What a browser is told of its surface. */
export const contextOf = ({
  language = 'en',
  width = 1280,
  scheme = 'light',
  hasScript = true,
  reducedMotion = 'no-preference',
}: VisitOptions): BrowserContextOptions => ({
  viewport: { width, height: width < 768 ? 740 : 860 },
  hasTouch: width < 768,
  locale: language === 'es' ? 'es-ES' : 'en-GB',
  colorScheme: scheme,
  reducedMotion,
  javaScriptEnabled: hasScript,
  permissions: ['clipboard-read', 'clipboard-write'],
});

const surfaceOf = ({ language = 'en', width = 1280, isApp = false }: VisitOptions) => ({
  words: wordsIn[language],
  isPhone: width < 768,
  isApp,
});

export async function openShop(browser: Browser, settings: Partial<SettingsInput> = {}): Promise<Shop> {
  const app = await createTestApp({
    createSite,
    host: 'localhost',
    // Four bytes are the counter of the human check's work: it is the first that is tried.
    random: { bytes: (length) => (length === 4 ? Buffer.alloc(4) : systemRandom.bytes(length)) },
    settings: {
      ...brand,
      accountPath: '/my-account',
      senderAddress: 'hola@alfarel.example',
      humanCheck: 'on',
      ...settings,
    },
  });
  for (const { userId, address, language } of customers) {
    await app.addPerson({ userId, address, password: oldPassword, locale: language });
  }
  // What a page waits for has to go by on the server too: twice as fast, so that it is never behind.
  let tickedAt = Date.now();
  const ticking = setInterval(() => {
    const now = Date.now();
    app.clock.advance(2 * (now - tickedAt));
    tickedAt = now;
  }, tickMs);

  const troubles: string[] = [];
  const visits: { readonly context: BrowserContext; readonly end: () => Promise<void> }[] = [];

  async function enter(context: BrowserContext) {
    context.setDefaultTimeout(20_000);
    const leave = await watch(context, app.origin, troubles);
    const [page = await context.newPage()] = context.pages();
    return { page, leave };
  }

  return {
    ...app,
    get app() {
      return app.app;
    },

    async visit(options = {}) {
      const { hasScript = true, isApp = false } = options;
      const more = {
        ...contextOf(options),
        baseURL: app.origin,
        extraHTTPHeaders: { 'x-forwarded-for': `10.0.${visits.length}.1` },
      };
      // Only a window that was opened as an app is `display-mode: standalone`.
      const context = isApp
        ? await chromium.launchPersistentContext('', {
            ...more,
            executablePath: chromiumPath,
            args: [...chromiumFlags, ...thriftyFlags, '--app=data:text/html,'],
          })
        : await browser.newContext(more);
      if (hasScript) await context.clock.install();
      const { page } = await enter(context);
      visits.push({ context, end: () => context.close() });
      const pass = async (ms: number) => {
        app.clock.advance(ms);
        if (hasScript) await context.clock.fastForward(ms);
      };
      return { page, context, ...surfaceOf(options), pass };
    },

    async visitIn(context, options) {
      const { page, leave } = await enter(context);
      const end = async () => {
        // Nothing of this shop goes on in it.
        await page.goto('about:blank');
        await context.clearCookies();
        await leave();
      };
      visits.push({ context, end });
      return { page, context, ...surfaceOf(options), pass: async (ms) => app.clock.advance(ms) };
    },

    async close() {
      for (const { context, end } of visits) {
        troubles.push(...(await keptInStorage(context, app.origin)));
        await end();
      }
      clearInterval(ticking);
      await app.close();
      return [...troubles, ...app.faults.map(String)];
    },
  };
}

function createSite(app: App, mailbox: Mailbox): Site {
  const rekey = {
    fetch: app.server.fetch,
    asset: app.server.assetPath,
    async visitor(request: Request) {
      const accountId = await app.server.sessionOf(request);
      const account = accountId === undefined ? undefined : await app.directory.find(accountId);
      return account && { accountId: account.id, userId: account.userId };
    },
  };
  const site = new Hono()
    .route('/mailbox', mailboxPages({ mailbox }))
    .route('/', createShop({ rekey, defaultLanguage: 'en' }));
  return async (request, remoteAddress) => site.fetch(request, { remoteAddress });
}

/** Answers what ends it. */
async function watch(context: BrowserContext, origin: string, troubles: string[]): Promise<() => Promise<void>> {
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== 'data:') troubles.push(`left the site: ${url.href}`);
  });
  context.on('response', (response) => {
    // A refused form is answered with a page of status 4xx; whatever else a page asks for has to be there.
    const isPage = response.request().resourceType() === 'document';
    if (response.status() >= (isPage ? 500 : 400)) troubles.push(`${response.status()}: ${response.url()}`);
  });
  context.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    if (message.text().startsWith('Failed to load resource: the server responded with a status of 4')) return;
    // The scripts of this file are kept out of a mail like any other.
    if (/^Blocked script execution in '(about:blank|[^']*\/body)'/.test(message.text())) return;
    troubles.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => void troubles.push(`script: ${error.error().message}`));
  const binding = await context.exposeBinding('reportShift', ({ page }, what: unknown) => {
    troubles.push(`moved on ${page.url()}: ${String(what)}`);
  });
  const script = await context.addInitScript(() => {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if ('hadRecentInput' in entry && entry.hadRecentInput) continue;
        // A busy machine paints a line of which it has read one half; the other half is no move that a person sees.
        if ('value' in entry && Number(entry.value) < 0.002) continue;
        const sources = 'sources' in entry && Array.isArray(entry.sources) ? entry.sources : [];
        const moved = sources.map(({ node }: { node?: Node }) =>
          node instanceof Element ? node.outerHTML.slice(0, 80) : (node?.textContent ?? '').slice(0, 80),
        );
        if ('reportShift' in window && typeof window.reportShift === 'function') window.reportShift(moved.join(' | '));
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return async () => {
    for (const event of ['request', 'response', 'console', 'weberror']) context.removeAllListeners(event);
    await script.dispose();
    await binding.dispose();
  };
}

/** Asked of a tab that is open on the site: to ask the context itself opens another, for as much work as a page. */
async function keptInStorage(context: BrowserContext, origin: string): Promise<string[]> {
  const tab = context.pages().find((page) => page.url().startsWith(origin));
  await tab?.waitForLoadState();
  const kept = await tab?.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]);
  return (kept ?? []).map((name) => `${origin} keeps ${name}`);
}
