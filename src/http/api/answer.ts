// Every answer of the API that is not what was asked for: RFC 9457. A refusal and a problem have one shape, and their
// words are those of the pages, in the visitor's language.
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { secondMs } from '../../base/clock.ts';
import { type ProblemName, problems, type Refusal, refusals } from '../../refusals.ts';
import type { Wrong } from './body.ts';

export interface ProblemDocument {
  /** Where in the API's own document it is described. */
  readonly type: string;
  readonly title: string;
  readonly status: ContentfulStatusCode;
  readonly detail: string;
  /** The name in docs/refusals.md. */
  readonly reason: Refusal | ProblemName;
  readonly field?: string;
  readonly retryAfterMs?: number;
  readonly errors?: readonly Wrong[];
  /** Of a fault: what stands in the log. */
  readonly instance?: string;
}

interface Told {
  readonly name: Refusal | ProblemName;
  /** The words of the page: what happened, and what to do. */
  readonly words: string;
  /** Of the API's document. */
  readonly documentPath: string;
  readonly field?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly errors?: readonly Wrong[] | undefined;
  readonly faultId?: string | undefined;
}

export function problemDocument({
  name,
  words,
  documentPath,
  field = '',
  retryAfterMs,
  errors,
  faultId = '',
}: Told): ProblemDocument {
  return {
    type: `${documentPath}#/components/examples/${name}`,
    title: firstSentence(words),
    status: statusOf(name),
    detail: words,
    reason: name,
    ...(field !== '' && { field }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(errors !== undefined && { errors }),
    ...(faultId !== '' && { instance: `#${faultId}` }),
  };
}

const all = { ...refusals, ...problems };
export const statusOf = (name: Refusal | ProblemName): (typeof all)[Refusal | ProblemName] => all[name];

/** A title is the same each time (RFC 9457 §3.1.3), and no first sentence of ours has a time in it. */
const firstSentence = (words: string): string => /^.*?[.?!](?=\s|$)/.exec(words)?.[0] ?? words;

/** The headers that every answer has. */
export type AnswerHeaders = Readonly<Record<string, string>>;

/** Made with all its headers at once, as plain values: each that is set later costs as much as reading a row. */
export const showAnswer = (headers: AnswerHeaders, status: number, answer: object): Response =>
  new Response(status === 204 ? null : JSON.stringify(answer), {
    status,
    headers: status === 204 ? headers : { ...headers, 'content-type': 'application/json' },
  });

export function showProblem(headers: AnswerHeaders, told: Told): Response {
  const problem = problemDocument(told);
  const { status, retryAfterMs } = problem;
  return new Response(JSON.stringify(problem), {
    status,
    headers: {
      ...headers,
      'content-type': 'application/problem+json',
      ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / secondMs)) }),
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    },
  });
}
