// The OpenAPI 3.1 document, made from the tables: routes, operations, refusals and their words. What an operation can
// answer stands in it with every status; the examples run against the server in a test.
import * as z from 'zod';
import type { Settings } from '../../config/settings.ts';
import { translator } from '../../i18n/translate.ts';
import { type ProblemName, problems, type Refusal, refusals } from '../../refusals.ts';
import { pathOf, type Route, routes } from '../routes.ts';
import { cookieName } from '../visit.ts';
import { problemDocument, statusOf } from './answer.ts';
import { handleHeader } from './holder.ts';
import type { HandleKind, Operation } from './operation.ts';
import { isOperation, type OperationName, operations } from './operations.ts';
import { answers, problemSchema, requests } from './parts.ts';

export type Json = { readonly [key: string]: unknown };

const handleKinds = [
  'check',
  'recovery',
  'sign-up',
  'case',
  'session',
  'second-step',
  'device',
] as const satisfies readonly HandleKind[];

const tags: Readonly<Record<string, string>> = {
  'human-checks': 'A price in front of what costs others something.',
  recoveries: 'From a forgotten password to a new one.',
  links: 'The two links of a recovery mail.',
  accounts: 'Signing up.',
  sessions: 'Signing in and out, and where one is signed in.',
  account: 'The own account of a signed-in person.',
  cases: 'Support.',
};

export function createDocument(settings: Settings): Json {
  const base = settings.basePath.replace(/\/$/, '');
  const documentPath = pathOf(base, 'api-document');
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, op] of Object.entries(operations)) {
    if (!isOperation(name)) continue;
    const route: Route = routes[`api.${name}`];
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(name, route, op) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Account recovery',
      version: '1.0.0',
      description: `Every use case of the pages at ${settings.siteName}. A handle is secret and travels in a cookie, or as Bearer with a client that keeps it itself; such a client sends \`${handleHeader}: body\` where it has no handle yet.`,
    },
    servers: [{ url: `${settings.origin}${base}` }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { ...schemasOf(requests, 'input'), ...schemasOf(answers, 'output') },
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'The handle of the kind that the operation names, kept by the client itself.',
        },
        ...Object.fromEntries(
          handleKinds.map((kind) => [kind, { type: 'apiKey', in: 'cookie', name: cookieName(settings, kind) }]),
        ),
      },
      examples: examplesOf(settings, documentPath),
    },
  };
}

function describe(name: OperationName, { path, method, audience }: Route, op: Operation): Json {
  const tag = path.split('/')[3] ?? '';
  const parameters = Array.from(path.matchAll(/:(\w+)/g), ([, parameter = '']) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: { type: 'string', ...(parameter === 'id' && { pattern: '^[\\w-]{22}$' }) },
  }));
  const isUnsafe = method !== 'GET';
  const reasons: (Refusal | ProblemName)[] = [
    ...Object.keys(op.refusals).filter(isRefusal),
    ...(op.request ? (['bad-request', 'body-too-large', 'wrong-content-type'] as const) : []),
    ...(isUnsafe ? (['cross-site'] as const) : []),
    // Where nobody can be told more of it: a link in a mail that is over is told in words.
    ...(parameters.some((each) => each.name !== 'token') ? (['not-found'] as const) : []),
    'wrong-host',
    'busy',
    'fault',
  ];
  const problemsByStatus = Map.groupBy(reasons, statusOf);
  return {
    operationId: name,
    tags: [tag],
    summary: op.summary,
    description: [
      op.about,
      `Takes the handle \`${op.takes}\`${audience === 'anyone' ? ', where there is one' : ''}.`,
      op.gives && `Gives a handle \`${op.gives}\`.`,
    ]
      .filter((part) => part !== undefined)
      .join(' '),
    security: [...(audience === 'anyone' ? [{}] : []), { [op.takes]: [] }, { bearer: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(op.request && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: refTo(requests, op.request),
            examples: { request: { value: op.example.request } },
          },
        },
      },
    }),
    responses: {
      [op.status]: {
        description: op.answer ? 'Done' : 'Done; there is no body.',
        ...(op.answer && {
          content: {
            'application/json': {
              schema: refTo(answers, op.answer),
              examples: { answer: { value: op.example.answer } },
            },
          },
        }),
      },
      ...Object.fromEntries(
        Array.from(problemsByStatus, ([status, names]) => [
          String(status),
          {
            description: names.join(', '),
            content: {
              'application/problem+json': {
                schema: refTo(answers, problemSchema),
                examples: Object.fromEntries(names.map((each) => [each, { $ref: `#/components/examples/${each}` }])),
              },
            },
          },
        ]),
      ),
    },
  };
}

const isRefusal = (name: string): name is Refusal => Object.hasOwn(refusals, name);
const isProblem = (name: string): name is ProblemName => Object.hasOwn(problems, name);
/** Agents have pages alone. */
const isOfApi = (name: string): boolean => !name.startsWith('agent-');

type Names = typeof requests;

const refTo = (names: Names, schema: z.ZodType): Json => {
  const id = names.get(schema)?.id;
  if (id === undefined) throw new Error('a schema of the API has no name');
  return { $ref: `#/components/schemas/${id}` };
};

function schemasOf(names: Names, io: 'input' | 'output'): Json {
  const { schemas } = z.toJSONSchema(names, {
    io,
    uri: (id) => `#/components/schemas/${id}`,
    // What is sent must hold nothing unknown; what is answered may hold more one day, and clients have to live with that.
    override: ({ jsonSchema }) => void (io === 'output' && delete jsonSchema.additionalProperties),
  });
  const ofZod = ['$schema', '$id', 'id'];
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => [
      id,
      Object.fromEntries(Object.entries(schema).filter(([key]) => !ofZod.includes(key))),
    ]),
  );
}

/** One problem document for each name, as the type of every answer points to it. */
function examplesOf(settings: Settings, documentPath: string): Json {
  const t = translator('en');
  const waits: Partial<Record<Refusal | ProblemName, number>> = {
    'resend-soon': 45_000,
    'resend-capped': 1_200_000,
    'too-many': 600_000,
    busy: 5_000,
  };
  const example = (name: Refusal | ProblemName, words: string) => ({
    summary: words,
    value: problemDocument({ name, words, documentPath, retryAfterMs: waits[name] }),
  });
  const values = { length: settings.passwordMinLength, wait: 'some time', id: 'a1b2c3d4' };
  return Object.fromEntries([
    ...Object.keys(refusals)
      .filter(isRefusal)
      .filter(isOfApi)
      .map((name) => [name, example(name, t(`refusal.${name}`, values))]),
    ...Object.keys(problems)
      .filter(isProblem)
      .filter(isOfApi)
      .map((name) => [name, example(name, t(`problem.${name}`, values))]),
  ]);
}
