// Tries of bots against a real server: each from a network and a browser of its own, and what the server said to the first
// answer. The table says how many passed at once, after more work, or were sent to the letters.
import { type Browser, type Page } from 'playwright-core';
import { z } from 'zod';
import { secondMs } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { Drag } from '../../src/human-check/slider.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';

export type Outcome = 'passed' | 'wait' | 'letters' | 'refused' | 'no answer';

export interface Tried {
  readonly outcome: Outcome;
  readonly travelPx: number;
  /** What the page sent, where it was a drag. */
  readonly drag?: Drag | undefined;
}

/** Four bytes are the counter of the work: always the first, as nothing here depends on how long it takes. */
const random = { bytes: (length: number) => (length === 4 ? Buffer.alloc(4) : systemRandom.bytes(length)) };

export const startServer = (): Promise<TestApp> => createTestApp({ random, settings: { humanCheck: 'on' } });

let networks = 0;
export const nextNetwork = (): string => {
  networks += 1;
  return `10.${networks >> 8}.${networks & 255}.1`;
};

const judged = z.object({ outcome: z.enum(['passed', 'wait', 'letters', 'again']) });
export function outcomeOf(body: unknown): Outcome {
  const { outcome } = judged.parse(body);
  return outcome === 'again' ? 'refused' : outcome;
}

const sentAnswer = z.object({
  drag: z
    .object({
      trace: z.array(z.number()),
      pointer: z.enum(['mouse', 'touch', 'pen']),
      isTrusted: z.boolean(),
      isAutomated: z.boolean(),
      pixelRatio: z.number(),
      grab: z.tuple([z.number(), z.number()]),
      approach: z.number(),
      restMs: z.number(),
    })
    .optional(),
});

/** Opens the page as somebody new, lets `act` answer, and tells what the server said. */
export async function tryInPage(
  app: TestApp,
  browser: Browser,
  act: (page: Page, travelPx: number) => Promise<void>,
): Promise<Tried> {
  const context = await browser.newContext({
    viewport: { width: 1_280, height: 800 },
    extraHTTPHeaders: { 'x-forwarded-for': nextNetwork() },
  });
  try {
    const page = await context.newPage();
    await page.goto(`${app.origin}/recover`);
    const track = page.locator('.check-track[style]');
    await track.waitFor();
    const travelPx = Number.parseFloat(await track.evaluate(({ style }) => style.width)) - 56;
    app.clock.advance(secondMs);
    // A drag that ends too early sends none; and the machine may have others to serve.
    const answered = page.waitForResponse('**/human-checks/answers', { timeout: 30_000 }).catch(() => undefined);
    await act(page, travelPx);
    const response = await answered;
    if (!response) return { outcome: 'no answer', travelPx };
    const { drag } = sentAnswer.parse(response.request().postDataJSON());
    return { outcome: outcomeOf(await response.json()), travelPx, drag };
  } finally {
    await context.close();
  }
}

/** One after another: two pages at once make each other stall, which looks like a hand. */
export async function tryTimes(count: number, once: (at: number) => Promise<Tried>): Promise<Tried[]> {
  const tried: Tried[] = [];
  while (tried.length < count) tried.push(await once(tried.length));
  return tried;
}

export interface Table {
  /** `ceiling`: the highest share that may pass without a step-up. */
  tell(who: string, tried: readonly Tried[], ceiling?: number): void;
  /** Prints all rows; whether each kept its ceiling. */
  end(): boolean;
}

export function createTable(): Table {
  const rows: Record<string, string | number>[] = [];
  let isMet = true;
  return {
    tell(who, tried, ceiling) {
      const share = (...names: Outcome[]) =>
        tried.filter(({ outcome }) => names.includes(outcome)).length / Math.max(1, tried.length);
      const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
      if (ceiling !== undefined && share('passed', 'wait') > ceiling) isMet = false;
      rows.push({
        who,
        tries: tried.length,
        'at once': percent(share('passed')),
        'more work': percent(share('wait')),
        letters: percent(share('letters')),
        refused: percent(share('refused')),
        'no answer': percent(share('no answer')),
        ceiling: ceiling === undefined ? '' : percent(ceiling),
      });
      console.log(`${who}: ${tried.length} tries`);
    },
    end() {
      console.table(rows);
      return isMet;
    },
  };
}
