// One operation of the JSON API, as data: what it takes, gives and refuses. Its method and path stand in routes.ts. The
// routes, the OpenAPI document, the table in the docs and the client's types are made from these.
import type { z } from 'zod';
import type { Settings } from '../../config/settings.ts';
import type { Refusal } from '../../refusals.ts';
import type { CookieName } from '../visit.ts';

/** What a handle opens. In a cookie of the same name, or as Bearer. */
export type HandleKind = Exclude<CookieName, 'lang'>;

type Schema = z.ZodType | undefined;
type Fields = Readonly<Partial<Record<Refusal, string>>>;
type Sent<S extends Schema> = S extends z.ZodType ? z.input<S> : undefined;
type Given<S extends Schema> = S extends z.ZodType ? z.output<S> : undefined;

export interface Operation<
  Request extends z.ZodObject | undefined = z.ZodObject | undefined,
  Answer extends Schema = Schema,
  Refusals extends Fields = Fields,
> {
  readonly summary: string;
  readonly about?: string;
  /** The handle that it takes; where the route's audience is `anyone`, it goes without one too. */
  readonly takes: HandleKind;
  /** The handle that it gives, new. */
  readonly gives?: HandleKind;
  /** The JSON body; `undefined` for a method that has none. */
  readonly request: Request;
  /** Of the body. */
  readonly maxBytes?: number | ((settings: Pick<Settings, 'casePictureKb'>) => number);
  /** What a longer body is refused as, where a person can meet that; else it is the problem `body-too-large`. */
  readonly tooLong?: Refusal;
  readonly status: 200 | 201 | 204;
  readonly answer: Answer;
  /** Every refusal that it can give, with the field of the request that it is about, or nothing. */
  readonly refusals: Refusals;
  /** Run against the server in a test. */
  readonly example: { readonly request: Sent<Request>; readonly answer: Given<Answer> };
}

/** Checks an operation's parts against each other, and keeps its exact type. */
export const operation = <Request extends z.ZodObject | undefined, Answer extends Schema, Refusals extends Fields>(
  parts: Operation<Request, Answer, Refusals>,
): Operation<Request, Answer, Refusals> => parts;
