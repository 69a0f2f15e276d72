// Spanish, written as by a native speaker, with tú. The same keys as en.ts, or the types do not check.
import type { Messages } from './translate.ts';

export const es: Messages = {
  // En todas las páginas
  'page.step': 'Paso {step} de {steps}',
  'page.support': 'Contactar con soporte',

  // La comprobación humana
  'check.label': 'Validación',

  // Correos
  'mail.code-label': 'Código de verificación',
};
