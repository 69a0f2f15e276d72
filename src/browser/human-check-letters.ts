// The letters, and the digits to hear: the part of the human check that most people never meet, loaded when it is asked
// for. Its box stands in the page's <noscript>, so its words and ways are written once.
import type { Work } from '../client/work.ts';

export interface Task {
  readonly challenge: string;
  readonly waitMs: number;
  readonly lifeMs: number;
  readonly travelPx?: number;
  readonly work?: Work;
}

/** A task with its work under way. */
export interface Started {
  readonly task: Task;
  /** What was derived, not before an answer counts. */
  readonly work: Promise<[string | undefined, ...unknown[]]>;
}

export interface Judged {
  readonly outcome: 'passed' | 'letters' | 'wait' | 'again';
  readonly why?: 'wrong' | 'early' | 'late';
  readonly isStuck?: boolean;
  readonly task: Task;
}

/** What human-check.ts does for the letters. */
export interface Check {
  readonly root: HTMLElement;
  say(news?: string, fault?: string): void;
  load(kind: string): Promise<Started>;
  begin(task: Task): Started;
  answer(started: Started | Promise<Started>, mode: string, more?: object): Promise<void>;
  trouble(reason: unknown): void;
}

export interface LettersBox {
  /** Says what is missing. */
  explain(): void;
  /** Shows what follows an answer; without one, the letters that came with the page. */
  follow(judged: Judged | undefined, mode: string | undefined): Promise<void>;
  hide(): void;
}

/** For letters that came with the page; human-check/ladder.ts decides. */
const lettersWaitMs = 2_000;

const sheetWaitMs = 3_000;

/** Takes the box out of <noscript> once its styles are there: without them it would move under the eye. */
export async function openPlain(root: HTMLElement): Promise<void> {
  const noscript = root.querySelector('noscript');
  if (!noscript) return;
  const box = document.createRange().createContextualFragment(noscript.textContent);
  const sheet = box.querySelector('link');
  if (sheet)
    await new Promise((done) => {
      for (const end of ['load', 'error']) sheet.addEventListener(end, done);
      setTimeout(done, sheetWaitMs);
      root.append(sheet);
    });
  noscript.replaceWith(box);
}

export async function createLettersBox({ root, say, load, begin, answer, trouble }: Check): Promise<LettersBox> {
  await openPlain(root);
  const { letters = '', audio = '', challenge = '' } = root.dataset;
  const part = <T extends HTMLElement>(selector: string, kind: new () => T): T => {
    const found = root.querySelector(selector);
    if (!(found instanceof kind)) throw new Error(selector);
    return found;
  };
  const box = part('.check-letters', HTMLElement);
  const input = part('.check-letters input', HTMLInputElement);
  const image = part('.check-letters img', HTMLImageElement);
  const listen = part('.check-listen', HTMLAnchorElement);
  const stuck = part('.check-stuck', HTMLElement);
  const wait = part('.check-letters .check-wait', HTMLElement);

  let current = begin({ challenge, waitMs: lettersWaitMs, lifeMs: 0 });
  let sound: HTMLAudioElement | undefined;
  /** Plays from the beginning. Nothing is said meanwhile, as a screen reader would talk over it. */
  const play = async () => {
    say();
    if (!sound) {
      sound = new Audio(listen.href);
      sound.addEventListener('ended', () => say('played'));
    }
    const playing = sound;
    playing.currentTime = 0;
    try {
      await playing.play();
    } catch {
      // Other letters end it too, which is no fault.
      if (sound !== playing) return;
      sound = undefined;
      const { status } = await fetch(listen.href).catch(() => Response.error());
      say('', status === 429 ? 'tooMany' : 'failed');
    }
  };

  listen.role = 'button';
  listen.addEventListener('keydown', (event) => {
    if (event.key !== ' ') return;
    event.preventDefault();
    void play();
  });
  const explain = () => {
    say('', 'missingLetters');
    input.focus();
  };

  const show = (started: Started, isStuck = false) => {
    current = started;
    sound?.pause();
    sound = undefined;
    image.src = letters + started.task.challenge;
    listen.href = audio + started.task.challenge;
    input.value = '';
    if (isStuck) {
      stuck.hidden = false;
      stuck.firstElementChild?.after(wait);
    }
    input.focus();
  };

  let isBusy = false;
  /** One thing at a time: other letters would lose those that are being judged. */
  const alone = async (act: () => Promise<void>) => {
    if (isBusy) return;
    isBusy = true;
    await act().catch(trouble);
    isBusy = false;
  };

  const renew = async (word: string) => {
    show(await load('letters'));
    say(word);
  };

  box.addEventListener('click', (event) => {
    const { target } = event;
    if (!(target instanceof HTMLElement)) return;
    const isFor = (name: string) => target.classList.contains(`check-${name}`);
    if (isFor('listen')) void play();
    else if (isFor('send') && !input.value.trim()) explain();
    else if (isFor('send')) void alone(() => answer(current, 'letters', { letters: input.value }));
    else if (isFor('other')) void alone(() => renew('otherLetters'));
    else if (isFor('wait')) void alone(() => answer(load('wait'), 'wait'));
    else return;
    event.preventDefault();
  });

  return {
    explain,

    async follow(judged, mode) {
      if (!judged) show(current);
      else if (judged.outcome !== 'letters') await renew('late');
      else {
        show(begin(judged.task), judged.isStuck);
        if (mode === 'letters') say('', 'lettersWrong');
        else say('letters');
      }
    },
    hide() {
      sound?.pause();
      box.hidden = true;
      // Or it would be judged once more with the form.
      input.value = '';
    },
  };
}
