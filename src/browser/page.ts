// On every page: focus goes to what went wrong or to the heading, passwords can be shown, what is missing is said in the
// page's language, a page that waits goes on, and a form is sent once.
import { sayWhatIsMissing } from './missing.ts';
import { letPasswordsBeShown } from './show-password.ts';

const alarm =
  document.querySelector<HTMLElement>('[aria-invalid="true"]') ?? document.querySelector<HTMLElement>('.notice.error');
// A refused form is not sent once more by reload and back: they ask for its page anew. What a form brought about stays
// as it is; the code of a case is shown only once.
if (alarm || document.querySelector('[data-refused]')) history.replaceState(history.state, '');
if (alarm) {
  if (!alarm.matches('input, textarea, select')) alarm.tabIndex = -1;
  alarm.focus();
} else if (!document.querySelector('[autofocus], :target')) {
  document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
}

letPasswordsBeShown(document);
sayWhatIsMissing(document);

// A page that waits: where there is no script, a refresh in the page itself does this.
const { reload } = document.body.dataset;
if (reload !== undefined) setTimeout(() => location.reload(), Number(reload) * 1_000);

// A second press while the first is on its way would spend a step twice, and its answer would hide the right one. On the
// document, so that whatever else a form asks before it is sent has had its say.
document.addEventListener('submit', (event) => {
  if (event.defaultPrevented || !(event.target instanceof HTMLFormElement) || event.target.target === '_blank') return;
  if (event.target.dataset.sent === undefined) event.target.dataset.sent = '';
  else event.preventDefault();
});
addEventListener('pageshow', () => {
  for (const form of document.forms) delete form.dataset.sent;
});
