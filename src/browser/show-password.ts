// The button that shows a password while it is typed: on our pages and in the sign-in modal.

/** Puts the button after every password field inside `root` that carries its words in `data-show` and `data-hide`. */
export function letPasswordsBeShown(root: ParentNode): void {
  for (const input of root.querySelectorAll<HTMLInputElement>('input[data-show]')) {
    const { show = '', hide = '' } = input.dataset;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'quiet show';
    const name = () => {
      const isShown = input.type === 'text';
      button.textContent = isShown ? hide : show;
      button.setAttribute('aria-pressed', String(isShown));
    };
    button.addEventListener('click', () => {
      input.type = input.type === 'text' ? 'password' : 'text';
      name();
    });
    // Masked again when sent, so that the browser keeps it as a password.
    input.form?.addEventListener('submit', () => {
      input.type = 'password';
      name();
    });
    name();
    input.after(button);
  }
}
