// The signed challenge: all that the server has to remember about a check it asked for, kept by the browser. Issuing one
// writes nothing. It is bound to the browser's handle and to a purpose, and holds no function of the letters.
import * as z from 'zod';
import { minuteMs } from '../base/clock.ts';
import type { Keys } from '../base/secret.ts';

export const purposes = ['recovery', 'sign-up', 'case', 'sign-in'] as const;
export type Purpose = (typeof purposes)[number];

export const kinds = ['slide', 'letters', 'wait', 'provider'] as const;

/** How a check was answered. `drag`, `key` and `click` answer a slide; the others have a challenge of their own. */
export const modes = ['drag', 'key', 'click', 'letters', 'wait', 'provider'] as const;
export type Mode = (typeof modes)[number];

const challengeSchema = z.strictObject({
  kind: z.enum(kinds),
  nonce: z.string(),
  purpose: z.enum(purposes),
  /** What a right answer proves: 0 to 3. */
  level: z.number(),
  /** What the verdict is recorded as: for a slide the answer tells. */
  mode: z.enum(modes).optional(),
  /** Slide: how far the handle goes, in CSS px; another distance each time, so that a recorded slide rarely fits. */
  travelPx: z.number().optional(),
  notBefore: z.number(),
  expiresAt: z.number(),
  work: z.strictObject({ upTo: z.number(), prefix: z.string(), proof: z.string() }).optional(),
});

export type Challenge = z.output<typeof challengeSchema>;

/**
 * Half an hour, for every kind. A farm answers within seconds, so a shorter life would stop only slow people (WCAG 2.2.1);
 * what bounds a stock of answers is the limit on issuing.
 */
export const challengeLifeMs = 30 * minuteMs;

const longestToken = 1_000;

export const signChallenge = (keys: Keys, handle: string, challenge: Challenge): string => {
  const payload = Buffer.from(JSON.stringify(challenge)).toString('base64url');
  return `${payload}.${keys.hash('challenge', payload, handle)}`;
};

/** A challenge that we signed for this handle, with the id of the key; else `undefined`. Tells nothing about its time. */
export function readChallenge(keys: Keys, handle: string, token: string): (Challenge & { keyId: string }) | undefined {
  if (token.length > longestToken) return undefined;
  const payloadEnd = token.indexOf('.');
  const payload = token.slice(0, payloadEnd);
  const hash = token.slice(payloadEnd + 1);
  if (!keys.matches('challenge', hash, payload, handle)) return undefined;
  const read = challengeSchema.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  return read.success ? { ...read.data, keyId: hash.slice(0, hash.indexOf('.')) } : undefined;
}
