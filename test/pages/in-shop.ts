// `it` gives each test a shop of its own and the file's Chromium, and fails also for what the shop noted meanwhile.
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import type { SettingsInput } from '../../src/config/settings.ts';
import { chromiumFlags, chromiumPath, openShop } from './shop.ts';

export const it = test
  // oxlint-disable-next-line no-empty-pattern -- vitest reads from the pattern what a fixture is built from
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
    onCleanup(() => browser.close());
    return browser;
  })
  .extend('settings', {} as Partial<SettingsInput>)
  .extend('shop', async ({ browser, settings }, { onCleanup }) => {
    const shop = await openShop(browser, settings);
    onCleanup(async () => {
      const troubles = await shop.close();
      expect(troubles).toEqual([]);
    });
    return shop;
  });
