// The human check in the browser: slide by mouse, touch, keyboard or a click; letters and the waiting check when asked.
// The work runs from page load on, while the person reads. Nothing is decided here: the server judges, and what it
// says is shown. Without WebCrypto (plain http) the letters of the no-script form are shown instead.
import { solveWork, type Work } from '../client/work.ts';
import type { LettersBox } from './human-check-letters.ts';

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
  if (isSecureContext) start(root, root.dataset);
  else void lettersPart(root).then(({ openPlain }) => openPlain(root));
  root.dataset['ready'] = '';
}

/** Most people never need it. */
function lettersPart({ dataset }: HTMLElement): Promise<typeof import('./human-check-letters.ts')> {
  return import(dataset['more'] ?? '');
}

function start(root: HTMLElement, data: DOMStringMap): void {
  const words: Record<string, string> = JSON.parse(data['words'] ?? '{}');
  const part = (name: string): HTMLElement => {
    const found = root.querySelector<HTMLElement>(`.check-${name}`);
    if (!found) throw new Error(name);
    return found;
  };
  const slide = part('slide');
  const track = part('track');
  const handle = part('handle');
  const status = part('status');
  const error = part('error');
  const form = root.closest('form');
  /** 1, or -1 where one reads from right to left. */
  const towards = getComputedStyle(track).direction === 'rtl' ? -1 : 1;

  let current: Promise<Started> | undefined;
  let travelPx = 0;
  let at = 0;
  let isBusy = false;
  let isPassed = false;
  /** Once letters were asked for; `isTyping` while they are. */
  let box: LettersBox | undefined;
  let isTyping = false;
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
        if (!isTyping && !isPassed && !isBusy) void loadSlide();
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
    else if (outcome === 'letters') await showLetters(task, mode === 'letters' ? 'lettersWrong' : 'letters', isStuck);
    else if (mode === 'letters') await otherLetters('late');
    else {
      showSlide();
      void loadSlide();
      say('', why === 'wrong' ? 'again' : 'late');
    }
  };

  const showSlide = () => {
    isTyping = false;
    box?.hide();
    slide.hidden = false;
    move(0);
  };

  const pass = () => {
    isPassed = true;
    // What had the focus may be hidden, and its focus would be nowhere.
    const hasFocus = root.contains(document.activeElement);
    showSlide();
    part('text').textContent = words['passed'] ?? '';
    handle.ariaDisabled = 'true';
    if (hasFocus) handle.focus();
    root.dataset['humanCheck'] = 'passed';
    move(travelPx);
    say('passed');
    if (wanted !== undefined) form?.requestSubmit(wanted);
  };

  const showLetters = async (task: Task, word = '', isStuck?: boolean) => {
    current = Promise.resolve(begin(task));
    box ??= (await lettersPart(root)).createLettersBox({
      root,
      say,
      answer: (letters) => void answer(current, 'letters', { letters }),
      renew: () => void (isBusy || otherLetters('otherLetters').catch(trouble)),
    });
    isTyping = true;
    slide.hidden = true;
    box.show(task.challenge, isStuck);
    if (word === 'lettersWrong') say('', word);
    else say(word);
  };

  const otherLetters = async (word: string) => {
    const { task } = await load('letters');
    await showLetters(task, word);
  };

  const move = (to: number) => {
    at = Math.max(0, Math.min(travelPx, to));
    handle.style.setProperty('--at', `${towards * at}px`);
    const percent = Math.round((100 * at) / (travelPx || 1));
    handle.ariaValueNow = `${percent}`;
    handle.ariaValueText = isPassed ? (words['passed'] ?? '') : `${percent} %`;
  };

  const explain = () => {
    say('', isTyping ? 'missingLetters' : 'missing');
    (isTyping && box ? box.input : handle).focus();
  };

  const steps: Record<string, number> = {
    ArrowUp: 0.1,
    ArrowDown: -0.1,
    ArrowRight: 0.1 * towards,
    ArrowLeft: -0.1 * towards,
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
    void showLetters({ challenge: data['challenge'] ?? '', waitMs: lettersWaitMs, lifeMs: 0 }).catch(trouble);
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
      move((event.clientX - press.clientX) * towards);
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
    if (!(event.target instanceof HTMLButtonElement)) return;
    const { classList } = event.target;
    if (classList.contains('check-click')) void answer(current, event.detail ? 'click' : 'key');
    else if (classList.contains('check-wait')) {
      event.preventDefault();
      if (!isBusy) void answer(load('wait'), 'wait');
    }
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
