// The human check in Chromium: walks 3, 29 and 31, and what a browser without WebCrypto meets; people.test.ts has the others.
// The app's clock moves only with the answers, and the work is always found at once, so that no test waits.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, describe, expect } from 'vitest';
import { secondMs } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { Drag } from '../../src/human-check/slider.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { browserTest as it } from './in-shop.ts';

let chrome: Browser;
let app: TestApp;
/** The same, with letters after every slide. */
let lettersApp: TestApp;

/** Four bytes are the counter of the work: always the first. */
const random = { bytes: (length: number) => (length === 4 ? Buffer.alloc(4) : systemRandom.bytes(length)) };

it.beforeAll(async ({ browser }) => {
  chrome = browser;
  app = await createTestApp({ random, settings: { humanCheck: 'on' } });
  lettersApp = await createTestApp({ random, settings: { humanCheck: 'on', alwaysLetters: true } });
}, 30_000);
afterAll(async () => {
  await app.close();
  await lettersApp.close();
});
afterEach(async () => {
  // What stays open goes on working.
  await Promise.all(chrome.contexts().map((context) => context.close()));
  expect([...app.faults, ...lettersApp.faults]).toEqual([]);
});

let networks = 0;

async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
  networks += 1;
  const context = await chrome.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    extraHTTPHeaders: { 'x-forwarded-for': `10.9.${networks}.1` },
    ...options,
  });
  return context.newPage();
}

async function openCheck(of: TestApp = app, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await openPage(options);
  await page.clock.install();
  await page.route('**/human-checks/answers', async (route) => {
    of.clock.advance(30 * secondMs);
    await route.continue();
  });
  await page.goto(`${of.origin}/recover`);
  // The slide is laid out once its challenge is here.
  await page.locator('.check-track[style]').waitFor();
  return page;
}

const slider = (page: Page) => page.getByRole('slider', { name: 'Validation' });
/** What is seen and dragged; the slider itself lies over it, for keys and screen readers. */
const handle = (page: Page) => page.locator('.check-handle');
const next = (page: Page) => page.getByRole('button', { name: 'Continue', exact: true });
const lettersBox = (page: Page) => page.getByRole('textbox', { name: 'Type the letters you see' });

/** Lets the page's own waits pass until it says that the check is done. */
async function seeVerified(page: Page): Promise<void> {
  await expect
    .poll(async () => {
      await page.clock.fastForward(30 * secondMs);
      return slider(page).getAttribute('aria-valuetext');
    })
    .toBe('Verified');
}

async function seeText(page: Page, text: string): Promise<void> {
  await expect
    .poll(async () => {
      await page.clock.fastForward(5 * secondMs);
      return page.getByText(text).first().isVisible();
    })
    .toBe(true);
}

/** Parts of a way, unevenly: enough of them, and slow enough, to be taken for a hand. */
const uneven = [0.03, 0.07, 0.14, 0.24, 0.27, 0.29, 0.35, 0.42, 0.5, 0.51, 0.6, 0.66, 0.74, 0.83, 0.9, 0.94, 0.97, 1];

/** Press, move by `x` px in uneven steps that drift, let go. */
async function dragBy(page: Page, x: number): Promise<void> {
  const box = (await handle(page).boundingBox()) ?? { x: 0, y: 0 };
  const [left, top] = [Math.round(box.x), Math.round(box.y)];
  await page.mouse.move(left + 20, top + 28, { steps: 3 });
  await page.mouse.down();
  for (const part of uneven)
    await page.mouse.move(Math.round(left + 20 + x * part), Math.round(top + 28 + 9 * Math.sin(4 * part)));
  await page.mouse.up();
}

const lettersOn = async (page: Page): Promise<string> => {
  const source = (await page.getByRole('img', { name: /Five letters/ }).getAttribute('src')) ?? '';
  return lettersApp.lettersOn({ html: `name="challenge" value="${source.split('/').at(-1)}"` });
};

describe('a page that stalls', () => {
  it('is told afterwards where its pointer was, so that a hand on a slow machine is no few leaps', async () => {
    const page = await openPage();
    await page.goto(`${app.origin}/recover`);
    await page.locator('.check-track[style]').waitFor();
    const { x, y } = (await handle(page).boundingBox()) ?? { x: 0, y: 0 };
    const [left, top] = [Math.round(x) + 20, Math.round(y) + 28];
    const devtools = await page.context().newCDPSession(page);
    // Not before the page: an event of then has no time there.
    const pressedAt = Date.now() / secondMs;
    const mouse = (type: 'mouseMoved' | 'mousePressed' | 'mouseReleased', at: readonly [number, number], ms: number) =>
      devtools.send('Input.dispatchMouseEvent', {
        type,
        x: left + at[0],
        y: top + at[1],
        button: 'left',
        clickCount: 1,
        timestamp: pressedAt + ms / secondMs,
      });
    for (const before of [30, 20, 10]) await mouse('mouseMoved', [-before, 0], -before);
    await mouse('mousePressed', [0, 0], 0);
    const begins = page.waitForEvent('console');
    const stalls = page.evaluate(() => {
      console.log('stalls');
      for (const from = performance.now(); performance.now() < from + 400; );
    });
    await begins;
    await Promise.all(uneven.map((part, at) => mouse('mouseMoved', [300 * part, at % 5], 100 + 20 * at)));
    await stalls;
    app.clock.advance(secondMs);
    const answers = page.waitForRequest('**/human-checks/answers');
    await mouse('mouseReleased', [300, 0], 550);
    const { drag }: { drag: Drag } = (await answers).postDataJSON();
    const heights = uneven.map((_, at) => at % 5);
    expect(drag.trace.filter((_, at) => at % 3 === 1)).toEqual([...heights, 0]);
    await page.locator('.check-passed').waitFor();
  });
});

describe('the letters', () => {
  it('walk 3: come after the slide; wrong ones bring a new picture and keep the identifier; right ones pass', async () => {
    const page = await openCheck(lettersApp);
    await page.getByLabel('Email or user ID').fill('maria');
    // Their styles are slow: nothing is shown that would move once they are here.
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const asked = page.waitForRequest('**/human-check-letters*.css');
    await page.route('**/human-check-letters*.css', async (route) => {
      await arrived;
      await route.continue();
    });
    let isAnswered = false;
    page.on('request', (request) => (isAnswered ||= request.url().endsWith('/human-checks/answers')));
    await dragBy(page, 400);
    // No longer than until then: after some seconds they are no longer waited for.
    await expect
      .poll(async () => {
        if (!isAnswered) await page.clock.fastForward(secondMs);
        return isAnswered;
      })
      .toBe(true);
    await asked;
    expect(await lettersBox(page).count()).toBe(0);
    arrive();
    await lettersBox(page).waitFor();
    await seeText(page, 'One more step: a picture of letters.');
    const first = await lettersOn(page);
    await lettersBox(page).fill('AAAAB');
    await page.getByRole('button', { name: 'Send' }).click();
    await seeText(page, 'Those were not the letters.');
    expect(await lettersOn(page)).not.toBe(first);
    expect(await page.getByLabel('Email or user ID').inputValue()).toBe('maria');
    await lettersBox(page).fill(` ${(await lettersOn(page)).toLowerCase()}`);
    await lettersBox(page).press('Enter');
    await seeVerified(page);
    await next(page).click();
    await page.waitForURL('**/recover/method');
  });

  it('walk 29: other letters cost no try; after two failures the other ways come first', async () => {
    const page = await openCheck(lettersApp);
    await dragBy(page, 400);
    await seeText(page, 'One more step');
    for (let times = 0; times < 2; times += 1) {
      const before = await lettersOn(page);
      await page.getByRole('button', { name: 'Other letters' }).click();
      await expect.poll(() => lettersOn(page)).not.toBe(before);
      expect(await page.getByText('Is this not working?').isVisible()).toBe(false);
      await lettersBox(page).fill('AAAAB');
      await page.getByRole('button', { name: 'Send' }).click();
      await seeText(page, 'Those were not the letters.');
    }
    await seeText(page, 'Is this not working?');
    const ways = page.locator('.check-stuck');
    expect(await ways.getByRole('button', { name: 'Check without typing' }).isVisible()).toBe(true);
    expect(await ways.getByRole('link', { name: 'Contact support' }).isVisible()).toBe(true);
  });

  it('can be heard: the sound is fetched when it is asked for, by keyboard too, and its digits answer the same box', async () => {
    const page = await openCheck(lettersApp);
    const refused: string[] = [];
    page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
    // Seven seconds of speech in less than one.
    await page.evaluate(() => {
      const { play } = HTMLMediaElement.prototype;
      HTMLMediaElement.prototype.play = function () {
        this.playbackRate = 16;
        return play.call(this);
      };
    });
    let fetched = 0;
    page.on('request', (request) => (fetched += request.url().includes('/recover/audio/') ? 1 : 0));
    await dragBy(page, 400);
    await seeText(page, 'One more step');
    const listen = page.getByRole('button', { name: 'Listen', description: 'Six digits are read out' });
    expect([await listen.isVisible(), fetched]).toEqual([true, 0]);
    await listen.focus();
    await page.keyboard.press('Space');
    await expect
      .poll(() => page.getByRole('status').textContent())
      .toBe('Type the six digits into the box. “Listen” plays them again.');
    expect(fetched).toBe(1);
    await listen.click();
    await expect.poll(() => page.getByRole('status').textContent()).toBe('');
    const source = (await listen.getAttribute('href')) ?? '';
    const digits = lettersApp.digitsOn({ html: `name="challenge" value="${source.split('/').at(-1)}"` });
    await lettersBox(page).fill(digits);
    await lettersBox(page).press('Enter');
    await seeVerified(page);
    expect(refused).toEqual([]);
  });
});

describe('a browser without WebCrypto', () => {
  // As over plain http, and as a privacy add-on leaves it.
  it.each([undefined, {}])('meets the letters of the no-script form, and goes on by them (%o)', async (subtle) => {
    const page = await openPage();
    await page.addInitScript((value) => Object.defineProperty(Crypto.prototype, 'subtle', { value }), subtle);
    await page.goto(`${app.origin}/recover`);
    await lettersBox(page).waitFor();
    expect(await slider(page).isVisible()).toBe(false);
    await page.getByLabel('Email or user ID').fill('maria');
    app.clock.advance(3 * secondMs);
    await lettersBox(page).fill(app.lettersOn({ html: await page.content() }));
    await next(page).click();
    await page.waitForURL('**/recover/method');
  });
});

describe('the proof', () => {
  it('walk 31: an answer that was used is refused, in the same browser and in another', async () => {
    const page = await openCheck();
    const sent = page.waitForRequest('**/human-checks/answers');
    await dragBy(page, 400);
    await seeVerified(page);
    const body = (await sent).postData() ?? '';
    const replay = (to: Page) =>
      to.evaluate(async (text) => {
        const headers = { 'content-type': 'application/json' };
        return (await fetch('/api/v1/human-checks/answers', { method: 'POST', headers, body: text })).json();
      }, body);
    expect(await replay(page)).toMatchObject({ outcome: 'again', why: 'late' });
    expect(await replay(await openCheck())).toMatchObject({ outcome: 'again', why: 'late' });
  });
});
