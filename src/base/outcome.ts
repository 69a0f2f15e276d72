// What a use case returns: the result, or a refusal that an honest person can meet. A refusal is a value, never thrown.

export type Accepted<T> = { readonly ok: true } & T;

/** `retryAfterMs`: how long the person has to wait, where waiting helps. */
export interface Refused<R extends string> {
  readonly ok: false;
  readonly reason: R;
  readonly retryAfterMs?: number;
}

export type Outcome<T, R extends string> = Accepted<T> | Refused<R>;

export function accept(): Accepted<unknown>;
export function accept<T extends object>(result: T): Accepted<T>;
export function accept(result: object = {}) {
  return { ok: true, ...result };
}

export const refuse = <R extends string>(reason: R, retryAfterMs?: number): Refused<R> =>
  retryAfterMs === undefined ? { ok: false, reason } : { ok: false, reason, retryAfterMs };
