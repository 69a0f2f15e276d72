// A JSON body, read strictly: valid UTF-8, one object, no key twice, no half of a character, nothing that the operation
// does not know. Whatever is wrong with it is told with its place (RFC 6901), so that a developer finds it.
import type { z } from 'zod';
import { Problem } from '../../base/problem.ts';
import { maxBodyBytes, readBytes } from '../form.ts';

export interface Wrong {
  /** JSON Pointer as a URI fragment, as in RFC 9457. */
  readonly pointer: string;
  readonly detail: string;
}

export type ReadBody<T> =
  | { readonly ok: true; readonly body: T }
  | { readonly ok: false; readonly wrong: readonly Wrong[] };

export async function readJson<S extends z.ZodType>(
  request: Request,
  schema: S,
  maxBytes = maxBodyBytes,
): Promise<ReadBody<z.output<S>>> {
  // Read also where it is refused for its type: else the connection would be hung up on.
  const bytes = await readBytes(request, maxBytes);
  // Only a declared JSON body: a form of another site can send text, and no browser lets it send this unasked.
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json *(; *charset="?utf-8"? *)?$/i.test(type.trim()))
    throw new Problem('wrong-content-type', `JSON sent as ${type || 'nothing'}`);
  const text = decode(bytes);
  if (text === undefined) return wrong('', 'is not valid UTF-8');
  const parsed = parse(text);
  if (!parsed) return wrong('', text === '' ? 'is empty; a JSON object is expected' : 'is not valid JSON');
  const unclean = findUnclean(text);
  if (unclean) return { ok: false, wrong: [unclean] };
  const read = schema.safeParse(parsed.value);
  if (read.success) return { ok: true, body: read.data };
  return {
    ok: false,
    wrong: read.error.issues
      .slice(0, mostTold)
      .map(({ path, message }) => ({ pointer: pointerTo(path), detail: message })),
  };
}

const mostTold = 10;

const wrong = (pointer: string, detail: string): ReadBody<never> => ({
  ok: false,
  wrong: [{ pointer: `#${pointer}`, detail }],
});

const pointerTo = (path: readonly PropertyKey[]): string =>
  `#${path.map((part) => `/${encodeURIComponent(toWellFormed(String(part)).replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`;

const toWellFormed = (text: string): string => text.toWellFormed();

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/**
 * What `JSON.parse` lets through in valid JSON: a key that stands twice, of which the last would win, and half of a
 * surrogate pair, which no database keeps. Without recursion, so that no depth is too deep.
 */
function findUnclean(text: string): Wrong | undefined {
  const open: { readonly keys: Set<string> | undefined; at: string | number }[] = [];
  const pointer = () => pointerTo(open.map(({ at }) => at));
  const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}[\],]/g;
  for (const [token, colon] of text.matchAll(tokens)) {
    const inner = open.at(-1);
    if (token === '{') open.push({ keys: new Set(), at: '' });
    else if (token === '[') open.push({ keys: undefined, at: 0 });
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',') {
      if (typeof inner?.at === 'number') inner.at += 1;
    } else {
      const value = String(JSON.parse(colon === undefined ? token : token.slice(0, -colon.length)));
      if (colon !== undefined && inner?.keys) {
        inner.at = value;
        if (inner.keys.has(value)) return { pointer: pointer(), detail: 'stands twice' };
        inner.keys.add(value);
      }
      if (!value.isWellFormed()) return { pointer: pointer(), detail: 'holds half of a surrogate pair' };
    }
  }
  return undefined;
}
