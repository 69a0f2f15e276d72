// One visit: what the server knows of the request that it answers. Read once, at the door; the pages and the use cases
// see this and never the request.
import { parse, serialize } from 'hono/utils/cookie';
import { secondMs } from '../base/clock.ts';
import type { Keys } from '../base/secret.ts';
import type { Settings } from '../config/settings.ts';
import { isLocale, type Locale, type Translate, translator } from '../i18n/translate.ts';
import { sourceOf } from '../limits/source.ts';
import { deviceLabel } from '../sessions/device-label.ts';
import type { ShownDevice } from '../sessions/devices.ts';

/**
 * `check`: the browser's handle for the human check; `recovery`, `sign-up`, `case`, `session`, `second-step`, `device`:
 * handles; `agent`: the session of an agent; `lang`: the language.
 */
export type CookieName =
  | 'check'
  | 'recovery'
  | 'sign-up'
  | 'case'
  | 'session'
  | 'second-step'
  | 'device'
  | 'agent'
  | 'lang';

export interface Visit {
  readonly url: URL;
  /** The language that the address of the page asks for. */
  readonly asked: string | null;
  readonly t: Translate;
  /** Keyed hash of the network. */
  readonly source: string;
  /** What the browser shows of itself when it signs in. */
  readonly device: ShownDevice;
  cookie(name: CookieName): string | undefined;
  /** The `Set-Cookie` of the answer, one each. */
  readonly given: readonly string[];
  setCookie(name: CookieName, value: string, lifeMs: number): void;
  dropCookie(name: CookieName): void;
}

export interface VisitNeeds {
  readonly settings: Settings;
  readonly keys: Keys;
}

const longestCookie = 200;

const isHttps = ({ origin }: Settings): boolean => origin.startsWith('https://');

/** Browsers take the __Host- prefix over https only: it keeps subdomains and plain http from setting the cookie. */
export const cookieName = (settings: Settings, name: CookieName): string =>
  `${isHttps(settings) ? '__Host-' : ''}account-${name}`;

/** What the `Cookie` header holds under this name; nothing that is longer than any of ours. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const value = header === undefined ? undefined : parse(header, name)[name];
  return value !== undefined && value.length <= longestCookie ? value : undefined;
}

/** `remoteAddress`: of the connection; the address behind our own proxies is taken from X-Forwarded-For. */
export function createVisit(
  { url: text, headers }: Pick<Request, 'url' | 'headers'>,
  { settings, keys }: VisitNeeds,
  remoteAddress: string,
): Visit {
  const url = new URL(text);
  const asked = url.search === '' ? null : url.searchParams.get('lang');
  const nameOf = (name: CookieName) => cookieName(settings, name);
  const header = (name: string) => headers.get(name) ?? undefined;
  const cookie = (name: CookieName) => readCookie(header('cookie'), nameOf(name));
  const given: string[] = [];
  const options = { path: '/', httpOnly: true, secure: isHttps(settings), sameSite: 'Lax' } as const;
  let source: string | undefined;

  return {
    url,
    asked,
    t: translator(localeOf(asked, cookie('lang'), header('accept-language'), settings.languages)),
    get source() {
      source ??= sourceOf(keys, clientAddress(header('x-forwarded-for'), remoteAddress, settings.trustedProxies));
      return source;
    },
    get device() {
      return { token: cookie('device'), label: deviceLabel(header('user-agent')) };
    },
    cookie,
    given,
    setCookie(name, value, lifeMs) {
      given.push(serialize(nameOf(name), value, { ...options, maxAge: lifeMs / secondMs }));
    },
    dropCookie(name) {
      given.push(serialize(nameOf(name), '', { ...options, maxAge: 0 }));
    },
  };
}

/** `?lang`, then the cookie, then Accept-Language, then the site's first language. */
export function localeOf(
  asked: string | null,
  kept: string | undefined,
  accepted: string | undefined,
  offered: readonly Locale[],
): Locale {
  const offeredAmong = (texts: readonly (string | null | undefined)[]) =>
    texts.find((text): text is Locale => typeof text === 'string' && isLocale(text) && offered.includes(text));
  return offeredAmong([asked, kept]) ?? offeredAmong(rankedLanguages(accepted)) ?? offered[0] ?? 'en';
}

/** What Accept-Language names, the most wanted first. */
function rankedLanguages(accepted: string | undefined): readonly string[] {
  // What every program sends that has no language.
  if (accepted === undefined || accepted === '*') return [];
  return accepted
    .split(',')
    .map((part) => {
      const [tag = '', ...rest] = part.trim().split(';');
      const weight = rest.map((text) => /^\s*q=([\d.]+)\s*$/.exec(text)?.[1]).find((text) => text !== undefined);
      return { language: tag.slice(0, 2).toLowerCase(), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ language }) => language);
}

/** The client's address: `proxies` hops from the right of X-Forwarded-For are ours, whatever stands before is hearsay. */
export function clientAddress(forwardedFor: string | undefined, remoteAddress: string, proxies: number): string {
  if (proxies === 0 || forwardedFor === undefined) return remoteAddress;
  const hops = forwardedFor.split(',').map((hop) => hop.trim());
  return hops.at(-proxies) ?? remoteAddress;
}

/** A deep link of this site to come back to, or `null` for anything else. */
export function readReturnTo(text: string | null, origin: string): string | null {
  // A browser reads `\` as `/` and drops tabs and line ends, so that `/\t/evil` would leave the site.
  if (text === null || !/^\/(?![/\\])[^\\\s\p{Cc}]*$/u.test(text) || text.length > 500) return null;
  const url = URL.canParse(text, origin) ? new URL(text, origin) : undefined;
  // Dots go as a URL is read: `/.//evil` is a path here, and its path `//evil` another site.
  if (url?.origin !== origin || url.pathname.startsWith('//')) return null;
  return `${url.pathname}${url.search}${url.hash}`;
}
