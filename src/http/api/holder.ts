// Who keeps the secret handle of a request. A browser keeps it in an HttpOnly cookie, which no script ever sees. A client
// that has no cookies keeps it itself: it says so with `Account-Handle: body`, or by sending its handle as Bearer. Such a
// request is answered as if it had no cookie and is given none, so no script can turn the one into the other.
import type { HandleKind } from './operation.ts';
import type { Visit } from '../visit.ts';

export const handleHeader = 'account-handle';

export interface Holder {
  /** The handle of this kind that the request carries. */
  handle(kind: HandleKind): string | undefined;
  /** Gives a new one: in a cookie, or as what belongs into the body. */
  give(kind: HandleKind, handle: string, lifeMs: number): { readonly handle?: string };
  drop(kind: HandleKind): void;
}

/** Whether the client keeps its handle itself. Other schemes than Bearer are not ours: a proxy may ask for Basic. */
export const keepsItself = (headers: Headers): boolean => headers.get(handleHeader) === 'body' || isBearer(headers);

const isBearer = (headers: Headers): boolean => /^Bearer(\s|$)/i.test(headers.get('authorization') ?? '');

/** `takes`: the one kind that Bearer stands for here. Handles of another kind fit nothing, as each is hashed for its use. */
export function holderOf(headers: Headers, visit: Visit, takes: HandleKind): Holder {
  if (!keepsItself(headers)) {
    return {
      handle: visit.cookie,
      give(kind, handle, lifeMs) {
        visit.setCookie(kind, handle, lifeMs);
        return {};
      },
      drop: visit.dropCookie,
    };
  }
  const bearer = /^Bearer +([\w-]{1,200})$/i.exec(headers.get('authorization') ?? '')?.[1];
  return {
    handle: (kind) => (kind === takes ? bearer : undefined),
    give: (_kind, handle) => ({ handle }),
    drop: () => {},
  };
}
