// Every kind of person gets through the human check, in real Chromium, within 45 s that page and server share (walks 2, 25, 26, 28,
// 29 and 32): what is seen, what is heard, and what is pressed. The work is found at once; how long it takes at most is a
// sum of its own, below.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, describe, expect } from 'vitest';
import { secondMs } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { type Rung, rungs, waitingRung } from '../../src/human-check/ladder.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { browserTest as it } from './in-shop.ts';

const longestMs = 45 * secondMs;

let chrome: Browser;
let app: TestApp;
/** The same, with letters after every slide. */
let lettersApp: TestApp;

/** What a page waits for goes by on the server too: twice as fast, so that it is never behind. */
let ticking: NodeJS.Timeout;

/** Four bytes are the counter of the work: always the first. */
const random = { bytes: (length: number) => (length === 4 ? Buffer.alloc(4) : systemRandom.bytes(length)) };

it.beforeAll(async ({ browser }) => {
  chrome = browser;
  app = await createTestApp({ random, settings: { humanCheck: 'on' } });
  lettersApp = await createTestApp({ random, settings: { humanCheck: 'on', alwaysLetters: true } });
  let tickedAt = Date.now();
  ticking = setInterval(() => {
    const now = Date.now();
    for (const { clock } of [app, lettersApp]) clock.advance(2 * (now - tickedAt));
    tickedAt = now;
  }, 20);
}, 30_000);
afterAll(async () => {
  clearInterval(ticking);
  await app.close();
  await lettersApp.close();
});
afterEach(async () => {
  // What stays open goes on working.
  await Promise.all(chrome.contexts().map((context) => context.close()));
  expect([...app.faults, ...lettersApp.faults]).toEqual([]);
});

interface Visitor {
  readonly page: Page;
  /** What a screen reader was told by itself since the last time, in order. */
  heard(): Promise<readonly string[]>;
  /** Lets time go by, for page and server, until the check is passed; after 45 s it was a dead end. */
  getThrough(): Promise<void>;
}

declare global {
  interface Window {
    readonly heard: string[];
  }
}

let networks = 0;

/** Opens the page of the check; `prepare` runs in it before anything else. */
async function arrive(of: TestApp, options: BrowserContextOptions = {}, prepare = () => {}): Promise<Visitor> {
  networks += 1;
  const context = await chrome.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    extraHTTPHeaders: { 'x-forwarded-for': `10.8.${networks}.1` },
    ...options,
  });
  const page = await context.newPage();
  await page.clock.install();
  // The page leaps ahead, and its server follows before it is asked: at whatever moment a wait begins, nobody is too early.
  let leaptMs = 0;
  await page.route('**/human-checks/answers', (route) => {
    of.clock.advance(leaptMs);
    leaptMs = 0;
    return route.continue();
  });
  await page.addInitScript(prepare);
  await page.addInitScript(listen);
  await page.goto(`${of.origin}/recover`);
  // The slide is laid out once its challenge is here.
  await page.locator('.check-track[style]').waitFor();
  await page.evaluate(() => window.heard.splice(0));
  return {
    page,
    heard: () => page.evaluate(() => window.heard.splice(0)),
    async getThrough() {
      const stepMs = 5 * secondMs;
      for (let tookMs = 0; tookMs < longestMs; tookMs += stepMs) {
        leaptMs += stepMs;
        await page.clock.fastForward(stepMs);
        const passed = page.locator('.check-passed .check-track');
        if (await passed.waitFor({ timeout: 2_000 }).then(...asTrueOrFalse)) return;
      }
      throw new Error('no way through in 45 s');
    },
  };
}

const asTrueOrFalse = [() => true, () => false] as const;

/** Runs in the page: notes what its live regions say. */
function listen(): void {
  const heard: string[] = [];
  Object.assign(window, { heard });
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const said = target instanceof Element && target.matches('[role="status"], [role="alert"]') && target.textContent;
      if (said && target.checkVisibility()) heard.push(said);
    }
  }).observe(document, { subtree: true, childList: true });
}

/** Chromium's own accessibility tree: what it tells a screen reader, less what nobody would hear. */
async function treeOf(page: Page) {
  const devtools = await page.context().newCDPSession(page);
  const { nodes } = await devtools.send('Accessibility.getFullAXTree');
  return nodes.flatMap(({ ignored, role, name, description, value, properties = [] }) => {
    if (ignored) return [];
    const states = Object.fromEntries(properties.map((each) => [each.name, each.value.value as unknown]));
    const [say, more, now] = [name, description, value].map((each) => each?.value as unknown);
    return [{ role: role?.value as unknown, name: say, description: more, value: now, states }];
  });
}

const handle = (page: Page) => page.locator('.check-handle');
const passes = async (page: Page, words = { identifier: 'Email or user ID', continue: 'Continue' }) => {
  // Somebody of their own: an identifier that many ask for costs more.
  await page.getByLabel(words.identifier).fill(`visitor-${networks}`);
  await page.getByRole('button', { name: words.continue, exact: true }).click();
  await page.waitForURL('**/recover/method');
};

/** Parts of a way, unevenly: enough of them, and slow enough, to be taken for a hand. */
const uneven = [0.03, 0.07, 0.14, 0.24, 0.27, 0.29, 0.35, 0.42, 0.5, 0.51, 0.6, 0.66, 0.74, 0.83, 0.9, 0.94, 0.97, 1];

/** Press, move by `x` px in uneven steps that drift, let go: another way each time, as no hand repeats itself. */
async function drag(page: Page, x: number): Promise<void> {
  const box = (await handle(page).boundingBox()) ?? { x: 0, y: 0 };
  const [left, top] = [Math.round(box.x) + 20, Math.round(box.y) + 28];
  const [bow, turn] = [6 + 6 * Math.random(), 3 + 2 * Math.random()];
  await page.mouse.move(left, top, { steps: 3 });
  await page.mouse.down();
  for (const part of uneven)
    await page.mouse.move(
      Math.round(left + x * (part + 0.02 * Math.sin(turn * 3 * part))),
      Math.round(top + bow * Math.sin(turn * part)),
    );
  await page.mouse.up();
}

const slider = (page: Page, name = 'Validation') => page.getByRole('slider', { name });

describe('gets through', () => {
  it('by mouse: what is missing is said, a slide let go early goes back, and once passed it is not asked again', async () => {
    const { page, heard, getThrough } = await arrive(app);
    await page.getByLabel('Email or user ID').fill(`visitor-${networks}`);
    await page.getByRole('button', { name: 'Continue', exact: true }).click();
    expect(await heard()).toEqual([
      'Before you continue, slide the square to the end or press “Continue without sliding”.',
    ]);
    expect(new URL(page.url()).pathname).toBe('/recover');
    for (let times = 0; times < 4; times += 1) {
      await drag(page, 90);
      expect(await slider(page).inputValue()).toBe('0');
    }
    expect(await heard()).toEqual(Array(4).fill('Not quite: slide it all the way to the end.'));
    await drag(page, 400);
    await getThrough();
    expect(await heard()).toEqual(['Checking…', 'Verified']);
    expect(await page.getByRole('button', { name: 'Continue without sliding' }).isVisible()).toBe(false);
    await page.reload();
    expect(await page.getByText('Validation: Verified').isVisible()).toBe(true);
    expect(await slider(page).isVisible()).toBe(false);
    await passes(page);
  });

  it('by keyboard and ear, in Spanish: names, what the keys do, where the focus is, and what is said', async () => {
    const { page, heard, getThrough } = await arrive(app, { locale: 'es-ES' });
    const before = await treeOf(page);
    expect(before).toContainEqual({
      role: 'slider',
      name: 'Validación',
      description: 'Desliza para verificar Con el teclado: pulsa Fin y después Intro.',
      value: 0,
      states: expect.objectContaining({ valuemin: 0, valuemax: 100, focusable: true }),
    });
    expect(before).toContainEqual(expect.objectContaining({ role: 'button', name: 'Continuar sin deslizar' }));
    const live = before.filter(({ role }) => role === 'status' || role === 'alert').map(({ states }) => states['live']);
    expect(live).toEqual(['polite', 'assertive']);
    expect(before.filter(({ name }) => name === '>>')).toEqual([]);

    const range = slider(page, 'Validación');
    await page.getByLabel('Email o ID de usuario').focus();
    await page.keyboard.press('Tab');
    expect(await range.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await handle(page).evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid');
    const values: string[] = [];
    for (const key of ['ArrowRight', 'PageUp', 'ArrowLeft', 'PageDown', 'ArrowUp', 'Home', 'End', 'ArrowLeft']) {
      await page.keyboard.press(key);
      values.push(await range.inputValue());
    }
    expect(values).toEqual(['10', '20', '10', '0', '10', '0', '100', '90']);
    await page.keyboard.press('Enter');
    expect(await heard()).toEqual([
      'Antes de continuar, desliza el cuadrado hasta el final o pulsa «Continuar sin deslizar».',
    ]);
    await page.keyboard.press('End');
    await page.keyboard.press('Space');
    await getThrough();
    // Keys cost one level of work more, which is said by nothing: it takes a second.
    expect(await heard()).toEqual(['Comprobando…', 'Comprobando…', 'Verificado']);
    const after = (await treeOf(page)).find(({ role }) => role === 'slider');
    expect(after?.states).toMatchObject({ valuetext: 'Verificado', focused: true, disabled: true });
    await page.keyboard.press('Home');
    expect(await range.inputValue()).toBe('100');
    await passes(page, { identifier: 'Email o ID de usuario', continue: 'Continuar' });
  });

  it('by the gestures of a screen reader on a touch screen, which send no keys', async () => {
    const { page, heard, getThrough } = await arrive(app, { viewport: { width: 360, height: 640 }, hasTouch: true });
    await slider(page).fill('100');
    await slider(page).dispatchEvent('click');
    await getThrough();
    expect((await heard()).at(-1)).toBe('Verified');
    await passes(page);
  });

  it('by one click or tap, though Continue is pressed before it is checked', async () => {
    const { page, getThrough } = await arrive(app, { viewport: { width: 320, height: 640 }, hasTouch: true });
    await page.getByLabel('Email or user ID').fill(`visitor-${networks}`);
    await page.getByRole('button', { name: 'Continue without sliding' }).tap();
    await page.getByRole('button', { name: 'Continue', exact: true }).tap();
    await Promise.race([getThrough(), page.waitForURL('**/recover/method')]);
    await page.waitForURL('**/recover/method');
  });

  it('by touch, in Spanish: the page does not scroll, and a swipe to the left does not pass', async () => {
    const phone = { viewport: { width: 360, height: 420 }, hasTouch: true, isMobile: true, locale: 'es-ES' };
    const { page, heard, getThrough } = await arrive(app, phone);
    await handle(page).evaluate((element) => element.scrollIntoView({ block: 'center' }));
    const { x, y } = (await handle(page).boundingBox()) ?? { x: 0, y: 0 };
    const devtools = await page.context().newCDPSession(page);
    const swipe = async (from: number, to: number) => {
      const point = (part: number) => [{ x: from + (to - from) * part, y: y + 20 - 120 * part }];
      await devtools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: point(0) });
      for (const part of uneven)
        await devtools.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: point(part) });
      await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    };
    const before = await page.evaluate(() => scrollY);
    await swipe(x + 30, x - 300);
    expect(await slider(page, 'Validación').inputValue()).toBe('0');
    expect(await heard()).toEqual(['Casi: deslízalo hasta el final.']);
    await swipe(x + 30, x + 320);
    expect(await page.evaluate(() => scrollY)).toBe(before);
    await getThrough();
    expect((await heard()).at(-1)).toBe('Verificado');
  });

  it('at 200 % zoom, in the colours of the system and without motion', async () => {
    const { page, getThrough } = await arrive(app, {
      viewport: { width: 640, height: 400 },
      deviceScaleFactor: 2,
      forcedColors: 'active',
      reducedMotion: 'reduce',
    });
    await drag(page, 60);
    const drawn = await page.evaluate(() => {
      const [square, text] = ['.check-handle', '.check-text'].map((each) => document.querySelector(each));
      if (!square || !text) throw new Error('no slide');
      return {
        border: getComputedStyle(square).borderTopColor,
        ground: getComputedStyle(document.body).backgroundColor,
        words: getComputedStyle(text).color,
        isCutOff: document.documentElement.scrollWidth > innerWidth,
        moving: document.getAnimations().length,
      };
    });
    // The square would be white on white without its border.
    expect([drawn.border, drawn.words]).not.toContain(drawn.ground);
    expect([drawn.isCutOff, drawn.moving]).toEqual([false, 0]);
    await drag(page, 400);
    await getThrough();
    await passes(page);
  });

  it('from right to left: the square begins at the right, and hand and arrows move it to the left', async () => {
    const { page, getThrough } = await arrive(app, {}, () => {
      new MutationObserver((_, observer) => {
        if (!document.documentElement) return;
        document.documentElement.dir = 'rtl';
        observer.disconnect();
      }).observe(document, { childList: true });
    });
    const edges = () =>
      page.evaluate(() => {
        const [square, track] = ['.check-handle', '.check-track'].map((each) =>
          document.querySelector(each)?.getBoundingClientRect(),
        );
        if (!square || !track) throw new Error('no slide');
        return { toLeft: Math.round(square.left - track.left), toRight: Math.round(track.right - square.right) };
      });
    expect((await edges()).toRight).toBe(4);
    await slider(page).press('ArrowLeft');
    expect(await slider(page).inputValue()).toBe('10');
    await slider(page).press('ArrowRight');
    await drag(page, 300);
    expect(await slider(page).inputValue()).toBe('0');
    await drag(page, -400);
    expect((await edges()).toLeft).toBe(4);
    await getThrough();
    await passes(page);
  });

  it('with strict privacy: no storage, blurred time, nothing told of where one comes from', async () => {
    const { page, getThrough } = await arrive(app, {}, () => {
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException('The operation is insecure.', 'SecurityError');
          },
        });
      // As browsers do that resist fingerprinting.
      const { get } = Object.getOwnPropertyDescriptor(Event.prototype, 'timeStamp') ?? {};
      Object.defineProperty(Event.prototype, 'timeStamp', {
        get(this: Event) {
          return Math.floor(Number(get?.call(this)) / 100) * 100;
        },
      });
    });
    const referers: string[] = [];
    page.on('request', (request) => referers.push(request.headers()['referer'] ?? ''));
    const faults: string[] = [];
    page.on('pageerror', ({ message }) => faults.push(message));
    await page.reload();
    await page.locator('.check-track[style]').waitFor();
    await drag(page, 400);
    await getThrough();
    await passes(page);
    expect(referers.filter((each) => each !== '')).toEqual([]);
    expect(faults).toEqual([]);
    const cookies = await page.context().cookies();
    expect(cookies.map(({ domain }) => domain)).toEqual(cookies.map(() => '127.0.0.1'));
  });

  it('by letters, in Spanish, in the dark and at 200 % zoom, by keys alone: other letters, and no letters at all', async () => {
    const { page, heard, getThrough } = await arrive(lettersApp, {
      viewport: { width: 640, height: 400 },
      deviceScaleFactor: 2,
      colorScheme: 'dark',
      locale: 'es-ES',
    });
    await drag(page, 400);
    lettersApp.clock.advance(5 * secondMs);
    await page.clock.fastForward(5 * secondMs);
    const box = page.getByRole('textbox', { name: 'Escribe las letras que ves' });
    await box.waitFor();
    await expect.poll(async () => (await heard()).at(-1)).toBe('Un paso más: una imagen con letras.');
    expect(await box.evaluate((element) => element === document.activeElement)).toBe(true);

    const picture = page.getByRole('img', { name: /Cinco letras y números/ });
    const seen = await picture.evaluate(contrastOf);
    expect(seen.isWhole).toBe(true);
    // WCAG 2.2 SC 1.4.3, for the letters and for the ground that the picture brings along.
    expect(seen.contrast).toBeGreaterThanOrEqual(4.5);

    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    const first = await picture.getAttribute('src');
    const order: string[] = [];
    for (let tabs = 0; tabs < 4; tabs += 1) {
      await page.keyboard.press('Tab');
      order.push(await focused());
      expect(await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle)).toBe(
        'solid',
      );
    }
    expect(order).toEqual(['Enviar', 'Otras letras', 'Escuchar', 'Comprobar sin escribir']);
    await page.getByRole('button', { name: 'Otras letras' }).press('Enter');
    await expect.poll(() => picture.getAttribute('src')).not.toBe(first);
    expect((await heard()).at(-1)).toBe('Aquí tienes otras letras.');
    await page.getByRole('button', { name: 'Comprobar sin escribir' }).press('Enter');
    await expect
      .poll(async () => (await heard()).at(-1))
      .toBe('Comprobando. Tarda unos 20 segundos y no tienes que hacer nada.');
    await getThrough();
    expect(await heard()).toEqual(['Ya va por la mitad.', 'Verificado']);
    // The box that had the focus is gone.
    expect(await slider(page, 'Validación').evaluate((element) => element === document.activeElement)).toBe(true);
  });
});

/** Runs in the page: of the letters' black against most of the picture, and whether all of it is in view. */
function contrastOf(picture: Element): { contrast: number; isWhole: boolean } {
  if (!(picture instanceof HTMLImageElement)) throw new Error('no picture');
  const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const counts = new Map<number, number>();
  for (let at = 0; at < data.length; at += 4) counts.set(data[at] ?? 0, (counts.get(data[at] ?? 0) ?? 0) + 1);
  const luminance = (grey: number) => (grey <= 10 ? grey / 255 / 12.92 : ((grey / 255 + 0.055) / 1.055) ** 2.4);
  // The ground is the commonest grey; a letter's stroke is whatever dark is common enough to be one.
  const [ground = 0] = [...counts].toSorted(([, a], [, b]) => b - a)[0] ?? [];
  const [ink = 0] = [...counts].find(([grey, count]) => grey !== ground && count > 900) ?? [];
  const [light, dark] = [ground, ink].map(luminance).toSorted((a, b) => b - a);
  const { left, right, width, height } = picture.getBoundingClientRect();
  const isWhole = left >= 0 && right <= innerWidth && width >= 200 && height >= 70;
  return { contrast: ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05), isWhole };
}

it('and nobody waits longer for the work, though a derivation take 0.4 ms and the last one tried be the right one', () => {
  const slowestMs = 0.4;
  const lastsMs = ({ derivations, notBeforeMs }: Rung) => Math.max(notBeforeMs, 2 * derivations * slowestMs);
  // The dearest way: the highest level by keys, whose work began with the page, and then the waiting check.
  const readingMs = 3 * secondMs;
  expect(lastsMs(rungs[3]) - readingMs + lastsMs(waitingRung)).toBeLessThanOrEqual(longestMs);
});
