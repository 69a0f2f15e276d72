// S7: tells at once when the two passwords differ, and makes a suggestion when asked. Words come from the page.
import { drawSecurely, suggest } from './suggest.ts';

const form = document.querySelector<HTMLFormElement>('form[data-differ]');
const password = document.querySelector<HTMLInputElement>('#password');
const repeated = document.querySelector<HTMLInputElement>('#repeated');

if (form && password && repeated) {
  const tell = (text: string): void => {
    const id = 'repeated-error';
    let error = document.querySelector<HTMLElement>(`#${id}`);
    if (!error) {
      error = document.createElement('p');
      error.id = id;
      error.className = 'error';
      repeated.before(error);
      repeated.setAttribute('aria-describedby', id);
    }
    error.textContent = text;
    error.hidden = text === '';
    if (text === '') repeated.removeAttribute('aria-invalid');
    else repeated.setAttribute('aria-invalid', 'true');
  };
  form.addEventListener('submit', (event) => {
    if (password.value === repeated.value) return;
    event.preventDefault();
    tell(form.dataset.differ ?? '');
    repeated.focus();
  });
  form.addEventListener('input', () => {
    if (password.value === repeated.value) tell('');
  });
  // What was wrong with the last one says nothing of the next. Its place is kept, so that nothing moves.
  const blame = document.querySelector<HTMLElement>('#password-error');
  if (blame) {
    password.addEventListener('input', () => {
      blame.style.visibility = 'hidden';
      password.setAttribute('aria-describedby', 'password-hint');
      password.removeAttribute('aria-invalid');
    });
  }
}

const line = document.querySelector<HTMLElement>('.suggest');
const button = line?.querySelector<HTMLButtonElement>('button');
const status = line?.querySelector<HTMLElement>('[role="status"]');
if (line && button && password && repeated) {
  button.addEventListener('click', () => {
    void import(button.dataset.words ?? '').then(({ words }: { words: string }) => {
      const suggestion = suggest(words, drawSecurely, Number(form?.dataset.min));
      for (const input of [password, repeated]) {
        input.value = suggestion;
        input.dispatchEvent(new Event('input', { bubbles: true }));
      }
      const show = password.nextElementSibling;
      if (password.type === 'password' && show instanceof HTMLButtonElement) show.click();
      if (status) status.textContent = status.dataset.suggested ?? '';
      password.focus();
      return undefined;
    });
  });
}
