// A program that uses the JSON API over real HTTP, as the document says. Whatever it is answered is held against the
// operation's schema and against what the operation says that it can refuse: no field more, no reason unsaid.
import { expect } from 'vitest';
import { type HandleKind, type Operation } from '../../src/http/api/operation.ts';
import { type OperationName, operations } from '../../src/http/api/operations.ts';
import { problemSchema } from '../../src/http/api/parts.ts';
import { type Route, routes } from '../../src/http/routes.ts';
import { problems } from '../../src/refusals.ts';
import type { TestApp } from '../../src/testing/app.ts';

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

export interface CallWith {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** In place of the one that the program keeps; `null`: none. */
  readonly handle?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Program {
  call(name: OperationName, more?: CallWith): Promise<Called>;
  readonly handles: Map<HandleKind, string>;
}

/** Once more where the server has hung up on the connection: it does so after what it has not read to its end. */
const send = (url: string, init: RequestInit): Promise<Response> => fetch(url, init).catch(() => fetch(url, init));

let networks = 0;

/** A program that keeps its handles itself, in a network of its own. */
export function createProgram({ origin }: Pick<TestApp, 'origin'>, language = 'en'): Program {
  networks += 1;
  const network = `10.${200 + (networks >> 8)}.${networks & 255}.1`;
  const handles = new Map<HandleKind, string>();

  return {
    handles,
    async call(name, { parameters = {}, body, handle, headers = {} } = {}) {
      const op: Operation = operations[name];
      const { method, path }: Route = routes[`api.${name}`];
      const sent = handle === undefined ? handles.get(op.takes) : handle;
      const response = await send(
        origin + path.replace(/:(\w+)/g, (_, part: string) => encodeURIComponent(parameters[part] ?? '')),
        {
          method,
          headers: {
            'accept-language': language,
            'x-forwarded-for': network,
            'account-handle': 'body',
            ...(method === 'POST' && { 'content-type': 'application/json' }),
            ...(sent && { authorization: `Bearer ${sent}` }),
            ...headers,
          },
          ...(method === 'POST' && { body: typeof body === 'string' ? body : JSON.stringify(body ?? {}) }),
        },
      );
      const called = await readCalled(response);
      if (called.status < 300 && op.gives && typeof called.body['handle'] === 'string')
        handles.set(op.gives, called.body['handle']);
      if (typeof called.body['secondHandle'] === 'string') handles.set('second-step', called.body['secondHandle']);
      expectAsDescribed(name, called);
      return called;
    },
  };
}

export async function readCalled(response: Response): Promise<Called> {
  const text = await response.text();
  const body: unknown = text === '' ? {} : JSON.parse(text);
  return { status: response.status, headers: response.headers, body: Object(body), text };
}

/** That an operation answered with what it says that it does. */
export function expectAsDescribed(name: OperationName, { status, headers, body }: Called): void {
  const op: Operation = operations[name];
  if (status < 300) {
    expect([name, status]).toEqual([name, op.status]);
    expect(headers.get('cache-control')).toBe('no-store');
    if (op.answer) expect(op.answer.parse(body)).toEqual(body);
    return;
  }
  expect(headers.get('content-type')).toBe('application/problem+json');
  const { reason, status: told, retryAfterMs } = problemSchema.parse(body);
  expect(told).toBe(status);
  expect([name, Object.keys({ ...op.refusals, ...problems })]).toEqual([name, expect.arrayContaining([reason])]);
  expect(headers.has('retry-after')).toBe(retryAfterMs !== undefined);
}

/** As far as the step that asks for the code. */
export async function startByApi(program: Program, identifier: string): Promise<string> {
  const started = await program.call('startRecovery', { body: { identifier } });
  const id = String(started.body['id']);
  await program.call('askForCode', { parameters: { id }, body: { method: 'email-code' } });
  return id;
}
