// Spanish, written as by a native speaker, with tú. The same keys as en.ts, or the types do not check.
import type { en } from './en.ts';

export const es: Record<keyof typeof en, string> = {
  // En todas las páginas
  'page.title': '{title} · {site}',
  'page.step': 'Paso {step} de {steps}',
  'page.support': 'Contactar con soporte',
  'page.support-aside': '¿No puedes seguir?',
  'page.language': 'Idioma',
  'page.home': '{site}: inicio',
  'page.to-home': 'Volver a {site}',
  'page.skip': 'Ir al contenido',
  'page.english': 'English',
  'page.spanish': 'Español',
  'page.problem': 'Hay algo que corregir',
  'page.continue': 'Continuar',
  'page.show': 'Mostrar contraseña',
  'page.hide': 'Ocultar contraseña',
  'page.start-again': 'Empezar de nuevo',

  // Iniciar y cerrar sesión
  'sign-in.title': 'Iniciar sesión',
  'sign-in.identifier': 'Email o ID de usuario',
  'sign-in.password': 'Contraseña',
  'sign-in.submit': 'Iniciar sesión',
  'sign-in.forgot': '¿Has olvidado la contraseña?',
  'sign-in.forgot-app': '¿Has olvidado tu contraseña?',
  'sign-in.new': '¿Es tu primera vez?',
  'sign-in.sign-up': 'Crear cuenta',
  'sign-in.recover': 'Elegir una contraseña nueva',
  'sign-in.changed': 'Tu contraseña se ha cambiado. Inicia sesión con la nueva.',

  // El segundo paso al iniciar sesión
  'second.title': 'Un paso más',
  'second.lead': 'Escribe el código que muestra tu aplicación de autenticación para {site}.',
  'second.for': 'Inicias sesión como {userId}',
  'second.code': 'Código',
  'second.hint': '¿No tienes el móvil a mano? Aquí también vale un código de reserva, una sola vez.',
  'second.lost': '¿Has perdido el móvil y los códigos de reserva?',

  // La aplicación de autenticación de la propia cuenta
  'authenticator.title': 'Aplicación de autenticación',
  'authenticator.off':
    'Con una aplicación en tu móvil, la contraseña sola ya no abre tu cuenta: al iniciar sesión se pide además un código que cambia cada 30 segundos.',
  'authenticator.apps':
    'Sirve cualquier aplicación de autenticación. Puede que tu navegador o tu gestor de contraseñas también tenga una.',
  'authenticator.password': 'Tu contraseña',
  'authenticator.password-why': 'Para que nadie lo haga en una pantalla que has dejado abierta.',
  'authenticator.begin': 'Configurar',
  'authenticator.set-up-title': 'Configura tu aplicación',
  'authenticator.scan': 'Abre tu aplicación, elige añadir una cuenta y escanea esta imagen.',
  'authenticator.qr-alt':
    'Una imagen para escanear con tu aplicación. Si no puedes escanearla, escribe la clave de abajo.',
  'authenticator.on-this-phone': 'Abrir la aplicación en este móvil',
  'authenticator.key': 'O escribe esta clave en la aplicación',
  'authenticator.first-code': 'Código de la aplicación',
  'authenticator.first-code-hint': 'Los 6 dígitos que muestra ahora para {site}.',
  'authenticator.switch-on': 'Activar',
  'authenticator.time': 'Tienes {life} para hacerlo. Hasta que la actives, inicias sesión como siempre.',
  'authenticator.on':
    'Está activada desde el {when}. Al iniciar sesión, después de la contraseña se pide un código de la aplicación.',
  'authenticator.spare-left':
    '{left, plural, =0 {No te queda ningún código de reserva. Crea otros ahora: si pierdes el móvil, no podrás entrar.} one {Te queda un código de reserva. Crea otros pronto.} other {Te quedan # códigos de reserva.}}',
  'authenticator.change': 'Cambiar algo',
  'authenticator.change-why': 'Hacen falta las dos cosas: tu contraseña y un código de la aplicación o de reserva.',
  'authenticator.new-spare': 'Crear códigos de reserva nuevos',
  'authenticator.remove': 'Desactivar',
  'authenticator.removed': 'La aplicación de autenticación está desactivada. Vuelves a entrar solo con tu contraseña.',
  'authenticator.spare-title': 'Tus códigos de reserva',
  'authenticator.spare-on': 'La aplicación de autenticación está activada.',
  'authenticator.spare-lead':
    'Si pierdes el móvil, con cada uno de estos códigos puedes entrar una vez. Imprímelos o apúntalos, y guárdalos lejos del móvil. Solo se muestran ahora.',
  'authenticator.spare-old': 'Los códigos de reserva que tenías antes ya no valen.',
  'authenticator.copy': 'Copiar',
  'authenticator.copied': 'Copiado',
  'authenticator.print': 'Imprimir',
  'authenticator.kept': 'Ya los he guardado',

  // Crear una cuenta
  'sign-up.title': 'Crear cuenta',
  'sign-up.user-id': 'ID de usuario',
  'sign-up.user-id-hint': 'De 3 a 32 letras, números, puntos o guiones',
  'sign-up.address': 'Email',
  'sign-up.password': 'Contraseña',
  'sign-up.password-hint': 'Al menos {length} caracteres. Varias palabras juntas funcionan bien.',
  'sign-up.submit': 'Crear cuenta',
  'sign-up.have-one': '¿Ya tienes cuenta?',
  'sign-up.asked-again': 'El correo va de camino otra vez.',
  'sign-up.code-title': 'Mira tu correo',
  'sign-up.code-lead': 'Te escribimos a {address}. Escribe aquí el código de ese correo y tu cuenta estará lista.',
  'sign-up.user-id-title': 'Elige otro ID de usuario',
  'sign-up.user-id-lead': 'Tu email está confirmado. Solo falta el ID de usuario: {userId} ya está en uso.',

  // Recuperación: quién eres
  'recover.title': 'Vuelve a entrar en tu cuenta',
  'recover.lead': 'Dinos quién eres. Basta con tu email o tu ID de usuario.',
  'recover.identifier': 'Email o ID de usuario',
  'recover.suggestion': '¿Querías decir {address}?',
  'recover.suggestion-take': 'Usar {address}',

  // Recuperación: la forma
  'recover.method-title': '¿Cómo quieres volver a entrar?',
  'recover.for': 'Para {identifier}',
  'recover.change': 'Cambiar',
  'recover.email': 'Verificación de email (Recomendado)',
  'recover.email-about':
    'Un código va al email que consta en la cuenta. Lo escribes aquí y eliges una contraseña nueva.',
  'recover.support': 'Contactar con soporte',
  'recover.support-about': 'Si ya probaste con el email o tu problema es mayor, te ayudará una persona.',
  'recover.verify': 'Verificar ahora',

  // Recuperación: el código
  'recover.code-title': 'Escribe el código del correo',
  'recover.code-lead':
    'Si hay una cuenta con estos datos, el código va a su email. ¿Varios correos hoy? Abre el enlace del más reciente.',
  'recover.code-life': 'Puedes escribir el código durante {life}. Esta página te espera.',
  'recover.tries-left':
    '{left, plural, one {Queda un intento} other {Quedan # intentos}} esta vez. Tu cuenta sigue abierta.',
  'recover.code': 'Código de verificación',
  'recover.confirm': 'Confirmar',
  'recover.spam': '¿No está en tu bandeja de entrada? Mira en spam o correo no deseado.',
  'recover.sender': 'De',
  'recover.other-subject': 'También puede ser otro correo nuestro.',
  'recover.subject': 'Asunto',
  'recover.again': 'Enviar de nuevo',
  'recover.again-in': 'Podrás enviarlo de nuevo en {wait}.',
  'recover.other-way': 'Probar otra forma',
  'recover.elsewhere': '¿Has terminado en otro dispositivo?',
  'recover.still-nothing': '¿Nada después de dos minutos? También puede ayudarte una persona.',
  'recover.asked-again': 'Si hay una cuenta, el código va de camino otra vez. Es el mismo código.',
  'recover.code-expired-lead': 'Este código ha caducado. Pulsa una vez y saldrá uno nuevo.',
  'recover.new-code': 'Pedir un código nuevo',
  'recover.over-title': 'Este intento ha terminado',
  'recover.over-tries':
    'Cinco códigos no eran correctos y este intento ha terminado. Tu cuenta sigue igual: tu contraseña funciona, y el enlace del correo también.',
  'recover.over-time': 'Ha pasado demasiado tiempo y este intento ha terminado. Tu cuenta sigue igual.',
  'recover.over-elsewhere':
    'Este intento ha terminado. Si acabaste en otro dispositivo, inicia sesión con la contraseña nueva.',

  // Recuperación: qué cuenta
  'recover.account-title': '¿Qué cuenta?',
  'recover.account-lead':
    'Este email pertenece a varias cuentas. Elige en cuál quieres volver a entrar; las demás se quedan como están.',
  'recover.account-provided': '{userId} no está en la lista: no tiene contraseña aquí, entras en ella con {provider}.',

  // Recuperación: la contraseña nueva
  'recover.password-title': 'Elige una contraseña nueva',
  'recover.password-for': 'Para el ID de usuario {userId}',
  'recover.password-advice': 'Difícil de adivinar para otros, fácil de recordar para ti.',
  'recover.password-rule': 'Al menos {length} caracteres. Valen los espacios y cualquier letra.',
  'recover.password-effect': 'Al continuar se cierra la sesión en los demás dispositivos.',
  'recover.password-time': 'Tienes {life} para este paso.',
  'recover.password': 'Nueva contraseña',
  'recover.password-repeat': 'Confirma la nueva contraseña',
  'recover.suggest': 'Sugerir una',
  'recover.suggested': 'Hay una sugerencia en los dos campos. Apúntala o deja que el navegador la guarde.',
  'recover.done-title': 'Tu contraseña se ha cambiado.',
  'recover.done-for': 'La contraseña nueva es la del ID de usuario {userId}.',
  'recover.done-devices': 'Se ha cerrado la sesión en los demás dispositivos.',
  'recover.done-notice': 'Enviamos un aviso a todos los emails de la cuenta.',

  // La contraseña de quien ha iniciado sesión
  'change.current': 'La contraseña que tienes ahora',
  'change.effect': 'Al continuar se cierra la sesión en los demás dispositivos. Aquí sigue abierta.',
  'change.forgotten': '¿Ya no la sabes?',
  'change.recover': 'Elegir una contraseña nueva por email',
  'change.stays': 'Aquí tu sesión sigue abierta.',
  'change.to-account': 'Ir a mi cuenta',
  'change.none-title': 'Esta cuenta no tiene contraseña',
  'change.none': 'Puedes elegir una ahora: un código va a tu email y lo escribes en la página.',
  'change.none-choose': 'Elegir una contraseña',
  'change.none-provider': 'Entras con {provider}. Cambia allí tu contraseña; aquí no hay ninguna que cambiar.',

  // Recuperación: los enlaces del correo
  'recover.link-title': 'Sigue aquí',
  'recover.link-lead': 'Escribe el código del correo que te ha traído aquí. La recuperación sigue en este navegador.',
  'recover.stop-title': 'No he sido yo',
  'recover.stop-lead':
    'Alguien pidió un código para tu cuenta. Escribe el código de ese correo: los códigos dejarán de valer y los correos pararán durante 24 horas. Tu contraseña sigue igual.',
  'recover.stop-submit': 'Parar esto',
  'recover.stop-over':
    'No queda nada que parar: este correo ya no vale. Si se cambió tu contraseña y no has sido tú, usa el enlace del aviso que te lo dice, o contacta con soporte.',
  'recover.stopped-title': 'Hemos parado los correos',
  'recover.stopped-lead':
    'Los códigos pedidos hasta ahora ya no valen, y no saldrán correos de recuperación durante 24 horas. Puedes iniciar sesión como siempre.',
  'recover.notice-lead':
    'Se cambió tu contraseña y dices que no has sido tú. Escribe el número del aviso: se cerrarán todas las sesiones, la contraseña nueva dejará de valer y elegirás otra.',
  'recover.notice-number': 'Número del aviso',
  'recover.notice-hint': 'Seis cifras, en el correo que te ha traído aquí',
  'recover.notice-submit': 'Cerrar todas las sesiones',
  'recover.disowned-title': 'Se han cerrado todas las sesiones',
  'recover.disowned-suspended':
    'La contraseña que se puso ya no vale, y la antigua no vuelve. Elige ahora una nueva; es un minuto.',
  'recover.disowned-changed-again':
    'La contraseña se ha cambiado otra vez después de este aviso, y esa se queda como está. ¿Tampoco has sido tú? Entonces abre el aviso más reciente y pulsa allí «No he sido yo».',
  'recover.disowned-mailbox':
    'Puede que otra persona lea tu correo. Cambia también la contraseña de tu buzón, y hazlo primero.',
  'recover.disowned-start': 'Empieza con este email: {address}',
  'recover.disowned-choose': 'Elegir una contraseña nueva',
  'recover.stopped-after-all': 'Sí que soy yo',

  // Soporte
  'case.title': 'Contactar con soporte',
  'case.lead': 'Cuéntanos qué ha pasado. Para esto no necesitas ni contraseña ni tu buzón.',
  'case.kind': '¿De qué se trata?',
  'case.mailbox-lost': 'No puedo usar mi buzón',
  'case.no-mail': 'Probé con el email y no llegó nada',
  'case.taken-over': 'Otra persona está en mi cuenta',
  'case.factor-lost': 'He perdido mi segundo paso para entrar',
  'case.owner-died': 'La persona titular ha fallecido',
  'case.words': '¿Qué ha pasado?',
  'case.words-hint': 'Con tus palabras. No escribas contraseñas ni códigos, por favor.',
  'case.contact': 'Un email donde podamos escribirte',
  'case.submit': 'Abrir el caso',
  'case.opened-title': 'Tenemos tu caso',
  'case.number': 'Número de caso',
  'case.code': 'Código del caso',
  'case.keep':
    'Guarda los dos. El código se muestra solo ahora; con ellos puedes ver cómo va tu caso en cualquier dispositivo.',
  'case.promise': 'Una persona responde en {wait}.',
  'case.copy-number': 'Copiar el número',
  'case.copy-code': 'Copiar el código',
  'case.copied': 'Copiado',
  'case.helps-title': 'Qué ayuda ahora',
  'case.helps-mailbox-lost':
    'Te preguntaremos a qué tienes acceso todavía: otro email de la cuenta, un dispositivo con la sesión abierta, tu segundo paso. Los datos sobre ti o tus pedidos nos ayudan a encontrar la cuenta, pero nunca la abren por sí solos: otras personas pueden conocerlos.',
  'case.helps-no-mail':
    'Mira otra vez en spam, y fíjate en el email que escribiste: ¿era el de la cuenta? Si tienes varios, prueba con cada uno. Si al final llega el código, sigue con él.',
  'case.helps-taken-over':
    'Si todavía puedes entrar, cambia tu contraseña ahora: así se cierra la sesión en los demás dispositivos. Si no puedes pero el buzón sigue siendo tuyo, vuelve a entrar con un código por email; eso también los cierra. Pon además una contraseña nueva en tu buzón.',
  'case.helps-factor-lost':
    '¿Tienes tus códigos de reserva? Cada uno sirve una vez en lugar del segundo paso. Si no, te pediremos más de una prueba distinta: el segundo paso está para que una contraseña sola no abra tu cuenta.',
  'case.helps-owner-died':
    'Lo sentimos mucho. No damos a nadie la contraseña de otra persona. Cuéntanos qué necesitas, por ejemplo cerrar la cuenta o dejar de recibir nuestros correos, y una persona te dirá qué se puede hacer y qué hace falta.',
  'case.helps-other': 'Una persona lee lo que has escrito. Con un caso basta; otro no acelera nada.',
  'case.contact-title': 'Confirma tu email',
  'case.contact-lead':
    'Enviamos un correo a {address}. Escribe el código de ese correo para que nuestra respuesta te llegue seguro.',
  'case.contact-later': 'Tu caso ya está guardado. También puedes hacer esto más tarde.',
  'case.contact-change': 'Corregir el email',
  'case.contact-change-title': '¿En qué email te encontramos?',
  'case.contact-change-lead': 'Al email que escribas aquí llegará un código nuevo.',
  'case.contact-change-submit': 'Enviar un código',
  'case.contact-used': 'Cinco códigos no eran correctos. Revisa el email de abajo; allí llegará un código nuevo.',
  'case.status-ask-title': 'Mira cómo va tu caso',
  'case.status-ask-lead': 'Escribe el número y el código que te mostramos al abrir el caso.',
  'case.status-ask-submit': 'Ver el caso',
  'case.status-known': '¿Ya tienes un caso?',
  'case.status-title': 'Tu caso {number}',
  'case.look': 'Ver cómo va',
  'case.state': 'Cómo va',
  'case.received': 'Recibido',
  'case.received-about': 'Tu caso espera a que lo lea una persona. No tienes que hacer nada.',
  'case.asked': 'Necesitamos algo de ti',
  'case.asked-about': 'Una persona ha leído tu caso y necesita algo más de ti.',
  'case.deciding': 'Por decidir',
  'case.deciding-about': 'Una persona tiene todo lo que hace falta y lo está decidiendo. No tienes que hacer nada.',
  'case.decided': 'Decidido',
  'case.decided-about': 'Una persona ha decidido tu caso.',
  'case.emptied':
    'Lo que escribiste y el email que diste se han borrado. Con este caso ya no pasa nada más; si aún necesitas ayuda, abre otro.',
  'case.opened-at': 'Abierto',
  'case.answer': 'Respuesta',
  'case.promise-late': 'El plazo que prometimos ha pasado. Lo sentimos. Tu caso no se ha perdido y conserva su turno.',
  'case.contact-here': 'Email',
  'case.confirmed': 'Confirmado',
  'case.not-confirmed': 'Sin confirmar todavía',
  'case.confirm': 'Confirmarlo',
  'case.other': 'Otra cosa',
  'case.another': 'Ver otro caso',

  // Qué no se aceptó, y qué hacer
  'refusal.identifier-missing': 'Escribe tu email o tu ID de usuario.',
  'refusal.identifier-shape':
    'Esto no parece ni un email ni un ID de usuario. Mira si sobran espacios o faltan letras.',
  'refusal.code-missing': 'Escribe el código del correo.',
  'refusal.code-shape': 'Eso no es un código entero. Copia todas sus cifras del correo.',
  'refusal.code-wrong': 'Este código no es correcto. Compáralo con el correo más reciente.',
  'refusal.code-expired': 'Este código ha caducado',
  'refusal.tries-used': 'Cinco códigos no eran correctos. Empieza de nuevo; lo que escribiste se guarda.',
  'refusal.resend-soon': 'Acabas de pedir un correo. Podrás enviarlo de nuevo en {wait}.',
  'refusal.resend-capped':
    'Tres correos por hora es el máximo. Podrás enviarlo de nuevo en {wait}, o contactar con soporte.',
  'refusal.recovery-missing': 'Este navegador no tiene ninguna recuperación abierta. Empieza de nuevo, es un minuto.',
  'refusal.recovery-other': 'Esta página es de un intento anterior. Ahora estás en otro; sigue con ese.',
  'refusal.recovery-over': 'Este intento ha terminado. Empieza de nuevo.',
  'refusal.recovery-step': 'Este paso no está abierto en este momento. Sigue desde aquí.',
  'refusal.recovery-moved': 'Llegaron dos respuestas a la vez. Mira esta página y prueba otra vez.',
  'refusal.account-missing': 'Elige una de las cuentas.',
  'refusal.password-missing': 'Escribe una contraseña.',
  'refusal.password-short': 'Hazla más larga: al menos {length} caracteres. Varias palabras juntas funcionan bien.',
  'refusal.password-long': 'Hazla más corta: 256 caracteres como máximo.',
  'refusal.password-common':
    'Mucha gente usa esta contraseña y es de las primeras que se prueban. Elige otra, o acepta una sugerencia.',
  'refusal.password-named': 'Se parece demasiado a tu nombre o al de este sitio. Elige otra cosa.',
  'refusal.passwords-differ': 'Las dos contraseñas no coinciden.',
  'refusal.link-over': 'Este enlace ya no funciona. Empieza de nuevo y llegará otro correo.',
  'refusal.password-wrong': 'Esta contraseña no es correcta. Escribe la que usas para iniciar sesión.',
  'refusal.password-later':
    'Demasiadas contraseñas incorrectas seguidas. Puedes volver a probar en {wait}, o elegir ya una contraseña nueva.',
  'refusal.password-recover':
    'Demasiadas contraseñas incorrectas seguidas; quizá las ha escrito otra persona. Desde este navegador, ahora se entra con una contraseña nueva.',
  'refusal.signed-out': 'Tu sesión está cerrada. Inicia sesión y prueba otra vez.',
  'refusal.number-missing': 'Escribe el número del aviso.',
  'refusal.number-shape': 'Ese no es el número entero. Tiene seis cifras.',
  'refusal.number-wrong': 'Este número no es correcto. Compáralo con el correo que te ha traído aquí.',
  'refusal.second-needed':
    'Un paso más: esta cuenta pide el código de una aplicación de autenticación en su página de inicio de sesión.',
  'refusal.second-missing': 'Escribe el código que muestra tu aplicación o uno de tus códigos de reserva.',
  'refusal.second-shape':
    'Ese código no está completo. Tu aplicación muestra 6 dígitos; un código de reserva tiene 10 letras y números.',
  'refusal.second-wrong':
    'Este código no es correcto o ya se ha usado. Escribe el que tu aplicación muestra ahora. Si tampoco vale, pon en automático la hora de tu móvil.',
  'refusal.second-tries':
    'Cinco códigos no eran correctos, así que este inicio de sesión ha terminado. Inicia sesión otra vez con tu contraseña.',
  'refusal.second-later':
    'Demasiados códigos para esta cuenta por hoy. Puedes volver a probar en {wait}, o contactar con soporte.',
  'refusal.second-over': 'Este inicio de sesión ha esperado demasiado o ha terminado. Inicia sesión otra vez.',
  'refusal.authenticator-over': 'Esta configuración ha terminado. Así están las cosas ahora.',
  'refusal.removal-later':
    'Después de recuperar una cuenta, todo lo que la protege se queda como está durante tres días. Podrás hacerlo en {wait}.',
  'refusal.sign-in-failed':
    'No ha funcionado. Revisa los dos campos. ¿Varias cuentas con un mismo email? Usa tu ID de usuario.',
  'refusal.user-id-shape': 'Usa de 3 a 32 letras, números, puntos o guiones, sin espacios.',
  'refusal.address-shape': 'Esto no parece un email. Mira si sobran espacios o faltan letras.',
  'refusal.user-id-taken': 'Este ID de usuario ya está en uso. Elige otro.',
  'refusal.sign-up-missing': 'Este navegador no tiene ningún registro abierto. Empieza de nuevo, es un minuto.',
  'refusal.case-kind-missing': 'Elige de qué se trata.',
  'refusal.case-words-missing': 'Escribe unas palabras sobre lo que ha pasado.',
  'refusal.case-words-long': 'Hazlo más corto: 4.000 caracteres como máximo.',
  'refusal.case-number-shape': 'Eso no es un número de caso entero. Tiene nueve letras y cifras.',
  'refusal.case-code-shape': 'Eso no es un código de caso entero. Tiene dieciséis letras y cifras.',
  'refusal.case-pair-wrong': 'No hay ningún caso con este número y este código. Compara los dos con lo que guardaste.',
  'refusal.case-missing':
    'Este navegador no sigue ningún caso, o fue hace más de un día. Escribe el número y el código.',
  'refusal.case-state': 'El caso ya no está donde estaba. Míralo de nuevo y prueba otra vez.',
  'refusal.too-many': 'Demasiados intentos desde tu red. Prueba de nuevo en {wait}, o contacta con soporte.',

  // Problemas
  'problem.title': 'No ha funcionado',
  'problem.bad-request':
    'Tu navegador ha enviado algo que esta página no puede leer. Vuelve atrás e inténtalo de nuevo.',
  'problem.cross-site': 'Esto venía de otro sitio web y no se ha hecho. Abre la página aquí e inténtalo de nuevo.',
  'problem.not-found': 'No hay ninguna página en esta dirección.',
  'problem.method-not-allowed': 'Esta dirección no responde de esa forma.',
  'problem.body-too-large': 'Era demasiado texto. Acórtalo e inténtalo de nuevo.',
  'problem.wrong-content-type': 'Tu navegador ha enviado algo de un tipo que esta página no admite.',
  'problem.wrong-host': 'A este sitio no se llega con ese nombre.',
  'problem.busy': 'Ahora mismo hay muchísima gente. Prueba de nuevo en {wait}.',
  'problem.fault': 'Algo ha fallado por nuestra parte. No se ha perdido nada tuyo. Si nos escribes, indica esto: {id}',

  // La comprobación humana
  'check.label': 'Validación',
  'check.slide': 'Desliza para verificar',
  'check.keys': 'Con el teclado: pulsa Fin y después Intro.',
  'check.click': 'Continuar sin deslizar',
  'check.passed': 'Verificado',
  'check.checking': 'Comprobando…',
  'check.waiting': 'Comprobando. Tarda unos {time} y no tienes que hacer nada.',
  'check.half': 'Ya va por la mitad.',
  'check.again': 'No ha funcionado. Desliza otra vez, por favor.',
  'check.short': 'Casi: deslízalo hasta el final.',
  'check.late': 'Ha pasado bastante tiempo. Hazlo otra vez, por favor.',
  'check.failed': 'No se puede conectar con el sitio. Revisa tu conexión e inténtalo de nuevo.',
  'check.too-many': 'Demasiados intentos desde tu red. Espera unos minutos e inténtalo de nuevo.',
  'check.missing': 'Antes de continuar, desliza el cuadrado hasta el final o pulsa «Continuar sin deslizar».',
  'check.missing-letters': 'Antes de continuar, escribe las letras y pulsa «Enviar».',
  'check.letters': 'Escribe las letras que ves',
  'check.letters-alt':
    'Cinco letras y números para escribir en la casilla. Si no los ves, elige «Comprobar sin escribir».',
  'check.send': 'Enviar',
  'check.other': 'Otras letras',
  'check.wait': 'Comprobar sin escribir',
  'check.stuck': '¿No funciona? Hay otras formas:',
  'check.trouble': '¿No aparece la validación?',
  'check.wait-now': 'Espera {time}, por favor. No tienes que hacer nada: esta página sigue sola.',
  'check.wait-ready': 'La espera ha terminado. Solo falta pulsar un botón.',
  'check.wait-done': 'Verificado. Cierra esta página, vuelve a la anterior y pulsa «Continuar» allí.',
  'check.wait-back': 'Volver',
  'refusal.check-missing': 'Falta una cosa: la comprobación que está encima del botón.',
  'refusal.check-again': 'Aquí tienes otras letras.',
  'refusal.check-late': 'Esas letras ya no valen. Aquí tienes otras.',
  'refusal.check-letters': 'Un paso más: escribe las letras que ves.',
  'refusal.check-wait': 'Un paso más: una comprobación que tarda medio minuto. No tienes que hacer nada.',
  'refusal.check-letters-wrong': 'Esas no eran las letras. Aquí tienes otras.',

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
  'mail.provider-sign-in.subject': 'Cómo entras en {site}',
  'mail.provider-sign-in.heading': 'Entras con {providers}',
  'mail.provider-sign-in.why':
    'Alguien, esperamos que tú, ha olvidado su contraseña de {site}. Tu cuenta no tiene contraseña: entras con {providers}.',
  'mail.provider-sign-in.how':
    'Ve a {site} y elige {providers} al iniciar sesión. Para eso no hace falta ningún código.',
  'mail.provider-sign-in.go': 'Ir a {site}',
  'mail.provider-sign-in.trouble': '¿Tampoco puedes entrar así? Te ayudará una persona:',
  'mail.account-disabled.subject': 'Sobre tu cuenta de {site}',
  'mail.account-disabled.heading': 'Tu cuenta está cerrada',
  'mail.account-disabled.why':
    'Alguien, esperamos que tú, ha olvidado su contraseña de {site}. La cuenta de esta dirección está cerrada en este momento y una contraseña nueva no la abriría.',
  'mail.account-disabled.way': 'Escribe a soporte para saber más.',
  'mail.nothing-changed': '¿No lo has pedido tú? Entonces no tienes que hacer nada: no ha cambiado nada.',
  'mail.authenticator-added.subject': 'Se ha añadido una aplicación de autenticación en {site}',
  'mail.authenticator-added.heading': 'Aplicación de autenticación activada',
  'mail.authenticator-added.what':
    'Desde el {when}, para entrar en la cuenta {userId} de {site} se pide un código de una aplicación de autenticación.',
  'mail.authenticator-added.spare':
    'Guarda tus códigos de reserva lejos del móvil: con ellos podrás entrar si lo pierdes.',
  'mail.authenticator-removed.subject': 'Se ha quitado la aplicación de autenticación en {site}',
  'mail.authenticator-removed.heading': 'Aplicación de autenticación desactivada',
  'mail.authenticator-removed.what':
    'Desde el {when}, la cuenta {userId} de {site} se abre solo con la contraseña: ya no se pide ningún código.',
  'mail.authenticator.was-not-you': '¿No has sido tú? Contacta con soporte enseguida: otra persona está en tu cuenta.',
  'mail.password-changed.subject': 'Tu contraseña de {site} se ha cambiado',
  'mail.password-changed.heading': 'Tu contraseña se ha cambiado',
  'mail.password-changed.what': 'La cuenta {userId} de {site} tiene una contraseña nueva desde el {when}.',
  'mail.password-changed.devices': 'Se ha cerrado la sesión en todos los demás dispositivos.',
  'mail.password-changed.was-you': 'Si has sido tú, todo está bien y no tienes que hacer nada más.',
  'mail.password-changed.was-not-you':
    'Si no has sido tú, pulsa «No he sido yo» y escribe este número en la página que se abre. Se cerrarán todas las sesiones y la contraseña nueva dejará de valer.',
  'mail.password-changed.number': 'Número de este aviso',
  'mail.password-changed.life':
    'Esto sirve durante {duration}. Escribe el número solo en la página de {site} y no se lo des a nadie.',
  'mail.password-changed.person': '¿O prefieres escribir a una persona?',
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
  'mail.case-code.subject': 'Confirma tu email para el soporte de {site}',
  'mail.case-code.heading': 'Aquí tienes tu código',
  'mail.case-code.why':
    'Alguien, esperamos que tú, ha escrito al soporte de {site} y ha dado este email para la respuesta. Vuelve a la página que te pide el código y pégalo allí.',
  'mail.case-code.ignore':
    '¿No has sido tú? Entonces no tienes que hacer nada: sin el código no llega ninguna respuesta a esta dirección.',
  'mail.case-opened.subject': 'Tenemos tu caso en {site}',
  'mail.case-opened.number': 'Su número es {number}.',
  'mail.case-opened.look': 'Puedes ver cómo va con este número y el código del caso que te mostramos al abrirlo.',
  'mail.case-moved.subject': 'Hay novedades sobre tu caso en {site}',
  'mail.case-moved.heading': 'Hay novedades sobre tu caso',
  'mail.case-moved.number': 'Se trata del caso {number}.',
  'mail.case.secret':
    'No le des nunca el código del caso a nadie, ni siquiera a nosotros. {site} nunca te lo pedirá por teléfono, chat o correo.',
};
