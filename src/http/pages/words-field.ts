// A field for words about a case: of the person, of an agent, about what is decided.
import { html } from 'hono/html';
import { maxWords } from '../../support/cases.ts';
import type { Html } from './layout.ts';

export interface WordsField {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly rows: number;
  readonly value: string;
  readonly error: string | undefined;
  /** Further attributes. */
  readonly more: Html;
}

/** Named `words` in every form. */
export const wordsField = ({ id, label, hint, rows, value, error, more }: WordsField): Html =>
  html`<div class="field"><label for="${id}">${label}</label>
<p class="hint" id="${id}-hint">${hint}</p>
${error === undefined ? '' : html`<p class="error" id="${id}-error">${error}</p>`}
<textarea id="${id}" name="words" rows="${rows}" maxlength="${maxWords}" aria-describedby="${id}-hint${error === undefined ? '' : ` ${id}-error`}"${error === undefined ? '' : html` aria-invalid="true"`}${more}>${value}</textarea></div>`;
