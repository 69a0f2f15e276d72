// What every request passes on its way in and every answer on its way out: the host, the origin of unsafe methods, and
// the headers that keep pages to themselves.
import { Problem } from '../base/problem.ts';
import { isLoopback, type Settings } from '../config/settings.ts';
import { keepsItself } from './api/holder.ts';
import { pathOf } from './routes.ts';

/** `url`: the request's. Throws for a request under a foreign name, and for an unsafe one that another site sent. */
export type Guard = (request: Pick<Request, 'method' | 'headers'>, url: Pick<URL, 'host' | 'pathname'>) => void;

/** `base`: the base path without its last slash. */
export function createGuard({ origin }: Pick<Settings, 'origin'>, base: string): Guard {
  const own = new URL(origin).host;
  const probes = [pathOf(base, 'health.live'), pathOf(base, 'health.ready')];
  return ({ method, headers }, { host, pathname }) => {
    // Probes come by address.
    if (probes.includes(pathname)) return;
    if (host !== own) throw new Problem('wrong-host', `asked for ${host}`);
    if (method === 'GET' || method === 'HEAD') return;
    const isApi = isOfApi(pathname, base);
    // It tells which methods there are, and changes nothing. No answer of ours lets another origin in.
    if (isApi && method === 'OPTIONS') return;
    if (isFromHere(headers, origin)) return;
    if (isApi && isFromProgram(headers)) return;
    throw new Problem('cross-site', 'an unsafe method from elsewhere');
  };
}

/** Whether the path is one of the JSON API. */
export const isOfApi = (pathname: string, base: string): boolean => pathname.startsWith(`${base}/api/`);

/**
 * Browsers say where a request comes from in Sec-Fetch-Site; older ones in Origin alone. `Origin: null` is what a plain
 * form on a no-referrer page sends, so it passes only beside the former.
 */
function isFromHere(headers: Headers, origin: string): boolean {
  const site = headers.get('sec-fetch-site');
  const sent = headers.get('origin');
  if (site !== null) return site === 'same-origin' && (sent === null || sent === 'null' || sent === origin);
  return sent === origin;
}

/**
 * A program that is no browser sends neither header. It may act without cookies alone: with one, it could be an old
 * browser that another site made send a form. Nothing is given away to such a browser either, as every body has to say
 * that it is JSON, which no site lets another one send unasked: not even a sign-in to somebody else's account.
 */
const isFromProgram = (headers: Headers): boolean =>
  headers.get('sec-fetch-site') === null &&
  headers.get('origin') === null &&
  (headers.get('cookie') === null || keepsItself(headers));

const directives = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'media-src': "'self'",
  'form-action': "'self'",
  'base-uri': "'none'",
  'frame-ancestors': "'none'",
};

/** Ourselves and nobody else; `more` for a page that shows something of another company. */
export const contentPolicy = (more: Readonly<Record<string, readonly string[]>> = {}): string => {
  const own: Readonly<Record<string, string>> = directives;
  const names = [...new Set([...Object.keys(own), ...Object.keys(more)])];
  return names.map((name) => [name, own[name] ?? [], more[name] ?? []].flat().join(' ')).join('; ');
};

const isTrustworthy = (origin: string): boolean => origin.startsWith('https://') || isLoopback(origin);

export function securityHeaders(settings: Settings): Record<string, string> {
  return {
    'content-security-policy': contentPolicy(),
    // Over plain http outside loopback (a phone in the demo's network) browsers send no Sec-Fetch-Site, and a no-referrer
    // page would send `Origin: null`: nothing would be left to tell our own forms by.
    'referrer-policy': isTrustworthy(settings.origin) ? 'no-referrer' : 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    // Of this host alone: what the site's other hosts promise is not for a library to say.
    ...(settings.origin.startsWith('https://') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}
