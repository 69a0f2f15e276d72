// A page that records how hands move the slide, of people who agree to it: `node bench/human-check/record.ts`. The control
// is the product's own, the words of the consent are in both languages, and what was recorded can be deleted at once. For
// development alone: it refuses to run in production, and no part of it is in the package.
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { serve } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import { Problem } from '../../src/base/problem.ts';
import { readSettings } from '../../src/config/read-settings.ts';
import { createAssets } from '../../src/http/assets.ts';
import { humanCheckOperations } from '../../src/http/api/human-checks.ts';
import { maxBodyBytes, readBytes, readForm } from '../../src/http/form.ts';
import { securityHeaders } from '../../src/http/guard.ts';
import { humanCheckBlock } from '../../src/http/pages/human-check.ts';
import { localeOf } from '../../src/http/visit.ts';
import { isAtEnd } from '../../src/human-check/slider.ts';
import { type Locale, locales, translator } from '../../src/i18n/translate.ts';
import {
  consentVersion,
  deleteSitting,
  type Device,
  devices,
  keepSitting,
  readSlides,
  type Sitting,
} from './traces.ts';
import { passRate } from './table.ts';

const words = {
  en: {
    title: 'Help us know hands from programs',
    why: 'Our human check is a slide. To know how often it takes a hand for a program, we need slides that hands have made. We ask you for {slides} of them, which takes about two minutes.',
    recorded: 'What is recorded',
    recordedText:
      'The way of the pointer during each slide and its times, where you grip the square, the kind of pointer, how fine your screen is, whether a program steers the browser, the device that you name below, and today’s date.',
    not: 'What is not',
    notText:
      'Your name, your address, your network and your browser are not, and nothing before or after a slide is. Even so, how a hand moves may be recognised by somebody who has other recordings of it.',
    what: 'What becomes of it',
    whatText:
      'It measures the check, and nothing else is done with it. It may become part of the public tests of Rekey, where anybody can read it. You can stop at any time, and delete everything at the end.',
    device: 'What do you move the pointer with?',
    devices: {
      mouse: 'Mouse',
      touchpad: 'Touchpad',
      finger: 'A finger on the screen',
      pen: 'Pen',
      trackball: 'Trackball',
      other: 'Something else',
    },
    agree: 'I am of age, and I agree to this.',
    begin: 'Begin',
    missing: 'Choose a device, and tick the box if you agree.',
    slide: 'Slide {at} of {slides}',
    next: 'Next',
    stop: 'Stop and delete everything',
    thanks: 'Thank you',
    kept: '{slides} slides are kept in the file {file}.json. To have it deleted later, tell whoever asked you this name.',
    delete: 'Delete my recording',
    deleted: 'Your recording is deleted',
    deletedText: 'Nothing of it is left here.',
    again: 'To the first page',
  },
  es: {
    title: 'Ayúdanos a distinguir manos de programas',
    why: 'Nuestra validación consiste en deslizar un cuadrado. Para saber cuántas veces toma una mano por un programa, necesitamos movimientos hechos a mano. Te pedimos {slides}: son unos dos minutos.',
    recorded: 'Qué se graba',
    recordedText:
      'El camino del puntero cada vez que deslizas y sus tiempos, por dónde agarras el cuadrado, el tipo de puntero, lo fina que es tu pantalla, si un programa maneja el navegador, el dispositivo que nos digas y la fecha de hoy.',
    not: 'Qué no se graba',
    notText:
      'Ni tu nombre, ni tu dirección, ni tu red, ni tu navegador, ni nada de antes o después de deslizar. Aun así, quien tenga otras grabaciones de tu mano podría reconocer cómo se mueve.',
    what: 'Qué se hace con ello',
    whatText:
      'Sirve para medir la validación y para nada más. Puede pasar a formar parte de las pruebas públicas de Rekey, que cualquiera puede leer. Puedes parar cuando quieras y, al final, borrarlo todo.',
    device: '¿Con qué mueves el puntero?',
    devices: {
      mouse: 'Ratón',
      touchpad: 'Panel táctil',
      finger: 'Un dedo en la pantalla',
      pen: 'Lápiz',
      trackball: 'Bola de seguimiento',
      other: 'Otra cosa',
    },
    agree: 'Soy mayor de edad y estoy de acuerdo.',
    begin: 'Empezar',
    missing: 'Elige un dispositivo y marca la casilla si estás de acuerdo.',
    slide: 'Movimiento {at} de {slides}',
    next: 'Siguiente',
    stop: 'Parar y borrarlo todo',
    thanks: 'Gracias',
    kept: 'Hay {slides} movimientos guardados en el archivo {file}.json. Si más adelante quieres que se borre, dile este nombre a quien te lo pidió.',
    delete: 'Borrar mi grabación',
    deleted: 'Tu grabación está borrada',
    deletedText: 'Aquí no queda nada de ella.',
    again: 'A la primera página',
  },
} as const satisfies Record<Locale, unknown>;

const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));

/** Somebody who agreed and has not ended yet. */
interface Recording {
  readonly name: string;
  sitting: Sitting;
  /** The slide that is on the page. */
  asked?: { readonly challenge: string; readonly travelPx: number } | undefined;
}

export interface RecorderOptions {
  readonly origin: string;
  /** How many slides a person is asked for. */
  readonly slides: number;
  /** Where the files go; bench/human-check/traces/ where none is named. */
  readonly folder?: URL;
  /** UTC epoch ms. */
  readonly now: () => number;
}

const cookie = 'recording';

/** `fetch` of the recorder. What it was told of people who went away in the middle is kept as far as it came. */
export function createRecorder({
  origin,
  slides,
  folder,
  now,
}: RecorderOptions): (request: Request) => Promise<Response> {
  // For the look and the headers of its pages; it sends no mail and keeps no secret.
  const settings = readSettings({
    mode: 'development',
    origin,
    siteName: 'Rekey',
    accountPath: '/',
    smtp: 'smtp://127.0.0.1:1',
    senderAddress: 'nobody@rekey.invalid',
    keys: `none:${Buffer.alloc(32).toString('base64')}`,
  });
  const assets = createAssets(settings);
  const recordings = new Map<string, Recording>();
  const app = new Hono();
  const recordingOf = (context: Context) => recordings.get(getCookie(context, cookie) ?? '');
  const localeFor = (context: Context): Locale =>
    localeOf(context.req.query('lang') ?? null, undefined, context.req.header('accept-language'), locales);

  const page = (context: Context, title: string, body: ReturnType<typeof html>, status: 200 | 422 = 200) => {
    const locale = localeFor(context);
    return context.html(
      html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${title}</title>
${['page.css', 'human-check.css'].map((name) => html`<link rel="stylesheet" href="/assets/${assets.nameOf(name)}">`)}
${['page.js', 'human-check.js'].map((name) => html`<script type="module" src="/assets/${assets.nameOf(name)}"></script>`)}
</head>
<body>
<header>
<span class="home">Rekey</span>
<nav class="languages">${locale === 'en' ? html`<span>English</span><a href="?lang=es" lang="es">Español</a>` : html`<a href="?lang=en" lang="en">English</a><span>Español</span>`}</nav>
</header>
<main>
<h1 tabindex="-1">${title}</h1>
${body}
</main>
</body>
</html>`,
      status,
    );
  };

  const consentPage = (context: Context, error?: string) => {
    const locale = localeFor(context);
    const say = words[locale];
    const section = (title: string, text: string) => html`<h2>${title}</h2><p>${text}</p>`;
    return page(
      context,
      say.title,
      html`${error === undefined ? '' : html`<p class="notice error" role="alert">${error}</p>`}
<p>${fill(say.why, { slides })}</p>
${section(say.recorded, say.recordedText)}
${section(say.not, say.notText)}
${section(say.what, say.whatText)}
<form method="post" action="/?lang=${locale}">
<fieldset>
<legend>${say.device}</legend>
${devices.map((device) => html`<label class="choice"><input type="radio" name="device" value="${device}">${say.devices[device]}</label>`)}
</fieldset>
<label class="choice field"><input type="checkbox" name="agree" value="yes">${say.agree}</label>
<button class="primary">${say.begin}</button>
</form>`,
      error === undefined ? 200 : 422,
    );
  };

  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(securityHeaders(settings))) context.header(name, value);
    context.header('cache-control', 'no-store');
    // No other site records in somebody's name.
    const site = context.req.header('sec-fetch-site') ?? 'same-origin';
    if (context.req.method !== 'GET' && site !== 'same-origin') throw new Problem('bad-request', `sent from ${site}`);
    await next();
  });
  app.onError((error, context) => {
    if (error instanceof Problem) return context.text(error.message, 400);
    throw error;
  });

  app.get('/assets/:file', (context) => {
    return assets.serve(context.req.param('file'), context.req.header('accept-encoding')) ?? context.notFound();
  });

  app.get('/', (context) => consentPage(context));

  app.post('/', async (context) => {
    const locale = localeFor(context);
    const form = await readForm(context.req.raw, ['device', 'agree']);
    const device = devices.find((each) => each === form.device);
    if (device === undefined || form.agree !== 'yes') return consentPage(context, words[locale].missing);
    const id = randomBytes(16).toString('base64url');
    recordings.set(id, { name: `${device}-${randomBytes(4).toString('hex')}`, sitting: beginSitting(device, locale) });
    setCookie(context, cookie, id, { httpOnly: true, sameSite: 'Strict', path: '/' });
    return context.redirect(`/slide?lang=${locale}`, 303);
  });

  const beginSitting = (device: Device, language: Locale): Sitting => ({
    synthetic: false,
    consent: { version: consentVersion, language, on: new Date(now()).toISOString().slice(0, 10) },
    device,
    slides: [],
  });

  app.get('/slide', (context) => {
    const recording = recordingOf(context);
    const locale = localeFor(context);
    if (!recording) return context.redirect(`/?lang=${locale}`, 303);
    const say = words[locale];
    const made = recording.sitting.slides.length;
    if (made >= slides) return context.redirect(`/done?lang=${locale}`, 303);
    const check = { state: 'slide', purpose: 'recovery', letters: '', isStuck: false } as const;
    const asset = (name: string) => `/assets/${assets.nameOf(name)}`;
    return page(
      context,
      fill(say.slide, { at: made + 1, slides }),
      html`<form method="get" action="/slide">
<input type="hidden" name="lang" value="${locale}">
${humanCheckBlock({ t: translator(locale), base: '', asset, check })}
<button class="primary">${say.next}</button>
</form>
<form method="post" action="/delete?lang=${locale}"><button class="quiet by-script">${say.stop}</button></form>`,
    );
  });

  // What the product's API answers, less the work and the wait: they are no part of how a hand moves.
  app.post('/api/v1/human-checks', (context) => {
    const recording = recordingOf(context);
    if (!recording) throw new Problem('bad-request', 'nobody agreed to this');
    recording.asked = {
      challenge: randomBytes(16).toString('base64url'),
      // As wide as the product asks for.
      travelPx: 184 + Math.floor((45 * randomBytes(2).readUInt16BE()) / 65_536),
    };
    return context.json({ ...recording.asked, kind: 'slide', waitMs: 0, lifeMs: 30 * 60_000 }, 201);
  });

  app.post('/api/v1/human-checks/answers', async (context) => {
    const recording = recordingOf(context);
    const read = humanCheckOperations.answerHumanCheck.request.safeParse(
      parseJson(Buffer.from(await readBytes(context.req.raw, maxBodyBytes)).toString()),
    );
    if (!recording || !read.success) throw new Problem('bad-request', 'no slide of somebody who agreed');
    const { challenge, mode, drag } = read.data;
    const { asked, sitting, name } = recording;
    recording.asked = undefined;
    const again = (why: 'late' | 'wrong') => context.json({ outcome: 'again', why, isStuck: false });
    if (asked?.challenge !== challenge) return again('late');
    if (mode !== 'drag' || !drag || !isAtEnd(drag, asked.travelPx)) return again('wrong');
    if (sitting.slides.length < slides) {
      sitting.slides.push({ travelPx: asked.travelPx, drag });
      await keepSitting(name, sitting, folder);
    }
    return context.json({ outcome: 'passed' });
  });

  app.get('/done', (context) => {
    const recording = recordingOf(context);
    const locale = localeFor(context);
    if (!recording) return context.redirect(`/?lang=${locale}`, 303);
    const say = words[locale];
    return page(
      context,
      say.thanks,
      html`<p>${fill(say.kept, { slides: recording.sitting.slides.length, file: recording.name })}</p>
<form method="post" action="/delete?lang=${locale}"><button>${say.delete}</button></form>`,
    );
  });

  app.post('/delete', async (context) => {
    const id = getCookie(context, cookie) ?? '';
    const recording = recordings.get(id);
    if (recording) await deleteSitting(recording.name, folder);
    recordings.delete(id);
    const say = words[localeFor(context)];
    return page(context, say.deleted, html`<p>${say.deletedText}</p><p><a href="/">${say.again}</a></p>`);
  });

  return async (request) => app.fetch(request);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  if (process.env['NODE_ENV'] === 'production') {
    console.error(
      'This page records how people move. It is for development, and refuses to run with NODE_ENV=production.',
    );
    process.exit(1);
  }
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '4780' }, slides: { type: 'string', default: '20' } },
  });
  const [port, slides] = [Number(values.port), Number(values.slides)];
  if (!Number.isInteger(port) || !Number.isInteger(slides) || slides < 1 || slides > 200) {
    console.error('--port and --slides take a whole number; slides are 1 to 200.');
    process.exit(1);
  }
  const recorded = await readSlides();
  console.log('Recorded so far, and what became of them as the first try of a browser in a quiet network:');
  console.table(
    devices.flatMap((device) => {
      const own = recorded.filter((slide) => slide.device === device);
      return own.length === 0 ? [] : [{ device, ...passRate(own) }];
    }),
  );
  // Nobody else in the network reaches it; a phone does over its cable, by forwarding this port.
  const server = serve({ fetch: (request) => recorder(request), hostname: '127.0.0.1', port }, ({ port }) =>
    console.log(`Open http://localhost:${port}, and press Ctrl+C to end.`),
  );
  const recorder = createRecorder({ origin: `http://localhost:${port}`, slides, now: Date.now });
  process.once('SIGINT', () => server.close());
}
