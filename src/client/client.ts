// A client of the JSON API for the browser and for Node, without a dependency: one method for each operation, by its name.
// What an honest person can meet comes back as a value; what is wrong with the program, the server or the network is thrown.
import type { z } from 'zod';
import type { ProblemDocument } from '../http/api/answer.ts';
import type { HandleKind } from '../http/api/operation.ts';
import type { OperationName, Operations } from '../http/api/operations.ts';
import type { routes } from '../http/routes.ts';
import type { Locale } from '../i18n/translate.ts';
import type { ProblemName } from '../refusals.ts';
import { type Way, ways } from './ways.ts';
import { solveWork } from './work.ts';

/** The secrets of one person, by what they open. Whoever has them is that person. */
export type Handles = Partial<Record<HandleKind, string>>;

export interface ClientOptions {
  /** Where Rekey is reached, such as `https://shop.example`. */
  readonly origin: string;
  /** As in the settings; `/` where it is not given. */
  readonly basePath?: string;
  readonly fetch?: typeof fetch;
  /** The language of the words in a refusal. In a browser its own, where none is given. */
  readonly locale?: Locale;
  /**
   * Where a program keeps the handles itself: the client writes every new one into this object, which belongs to one
   * person. Without it a browser keeps them, in cookies that no script sees.
   */
  readonly handles?: Handles;
  /** For each request: 10 seconds where it is not given. */
  readonly timeoutMs?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

type SchemaOf<Name extends OperationName, Part extends 'request' | 'answer'> = Operations[Name][Part];
type PathOf<Name extends OperationName> = (typeof routes)[`api.${Name}`]['path'];
type ParameterIn<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParameterIn<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** What an operation takes: the parts of its path and the fields of its body. */
export type InputOf<Name extends OperationName> = { readonly [Part in ParameterIn<PathOf<Name>>]: string } & (SchemaOf<
  Name,
  'request'
> extends infer Schema extends z.ZodType
  ? z.input<Schema>
  : unknown);

export type AnswerOf<Name extends OperationName> = { readonly ok: true } & (SchemaOf<
  Name,
  'answer'
> extends infer Schema extends z.ZodType
  ? z.output<Schema>
  : unknown);

/** The reasons that an operation can be refused for. */
export type ReasonOf<Name extends OperationName> = Extract<keyof Operations[Name]['refusals'], string>;

export interface RefusalOf<Name extends OperationName> {
  readonly ok: false;
  readonly reason: ReasonOf<Name>;
  /** What happened, and what to do, in words for the person. */
  readonly detail: string;
  /** The field of the input that it is about. */
  readonly field?: string;
  readonly retryAfterMs?: number;
}

export type OutcomeOf<Name extends OperationName> = AnswerOf<Name> | RefusalOf<Name>;

type ArgumentsOf<Name extends OperationName> =
  object extends InputOf<Name>
    ? [input?: Readonly<Record<string, never>>, options?: CallOptions]
    : [input: InputOf<Name>, options?: CallOptions];

export type Purpose = InputOf<'issueHumanCheck'>['purpose'];

type Methods = {
  readonly [Name in OperationName]: (...given: ArgumentsOf<Name>) => Promise<OutcomeOf<Name>>;
};

export interface Client extends Methods {
  /**
   * Passes the waiting human check for a purpose: work for the machine, and about 20 seconds. It says so honestly, and
   * counts for the next operation of that purpose.
   */
  solve(purpose: Purpose, options?: CallOptions): Promise<{ readonly ok: true } | RefusalOf<'issueHumanCheck'>>;
}

/** A problem that the server told, or why there was no answer. */
export class ClientError extends Error {
  readonly reason: ProblemName | 'network' | 'time-out' | 'no-answer-of-ours';
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  readonly problem: ProblemDocument | undefined;

  constructor(
    reason: ClientError['reason'],
    more: {
      readonly detail?: string;
      readonly status?: number;
      readonly problem?: ProblemDocument;
      cause?: unknown;
    } = {},
  ) {
    super(more.detail ? `${reason}: ${more.detail}` : reason, { cause: more.cause });
    this.name = 'ClientError';
    this.reason = reason;
    this.status = more.status ?? 0;
    this.problem = more.problem;
  }
}

/** What is thrown and not returned: nothing that a person can mend. */
const problems: Readonly<Record<ApiProblem, true>> = {
  'bad-request': true,
  'cross-site': true,
  'not-found': true,
  'method-not-allowed': true,
  'body-too-large': true,
  'wrong-content-type': true,
  'wrong-host': true,
  busy: true,
  fault: true,
};

/** Agents have pages alone. */
type ApiProblem = Exclude<ProblemName, `agent-${string}`>;
type Problem = ProblemDocument & { readonly reason: ApiProblem };

const isProblem = (answer: Readonly<Record<string, unknown>> | Problem): answer is Problem =>
  typeof answer['reason'] === 'string' &&
  typeof answer['detail'] === 'string' &&
  Object.hasOwn(problems, answer['reason']);

const defaultTimeoutMs = 10_000;
const mostChallenges = 5;

export function createClient(options: ClientOptions): Client {
  const { origin, basePath = '/', locale, handles, timeoutMs = defaultTimeoutMs } = options;
  const base = `${origin}${basePath}`.replace(/\/$/, '');
  // Looked up at each call, as a page may replace its fetch; called without a `this`, which browsers insist on.
  const send = (url: string, init: RequestInit) => (options.fetch ?? globalThis.fetch)(url, init);

  async function call(way: Way, input: Readonly<Record<string, unknown>> = {}, { signal }: CallOptions = {}) {
    const inPath = new Set<string>();
    const path = way.path.replace(/:(\w+)/g, (_, name: string) => {
      inPath.add(name);
      return encodeURIComponent(String(input[name]));
    });
    const body = Object.fromEntries(Object.entries(input).filter(([name]) => !inPath.has(name)));
    // Handles that an operation takes beside the one that it is about.
    if ((way === ways.signIn || way === ways.enterSecondCode) && handles?.device)
      body['deviceHandle'] ??= handles.device;
    if (way === ways.openCase && handles?.recovery) body['recoveryHandle'] ??= handles.recovery;
    const handle = handles?.[way.takes];
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const response = await send(`${base}${path}`, {
        method: way.method,
        redirect: 'error',
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
        credentials: handles ? 'omit' : 'same-origin',
        headers: {
          accept: 'application/json, application/problem+json',
          ...(way.method === 'POST' && { 'content-type': 'application/json' }),
          ...(locale && { 'accept-language': locale }),
          ...(handles && { 'account-handle': 'body' }),
          ...(handle && { authorization: `Bearer ${handle}` }),
        },
        ...(way.method === 'POST' && { body: JSON.stringify(body) }),
      });
      return read(way, response.status, await response.text());
    } catch (error) {
      if (error instanceof ClientError || signal?.aborted) throw error;
      throw new ClientError(deadline.aborted ? 'time-out' : 'network', { detail: String(error), cause: error });
    }
  }

  /** An accepted answer or a refusal; throws for the rest. */
  function read(way: Way, status: number, text: string) {
    const answer = text === '' && status === 204 ? {} : readObject(text);
    if (answer && status >= 200 && status < 300) {
      keep(way, answer);
      return { ...answer, ok: true };
    }
    const reason = answer?.['reason'];
    if (!answer || typeof reason !== 'string')
      throw new ClientError('no-answer-of-ours', { status, detail: text.slice(0, 200) });
    if (isProblem(answer)) throw new ClientError(answer.reason, { status, problem: answer, detail: answer.detail });
    return { ...answer, ok: false };
  }

  function keep(way: Way, answer: Readonly<Record<string, unknown>>): void {
    if (!handles) return;
    const { handle, deviceHandle, secondHandle } = answer;
    if (way.gives && typeof handle === 'string') handles[way.gives] = handle;
    if (typeof deviceHandle === 'string') handles.device = deviceHandle;
    if (typeof secondHandle === 'string') handles['second-step'] = secondHandle;
    if (way === ways.signOut) delete handles.session;
  }

  const methods = Object.entries(ways).map(([name, way]) => [
    name,
    (input?: Readonly<Record<string, unknown>>, options?: CallOptions) => call(way, input, options),
  ]);
  const operations: object = Object.fromEntries(methods);
  if (!hasAll(operations)) throw new Error('an operation has no method');
  return { ...operations, solve: (purpose, options) => solve(operations, purpose, options) };
}

const hasAll = (methods: object): methods is Methods => Object.keys(ways).every((name) => name in methods);

async function solve({ issueHumanCheck, answerHumanCheck }: Methods, purpose: Purpose, options?: CallOptions) {
  for (let times = 0; times < mostChallenges; times += 1) {
    const issued = await issueHumanCheck({ purpose, kind: 'wait' }, options);
    if (!issued.ok) return issued;
    const { challenge, work: asked, waitMs } = issued;
    const [work] = await Promise.all([asked && solveWork(asked), sleep(waitMs, options?.signal)]);
    const answered = await answerHumanCheck({ purpose, challenge, mode: 'wait', ...(work && { work }) }, options);
    if (!answered.ok) return answered;
    if (answered.outcome === 'passed') return { ok: true } as const;
  }
  throw new ClientError('no-answer-of-ours', { detail: 'the human check takes no end' });
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
