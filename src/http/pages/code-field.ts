// The field for a mailed code: one field, so that a whole code is pasted or filled in at once, with its spaces.
import type { Translate } from '../../i18n/translate.ts';
import { field } from './layout.ts';

export const codeField = ({ t, error, value = '' }: { t: Translate; error?: string | undefined; value?: string }) =>
  field({
    name: 'code',
    label: t('recover.code'),
    value,
    error,
    // No maxlength: it would cut a code that is pasted with the words around it.
    attributes: 'class="code" inputmode="numeric" autocomplete="one-time-code" spellcheck="false" required',
  });
