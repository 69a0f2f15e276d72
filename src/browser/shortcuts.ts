// Keys of the desk: the page says which by aria-keyshortcuts, and whoever does not want them has none on the page. They rest while
// somebody types, and beside Ctrl, Alt and Meta, which are the browser's. J and K go through the lines of a list.

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));

function goBy(lines: number): void {
  const all = [...document.querySelectorAll<HTMLElement>('.cases .number')];
  const at = all.findIndex((line) => line === document.activeElement);
  all[at < 0 ? (lines > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + lines))]?.focus();
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isTyping(event.target)) return;
  const key = event.key.toLowerCase();
  if (key === 'j' || key === 'k') {
    goBy(key === 'j' ? 1 : -1);
    return;
  }
  const meant = [...document.querySelectorAll<HTMLElement>('[aria-keyshortcuts]')].find(
    (each) => each.getAttribute('aria-keyshortcuts') === key,
  );
  if (!meant) return;
  event.preventDefault();
  if (meant.matches('input, textarea')) meant.focus();
  else meant.click();
});
