// The human check in the browser: slide by mouse, touch, keyboard or a click; letters and the waiting check when asked.
// The work runs from page load on, while the person reads. Nothing is decided here: the server judges, and what it
// says is shown. Without WebCrypto (plain http) the letters of the no-script form are shown instead.
import { solveWork, type Work } from '../client/work.ts';

interface Task {
  readonly challenge: string;
  readonly waitMs: number;
  readonly lifeMs: number;
  readonly travelPx?: number;
  readonly work?: Work;
}

interface Judged {
  readonly outcome: 'passed' | 'letters' | 'wait' | 'again';
  readonly why?: 'wrong' | 'early' | 'late';
  readonly isStuck?: boolean;
  readonly task: Task;
}

/** A task with its work under way. */
interface Started {
  readonly task: Task;
  readonly work: Promise<string | undefined>;
  readonly readyAt: number;
}

const endTolerancePx = 6;
const longestTrace = 600;
const longWaitMs = 8_000;
/** For letters that came with the page; human-check/ladder.ts decides. */
const lettersWaitMs = 2_000;

const root = document.querySelector<HTMLElement>('[data-human-check]');
if (root && root.dataset['humanCheck'] !== 'passed') {
  root.dataset['ready'] = '';
  if (isSecureContext) start(root, root.dataset);
  else openPlain(root);
}

/** The box of the no-script form: its words and ways are written once. */
function openPlain(root: HTMLElement): void {
  const noscript = root.querySelector('noscript');
  noscript?.insertAdjacentHTML('afterend', noscript.textContent);
  noscript?.remove();
}

function start(root: HTMLElement, data: DOMStringMap): void {
  const words: Record<string, string> = JSON.parse(data['words'] ?? '{}');
  const part = <T extends HTMLElement>(name: string, kind: new () => T): T => {
    const found = root.querySelector(`.check-${name}`);
    if (!(found instanceof kind)) throw new Error(name);
    return found;
  };
  const slide = part('slide', HTMLElement);
  const track = part('track', HTMLElement);
  const handle = part('handle', HTMLElement);
  const status = part('status', HTMLElement);
  const error = part('error', HTMLElement);
  const form = root.closest('form');
  const isRightToLeft = getComputedStyle(track).direction === 'rtl';

  let current: Promise<Started> | undefined;
  let travelPx = 0;
  let at = 0;
  let isBusy = false;
  let isPassed = false;
  let box: HTMLElement | undefined;
  let input: HTMLInputElement | undefined;
  /** The button of a form that was sent while the answer was on its way. */
  let wanted: HTMLElement | null | undefined;

  const say = (news = '', fault = '') => {
    status.textContent = words[news] ?? '';
    error.textContent = words[fault] ?? '';
    if (fault) wanted = undefined;
  };

  const post = async (url: string | undefined, body: object) => {
    const response = await fetch(url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ purpose: data['purpose'], ...body }),
    });
    if (!response.ok) throw response;
    return response.json();
  };

  const load = async (kind: string): Promise<Started> => begin(await post(data['checks'], { kind }));

  const loadSlide = async () => {
    current = load('slide');
    try {
      const { task } = await current;
      travelPx = task.travelPx ?? 0;
      track.style.width = `${travelPx + 56}px`;
      // Renewed before it is too old, so that a person who comes back late finds it as it was.
      setTimeout(() => {
        if (!box && !isPassed && !isBusy) void loadSlide();
      }, task.lifeMs - 60_000);
    } catch (reason) {
      trouble(reason);
    }
  };

  const trouble = (reason: unknown) => {
    isBusy = false;
    current = undefined;
    move(0);
    say('', reason instanceof Response && reason.status === 429 ? 'tooMany' : 'failed');
  };

  const answer = async (started: Promise<Started> | undefined, mode: string, more = {}) => {
    if (isBusy || isPassed) return;
    isBusy = true;
    say('checking');
    try {
      const { task, work, readyAt } = await (started ?? load('slide'));
      if (task.waitMs > longWaitMs) {
        say('waiting');
        setTimeout(() => isBusy && say('half'), task.waitMs / 2);
      }
      const done = await work;
      await new Promise((resolve) => setTimeout(resolve, readyAt - performance.now()));
      const judged: Judged = await post(data['answers'], { challenge: task.challenge, mode, work: done, ...more });
      isBusy = false;
      await follow(judged, mode);
    } catch (reason) {
      trouble(reason);
    }
  };

  const follow = async ({ outcome, why, isStuck, task }: Judged, mode: string) => {
    if (outcome === 'passed') pass();
    else if (outcome === 'wait') await answer(Promise.resolve(begin(task)), 'wait');
    else if (outcome === 'letters') showLetters(task, mode === 'letters' ? 'lettersWrong' : 'letters', isStuck);
    else if (mode === 'letters') await otherLetters('late');
    else {
      showSlide();
      void loadSlide();
      say('', why === 'wrong' ? 'again' : 'late');
    }
  };

  const showSlide = () => {
    if (box) box.hidden = true;
    box = undefined;
    input = undefined;
    slide.hidden = false;
    move(0);
  };

  const pass = () => {
    isPassed = true;
    // What had the focus may go or be hidden, and its focus would be nowhere.
    const hasFocus = root.contains(document.activeElement);
    box?.remove();
    showSlide();
    part('text', HTMLElement).textContent = words['passed'] ?? '';
    handle.ariaDisabled = 'true';
    if (hasFocus) handle.focus();
    root.dataset['humanCheck'] = 'passed';
    move(travelPx);
    say('passed');
    if (wanted !== undefined) form?.requestSubmit(wanted);
  };

  const showLetters = (task: Task, word = '', isStuck = false) => {
    openPlain(root);
    box = part('letters', HTMLElement);
    box.hidden = false;
    slide.hidden = true;
    part('letters img', HTMLImageElement).src = data['letters'] + task.challenge;
    input = part('letters input', HTMLInputElement);
    current = Promise.resolve(begin(task));
    input.value = '';
    if (isStuck) {
      const stuck = part('stuck', HTMLElement);
      stuck.hidden = false;
      stuck.firstElementChild?.after(part('wait', HTMLElement));
    }
    if (word === 'lettersWrong') say('', word);
    else say(word);
    input.focus();
  };

  const otherLetters = async (word: string) => {
    const { task } = await load('letters');
    showLetters(task, word);
  };

  const move = (to: number) => {
    at = Math.max(0, Math.min(travelPx, to));
    const percent = Math.round((100 * at) / (travelPx || 1));
    handle.style.setProperty('--at', `${isRightToLeft ? -at : at}px`);
    handle.ariaValueNow = `${percent}`;
    handle.ariaValueText = isPassed ? (words['passed'] ?? '') : `${percent} %`;
  };

  const explain = () => {
    say('', box ? 'missingLetters' : 'missing');
    (input ?? handle).focus();
  };

  const steps: Record<string, number> = {
    ArrowUp: 0.1,
    ArrowDown: -0.1,
    ArrowRight: isRightToLeft ? -0.1 : 0.1,
    ArrowLeft: isRightToLeft ? 0.1 : -0.1,
    PageUp: 0.25,
    PageDown: -0.25,
    Home: -1,
    End: 1,
  };

  handle.addEventListener('keydown', (event) => {
    const step = steps[event.key];
    const isCheck = event.key === 'Enter' || event.key === ' ';
    if ((!step && !isCheck) || isBusy || isPassed) return;
    event.preventDefault();
    if (step) move(at + step * travelPx);
    else if (at && at >= travelPx - 1) void answer(current, 'key');
    else explain();
  });

  if (data['humanCheck'] === 'letters')
    showLetters({ challenge: data['challenge'] ?? '', waitMs: lettersWaitMs, lifeMs: 0 });
  else {
    showSlide();
    if (data['humanCheck'] === 'wait') void answer(load('wait'), 'wait');
    else void loadSlide();
  }

  let approach = 0;
  root.addEventListener('pointermove', () => (approach += 1));

  handle.addEventListener('pointerdown', (press) => {
    if (isBusy || isPassed || !travelPx || press.button) return;
    handle.setPointerCapture(press.pointerId);
    say();
    const { left, top, width, height } = handle.getBoundingClientRect();
    const drag = {
      pointer: press.pointerType || 'mouse',
      isTrusted: press.isTrusted,
      isAutomated: navigator.webdriver,
      pixelRatio: devicePixelRatio,
      grab: [press.clientX - left - width / 2, press.clientY - top - height / 2].map(round),
      approach: Math.min(approach, 999),
      restMs: 0,
    };
    let trace: number[] = [];
    let movedAt = press.timeStamp;
    const listening = new AbortController();
    const on = (name: 'pointermove' | 'pointerup' | 'pointercancel', act: (event: PointerEvent) => void) =>
      handle.addEventListener(name, act, listening);
    const record = (event: PointerEvent) => {
      if (trace.length >= longestTrace - 3) trace = trace.filter((_, place) => place % 6 < 3);
      trace.push(round(at), round(event.clientY - press.clientY), round(event.timeStamp - press.timeStamp));
    };
    on('pointermove', (event) => {
      drag.isTrusted &&= event.isTrusted;
      movedAt = event.timeStamp;
      move((event.clientX - press.clientX) * (isRightToLeft ? -1 : 1));
      record(event);
    });
    on('pointerup', (event) => {
      listening.abort();
      if (at < travelPx - endTolerancePx) {
        move(0);
        return say('short');
      }
      drag.restMs = round(event.timeStamp - movedAt);
      move(travelPx);
      record(event);
      void answer(current, 'drag', { drag: { ...drag, trace } });
    });
    on('pointercancel', () => {
      listening.abort();
      move(0);
    });
  });

  root.addEventListener('click', (event) => {
    if (!(event.target instanceof HTMLButtonElement) || isBusy) return;
    const { classList } = event.target;
    const is = (name: string) => classList.contains(`check-${name}`);
    event.preventDefault();
    if (is('click')) void answer(current, event.detail ? 'click' : 'key');
    else if (is('wait')) void answer(load('wait'), 'wait');
    else if (is('other')) otherLetters('otherLetters').catch(trouble);
    else if (input?.value.trim()) void answer(current, 'letters', { letters: input.value });
    else explain();
  });

  form?.addEventListener('submit', (event) => {
    if (isPassed) return;
    event.preventDefault();
    if (isBusy) wanted = event.submitter;
    else explain();
  });
}

const round = (value: number): number => Math.round(value * 100) / 100;

function begin(task: Task): Started {
  const work = task.work ? solveWork(task.work) : Promise.resolve(undefined);
  return { task, work, readyAt: performance.now() + task.waitMs };
}
