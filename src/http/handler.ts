// What a handler gets and gives: the visit, the frame of its pages, and the two answers it makes, a page or a way on.
import type { Context } from 'hono';
import type { Refused } from '../base/outcome.ts';
import type { Settings } from '../config/settings.ts';
import { durationInWords } from '../i18n/translate.ts';
import { type Refusal, refusals } from '../refusals.ts';
import type { Frame, Html } from './pages/layout.ts';
import { pathOf, type RouteName } from './routes.ts';
import type { Visit } from './visit.ts';

export interface Call {
  readonly context: Context;
  readonly visit: Visit;
  readonly frame: Frame;
  readonly settings: Settings;
  readonly now: number;
}

export type Handler = (call: Call) => Promise<Response> | Response;
export type Handlers<Name extends RouteName> = Readonly<Record<Name, Handler>>;

/** A page; after a refusal, with the refusal's status. */
export const show = async ({ context }: Call, page: Html, refused?: Refused<Refusal>): Promise<Response> => {
  if (refused?.retryAfterMs !== undefined)
    context.header('retry-after', String(Math.ceil(refused.retryAfterMs / 1_000)));
  return context.html(page, refused === undefined ? 200 : refusals[refused.reason]);
};

/** On to another page, by GET. */
export const goTo = (
  { context, frame }: Call,
  name: RouteName,
  query = '',
  parameters: Readonly<Record<string, string>> = {},
): Response => context.redirect(`${pathOf(frame.base, name, parameters)}${query && `?${query}`}`, 303);

/** A refusal in the visitor's language: what happened and what to do. */
export function inWords({ frame: { t }, settings }: Call, refused: Refused<Refusal> | undefined): string | undefined {
  if (refused === undefined) return undefined;
  return t(`refusal.${refused.reason}`, {
    length: settings.passwordMinLength,
    wait: durationInWords(t.locale, refused.retryAfterMs ?? 600_000),
  });
}
