// What is missing in a form, in the language of the page: a browser would say it in its own, which need not be the person's.
// On our pages and in the sign-in modal. Their forms are `novalidate`, so that where there is no script the server says it.

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const isField = (target: unknown): target is Field =>
  target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;

/** The words stand in the HTML, at what holds the fields. Without one of them the browser's own words are shown. */
function wordsFor(field: Field): string {
  const words = field.closest<HTMLElement>('[data-missing]')?.dataset;
  if (field.validity.typeMismatch) return words?.noEmail ?? '';
  if (!field.validity.valueMissing) return '';
  return (field.matches('select, [type="radio"]') ? words?.choose : words?.missing) ?? '';
}

const takeBack = (form: HTMLFormElement | null): void => {
  for (const field of form?.elements ?? []) if (isField(field)) field.setCustomValidity('');
};

export function sayWhatIsMissing(root: Document | HTMLElement): void {
  for (const form of root.querySelectorAll('form')) form.noValidate = false;
  const onInvalid = ({ target }: Event): void => {
    if (!isField(target)) return;
    // Its words of last time would stand before what is wrong now.
    target.setCustomValidity('');
    target.setCustomValidity(wordsFor(target));
  };
  // It does not bubble.
  root.addEventListener('invalid', onInvalid, true);
  // Of the whole form: words at one choice of several would stay when another is taken, and nothing could be sent.
  root.addEventListener('input', ({ target }) => isField(target) && takeBack(target.form));
  // Before the browser looks: a field that a script filled in has told nobody.
  const onClick = ({ target }: Event): void => {
    const button = target instanceof Element ? target.closest('button') : null;
    if (button?.type === 'submit') takeBack(button.form);
  };
  root.addEventListener('click', onClick, true);
}
