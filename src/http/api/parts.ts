// What several operations have in common: named schemas, and refusals that come together.
import * as z from 'zod';

/** Schemas that the document names. What a client sends and what it is answered are described apart. */
export const requests = z.registry<{ readonly id: string }>();
export const answers = z.registry<{ readonly id: string }>();

/** As the examples have them. */
export const exampleId = 'i3oeErrr8II50O2fJLi1cw';
export const exampleHandle = 'rTmi6KR_7OW6Nf_2oFWCeQ';

export const id = z
  .string()
  .regex(/^[\w-]{22}$/)
  .describe('Public: it names, and opens nothing.');
export const handle = z
  .string()
  .describe(
    'The secret of a client that keeps it itself: sent as Bearer from now on. Never given where a cookie holds it.',
  )
  .optional();
export const forMs = (what: string) => z.int().min(0).describe(`${what}, in milliseconds from now.`);
export const returnTo = z.string().nullable().describe('A path of the site where the person goes on in the end.');

export const typedCode = z.string().describe('As the person typed or pasted it; spaces and dashes are forgiven.');
export const method = z.enum(['email-code']);

export const codeRefusals = { 'code-missing': 'code', 'code-shape': 'code', 'code-wrong': 'code' } as const;
export const passwordRefusals = {
  'password-missing': 'password',
  'password-short': 'password',
  'password-long': 'password',
  'password-common': 'password',
  'password-named': 'password',
} as const;

/** RFC 9457, with what a form needs to put it right. */
export const problemSchema = z
  .strictObject({
    type: z.string().describe('Where this document describes it.'),
    title: z.string().describe('What happened, in the language of the request.'),
    status: z.int(),
    detail: z.string().describe('What happened and what to do.'),
    reason: z.string().describe('Its name, for programs.'),
    field: z.string().optional().describe('The field of the request that it is about.'),
    retryAfterMs: z.number().optional().describe('How long to wait, where waiting helps.'),
    errors: z
      .array(z.strictObject({ pointer: z.string(), detail: z.string() }))
      .optional()
      .describe('Of `bad-request`: what is wrong with the body, and where (RFC 6901).'),
    instance: z.string().optional().describe('Of `fault`: what the operator finds in the log.'),
  })
  .register(answers, { id: 'Problem' });

export const wishedReturn = z
  .string()
  .optional()
  .describe('A path of the site to go on to in the end; another site is dropped.');

export const secondCodeRefusals = { 'second-missing': 'code', 'second-shape': 'code', 'second-wrong': 'code' } as const;
