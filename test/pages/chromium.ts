// The Chromium of the tests. What has no window is done by its headless shell, where there is one: the same engine, for a
// third of the work. The whole browser is for what only it can do.
import { type Browser, chromium } from 'playwright-core';

export const chromiumPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // What the tests drive stands for people: a browser that says it is automated costs more.
  '--disable-blink-features=AutomationControlled',
];

// The list that the driver gives is replaced by this one, so its own of use here stand in it too.
const withoutFeatures =
  '--disable-features=RenderDocument,PaintHolding,HttpsUpgrades,OptimizationHints,NetworkTimeServiceQuerying';

/** They change no page, and halve what it costs to load one: fewer processes and threads talk to each other about it. */
export const thriftyFlags = [withoutFeatures, '--enable-features=NetworkServiceInProcess2', '--in-process-gpu'];

/**
 * Without windows. Its tabs go on in the process of their blank page, which a page that shuts out what opened it may not: that
 * second process was a fifth of what a tab costs, and the installed app has it still.
 */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM_SHELL_PATH'] || chromiumPath,
    args: [...chromiumFlags, ...thriftyFlags, `${withoutFeatures},CrossOriginOpenerPolicy`],
  });
