// The page of the spare codes: they can be copied and printed.
const line = document.querySelector<HTMLElement>('.by-script');
const copy = line?.querySelector<HTMLButtonElement>('[data-copy]');
if (line && copy) {
  const copyAll = async () => {
    await navigator.clipboard.writeText(copy.dataset.copy ?? '');
    const status = line.querySelector('[role="status"]');
    if (status) status.textContent = copy.dataset.copied ?? '';
  };
  line.hidden = false;
  // Without a secure connection browsers have no clipboard.
  copy.hidden = !isSecureContext;
  copy.addEventListener('click', () => void copyAll());
  line.querySelector('[data-print]')?.addEventListener('click', () => print());
}
