// What a browser sent, read strictly: one media type, a capped body, every field once, no field that the page does not
// have. What breaks these rules is no person's doing and is a Problem; words that a person typed are never refused here.
import { Problem } from '../base/problem.ts';

export const maxBodyBytes = 16 * 1024;

/** The fields named, each as text; a field that was not sent is empty. */
export async function readForm<Field extends string>(
  request: Request,
  fields: readonly Field[],
  maxBytes = maxBodyBytes,
): Promise<Record<Field, string>> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded')
    throw new Problem('wrong-content-type', `form sent as ${type ?? 'nothing'}`);
  const sent = new URLSearchParams(Buffer.from(await readBytes(request, maxBytes)).toString('utf8'));
  const names = [...sent.keys()];
  const unknown = names.find((name) => !fields.some((field) => field === name));
  if (unknown !== undefined || new Set(names).size < names.length)
    throw new Problem('bad-request', 'an unknown or repeated field');
  const read = Object.fromEntries(fields.map((field) => [field, sent.get(field) ?? '']));
  if (!hasAll(read, fields)) throw new Error('a field was not read');
  return read;
}

const hasAll = <Field extends string>(
  read: Record<string, string>,
  fields: readonly Field[],
): read is Record<Field, string> => fields.every((field) => Object.hasOwn(read, field));

/** The body; what is longer than `maxBytes` is refused without being read to its end. */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const told = Number(request.headers.get('content-length') ?? Number.NaN);
  if (told > maxBytes) throw new Problem('body-too-large');
  try {
    // Told how long it is, the server in front reads no more than that: in one piece, at half the cost of a stream.
    const bytes = Number.isNaN(told)
      ? await readStream(request, maxBytes)
      : new Uint8Array(await request.arrayBuffer());
    if (bytes.length > maxBytes) throw new Problem('body-too-large');
    return bytes;
  } catch (error) {
    // Who goes away in the middle is no fault of ours, and must not fill the log with them.
    throw error instanceof Problem ? error : new Problem('bad-request', 'the body broke off');
  }
}

async function readStream(request: Request, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new Problem('body-too-large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * The one file of a form, read no further than `maxBytes`; `undefined`: none was chosen. What is larger throws
 * `body-too-large`, what is no such form `bad-request`.
 */
export async function readFile(request: Request, field: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const type = request.headers.get('content-type') ?? '';
  if (!type.toLowerCase().startsWith('multipart/form-data'))
    throw new Problem('wrong-content-type', `a file sent as ${type.split(';')[0] || 'nothing'}`);
  const bytes = await readBytes(request, maxBytes + maxBodyBytes);
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData().catch(() => {
    throw new Problem('bad-request', 'no form that can be read');
  });
  const names = [...form.keys()];
  const file = form.get(field);
  if (names.some((name) => name !== field) || names.length > 1)
    throw new Problem('bad-request', 'an unknown or repeated field');
  if (!(file instanceof File) || file.size === 0) return undefined;
  if (file.size > maxBytes) throw new Problem('body-too-large');
  return new Uint8Array(await file.arrayBuffer());
}
