// Hands of bots: what moves the pointer of a real Chromium along a family's way. Through its debugging port, as automation
// does; by events that a script in the page makes; and through the X server, as a person's mouse is.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumFlags, chromiumPath } from '../../test/pages/chromium.ts';
import type { Gesture } from './families.ts';

export type Hand = (page: Page, gesture: Gesture) => Promise<void>;

/** Where the press is, and the way to it, in whole px of the page. */
async function wayTo(page: Page, { approach, grab }: Gesture) {
  const box = await page.locator('.check-handle').boundingBox();
  if (!box) throw new Error('no handle');
  const [x, y] = [Math.round(box.x + box.width / 2) + grab[0], Math.round(box.y + box.height / 2) + grab[1]];
  const steps = Math.min(approach, 12);
  const way = Array.from({ length: steps }, (_, at) => {
    const left = 1 - (at + 1) / steps;
    return [x - Math.round(70 * left), y + Math.round(30 * left ** 2)] as const;
  });
  return { x, y, way };
}

/** One call after another, each as soon as the one before is done. */
export const inTurns: Hand = async (page, gesture) => {
  const { x, y, way } = await wayTo(page, gesture);
  for (const place of way) await page.mouse.move(...place);
  await page.mouse.down();
  for (const [dx, dy] of gesture.points) await page.mouse.move(x + dx, y + dy);
  await page.mouse.up();
};

/** By the clock, however long the browser takes for each. */
export const byClock: Hand = async (page, gesture) => {
  const { x, y, way } = await wayTo(page, gesture);
  for (const place of way) await page.mouse.move(...place);
  await page.mouse.down();
  const startedAt = performance.now();
  const moves: Promise<void>[] = [];
  for (const [dx, dy, t] of gesture.points) {
    const waitMs = startedAt + t - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    moves.push(page.mouse.move(x + dx, y + dy));
  }
  await Promise.all(moves);
  await sleep(gesture.restMs);
  await page.mouse.up();
};

/** Events that a script in the page makes: no browser vouches for them, whatever their way. */
export const inPage: Hand = async (page, gesture) => {
  const { x, y } = await wayTo(page, gesture);
  const points = gesture.points.map(([dx, dy]) => [x + dx, y + dy] as const);
  await page.locator('.check-handle').evaluate(
    (handle, [press, ...moves]) => {
      const send = (kind: string, [clientX = 0, clientY = 0]: readonly number[] = []) => {
        const at = { pointerId: 1, pointerType: 'mouse', clientX, clientY, bubbles: true };
        handle.dispatchEvent(new PointerEvent(kind, at));
      };
      send('pointerdown', press);
      for (const place of moves) send('pointermove', place);
      send('pointerup', moves.at(-1));
    },
    [[x, y] as const, ...points, [x + 300, y] as const],
  );
};

export interface SystemMouse {
  readonly browser: Browser;
  readonly hand: Hand;
  close(): Promise<void>;
}

const display = ':97';
const environment = { ...process.env, DISPLAY: display };

/** Chromium in a window of a virtual screen, whose pointer xdotool moves. Throws where Xvfb or xdotool is missing. */
export async function createSystemMouse(): Promise<SystemMouse> {
  const screen = spawn('Xvfb', [display, '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], { stdio: 'ignore' });
  const fault = await Promise.race([once(screen, 'error'), sleep(2_000)]);
  if (fault) throw new Error('this part needs Xvfb and xdotool');
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    headless: false,
    args: [...chromiumFlags, '--window-position=0,0', '--window-size=1280,900'],
    env: environment,
  });
  const xdotool = (words: readonly (string | number)[]) => {
    const { status, stderr } = spawnSync('xdotool', words.map(String), { encoding: 'utf8', env: environment });
    if (status !== 0) throw new Error(`xdotool: ${stderr}`);
  };

  /** Where the page begins on the screen, as the browser itself tells it. */
  async function originOf(page: Page): Promise<readonly [number, number]> {
    const told = page.evaluate(
      () =>
        new Promise<[number, number]>((resolve) => {
          const tell = ({ screenX, screenY, clientX, clientY }: MouseEvent) =>
            resolve([screenX - clientX, screenY - clientY]);
          addEventListener('mousemove', tell, { once: true });
        }),
    );
    await sleep(50);
    xdotool(['mousemove', 640, 700, 'sleep', 0.03, 'mousemove', 642, 690]);
    return told;
  }

  return {
    browser,
    async hand(page, gesture) {
      await page.bringToFront();
      const [left, top] = await originOf(page);
      const { x, y, way } = await wayTo(page, gesture);
      const to = (placeX: number, placeY: number) => ['mousemove', Math.round(left + placeX), Math.round(top + placeY)];
      let before = 0;
      const moves = gesture.points.flatMap(([dx, dy, t]) => {
        const wait = Math.max(0.001, (t - before) / 1_000).toFixed(4);
        before = t;
        return ['sleep', wait, ...to(x + dx, y + dy)];
      });
      const approaching = way.flatMap((place) => [...to(...place), 'sleep', 0.012]);
      const rest = (gesture.restMs / 1_000).toFixed(4);
      xdotool([...approaching, 'mousedown', 1, ...moves, 'sleep', rest, 'mouseup', 1]);
    },
    async close() {
      await browser.close();
      screen.kill();
    },
  };
}
