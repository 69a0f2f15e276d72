// Buttons that make a passkey, or answer with one, and then send their form with what came of it. Words come from the page.
import { browserSupportsWebAuthn, startAuthentication, startRegistration } from '@simplewebauthn/browser';

const button = document.querySelector<HTMLButtonElement>('button[data-passkey]');
const answer = document.querySelector<HTMLInputElement>('input[name="passkey"]');
const form = button?.form;

/** What the form would refuse is told before a passkey is made for nothing. */
function isFilledIn(filled: HTMLFormElement): boolean {
  if (!filled.reportValidity()) return false;
  const [password, repeated] = ['#password', '#repeated'].map(
    (id) => filled.querySelector<HTMLInputElement>(id)?.value,
  );
  if (repeated === undefined || password === repeated) return true;
  filled.requestSubmit();
  return false;
}

if (button && answer && form && browserSupportsWebAuthn()) {
  button.dataset.ready = '';
  const status = button.parentElement?.querySelector('[role="status"]');
  const ask = async (): Promise<void> => {
    const optionsJSON = JSON.parse(button.dataset.passkey ?? '');
    const made =
      button.dataset.kind === 'new' ? startRegistration({ optionsJSON }) : startAuthentication({ optionsJSON });
    answer.value = JSON.stringify(await made);
    form.requestSubmit();
  };
  button.addEventListener('click', () => {
    if (!isFilledIn(form)) return;
    ask().catch(() => {
      // Called off, or there is none: nothing was sent.
      if (status) status.textContent = button.dataset.failed ?? '';
    });
  });
}
