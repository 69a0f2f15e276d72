// Consent to be attacked: a token that only somebody with the deployment's keys can make, for a day. The deployment shows it
// to whoever holds it, at a well-known path; to everybody else there is nothing at that path.
import { Problem } from '../base/problem.ts';
import { dayMs, minuteMs } from '../base/clock.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Handlers } from './handler.ts';

const consentLifeMs = dayMs;
/** By which the clock of the machine that made it may be ahead. */
const skewMs = 10 * minuteMs;

interface Consented {
  readonly keys: Keys;
  readonly origin: string;
}

/** `<expires at>.<128 random bits>.<keyed hash>`, where the keyed hash begins with its key's id. */
export function makeConsent({ keys, origin }: Consented, random: Random, now: number): string {
  const [expiresAt, nonce] = [String(now + consentLifeMs), randomToken(random)];
  return `${expiresAt}.${nonce}.${keys.hash('attack-consent', origin, expiresAt, nonce)}`;
}

/** Until when it is a consent: UTC epoch ms. `undefined`: it is none, of another deployment or over. */
export function readConsent({ keys, origin }: Consented, token: string, now: number): number | undefined {
  const [, expiresAt = '', nonce = '', hash = ''] = /^(\d{13})\.([\w-]{22})\.([\w.-]{1,200})$/.exec(token) ?? [];
  const isOurs = hash !== '' && keys.matches('attack-consent', hash, origin, expiresAt, nonce);
  const left = Number(expiresAt) - now;
  return isOurs && left > 0 && left <= consentLifeMs + skewMs ? Number(expiresAt) : undefined;
}

export const attackConsentHandlers = ({ keys }: { readonly keys: Keys }): Handlers<'attack-consent'> => ({
  'attack-consent'({ context, settings, now }) {
    const [, token = ''] = /^Bearer (\S{1,300})$/.exec(context.req.header('authorization') ?? '') ?? [];
    const expiresAt = readConsent({ keys, origin: settings.origin }, token, now);
    if (expiresAt === undefined) throw new Problem('not-found', 'no consent to be attacked');
    return context.json({ consent: token, origin: settings.origin, expiresAt });
  },
});
