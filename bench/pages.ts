// How heavy the pages are: for each page of the walk, what a browser without a cache loads for it, in bytes of bodies as
// they come over the wire (compressed), and in how many requests. The goal is 14 KB a page: what one round trip carries.
import { chromium } from 'playwright-core';
import { chromiumFlags, chromiumPath } from '../test/pages/chromium.ts';
import { openShop, type Visit } from '../test/pages/shop.ts';
import { tourCase, tourRecovery, tourSignIn, tourSignUp } from '../test/pages/tour.ts';

const goalBytes = 14 * 1_024;
const measured: Record<string, string> = {
  'sign-in': '/sign-in',
  'sign-up': '/sign-up',
  identify: '/recover',
  method: '/recover/method',
  code: '/recover/code',
  account: '/recover/account',
  password: '/recover/password',
  done: '/recover/done',
  case: '/recover/case',
};

const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
const shop = await openShop(browser);
const rows: { page: string; requests: number; bytes: number; isWithin: boolean }[] = [];

/** What this page alone loads, its cookies given, by a browser that knows nothing yet. */
async function weigh({ context }: Visit, path: string): Promise<void> {
  const fresh = await shop.visit({ width: 360 });
  await fresh.context.addCookies(await context.cookies());
  const sizes: Promise<number>[] = [];
  fresh.page.on('requestfinished', (request) => {
    // A challenge is asked for when the page stands; the icon and the logo are the site's own.
    const isOurs = ['document', 'stylesheet', 'script'].includes(request.resourceType());
    if (isOurs) sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
  });
  await fresh.page.goto(path, { waitUntil: 'networkidle' });
  const bodies = await Promise.all(sizes);
  const bytes = bodies.reduce((sum, size) => sum + size, 0);
  rows.push({ page: path, requests: bodies.length, bytes, isWithin: bytes <= goalBytes });
}

for (const tour of [tourSignIn, tourSignUp, tourCase, tourRecovery]) {
  const visit = await shop.visit({ width: 360 });
  await tour(shop, visit, async (_page, name) => {
    const path = measured[name];
    if (path !== undefined) await weigh(visit, path);
  });
}
await shop.close();
await browser.close();

console.table(rows);
process.exitCode = rows.every(({ isWithin }) => isWithin) ? 0 : 1;
