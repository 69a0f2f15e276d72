// Bots of each family against the real server and its real page in Chromium, and programs without a browser: what becomes of
// their first answer. The slips of a bot are in the stream of events, not in its curve. `npm run bench -- human-check chromium
// FOLDER` keeps the drags as the pages sent them. Where the machine is busy the pages stall, and a stall looks like a hand.
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../test/pages/chromium.ts';
import { bySystem, chanceFrom, families, type Family, type FamilyName } from './families.ts';
import { byClock, createSystemMouse, type Hand, inPage, inTurns } from './hands.ts';
import { runPrograms } from './programs.ts';
import { createTable, startServer, type Tried, tryInPage, tryTimes } from './tries.ts';

const counts = { drags: 40, presses: 13, bySystem: 30 };
const [, , folder] = process.argv;

const app = await startServer();
const table = createTable();

async function keep(who: string, tried: readonly Tried[]): Promise<void> {
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  const lines = tried.flatMap(({ drag, travelPx }) => (drag ? [`${JSON.stringify({ who, travelPx, drag })}\n`] : []));
  await appendFile(join(folder, 'drags.jsonl'), lines.join(''));
}

/** Tries of one family by one hand; the drags that passed at once. */
async function run(
  browser: Browser,
  name: FamilyName,
  hand: Hand,
  as: { who: string; count: number; ceiling?: number },
) {
  const chance = chanceFrom(Buffer.from(as.who).reduce((seed, byte) => (seed * 31 + byte) | 0, 11));
  const tried = await tryTimes(as.count, () =>
    tryInPage(app, browser, (page, travelPx) => hand(page, families[name].gesture(chance, travelPx))),
  );
  table.tell(as.who, tried, as.ceiling);
  await keep(as.who, tried);
  return tried.flatMap(({ outcome, drag }) => (outcome === 'passed' && drag ? [drag] : []));
}

const handOf = (name: FamilyName): Hand => {
  if (name === 'events made in the page') return inPage;
  return name.includes('careful') || ['minimum jerk', 'sigma-lognormal', 'adaptive'].includes(name) ? byClock : inTurns;
};

const isFamily = (name: string): name is FamilyName => Object.hasOwn(families, name);

const browser = await launchChromium();
try {
  let accepted: Awaited<ReturnType<typeof run>> = [];
  for (const name of Object.keys(families).filter(isFamily)) {
    const { ceiling }: Family = families[name];
    const passed = await run(browser, name, handOf(name), {
      who: name,
      count: counts.drags,
      ...(ceiling === undefined ? {} : { ceiling }),
    });
    if (name === 'adaptive') accepted = passed;
  }
  const byKey = () =>
    tryInPage(app, browser, async (page) => {
      await page.getByRole('slider').focus();
      await page.keyboard.press('End');
      await page.keyboard.press('Enter');
    });
  table.tell('keyboard', await tryTimes(counts.presses, byKey));
  const byClick = () => tryInPage(app, browser, (page) => page.locator('.check-click').click());
  table.tell('click', await tryTimes(counts.presses, byClick));
  await runPrograms(app, table, accepted);
} finally {
  await browser.close();
}

const mouse = await createSystemMouse();
try {
  const ceiling = 0.2;
  for (const name of ['jump', 'linear', 'minimum jerk', 'eased, careful press'] as const)
    await run(mouse.browser, name, mouse.hand, { who: bySystem(name), count: counts.bySystem, ceiling });
  await run(mouse.browser, 'adaptive', mouse.hand, { who: bySystem('adaptive'), count: counts.bySystem });
} finally {
  await mouse.close();
}
await app.close();
process.exitCode = table.end() ? 0 : 1;
