// <sign-in-modal>: around a site's own "Sign in" link. On a wide screen the link opens the sign-in form in the centre of
// the page that the person is on; on a phone, in the installed app, without script or when anything fails it stays a link.
//   <sign-in-modal close-label="Close"><a href="/sign-in">Sign in</a></sign-in-modal>
import { carryIdentifier } from './carry.ts';
import { sayWhatIsMissing } from './missing.ts';
import { letPasswordsBeShown } from './show-password.ts';

const wideScreen = '(min-width: 768px) and (not (display-mode: standalone))';
const patienceMs = 4_000;

class SignInModal extends HTMLElement {
  #dialog: HTMLDialogElement | undefined;

  connectedCallback(): void {
    this.addEventListener('click', (event) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
      if (!link || this.#dialog?.contains(link) || !isPlain || !matchMedia(wideScreen).matches) return;
      event.preventDefault();
      this.#open(link).catch(() => location.assign(link.href));
    });
  }

  async #open(link: HTMLAnchorElement): Promise<void> {
    this.#dialog ??= await this.#build(link);
    // A second click while the form was on its way.
    if (this.#dialog.open) return;
    this.#dialog.showModal();
    this.#dialog.querySelector<HTMLInputElement>('input:not([type="hidden"])')?.focus();
  }

  async #build(link: HTMLAnchorElement): Promise<HTMLDialogElement> {
    const url = new URL(link.href);
    url.searchParams.set('part', 'modal');
    const response = await fetch(url, {
      // The language of this page, also where it stands in no cookie.
      headers: { 'Accept-Language': document.documentElement.lang },
      signal: AbortSignal.timeout(patienceMs),
    });
    // Redirected: signed in already, in another tab.
    if (!response.ok || response.redirected) throw new Error('no sign-in form');
    const content = document.createElement('template');
    content.innerHTML = await response.text();
    return this.#dialog ?? this.#assemble(link, content.content);
  }

  #assemble(link: HTMLAnchorElement, content: DocumentFragment): HTMLDialogElement {
    const dialog = document.createElement('dialog');
    const close = document.createElement('button');
    close.type = 'button';
    close.className = 'close';
    close.ariaLabel = this.getAttribute('close-label');
    close.textContent = '×';
    close.addEventListener('click', () => dialog.close());
    dialog.append(content, close);
    const heading = dialog.querySelector('h1, h2');
    if (heading) {
      heading.id ||= 'sign-in-modal-heading';
      dialog.setAttribute('aria-labelledby', heading.id);
    }
    // Not every browser focuses a link that is clicked, so the dialog cannot always give the focus back by itself.
    dialog.addEventListener('close', () => link.focus());
    carryIdentifier(dialog);
    letPasswordsBeShown(dialog);
    sayWhatIsMissing(dialog);
    this.append(dialog);
    return dialog;
  }
}

customElements.define('sign-in-modal', SignInModal);
