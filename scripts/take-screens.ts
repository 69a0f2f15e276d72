// Takes the pictures in docs/screens/: `node --conditions=rekey-source scripts/take-screens.ts`. Each is a PNG of what a
// person sees on the tour through the demo shop.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { launchChromium } from '../test/pages/chromium.ts';
import type { Browser } from '../src/testing/browser.ts';
import type { Look, LookOver } from '../test/pages/look.ts';
import { openShop, type Shop, type Visit, type VisitOptions } from '../test/pages/shop.ts';
import { tourRecovery, tourSignIn } from '../test/pages/tour.ts';
import { tourAnswers, tourMailbox } from '../test/pages/tour-forms.ts';
import { goAs } from '../test/pages/walk.ts';

const folder = fileURLToPath(new URL('../docs/screens/', import.meta.url));
const pc = { width: 1280, language: 'en' } as const;
/** Of the pictures from a PC: still above 768 px, and light to load. */
const small = { width: 800, height: 560 };
const phone = { width: 360, language: 'es', scheme: 'dark' } as const;

interface Screen {
  readonly where: VisitOptions;
  readonly tour: (shop: Shop, visit: Visit, look: Look) => Promise<void>;
  /** File names of the pages of the tour that are kept. */
  readonly kept: Readonly<Record<string, string>>;
}

const inChromium =
  (tour: (shop: Shop, browser: Browser, look: LookOver) => Promise<void>): Screen['tour'] =>
  (shop, visit, look) =>
    tour(shop, shop.browser('en'), async (browser, name) => {
      await goAs(shop, visit, browser);
      await look(visit.page, name);
    });

const screens: readonly Screen[] = [
  { where: pc, tour: tourSignIn, kept: { modal: 'sign-in-pc' } },
  { where: phone, tour: tourSignIn, kept: { home: 'home-phone' } },
  { where: pc, tour: tourRecovery, kept: { identify: 'identify-pc', 'password-differ': 'password-pc' } },
  { where: pc, tour: inChromium(tourAnswers), kept: { method: 'method-pc', 'account-home': 'account-pc' } },
  { where: phone, tour: tourRecovery, kept: { code: 'code-phone', 'password-refused': 'password-phone' } },
  { where: pc, tour: inChromium(tourMailbox), kept: { mailbox: 'mailbox-pc', mail: 'mail-pc' } },
];

await mkdir(folder, { recursive: true });
const browser = await launchChromium();
for (const { where, tour, kept } of screens) {
  const shop = await openShop(browser);
  const look: Look = async (page, name) => {
    const file = kept[name];
    if (file === undefined) return;
    if (where === pc) await page.setViewportSize(small);
    const picture = await page.screenshot({ animations: 'disabled' });
    // With as many colours as a screen of ours has: a third of the bytes, and the same to the eye.
    await sharp(picture).png({ palette: true, effort: 10, compressionLevel: 9 }).toFile(`${folder}${file}.png`);
  };
  await tour(shop, await shop.visit(where), look);
  for (const trouble of await shop.close()) console.warn(trouble);
}
await browser.close();
