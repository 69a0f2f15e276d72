// Buttons that copy what stands beside them. Their place is kept by the style sheet; they show once they work.

function copy(text: string, from: Element | null): void {
  // There is no clipboard over plain http outside this computer; there, and where it is refused, the older way works.
  const olderWay = () => {
    if (from) getSelection()?.selectAllChildren(from);
    document.execCommand('copy');
  };
  if ('clipboard' in navigator) navigator.clipboard.writeText(text).catch(olderWay);
  else olderWay();
}

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
  const label = button.textContent;
  button.dataset.ready = '';
  button.setAttribute('aria-live', 'polite');
  button.addEventListener('click', () => {
    copy(button.dataset.copy ?? '', button.parentElement?.querySelector('.code') ?? null);
    button.textContent = `✓ ${button.dataset.copied ?? ''}`;
    setTimeout(() => {
      button.textContent = label;
    }, 2_500);
  });
}
