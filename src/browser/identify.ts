// S3: takes over what was typed at sign-in, and keeps what is typed here through reload, back and another language.
import { carryIdentifier, keepIdentifier, keptIdentifier, takeIdentifier } from './carry.ts';

const field = document.querySelector<HTMLInputElement>('#identifier');
if (field) {
  field.value = takeIdentifier() ?? keptIdentifier() ?? field.value;
  keepIdentifier(field.value);
  field.addEventListener('input', () => keepIdentifier(field.value));
  carryIdentifier(document);
}
