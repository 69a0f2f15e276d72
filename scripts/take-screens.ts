// Takes the pictures in docs/screens/: `node --conditions=rekey-source scripts/take-screens.ts`. Each is a PNG of what a
// person sees on the tour through the demo shop.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { launchChromium } from '../test/pages/chromium.ts';
import type { Look } from '../test/pages/look.ts';
import { openShop, type VisitOptions } from '../test/pages/shop.ts';
import { tourMailbox, tourRecovery, tourSignIn } from '../test/pages/tour.ts';

const folder = fileURLToPath(new URL('../docs/screens/', import.meta.url));
const pc = { width: 1280, language: 'en' } as const;
/** Of the pictures from a PC: still above 768 px, and light to load. */
const small = { width: 800, height: 560 };
const phone = { width: 360, language: 'es', scheme: 'dark' } as const;

interface Screen {
  readonly where: VisitOptions;
  readonly tour: typeof tourRecovery;
  /** File names of the pages of the tour that are kept. */
  readonly kept: Readonly<Record<string, string>>;
}

const screens: readonly Screen[] = [
  { where: pc, tour: tourSignIn, kept: { modal: 'sign-in-pc' } },
  { where: phone, tour: tourSignIn, kept: { home: 'home-phone' } },
  {
    where: pc,
    tour: tourRecovery,
    kept: {
      identify: 'identify-pc',
      method: 'method-pc',
      'password-differ': 'password-pc',
      'account-home': 'account-pc',
    },
  },
  { where: phone, tour: tourRecovery, kept: { code: 'code-phone', 'password-refused': 'password-phone' } },
  { where: pc, tour: tourMailbox, kept: { mailbox: 'mailbox-pc', mail: 'mail-pc' } },
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
