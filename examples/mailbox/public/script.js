// The mailbox works without this. With it, lists look for new mail by themselves, codes are copied by one press, and an
// HTML mail is shown in its full height.

const pollMs = 2_000;

const pressToCopy = document.querySelector('[data-copy]');
if (pressToCopy) {
  const label = pressToCopy.textContent;
  pressToCopy.hidden = false;
  pressToCopy.setAttribute('aria-live', 'polite');
  pressToCopy.addEventListener('click', () => {
    copy(pressToCopy.dataset.copy);
    pressToCopy.textContent = `✓ ${pressToCopy.dataset.copied}`;
    setTimeout(() => {
      pressToCopy.textContent = label;
    }, 2_500);
  });
}

function copy(text) {
  // There is no clipboard over plain http outside this computer; there, and where it is refused, the older way works.
  const olderWay = () => {
    getSelection()?.selectAllChildren(document.getElementById('code'));
    document.execCommand('copy');
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text).catch(olderWay);
  else olderWay();
}

const mail = document.querySelector('iframe.sheet');
if (mail) {
  const fit = () => {
    const root = mail.contentDocument?.documentElement;
    if (!root || mail.contentDocument.URL === 'about:blank') return;
    mail.style.height = 'auto';
    mail.style.height = `${Math.ceil(root.getBoundingClientRect().height)}px`;
  };
  mail.addEventListener('load', fit);
  addEventListener('resize', fit);
  fit();
}

async function look() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const part of document.querySelectorAll('[data-live]')) {
    const next = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    // Only what changed, and never under the hand of someone who is using it.
    if (next && next.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.replaceWith(next);
  }
}

if (document.querySelector('[data-live="list"]')) {
  setInterval(() => {
    // The demo may be stopped or starting: the next look tells.
    if (document.visibilityState === 'visible') look().catch(() => {});
  }, pollMs);
}
