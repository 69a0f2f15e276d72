// What holds on every page and in every state of it, in both languages, light and dark, on a PC and on a phone: nothing for
// axe to find, no scrolling sideways however narrow or large, targets that a shaking hand hits, a label on every field. Each page
// is seen twice, in a language, scheme and width that are all others the second time; what only some of it depends on is looked at
// for that part.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { itWith } from './in-shop.ts';
import type { VisitOptions } from './shop.ts';
import * as tours from './tour.ts';
import { tourAgents, tourDesk } from './tour-desk.ts';
import { tourReleases } from './tour-releases.ts';
import * as signInTours from './tour-sign-in.ts';

declare global {
  interface Window {
    readonly getAxe: () => typeof axe;
  }
}

// With every page, and yet to be run: to send it to each page that is looked at costs as much as to look.
const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const axeScript = {
  content: `window.getAxe = () => { if (!window.axe) {${readFileSync(axeFile, 'utf8')}} return window.axe; };`,
};

const it = itWith({ alwaysLetters: true });

/** Takes every tour on this surface. A file each, so that two go at once. */
export function lookAtEveryPage(
  where: VisitOptions & { readonly language: string; readonly scheme: 'light' | 'dark' },
): void {
  const other = where.scheme === 'light' ? 'dark' : 'light';
  /** Looked at in the other scheme on this surface. */
  const seenInOther = new Set<string>();

  it.for(Object.entries({ ...tours, ...signInTours, tourAgents, tourDesk, tourReleases }))(
    '%s',
    { timeout: 180_000 },
    async ([, tour], { shop }) => {
      const found: string[] = [];
      const look = async (page: Page, name: string) => {
        const add = (what: string) => void found.push(`${name}: ${what}`);
        for (const each of await breachesOf(page)) add(each);
        const ways = await page.evaluate(colouringOf);
        if (ways.some((way) => !seenInOther.has(way))) {
          await page.emulateMedia({ colorScheme: other });
          for (const each of await breachesOf(page, ['color-contrast'])) add(`${other}: ${each}`);
          await page.emulateMedia({ colorScheme: where.scheme });
          for (const way of ways) seenInOther.add(way);
        }
        for (const each of await page.evaluate(faultsOf, where.language)) add(each);
        for (const each of await troublesAtSizes(page)) add(each);
      };
      const visit = await shop.visit(where);
      await visit.context.addInitScript(axeScript);
      await tour(shop, visit, look);
      expect(found).toEqual([]);
    },
  );
}

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** `only`: rules or standards of axe. */
const breachesOf = (page: Page, only: readonly string[] = standards): Promise<string[]> => page.evaluate(runAxe, only);

/**
 * Runs in the page. To describe what is right takes axe longer than to find what is wrong; in a mail no script runs. It would
 * also read every style sheet anew, for a rule that is none of these standards.
 */
async function runAxe(only: readonly string[]): Promise<string[]> {
  const { violations } = await window.getAxe().run({
    runOnly: [...only],
    resultTypes: ['violations'],
    iframes: false,
    preload: { assets: ['media'] },
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
  );
}

/** Runs in the page: what its colours hang on. Two texts with the same of it have the same colours, whatever they say. */
function colouringOf(): string[] {
  const ways = new Set<string>();
  for (const element of document.querySelectorAll('body *')) {
    const hasText = Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.nodeValue?.trim());
    if (!hasText && !element.matches('input, textarea, select')) continue;
    const way: string[] = [];
    for (let at: Element | null = element; at; at = at.parentElement) {
      const marks = Array.from(at.attributes, ({ name, value }) =>
        name.startsWith('data-')
          ? name
          : /^(class|type|style|disabled|open|aria-(checked|current|disabled|invalid))$/.test(name)
            ? value
            : '',
      );
      way.push([at.tagName, ...marks].join(' '));
    }
    ways.add(way.join(' < '));
  }
  return [...ways];
}

/** Runs in the page. */
function faultsOf(language: string): string[] {
  const faults: string[] = [];
  if (document.documentElement.lang !== language) faults.push(`lang is ${document.documentElement.lang}`);
  if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
  if (document.title === '') faults.push('no title');
  const modal = document.querySelector('dialog[open]');
  const isSeen = (element: Element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    !element.closest('.skip, [aria-hidden="true"]');
  for (const element of (modal ?? document).querySelectorAll('a, button, input, textarea, [role="slider"]')) {
    if (!isSeen(element)) continue;
    const isField = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
    const label = isField ? element.labels?.[0] : undefined;
    if (isField && element.type !== 'search' && (!label || !isSeen(label))) faults.push(`no label on ${element.name}`);
    // A choice is as large as its words.
    const target = isField && element.type === 'radio' && label ? label : element;
    const { width, height } = target.getBoundingClientRect();
    // SC 2.5.8 leaves a link within a sentence its line.
    const isInSentence =
      getComputedStyle(element).display === 'inline' && element.parentElement?.textContent !== element.textContent;
    if (!isInSentence && (width < 24 || height < 24)) {
      faults.push(`${Math.round(width)} x ${Math.round(height)} px: ${element.outerHTML.slice(0, 100)}`);
    }
  }
  return faults;
}

/** On a PC at 320 px, which is 400 % of zoom; on a phone at its own width, and with letters of twice the size. */
async function troublesAtSizes(page: Page): Promise<string[]> {
  const own = page.viewportSize() ?? { width: 1280, height: 860 };
  const troubles: string[] = [];
  const measure = async (size: string) => {
    for (const what of await page.evaluate(tooWide)) troubles.push(`at ${size}: ${what}`);
  };
  if (own.width > 640) {
    await page.setViewportSize({ width: 320, height: 640 });
    await measure('320 px');
  } else {
    await measure(`${own.width} px`);
    await page.setViewportSize({ width: 640, height: 430 });
    await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
    await measure('640 px with letters of twice the size');
    await page.evaluate(() => document.documentElement.style.removeProperty('font-size'));
  }
  await page.setViewportSize(own);
  return troubles;
}

/** Runs in the page: what makes it scroll sideways, or is cut off at its sides. */
function tooWide(): string[] {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const causes = Array.from(document.querySelectorAll('body *')).filter(
    (element) => element.getBoundingClientRect().right > wide + 0.5,
  );
  return [`${document.documentElement.scrollWidth} px wide: ${causes.at(-1)?.outerHTML.slice(0, 120)}`];
}
