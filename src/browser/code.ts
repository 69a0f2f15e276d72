// The page of a mailed code, and that of the password behind it: the countdown before the mail can be sent again, how long the
// code or the step still lives, and the offer of support once waiting has taken long. What counts down is shown and not announced each time.

const inWords = (unit: 'second' | 'minute', value: number): string =>
  new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit, unitDisplay: 'long' }).format(value);

/** Puts the time that is left in the place of the one that the server wrote. */
function tellLeft(element: HTMLElement, unit: 'second' | 'minute', value: number): void {
  element.textContent = (element.textContent ?? '').replace(/\d+\s+\p{L}+/u, inWords(unit, value));
}

const button = document.querySelector<HTMLButtonElement>('button[data-wait]');
const hint = document.querySelector<HTMLElement>('#again-in');
if (button && hint) {
  const freeAt = Date.now() + Number(button.dataset.wait);
  const tick = (): void => {
    const seconds = Math.ceil((freeAt - Date.now()) / 1_000);
    button.ariaDisabled = String(seconds > 0);
    if (seconds <= 0) {
      // Its place is kept: what stands below does not move while it is aimed at.
      hint.style.visibility = 'hidden';
      button.removeAttribute('aria-describedby');
      return;
    }
    tellLeft(hint, 'second', seconds);
    setTimeout(tick, 1_000 - ((Date.now() - freeAt + 1_000_000_000) % 1_000));
  };
  // Not `disabled`: that would take the focus away from someone who waits on it.
  button.form?.addEventListener('submit', (event) => {
    if (button.ariaDisabled === 'true') event.preventDefault();
  });
  tick();
}

const life = document.querySelector<HTMLElement>('[data-life]');
if (life) {
  const endsAt = Date.now() + Number(life.dataset.life);
  const minutesLeft = () => Math.max(0, Math.ceil((endsAt - Date.now()) / 60_000));
  if (minutesLeft() <= 90) setInterval(() => tellLeft(life, 'minute', minutesLeft()), 30_000);
}

for (const offer of document.querySelectorAll<HTMLElement>('[data-after]')) {
  // Its place is kept by the style sheet; put in anew, so that it is announced.
  setTimeout(() => {
    offer.dataset.due = '';
    offer.replaceChildren(...offer.childNodes);
  }, Number(offer.dataset.after));
}
