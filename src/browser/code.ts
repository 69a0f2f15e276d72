// S6: the countdown before the mail can be sent again, and the offer of support once waiting has taken long. The seconds
// are shown and not announced one by one.

const button = document.querySelector<HTMLButtonElement>('button[data-wait]');
const hint = document.querySelector<HTMLElement>('#again-in');
if (button && hint) {
  const freeAt = Date.now() + Number(button.dataset.wait);
  const words = new Intl.NumberFormat(document.documentElement.lang, {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'long',
  });
  const said = hint.textContent ?? '';
  const tick = (): void => {
    const seconds = Math.ceil((freeAt - Date.now()) / 1_000);
    button.ariaDisabled = String(seconds > 0);
    if (seconds <= 0) {
      // Its place is kept: what stands below does not move while it is aimed at.
      hint.style.visibility = 'hidden';
      button.removeAttribute('aria-describedby');
      return;
    }
    hint.textContent = said.replace(/\d+\s+\p{L}+/u, words.format(seconds));
    setTimeout(tick, 1_000 - ((Date.now() - freeAt + 1_000_000_000) % 1_000));
  };
  // Not `disabled`: that would take the focus away from someone who waits on it.
  button.form?.addEventListener('submit', (event) => {
    if (button.ariaDisabled === 'true') event.preventDefault();
  });
  tick();
}

for (const offer of document.querySelectorAll<HTMLElement>('[data-after]')) {
  // Its place is kept by the style sheet; put in anew, so that it is announced.
  setTimeout(() => {
    offer.dataset.due = '';
    offer.replaceChildren(...offer.childNodes);
  }, Number(offer.dataset.after));
}
