// What the handler of an operation gets and gives. It translates only: what holds is decided by the use cases, which are
// those of the pages.
import type { z } from 'zod';
import type { Outcome } from '../../base/outcome.ts';
import type { Settings } from '../../config/settings.ts';
import type { Locale } from '../../i18n/translate.ts';
import type { Refusal } from '../../refusals.ts';
import type { ShownDevice } from '../../sessions/devices.ts';
import type { Holder } from './holder.ts';
import type { Operation } from './operation.ts';

export interface ApiCall<Body> {
  readonly body: Body;
  /** A part of the path; empty where the path has none of that name. */
  parameter(name: 'id' | 'token' | 'challenge'): string;
  readonly holder: Holder;
  readonly locale: Locale;
  /** Keyed hash of the network. */
  readonly source: string;
  /** What the client shows of itself when it signs in. */
  readonly device: ShownDevice;
  readonly settings: Settings;
  /** UTC epoch ms. */
  readonly now: number;
}

type BodyOf<Op extends Operation> = Op['request'] extends z.ZodType ? z.output<Op['request']> : undefined;
type AnswerOf<Op extends Operation> = Op['answer'] extends z.ZodType
  ? { readonly answer: z.output<Op['answer']> }
  : unknown;

export type ApiHandler<Op extends Operation> = (call: ApiCall<BodyOf<Op>>) => Promise<Outcome<AnswerOf<Op>, Refusal>>;

/** Asked before the body is read, where that is too large to be read for everybody. */
export type ApiGate = (holder: Holder) => Promise<Outcome<unknown, Refusal>>;

/** Any of them. A method, so that it is called with whatever its own operation's schema has read. */
export interface AnyApiHandler {
  handle(call: ApiCall<unknown>): Promise<Outcome<{ readonly answer?: unknown }, Refusal>>;
}

export type ApiHandlers<Operations extends Readonly<Record<string, Operation>>> = {
  readonly [Name in keyof Operations]: ApiHandler<Operations[Name]>;
};
