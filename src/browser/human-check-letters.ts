// The letters, and the digits to hear: the part of the human check that most people never meet, loaded when it is asked
// for. Its box stands in the page's <noscript>, so its words and ways are written once.

/** What the slide and the letters know of each other. */
export interface Check {
  readonly root: HTMLElement;
  say(news?: string, fault?: string): void;
  /** Sends what was typed. */
  answer(letters: string): void;
  /** Asks for another picture. */
  renew(): void;
}

export interface LettersBox {
  readonly input: HTMLInputElement;
  show(challenge: string, isStuck: boolean | undefined): void;
  hide(): void;
}

/** Takes the box out of <noscript>; its styles come with it. */
export function openPlain(root: HTMLElement): void {
  const noscript = root.querySelector('noscript');
  noscript?.insertAdjacentHTML('afterend', noscript.textContent);
  noscript?.remove();
}

export function createLettersBox({ root, say, answer, renew }: Check): LettersBox {
  openPlain(root);
  const { letters = '', audio = '' } = root.dataset;
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
  box.addEventListener('click', (event) => {
    const { target } = event;
    if (!(target instanceof HTMLElement)) return;
    const isFor = (name: string) => target.classList.contains(`check-${name}`);
    if (isFor('listen')) void play();
    else if (isFor('other')) renew();
    else if (isFor('send') && input.value.trim()) answer(input.value);
    else if (isFor('send')) {
      say('', 'missingLetters');
      input.focus();
    } else return;
    event.preventDefault();
  });

  return {
    input,
    show(challenge, isStuck) {
      sound?.pause();
      sound = undefined;
      box.hidden = false;
      image.src = letters + challenge;
      listen.href = audio + challenge;
      input.value = '';
      if (isStuck) {
        stuck.hidden = false;
        stuck.firstElementChild?.after(wait);
      }
      input.focus();
    },
    hide() {
      sound?.pause();
      box.hidden = true;
      // Or it would be judged once more with the form.
      input.value = '';
    },
  };
}
