// A browser for tests, over real HTTP: it keeps cookies, follows redirects, and finds links, buttons and fields by the
// words that a person sees. It runs no script, and sends a form as it stands, even where a browser would ask for more.
import { Agent, request as requestOverHttp } from 'node:http';
import { Agent as TlsAgent, request as requestOverHttps } from 'node:https';
import type { Clock } from '../base/clock.ts';

export interface Page {
  readonly status: number;
  /** Path and query that it was answered under, after redirects. */
  readonly path: string;
  readonly headers: Headers;
  readonly html: string;
  readonly language: string;
  /** The words of its `<h1>`. */
  readonly heading: string;
  /** All its words, one space between. */
  readonly text: string;
  /** What stands in the field with this label. */
  valueOf(label: string): string;
  /** What is said beside the field with this label; empty where nothing is wrong. */
  errorAt(label: string): string;
  /** What is said above the form, good or bad. */
  readonly notice: string;
  /** The options of a choice, by their labels. */
  readonly choices: readonly string[];
  /** Where each link leads, by its words. */
  readonly links: ReadonlyMap<string, string>;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams | FormData;
}

export interface Browser {
  readonly language: BrowserOptions['language'];
  /** The page in front of the person. */
  readonly page: Page;
  open(path: string): Promise<Page>;
  /** Follows the link with these words. */
  follow(words: string): Promise<Page>;
  /**
   * Presses the button with these words, after filling in fields by their labels. `under`: the heading above the form,
   * where several buttons have the same words.
   */
  press(words: string, fields?: Readonly<Record<string, string>>, under?: string): Promise<Page>;
  /** Posts a form that no page has, as this browser would. */
  post(path: string, fields: Readonly<Record<string, string>> | URLSearchParams | FormData): Promise<Page>;
  /** One request with this browser's cookies; redirects are not followed and the page stays. */
  send(path: string, sent?: Sent): Promise<Response>;
  cookies(): ReadonlyMap<string, string>;
  setCookie(name: string, value: string): void;
}

export interface BrowserOptions {
  readonly origin: string;
  readonly clock: Clock;
  readonly language: 'en' | 'es';
  /** The address that the request seems to come from. */
  readonly address: string;
  /** What carries its requests; real HTTP where none is given. */
  readonly fetch?: (url: URL, init: Carried) => Promise<Response>;
}

export interface Carried {
  readonly method: string;
  readonly redirect: 'manual';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams | FormData;
}

const mostRedirects = 5;

export function createBrowser({ origin, clock, language, address, fetch = fetchOverHttp }: BrowserOptions): Browser {
  const jar = new Map<string, { readonly value: string; readonly until: number }>();
  let page: Page | undefined;

  const cookies = () =>
    new Map(
      Array.from(jar)
        .filter(([, { until }]) => clock.now() < until)
        .map(([name, { value }]) => [name, value]),
    );

  const current = (): Page => {
    if (!page) throw new Error('no page is open');
    return page;
  };

  async function send(path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Response> {
    const response = await fetch(new URL(path, origin), {
      method,
      redirect: 'manual',
      headers: {
        // To compress and unpack a page costs more than to make it.
        'accept-encoding': 'identity',
        'accept-language': language,
        'x-forwarded-for': address,
        'sec-fetch-site': 'same-origin',
        cookie: Array.from(cookies(), (pair) => pair.join('=')).join('; '),
        ...(method === 'GET' ? {} : { origin }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    for (const text of response.headers.getSetCookie()) keep(text);
    return response;
  }

  function keep(text: string): void {
    const [pair = '', ...attributes] = text.split('; ');
    const at = pair.indexOf('=');
    const life = attributes.map((each) => /^max-age=(\d+)$/i.exec(each)?.[1]).find((each) => each !== undefined);
    const until = life === undefined ? Number.POSITIVE_INFINITY : clock.now() + Number(life) * 1_000;
    jar.set(pair.slice(0, at), { value: pair.slice(at + 1), until });
  }

  async function visit(path: string, sent?: Sent): Promise<Page> {
    let response = await send(path, sent);
    let at = path;
    for (let times = 0; [301, 302, 303, 307].includes(response.status); times += 1) {
      if (times === mostRedirects) throw new Error(`${path} redirects for ever`);
      at = inSite(response.headers.get('location') ?? '');
      response = await send(at);
    }
    page = readPage(at, response, await response.text());
    return page;
  }

  function inSite(link: string): string {
    const url = new URL(link, new URL(page?.path ?? '/', origin));
    if (url.origin !== origin) throw new Error(`${link} leaves the site`);
    return `${url.pathname}${url.search}`;
  }

  const post: Browser['post'] = (path, fields) =>
    visit(path, { method: 'POST', body: fields instanceof FormData ? fields : new URLSearchParams(fields) });

  return {
    language,
    get page() {
      return current();
    },
    open: (path) => visit(inSite(path)),
    follow(words) {
      const link = current().links.get(words);
      if (link === undefined) throw new Error(`no link "${words}" on: ${current().text}`);
      return visit(inSite(link));
    },
    press(words, fields = {}, under) {
      const { path, text, html } = current();
      const forms = formsIn(html).filter((form) => under === undefined || form.html.includes(under));
      const form = forms.find(({ buttons }) => buttons.some((button) => button.words === words));
      const button = form?.buttons.find((each) => each.words === words);
      if (!form || !button) throw new Error(`no button "${words}" on: ${text}`);
      const filled = new URLSearchParams();
      for (const { name, value, isSent } of form.controls) if (isSent) filled.set(name, value);
      for (const [label, value] of Object.entries(fields)) {
        const control = form.controls.find((each) => each.label === label);
        if (!control) throw new Error(`no field "${label}" on: ${text}`);
        filled.set(control.name, control.type === 'radio' ? control.value : (control.choices.get(value) ?? value));
      }
      if (button.name !== undefined) filled.set(button.name, button.value);
      const target = inSite(button.action ?? form.action ?? path);
      const method = button.method ?? form.method;
      return method === 'post' ? post(target, filled) : visit(`${target}?${filled}`);
    },
    post,
    send,
    cookies,
    setCookie(name, value) {
      jar.set(name, { value, until: Number.POSITIVE_INFINITY });
    },
  };
}

const agent = new Agent({ keepAlive: true });
const tlsAgent = new TlsAgent({ keepAlive: true });

/**
 * What `fetch` does, by Node's own client: that takes half of the work, which is most of a test over HTTP. Follows no redirect.
 * `signal` may live through any number of requests; `fetch` would look through all before each.
 */
export async function fetchOverHttp(
  url: URL,
  { method, headers, body }: Carried,
  signal?: AbortSignal,
): Promise<Response> {
  // A form is encoded as `fetch` encodes it, and named.
  const encoded = body ? new Response(body) : undefined;
  const sent = encoded && Buffer.from(await encoded.arrayBuffer());
  const type = encoded?.headers.get('content-type');
  // Else Node's client says of the body of a DELETE neither how long it is nor that it comes in pieces.
  const length = sent ? { 'content-length': String(sent.length) } : {};
  const all = { 'user-agent': 'node', accept: '*/*', ...(type ? { 'content-type': type } : {}), ...length, ...headers };
  return new Promise((resolve, reject) => {
    const given = { method, headers: all, ...(signal && { signal }) };
    const request =
      url.protocol === 'https:'
        ? requestOverHttps(url, { ...given, agent: tlsAgent })
        : requestOverHttp(url, { ...given, agent });
    request.on('error', reject);
    request.on('response', (message) => {
      const chunks: Buffer[] = [];
      message.on('error', reject);
      message.on('data', (chunk: Buffer) => void chunks.push(chunk));
      message.on('end', () => {
        const received = new Headers();
        for (let at = 0; at < message.rawHeaders.length; at += 2)
          received.append(message.rawHeaders[at] ?? '', message.rawHeaders[at + 1] ?? '');
        const status = message.statusCode ?? 0;
        resolve(new Response(chunks.length === 0 ? null : Buffer.concat(chunks), { status, headers: received }));
      });
    });
    request.end(sent);
  });
}

function readPage(path: string, { status, headers }: Response, html: string): Page {
  const controls = () => formsIn(html).flatMap((form) => form.controls);
  const control = (label: string) => {
    const found = controls().find((each) => each.label === label);
    if (!found) throw new Error(`no field "${label}" on: ${wordsOf(html)}`);
    return found;
  };
  return {
    status,
    path,
    headers,
    html,
    language: /<html lang="(\w+)"/.exec(html)?.[1] ?? '',
    heading: wordsOf(/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(html)?.[1] ?? ''),
    text: wordsOf(html),
    valueOf: (label) => control(label).value,
    errorAt(label) {
      const { name } = control(label);
      return wordsOf(new RegExp(`<p class="error" id="${name}-error">([\\s\\S]*?)</p>`).exec(html)?.[1] ?? '');
    },
    notice: wordsOf(/<p class="notice[^>]*>([\s\S]*?)<\/p>/.exec(html)?.[1] ?? ''),
    get choices() {
      return controls().flatMap(({ type, label }) => (type === 'radio' ? [label] : []));
    },
    get links() {
      // The first of those with the same words; each part of a link that CSS shows by itself counts too.
      const found = Array.from(html.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a>/g), ([, tag = '', inner = '']) => {
        const href = attributesOf(tag).get('href') ?? '';
        return [inner, ...inner.split(/<[^>]+>/)].map((part) => [wordsOf(part), href] as const);
      });
      return new Map(found.flat().toReversed());
    },
  };
}

interface Control {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly value: string;
  /** Whether the form sends it as it stands. */
  readonly isSent: boolean;
  /** Of a list to choose from: the value of each choice, by its words. */
  readonly choices: ReadonlyMap<string, string>;
}

interface Button {
  readonly words: string;
  readonly name: string | undefined;
  readonly value: string;
  readonly action: string | undefined;
  readonly method: string | undefined;
}

interface Form {
  readonly html: string;
  readonly action: string | undefined;
  readonly method: string;
  readonly controls: readonly Control[];
  readonly buttons: readonly Button[];
}

// Our own pages, written by one hand: `>` never stands in an attribute and forms are never nested, so patterns do.
/** The forms of a page. */
export function formsIn(html: string): Form[] {
  return Array.from(html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g), ([, tag = '', inner = '']) => {
    const form = attributesOf(tag);
    return {
      html: inner,
      action: form.get('action'),
      method: form.get('method') ?? 'get',
      controls: controlsIn(inner),
      buttons: Array.from(inner.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/g), ([, own = '', words = '']) => {
        const button = attributesOf(own);
        return {
          words: wordsOf(words),
          name: button.get('name'),
          value: button.get('value') ?? '',
          action: button.get('formaction'),
          method: button.get('formmethod'),
        };
      }),
    };
  });
}

function controlsIn(html: string): Control[] {
  const labels = Array.from(html.matchAll(/<label\b([^>]*)>([\s\S]*?)<\/label>/g), ([, tag = '', inner = '']) => ({
    id: attributesOf(tag).get('for'),
    inner,
  }));
  const tags = html.matchAll(/<input\b([^>]*)>|<(textarea|select)\b([^>]*)>([\s\S]*?)<\/\2>/g);
  return Array.from(tags, ([whole, input, kind, attributes = '', inner = '']) => {
    const control = attributesOf(input ?? attributes);
    const choices = kind === 'select' ? choicesIn(inner) : new Map<string, string>();
    const id = control.get('id');
    const label = labels.find((each) => (each.id === undefined ? each.inner.includes(whole) : each.id === id));
    const type = control.get('type') ?? 'text';
    return {
      name: control.get('name') ?? '',
      label: wordsOf(label?.inner ?? ''),
      type,
      value: kind === 'textarea' ? unescape(inner) : (control.get('value') ?? Array.from(choices.values())[0] ?? ''),
      isSent: control.has('name') && (type !== 'radio' || control.has('checked')),
      choices,
    };
  });
}

const choicesIn = (html: string): Map<string, string> =>
  new Map(
    Array.from(html.matchAll(/<option\b([^>]*)>([\s\S]*?)<\/option>/g), ([, tag = '', words = '']) => [
      wordsOf(words),
      attributesOf(tag).get('value') ?? '',
    ]),
  );

const attributesOf = (tag: string): Map<string, string> =>
  new Map(Array.from(tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g), ([, name = '', value = '']) => [name, unescape(value)]));

const wordsOf = (html: string): string =>
  unescape(html.replace(/<(style|script|title)\b[\s\S]*?<\/\1>/g, '').replace(/<[^>]+>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

const unescape = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (whole, name: string) => entities[name] ?? whole);
