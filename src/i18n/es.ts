// Spanish, written as by a native speaker, with tú. The same keys as en.ts, or the types do not check.
import type { en } from './en.ts';

export const es: Record<keyof typeof en, string> = {
  // En todas las páginas
  'page.step': 'Paso {step} de {steps}',
  'page.support': 'Contactar con soporte',

  // La comprobación humana
  'check.label': 'Validación',

  // Correos
  'mail.code-label': 'Código de verificación',
  'mail.code-life': 'Sirve durante {duration}.',
  'mail.code-secret':
    'No se lo des nunca a nadie, ni siquiera a nosotros, ni lo escribas en otra web. {site} nunca te lo pedirá por teléfono, chat o correo.',
  'mail.not-me': 'No he sido yo',
  'mail.footer': 'Este es un correo automático de {site}.',
  'mail.recovery-code.subject': 'Tu código de verificación para {site}',
  'mail.recovery-code.heading': 'Aquí tienes tu código',
  'mail.recovery-code.why':
    'Alguien, esperamos que tú, ha olvidado su contraseña de {site} y quiere poner una nueva. Vuelve a la página que te pide el código y pégalo allí.',
  'mail.recovery-code.other-device':
    '¿Has cerrado la página o estás en otro dispositivo? Sigue desde aquí. Te hará falta este mismo código.',
  'mail.recovery-code.continue': 'Continuar aquí',
  'mail.recovery-code.ignore':
    '¿No lo has pedido tú? Entonces no tienes que hacer nada: sin el código no cambia nada. Para dejar de recibir estos correos, dínoslo:',
  'mail.no-account.subject': 'No hay ninguna cuenta de {site} con esta dirección',
  'mail.no-account.heading': 'Ninguna cuenta con esta dirección',
  'mail.no-account.why':
    'Alguien, quizá tú, ha olvidado su contraseña de {site} y ha escrito esta dirección de correo. Ninguna cuenta la usa.',
  'mail.no-account.perhaps':
    'Quizá te registraste en {site} con otra dirección, o entras con el botón de otra empresa. Prueba con otra dirección o con tu ID de usuario.',
  'mail.no-account.again': 'Probar con otra dirección',
  'mail.no-account.ignore':
    '¿No has sido tú? Entonces no tienes que hacer nada. Seguramente alguien se equivocó al escribir su dirección.',
  'mail.password-changed.subject': 'Tu contraseña de {site} se ha cambiado',
  'mail.password-changed.heading': 'Tu contraseña se ha cambiado',
  'mail.password-changed.what': 'La cuenta {userId} de {site} tiene una contraseña nueva desde el {when}.',
  'mail.password-changed.devices': 'Se ha cerrado la sesión en todos los demás dispositivos.',
  'mail.password-changed.was-you': 'Si has sido tú, todo está bien y no tienes que hacer nada más.',
  'mail.password-changed.was-not-you': 'Si no has sido tú, avísanos ya. Cuanto antes lo sepamos, más podremos hacer.',
  'mail.sign-up-code.subject': 'Te damos la bienvenida a {site}: aquí tienes tu código',
  'mail.sign-up-code.heading': 'Te damos la bienvenida a {site}',
  'mail.sign-up-code.why': 'Solo queda un paso: vuelve a la página donde te has registrado y pega este código.',
  'mail.sign-up-code.ignore':
    '¿No te has registrado tú? Entonces no tienes que hacer nada: sin el código no se crea ninguna cuenta.',
  'mail.sign-up-existing.subject': 'Ya tienes una cuenta en {site}',
  'mail.sign-up-existing.heading': 'Ya tienes una cuenta',
  'mail.sign-up-existing.why':
    'Alguien, quizá tú, ha intentado registrarse en {site} con esta dirección de correo. Ya pertenece a una cuenta, así que no se ha creado otra.',
  'mail.sign-up-existing.way':
    'Si has sido tú, inicia sesión como siempre. ¿Has olvidado la contraseña? Puedes poner una nueva.',
  'mail.sign-up-existing.recover': 'Poner una contraseña nueva',
  'mail.sign-up-existing.ignore': '¿No has sido tú? Entonces no tienes que hacer nada: tu cuenta sigue como estaba.',
};
