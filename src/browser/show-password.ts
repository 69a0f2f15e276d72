// The button that shows a password while it is typed: on our pages and in the sign-in modal.

/** Wires the buttons inside `root`. They stand in the HTML, with their words, so that nothing moves when the script comes. */
export function letPasswordsBeShown(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>('button.show')) {
    const input = button.previousElementSibling;
    if (!(input instanceof HTMLInputElement)) continue;
    const words = { password: button.textContent, text: button.dataset.hide ?? '' };
    const mask = (type: 'password' | 'text'): void => {
      input.type = type;
      button.textContent = words[type];
    };
    button.addEventListener('click', () => mask(input.type === 'text' ? 'password' : 'text'));
    // Masked again when sent, so that the browser keeps it as a password.
    input.form?.addEventListener('submit', () => mask('password'));
  }
}
