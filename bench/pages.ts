// How heavy and how quick the pages are. For each page of the walk, by a browser that knows nothing yet: what it loads, in
// bytes of bodies as they come over the wire (compressed) and in requests; how long the server takes; when its first and its
// largest content stand; how far it moves under the eye; and how long a typed key waits. At a desktop, and on a phone:
// Chromium at a quarter of its speed behind 1.6 Mbit/s and 150 ms. The goals are 14 KB a page, what one round trip carries,
// and 1.0 s to the largest content on that phone. `--peers` adds the pages of peers that ship some.
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumFlags, chromiumPath } from '../test/pages/chromium.ts';
import { openShop, type Visit } from '../test/pages/shop.ts';
import { tourRecovery, tourSignIn } from '../test/pages/tour.ts';
import { tourAnswers } from '../test/pages/tour-forms.ts';
import { goAs } from '../test/pages/walk.ts';
import { openPages } from './peers/pages.ts';
import { median } from './recovery/processes.ts';

const goals = { bytes: 14 * 1_024, largestMs: 1_000 };
const loads = 3;
const measured: Record<string, string> = {
  'sign-in': '/sign-in',
  identify: '/recover',
  method: '/recover/method',
  code: '/recover/code',
  account: '/recover/account',
  password: '/recover/password',
  done: '/recover/done',
};
/** Where anybody may begin. */
const beginnings = ['/sign-up', '/recover/case'];

const machines = {
  desktop: { width: 1_280, slowness: 1, network: undefined },
  phone: {
    width: 360,
    slowness: 4,
    network: { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 },
  },
} as const;
type Machine = keyof typeof machines;

interface Seen {
  readonly serverMs: number;
  readonly firstMs: number;
  readonly largestMs: number;
  readonly shift: number;
  readonly keyMs: number;
}

declare global {
  interface Window {
    /** What the browser told while the page loaded and a key was typed. */
    readonly told: { largestMs: number; shift: number; keyMs: number };
  }
}

/** Runs in the page before anything else. */
function watch(): void {
  const told = { largestMs: 0, shift: 0, keyMs: 0 };
  Object.assign(window, { told });
  const observe = (type: string, note: (entry: PerformanceEntry) => void, more = {}) =>
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) note(entry);
    }).observe({ type, buffered: true, ...more });
  observe('largest-contentful-paint', (entry) => (told.largestMs = entry.startTime));
  observe('layout-shift', (entry) => (told.shift += Number(Object(entry).value)));
  const note = (entry: PerformanceEntry) => (told.keyMs = Math.max(told.keyMs, entry.duration));
  observe('event', note, { durationThreshold: 16 });
}

/** Loads a page in a browser context of its own, and types one key. */
async function look(page: Page, url: string, machine: Machine): Promise<Seen> {
  const { slowness, network } = machines[machine];
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowness });
  if (network) {
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', network);
  }
  await page.addInitScript(watch);
  await page.goto(url, { waitUntil: 'networkidle' });
  const field = page.locator('input:not([type=hidden]), button, a').first();
  await field.focus();
  await page.keyboard.press('a');
  // Two frames later what the key did has been painted and told.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return page.evaluate(() => {
    const [load] = performance.getEntriesByType('navigation');
    const { requestStart = 0, responseStart = 0 } = load instanceof PerformanceNavigationTiming ? load : {};
    const first = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0;
    return { serverMs: responseStart - requestStart, firstMs: first, ...window.told };
  });
}

/** The middle of some loads, each by a browser that knows nothing yet. */
async function lookOften(open: () => Promise<Page>, url: string, machine: Machine): Promise<Seen> {
  const seen: Seen[] = [];
  for (let load = 0; load < loads; load += 1) {
    const page = await open();
    seen.push(await look(page, url, machine));
    await page.context().close();
  }
  const of = (part: keyof Seen) => median(seen.map((each) => each[part]));
  return {
    serverMs: of('serverMs'),
    firstMs: of('firstMs'),
    largestMs: of('largestMs'),
    shift: of('shift'),
    keyMs: of('keyMs'),
  };
}

/** What a page alone loads, in bytes of bodies over the wire. */
async function weigh(page: Page, url: string, counts: (type: string) => boolean) {
  const sizes: Promise<number>[] = [];
  page.on('requestfinished', (request) => {
    if (counts(request.resourceType())) sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
  });
  await page.goto(url, { waitUntil: 'networkidle' });
  const bodies = await Promise.all(sizes);
  await page.context().close();
  return { requests: bodies.length, bytes: bodies.reduce((sum, size) => sum + size, 0) };
}

type Row = Record<string, string | number>;
const rows: Row[] = [];
let isReached = true;

async function measure(name: string, url: string, open: (width: number) => Promise<Page>, isOurs: boolean) {
  // A challenge is asked for when the page stands; the icon and the logo are the site's own.
  const counts = (type: string) => !isOurs || ['document', 'stylesheet', 'script'].includes(type);
  const { requests, bytes } = await weigh(await open(machines.phone.width), url, counts);
  const row: Row = { page: name, requests, bytes };
  for (const machine of ['desktop', 'phone'] as const) {
    const seen = await lookOften(() => open(machines[machine].width), url, machine);
    row[`${machine}: server ms`] = Math.round(seen.serverMs);
    row[`${machine}: first ms`] = Math.round(seen.firstMs);
    row[`${machine}: largest ms`] = Math.round(seen.largestMs);
    row[`${machine}: shift`] = Math.round(1_000 * seen.shift) / 1_000;
    row[`${machine}: key ms`] = Math.round(seen.keyMs);
    if (isOurs && machine === 'phone') isReached &&= seen.largestMs <= goals.largestMs;
  }
  if (isOurs) isReached &&= bytes <= goals.bytes;
  rows.push(row);
}

async function measureOurs(browser: Browser): Promise<void> {
  const shop = await openShop(browser);
  // Without the clock that the shop moves: its times would be the page's.
  const withCookies = async ({ context }: Visit, width: number) => {
    const fresh = await browser.newContext({ viewport: { width, height: 800 }, locale: 'en-US' });
    await fresh.addCookies(await context.cookies());
    return fresh.newPage();
  };
  const measureAs = (visit: Visit, path: string) =>
    measure(path, `${shop.origin}${path}`, (width) => withCookies(visit, width), true);
  for (const tour of [tourSignIn, tourRecovery]) {
    const visit = await shop.visit({ width: 360 });
    await tour(shop, visit, async (_page, name) => {
      const path = measured[name];
      if (path !== undefined) await measureAs(visit, path);
    });
  }
  const visit = await shop.visit({ width: 360 });
  await tourAnswers(shop, shop.browser('en'), async (person, name) => {
    const path = measured[name];
    if (path === undefined) return;
    await goAs(shop, visit, person);
    await measureAs(visit, path);
  });
  for (const path of beginnings) await measureAs(await shop.visit({ width: 360 }), path);
  await shop.close();
}

const { values } = parseArgs({ options: { peers: { type: 'boolean', default: false } } });
const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
await measureOurs(browser);
if (values.peers) {
  const peers = await openPages();
  for (const { name, url } of peers.pages) {
    const open = async (width: number) => (await browser.newContext({ viewport: { width, height: 800 } })).newPage();
    await measure(name, url, open, false);
  }
  await peers.close();
}
await browser.close();
console.table(rows);
console.log(`Goals: ${goals.bytes} bytes a page, the largest content within ${goals.largestMs} ms on the phone.`);
process.exitCode = isReached ? 0 : 1;
