// On every page: focus goes to what went wrong or to the heading, and passwords can be shown.
import { letPasswordsBeShown } from './show-password.ts';

const alarm = document.querySelector<HTMLElement>('[aria-invalid="true"], .notice.error');
if (alarm) {
  if (!alarm.matches('input, textarea')) alarm.tabIndex = -1;
  alarm.focus();
} else if (!document.querySelector('[autofocus]') && location.hash === '') {
  document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
}

letPasswordsBeShown(document);
