// `it` gives each test a shop of its own and a Chromium that files share, and fails also for what the shop noted meanwhile.
import { expect, test } from 'vitest';
import type { SettingsInput } from '../../src/config/settings.ts';
import { launchChromium } from './chromium.ts';
import { openShop } from './shop.ts';

export const browserTest = test
  // oxlint-disable-next-line no-empty-pattern -- vitest reads from the pattern what a fixture is built from
  .extend('browser', { scope: 'worker' }, async ({}, { onCleanup }) => {
    const browser = await launchChromium();
    onCleanup(() => browser.close());
    return browser;
  });

/** Each call makes one of its own: what overrides a fixture would do so for every file that shares its modules. */
export const itWith = (settings: Partial<SettingsInput>) =>
  browserTest.extend('shop', async ({ browser }, { onCleanup }) => {
    const shop = await openShop(browser, settings);
    onCleanup(async () => {
      const troubles = await shop.close();
      expect(troubles).toEqual([]);
    });
    return shop;
  });

export const it = itWith({});
