// What a tour calls on each of its pages: here all is looked at that has to hold on every one of them.
import type { Page } from 'playwright-core';
import type { Browser } from '../../src/testing/browser.ts';

/** Once the page stands still, in Chromium. */
export type Look = (page: Page, name: string) => Promise<void>;

/** Where pages are forms and what answers them, a tour goes over HTTP; `shown` has to stand in the page. */
export type LookOver = (browser: Browser, name: string, shown: string) => Promise<void>;

/** What stands in a page that refused what was typed, in one that says that it is done, and in one that says what is in the way. */
export const isRefused = 'aria-invalid="true"';
export const good = 'class="notice good';
export const bad = 'class="notice error';
