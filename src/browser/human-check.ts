// The human check in the browser: slide by mouse, touch, keyboard or a click; what is asked for more rarely comes from
// human-check-letters.ts. The work runs from page load on, while the person reads. Nothing is decided here: the server
// judges, and what it says is shown. Where a browser has no WebCrypto (plain http), the no-script form is shown instead.
import { solveWork } from '../client/work.ts';
import type { Judged, LettersBox, Started, Task } from './human-check-letters.ts';

const root = document.querySelector<HTMLElement>('[data-human-check]');
/** The browser's own slider: for keys and screen readers. */
const range = root?.querySelector('input');
if (root && range) start(root, range, root.dataset);

function start(root: HTMLElement, range: HTMLInputElement, data: DOMStringMap): void {
  const endTolerancePx = 6;
  const longestTrace = 600;
  const longWaitMs = 8_000;
  /** Between two moves of a pointer: more than the beat of any screen. */
  const stallMs = 40;
  const words: Record<string, string> = JSON.parse(data['words'] ?? '');
  const part = (name: string): HTMLElement => {
    const found = root.querySelector<HTMLElement>(`.check-${name}`);
    if (!found) throw new Error(name);
    return found;
  };
  const slide = part('slide');
  const handle = part('handle');
  /** 1, or -1 where one reads from right to left. */
  const towards = document.dir === 'rtl' ? -1 : 1;

  let current: Promise<Started> | undefined;
  let travelPx = 0;
  /** How much of the way: 0 to 1. */
  let covered = 0;
  let isBusy = false;
  /** Passed, or left to the no-script form. */
  let isOver = false;
  /** Once letters were asked for. */
  let letters: LettersBox | undefined;
  /** The button of a form that was sent while the answer was on its way. */
  let wanted: HTMLElement | null | undefined;

  const say = (news = '', fault = '') => {
    part('status').textContent = words[news] ?? '';
    part('error').textContent = words[fault] ?? '';
    if (fault) wanted = undefined;
  };

  const move = (to: number) => {
    covered = Math.max(0, Math.min(1, to));
    handle.style.translate = `${towards * covered * travelPx}px`;
    range.value = `${Math.round(covered * 100)}`;
    range.ariaValueText = `${range.value}%`;
  };

  const post = async (path: string, body: object) => {
    const response = await fetch(data['checks'] + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ purpose: data['purpose'], ...body }),
    });
    if (!response.ok) throw response;
    return response.json();
  };

  const begin = (task: Task): Started => ({
    task,
    work: Promise.all([
      task.work && solveWork(task.work).catch(openPlain),
      new Promise((resolve) => setTimeout(resolve, task.waitMs)),
    ]),
  });

  const load = (kind: string): Promise<Started> => post('', { kind }).then(begin);

  const layOut = async (started: Promise<Started>) => {
    const { task } = await started;
    travelPx = task.travelPx ?? 0;
    part('track').style.width = `${travelPx + 56}px`;
    move(covered);
    // Renewed before it is too old, so that a person who comes back late finds it as it was.
    setTimeout(() => letters || isOver || isBusy || loadSlide(), task.lifeMs - 60_000);
  };

  const loadSlide = () => {
    current = load('slide');
    layOut(current).catch(trouble);
  };

  const trouble = (reason: unknown) => {
    isBusy = false;
    current = undefined;
    move(0);
    say('', Object(reason).status === 429 ? 'tooMany' : 'failed');
  };

  const answer = async (started: Started | Promise<Started> | undefined, mode: string, more = {}) => {
    if (isBusy || isOver) return;
    isBusy = true;
    say('checking');
    try {
      const { task, work } = await (started ?? load('slide'));
      const { challenge, waitMs } = task;
      if (waitMs > longWaitMs) {
        say('waiting');
        setTimeout(() => isBusy && say('half'), waitMs / 2);
      }
      const [derived] = await work;
      if (isOver) return;
      const judged = await post('/answers', { challenge, mode, work: derived, ...more });
      isBusy = false;
      await follow(judged, mode);
    } catch (reason) {
      trouble(reason);
    }
  };

  const follow = async (judged: Judged, mode: string) => {
    const { outcome, task, why } = judged;
    if (outcome === 'passed') pass();
    else if (outcome === 'wait') await answer(begin(task), 'wait');
    else if (outcome === 'letters' || letters) await askLetters(judged, mode);
    else {
      move(0);
      loadSlide();
      say('', why);
    }
  };

  const pass = () => {
    isOver = true;
    // What had the focus may be hidden, and its focus would be nowhere.
    const hasFocus = root.contains(document.activeElement);
    letters?.hide();
    slide.hidden = false;
    root.classList.add('check-passed');
    move(1);
    part('text').textContent = range.ariaValueText = words['passed'] ?? '';
    range.ariaDisabled = 'true';
    if (hasFocus) range.focus();
    say('passed');
    if (wanted !== undefined) range.form?.requestSubmit(wanted);
  };

  /** Most people never need them. */
  const lettersPart = (): Promise<typeof import('./human-check-letters.ts')> => import(data['more'] ?? '');

  const openPlain = async () => {
    isOver = slide.hidden = true;
    say();
    await (await lettersPart()).openPlain(root);
    return undefined;
  };

  /** Without a verdict: the letters that came with the page. */
  const askLetters = async (judged?: Judged, mode?: string) => {
    letters ??= await (await lettersPart()).createLettersBox({ root, say, begin, load, trouble, answer });
    slide.hidden = true;
    await letters.follow(judged, mode);
  };

  const explain = () => {
    say('', 'missing');
    range.focus();
  };

  const check = () => {
    if (isBusy || isOver) return;
    if (covered > 0.99) void answer(current, 'key');
    else explain();
  };

  // The way on when no script comes.
  say();
  range.addEventListener('input', () => move(isBusy || isOver ? covered : range.valueAsNumber / 100));
  range.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    check();
  });
  // What a screen reader on a touch screen sends for its double tap.
  range.addEventListener('click', check);
  part('click').addEventListener('click', ({ detail }) => void answer(current, detail ? 'click' : 'key'));

  let approach = 0;
  root.addEventListener('pointermove', () => (approach += 1));

  handle.addEventListener('pointerdown', (press) => {
    if (isBusy || isOver || press.button) return;
    // After a trouble a touch asks once more.
    if (!current) loadSlide();
    if (!travelPx) return;
    handle.setPointerCapture(press.pointerId);
    say();
    const drag = {
      pointer: press.pointerType || 'mouse',
      isTrusted: press.isTrusted,
      isAutomated: navigator.webdriver,
      pixelRatio: devicePixelRatio,
      grab: [press.offsetX - 23, press.offsetY - 23],
      approach,
      trace: [] as number[],
    };
    let movedAt = press.timeStamp;
    const listening = new AbortController();
    const listen = (name: 'pointermove' | 'pointerup' | 'pointercancel', act: (event: PointerEvent) => void) =>
      handle.addEventListener(name, act, listening);
    const drop = () => {
      listening.abort();
      move(0);
    };
    const follow = (
      { clientX, clientY, timeStamp }: PointerEvent,
      to = ((clientX - press.clientX) * towards) / travelPx,
    ) => {
      move(to);
      if (drag.trace.length >= longestTrace - 3) drag.trace = drag.trace.filter((_, place) => place % 6 < 3);
      for (const value of [covered * travelPx, clientY - press.clientY, timeStamp - press.timeStamp])
        drag.trace.push(Math.round(value * 100) / 100);
    };
    listen('pointermove', (event) => {
      drag.isTrusted &&= event.isTrusted;
      // What a page that stalled was not told comes with its next event: a hand on a slow machine would be a few leaps.
      if (event.timeStamp - movedAt > stallMs)
        for (const each of event.getCoalescedEvents?.().slice(0, -1) ?? []) follow(each);
      follow(event);
      movedAt = event.timeStamp;
    });
    listen('pointerup', (event) => {
      const isAtEnd = (1 - covered) * travelPx < endTolerancePx;
      drop();
      if (!isAtEnd) return say('short');
      follow(event, 1);
      void answer(current, 'drag', { drag: { ...drag, restMs: event.timeStamp - movedAt } });
    });
    listen('pointercancel', drop);
  });

  range.form?.addEventListener('submit', (event) => {
    if (isOver) return;
    event.preventDefault();
    if (isBusy) wanted = event.submitter;
    else if (letters) letters.explain();
    else explain();
  });

  const { humanCheck } = data;
  if (!crypto.subtle) void openPlain();
  else if (humanCheck === 'letters') void askLetters().catch(trouble);
  else if (humanCheck === 'wait') void answer(load('wait'), 'wait');
  else loadSlide();
}
