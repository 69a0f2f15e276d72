// Another company's check in Chromium: its script and its frame come from a stand-in on another origin, and the page lets
// in nothing else. Our own ways stay beside it.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, describe, expect } from 'vitest';
import { secondMs } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { ProviderName } from '../../src/config/settings.ts';
import { createSiteverify } from '../../src/human-check/siteverify.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { type StandInProvider, startProvider } from '../../src/testing/provider.ts';
import { browserTest as it } from './in-shop.ts';

let chrome: Browser;
let provider: StandInProvider;
let app: TestApp;
/** The slide does not step in. */
let strict: TestApp;

/** Four bytes are the counter of the work: always the first. */
const random = { bytes: (length: number) => (length === 4 ? Buffer.alloc(4) : systemRandom.bytes(length)) };

const createAppWith = (name: ProviderName, humanCheckOutage: 'built-in' | 'deny') =>
  createTestApp({
    random,
    settings: { humanCheck: 'on', humanCheckOutage },
    checkProvider: ({ origin, clock, log }) => {
      const { siteKey, secret, url: standIn } = provider;
      return createSiteverify({ name, siteKey, secret, hostname: new URL(origin).hostname, clock, log, standIn });
    },
  });

it.beforeAll(async ({ browser }) => {
  chrome = browser;
  provider = await startProvider({ now: () => app.clock.now() });
  app = await createAppWith('turnstile', 'built-in');
  strict = await createAppWith('hcaptcha', 'deny');
}, 30_000);
afterAll(async () => {
  await app.close();
  await strict.close();
  await provider.close();
});
afterEach(async () => {
  // What stays open goes on working.
  await Promise.all(chrome.contexts().map((context) => context.close()));
  expect([...app.faults, ...strict.faults]).toEqual([]);
});

interface Opened {
  readonly page: Page;
  /** What the policy of the page kept out, and other complaints. */
  readonly complaints: readonly string[];
}

async function open(of: TestApp, { isCutOff = false, locale = 'en-US', path = '/recover' } = {}): Promise<Opened> {
  const context = await chrome.newContext({ viewport: { width: 1280, height: 800 }, locale });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.clock.install();
  await page.route('**/human-checks/answers', async (route) => {
    of.clock.advance(30 * secondMs);
    await route.continue();
  });
  if (isCutOff) await page.route(`${provider.url}/**`, (route) => route.abort());
  await page.goto(of.origin + path);
  return { page, complaints };
}

const box = (page: Page) => page.getByRole('group', { name: 'Validation' });
const theirs = (page: Page) => page.frameLocator('iframe').getByRole('button', { name: 'I am a person' });
const next = (page: Page) => page.getByRole('button', { name: 'Continue', exact: true });
const slider = (page: Page) => page.getByRole('slider', { name: 'Validation' });

const seeVerified = (page: Page) =>
  expect
    .poll(async () => {
      await page.clock.fastForward(30 * secondMs);
      return slider(page).getAttribute('aria-valuetext');
    })
    .toBe('Verified');

describe('the check of a provider', () => {
  it('stands where the slide would be, explains what is missing, passes, and leads on', async () => {
    const { page, complaints } = await open(app);
    await theirs(page).waitFor();
    expect(await slider(page).isVisible()).toBe(false);
    expect(await box(page).textContent()).toContain('Another company makes this check and sees your network address.');
    await page.getByLabel('Email or user ID').fill('maria');
    await next(page).click();
    expect(await page.getByRole('alert').textContent()).toBe('Before you continue, do the check above this button.');
    expect(await box(page).evaluate((group) => group === document.activeElement)).toBe(true);
    await theirs(page).click();
    const done = page.getByText('Validation: Verified');
    await done.waitFor();
    expect(await box(page).isVisible()).toBe(false);
    expect(await page.getByRole('status').textContent()).toBe('Verified');
    expect(complaints).toEqual([]);
    await next(page).click();
    await page.waitForURL('**/recover/method');
  });

  it('lets a page load from the provider and from nobody else', async () => {
    const { page, complaints } = await open(app);
    await theirs(page).waitFor();
    const other = await startProvider(app.clock);
    try {
      const isLoaded = await page.evaluate(
        (source) =>
          new Promise((resolve) => {
            const script = document.createElement('script');
            script.src = source;
            script.addEventListener('load', () => resolve(true));
            script.addEventListener('error', () => resolve(false));
            document.head.append(script);
          }),
        `${other.url}/api.js`,
      );
      expect(isLoaded).toBe(false);
      expect(complaints.join()).toContain('Content Security Policy');
    } finally {
      await other.close();
    }
  });

  it('can be passed by, with nothing to type and nothing of the other company', async () => {
    const { page } = await open(strict);
    await theirs(page).waitFor();
    const before = provider.questions.length;
    await box(page).getByRole('button', { name: 'Check without typing' }).click();
    await seeVerified(page);
    expect(provider.questions).toHaveLength(before);
  });

  it('is asked once more when its token was refused, and the letters come after the second', async () => {
    const { page } = await open(app, { locale: 'es-ES' });
    for (const text of ['No ha funcionado. Haz la comprobación otra vez', 'escribe las letras que ves']) {
      provider.misbehave((response) => void response.writeHead(200).end('{"success": false}'));
      await theirs(page).click();
      await page.getByText(text).first().waitFor();
    }
    provider.misbehave();
    expect(await page.locator('.check-provider').isVisible()).toBe(false);
  });
});

describe('where the provider cannot be reached', () => {
  it.each([
    ['its script does not load', true],
    ['it does not answer our server', false],
  ])('because %s, the slide steps in', async (_, isCutOff) => {
    const { page } = await open(app, { isCutOff });
    if (!isCutOff) {
      provider.misbehave((response) => void response.writeHead(502).end());
      await theirs(page).click();
    }
    await page.getByText('The other check cannot be reached. Slide here instead.').waitFor();
    await page.getByRole('button', { name: 'Continue without sliding' }).click();
    await seeVerified(page);
    provider.misbehave();
  });

  it('and the site wants no slide, it says so, and the wait leads on', async () => {
    const { page } = await open(strict, { isCutOff: true });
    await page.getByText('This check cannot be reached.').waitFor();
    expect(await slider(page).isVisible()).toBe(false);
    await box(page).getByRole('button', { name: 'Check without typing' }).click();
    await seeVerified(page);
  });
});
