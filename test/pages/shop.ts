// The demo shop with account recovery in it, open to a real Chromium; its clock runs with the browser's and can be moved
// on. It notes what nobody may ever meet: an error in the console, a breach of the policy, a request that leaves the
// site, a page that moves under the eye, something in web storage.
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
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
  /** Answers what went wrong meanwhile. */
  close(): Promise<readonly string[]>;
}

const tickMs = 20;

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
  const visits: Visit[] = [];

  return {
    ...app,
    get app() {
      return app.app;
    },

    async visit({
      language = 'en',
      width = 1280,
      scheme = 'light',
      isApp = false,
      hasScript = true,
      reducedMotion = 'no-preference',
    } = {}) {
      const isPhone = width < 768;
      const options = {
        baseURL: app.origin,
        viewport: { width, height: isPhone ? 740 : 860 },
        hasTouch: isPhone,
        locale: language === 'es' ? 'es-ES' : 'en-GB',
        colorScheme: scheme,
        reducedMotion,
        javaScriptEnabled: hasScript,
        extraHTTPHeaders: { 'x-forwarded-for': `10.0.${visits.length}.1` },
        permissions: ['clipboard-read', 'clipboard-write'],
      };
      // Only a window that was opened as an app is `display-mode: standalone`.
      const context = isApp
        ? await chromium.launchPersistentContext('', {
            ...options,
            executablePath: chromiumPath,
            args: [...chromiumFlags, ...thriftyFlags, '--app=data:text/html,'],
          })
        : await browser.newContext(options);
      context.setDefaultTimeout(20_000);
      if (hasScript) await context.clock.install();
      await watch(context, app.origin, troubles);
      const [page = await context.newPage()] = context.pages();
      const pass = async (ms: number) => {
        app.clock.advance(ms);
        if (hasScript) await context.clock.fastForward(ms);
      };
      const visit = { page, context, words: wordsIn[language], isPhone, isApp, pass };
      visits.push(visit);
      return visit;
    },

    async close() {
      for (const { context } of visits) {
        troubles.push(...(await keptInStorage(context, app.origin)));
        await context.close();
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

async function watch(context: BrowserContext, origin: string, troubles: string[]): Promise<void> {
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
  await context.exposeBinding('reportShift', ({ page }, what: unknown) => {
    troubles.push(`moved on ${page.url()}: ${String(what)}`);
  });
  await context.addInitScript(() => {
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
}

/** Asked of a tab that is open on the site: to ask the context itself opens another, for as much work as a page. */
async function keptInStorage(context: BrowserContext, origin: string): Promise<string[]> {
  const tab = context.pages().find((page) => page.url().startsWith(origin));
  await tab?.waitForLoadState();
  const kept = await tab?.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]);
  return (kept ?? []).map((name) => `${origin} keeps ${name}`);
}
