// What holds on every page and in every state of it, in both languages, light and dark, on a PC and on a phone: nothing for
// axe to find, no scrolling sideways however narrow or large, targets that a shaking hand hits, a label on every field. Each page
// is seen twice, in a language, scheme and width that are all others the second time; what only some of it depends on is looked at
// for that part.
import { expect } from 'vitest';
import { type RouteName, routes } from '../../src/http/routes.ts';
import { type Examiner, openExaminer, shownOn, type Surface } from './examiner.ts';
import { itWith } from './in-shop.ts';
import * as tours from './tour.ts';
import * as accountTours from './tour-account.ts';
import { tourCase } from './tour-case.ts';
import { tourAgents, tourCases, tourDesk } from './tour-desk.ts';
import * as formTours from './tour-forms.ts';
import { tourReleases } from './tour-releases.ts';
import * as signInTours from './tour-sign-in.ts';
import { tourClosing, tourTalk } from './tour-talk.ts';
import { contextOf } from './shop.ts';
import { goAs } from './walk.ts';
import type { Language } from './words.ts';

const walked = { ...tours, ...signInTours, tourAgents, tourDesk };
const walkedOverHttp = { ...formTours, ...accountTours, tourCase, tourCases, tourClosing, tourReleases, tourTalk };

/** No pages: asked for by one or by a program, or only leading on. */
const noPages: readonly string[] = [
  'check.letters',
  'check.audio',
  'support.news',
  'support.case.picture',
  'support.figures.file',
  'change-password',
  'account.release',
  'support.shortcuts',
  'attack-consent',
  'health.live',
  'health.ready',
  'asset',
  'api-document',
] satisfies RouteName[];
/** Every other one has to be on a tour. */
const places = Object.entries(routes)
  .filter(([name, { method }]) => method === 'GET' && !name.startsWith('api.') && !noPages.includes(name))
  .map(([name, { path }]) => ({ name, pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`) }));

/** Takes every tour on this surface. A file each, so that two go at once. */
export function lookAtEveryPage(where: Surface & { readonly language: Language }): void {
  const { width, language } = where;
  const isPhone = width < 768;
  const it = itWith({ alwaysLetters: true, casePictureKb: 200 })
    .extend('examiner', { scope: 'file' }, async ({ browser }, { onCleanup }) => {
      const examiner = await openExaminer(browser, where);
      onCleanup(() => examiner.close());
      return examiner;
    })
    // On a PC what can be opened is opened in Chromium, which tells what it meets there: in one tab for all tours, as nothing
    // is done in it.
    .extend('tab', { scope: 'file' }, async ({ browser }, { onCleanup }) => {
      if (isPhone) return undefined;
      const context = await browser.newContext(contextOf(where));
      onCleanup(() => context.close());
      return context;
    });

  const unseen = new Set(places.map(({ name }) => name));
  const noteSeen = (url: string) => {
    const { pathname } = new URL(url, 'http://here');
    unseen.delete(places.find(({ pattern }) => pattern.test(pathname))?.name ?? '');
  };

  /** Adds what is wrong with a page to the list. */
  async function examine({ own, other }: Examiner, name: string, found: string[]): Promise<void> {
    const add = (what: string) => void found.push(`${name}: ${what}`);
    for (const each of await own.evaluate(breachesOf)) add(each);
    for (const each of await own.evaluate(faultsOf, language)) add(each);
    for (const each of await own.evaluate(tooWide)) add(`at ${width} px: ${each}`);
    for (const each of await other.evaluate(tooWide))
      add(`${isPhone ? 'with letters of twice the size' : 'at 320 px'}: ${each}`);
    // Again where something was found, as a test that failed may be run again.
    for (const each of [own, other]) {
      if ((await each.evaluate(findNewColouring)) === 0) continue;
      const faults = await each.evaluate(contrastBreaches);
      for (const fault of faults) add(`${each === own ? where.scheme : 'other'} contrast: ${fault}`);
      if (faults.length === 0) await each.evaluate(keepColouring);
    }
  }

  it.for(Object.entries(walked))('%s', { timeout: 180_000 }, async ([, tour], { shop, examiner }) => {
    const found: string[] = [];
    await tour(shop, await shop.visit(where), async (page, name) => {
      noteSeen(page.url());
      await examiner.see(await shownOn(page));
      await examine(examiner, name, found);
    });
    expect(found).toEqual([]);
  });

  it.for(Object.entries(walkedOverHttp))('%s', { timeout: 180_000 }, async ([, tour], { shop, examiner, tab }) => {
    const found: string[] = [];
    const visit = tab && (await shop.visitIn(tab, where));
    await tour(shop, shop.browser(language), async (browser, name, shown) => {
      const { html, path, status } = browser.page;
      noteSeen(path);
      if (isJudgedByBrowser.test(html))
        found.push(`${name}: without script the browser judges a form, in its own language`);
      if (!html.includes(shown)) found.push(`${name} lacks ${shown}: ${browser.page.text}`);
      if (visit && status === 200) await goAs(shop, visit, browser);
      // What is folded is looked at unfolded.
      await examiner.see({
        html: html.replaceAll('<details>', '<details open>'),
        url: new URL(path, shop.origin).href,
      });
      await examine(examiner, name, found);
    });
    expect(found).toEqual([]);
  });

  // Last, as each tour takes away what it came by.
  it('come by every page that there is', () => {
    expect([...unseen]).toEqual([]);
  });
}

/** A form with a field that has to be filled in, and without `novalidate`. */
const isJudgedByBrowser = /<form(?![^>]* novalidate)[^>]*>(?:(?!<\/form)[^])*? required/;

/**
 * Runs in the page. To describe what is right takes axe longer than to find what is wrong. It would also read every style sheet
 * anew, for a rule that is none of these standards.
 */
async function breachesOf(): Promise<string[]> {
  const { violations } = await window.axe.run({
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    // By itself, below: it takes longer than all others.
    rules: { 'color-contrast': { enabled: false } },
    resultTypes: ['violations'],
    iframes: false,
    preload: { assets: ['media'] },
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
  );
}

declare global {
  interface Window {
    /** What the colours of a text hang on: all that was found right, and one text for each that is new. */
    colouring?: { readonly seen: Set<string>; readonly fresh: ReadonlyMap<string, Element> };
  }
}

/** Runs in the page. Two texts with the same of what colours hang on have the same colours, whatever they say. */
function findNewColouring(): number {
  const seen = window.colouring?.seen ?? new Set<string>();
  const fresh = new Map<string, Element>();
  const ways = new Map<Element, string>();
  function wayTo(at: Element | null): string {
    if (!at) return '';
    const known = ways.get(at);
    if (known !== undefined) return known;
    const marks = Array.from(at.attributes, ({ name, value }) =>
      name.startsWith('data-')
        ? name
        : /^(class|type|style|disabled|open|aria-(checked|current|disabled|invalid))$/.test(name)
          ? value
          : '',
    );
    const way = `${[at.tagName, ...marks].join(' ')} < ${wayTo(at.parentElement)}`;
    ways.set(at, way);
    return way;
  }
  for (const element of (document.querySelector(':modal') ?? document.body).querySelectorAll('*')) {
    const hasText = Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.nodeValue?.trim());
    if (!hasText && !element.matches('input, textarea, select')) continue;
    const name = wayTo(element);
    if (seen.has(name) || fresh.has(name)) continue;
    if (element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) fresh.set(name, element);
  }
  window.colouring = { seen, fresh };
  return fresh.size;
}

/** Runs in the page. */
async function contrastBreaches(): Promise<string[]> {
  const { violations } = await window.axe.run(
    { include: [...(window.colouring?.fresh.values() ?? [])] },
    { runOnly: ['color-contrast'], resultTypes: ['violations'], iframes: false, preload: false },
  );
  return violations.flatMap(({ nodes }) =>
    nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
  );
}

/** Runs in the page. */
function keepColouring(): void {
  for (const way of window.colouring?.fresh.keys() ?? []) window.colouring?.seen.add(way);
}

/** Runs in the page. */
function faultsOf(language: string): string[] {
  const faults: string[] = [];
  if (document.documentElement.lang !== language) faults.push(`lang is ${document.documentElement.lang}`);
  if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
  if (document.title === '') faults.push('no title');
  if (document.querySelectorAll('[autofocus]').length > 1) faults.push('begins in two places');
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

/** Runs in the page: what makes it scroll sideways, or is cut off at its sides. */
function tooWide(): string[] {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const causes = Array.from(document.querySelectorAll('body *')).filter(
    (element) => element.getBoundingClientRect().right > wide + 0.5,
  );
  return [`${document.documentElement.scrollWidth} px wide: ${causes.at(-1)?.outerHTML.slice(0, 120)}`];
}
