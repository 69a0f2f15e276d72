// The human check by API: what the script of the pages asks for, and what an app does that has no page.
import * as z from 'zod';
import { dayMs } from '../../base/clock.ts';
import { accept } from '../../base/outcome.ts';
import { Problem } from '../../base/problem.ts';
import { type Random, randomToken } from '../../base/random.ts';
import { kinds, modes, type Purpose, purposes } from '../../human-check/challenge.ts';
import type { Asker, HumanCheck } from '../../human-check/check.ts';
import { handleShape } from '../human-check.ts';
import type { ApiCall, ApiHandlers } from './handlers.ts';
import { operation } from './operation.ts';
import { answers, exampleHandle, forMs, handle, requests } from './parts.ts';

const purpose = z.enum(purposes).describe('What the check is for: it counts for nothing else.');

const askForCheck = z
  .strictObject({
    purpose,
    kind: z
      .enum(kinds)
      .optional()
      .describe(
        'What comes first on this site where it is not given: `provider` where there is one, or `slide`. `wait` needs nobody to look at it: work to do and a time to wait.',
      ),
  })
  .register(requests, { id: 'AskForHumanCheck' });

const task = z
  .strictObject({
    challenge: z.string(),
    kind: z.enum(kinds),
    waitMs: forMs('Until an answer counts'),
    lifeMs: forMs('Until an answer is too late'),
    travelPx: z.int().optional().describe('How far the slide goes.'),
    work: z
      .strictObject({
        nonce: z.string(),
        prefix: z.string().describe('What the derivation begins with, in hex.'),
        upTo: z.int().describe('Counters run from 0 up to here, this one excluded.'),
        iterations: z.int(),
      })
      .optional()
      .describe(
        'Find the counter whose PBKDF2-HMAC-SHA-256 (password: `nonce`; salt: the counter as 4 bytes, big-endian; 32 bytes) begins with `prefix`; the answer is the whole derivation in hex.',
      ),
    provider: z
      .strictObject({
        name: z.string(),
        siteKey: z.string(),
        script: z.string().describe('What a page loads for its widget.'),
        action: z.string().describe('What the widget is to be told, where it takes it.'),
        cdata: z.string().describe('The same.'),
      })
      .optional()
      .describe("Whose widget to show. The token that it gives is the answer's `token`."),
    handle,
  })
  .register(answers, { id: 'HumanCheckTask' });

const figure = z.number().min(-100_000).max(10_000_000);

const answerCheck = z
  .strictObject({
    purpose,
    challenge: z.string().max(1_000),
    mode: z.enum(modes).describe('How it was answered: `drag`, `key` and `click` answer a slide.'),
    work: z.string().max(64).optional(),
    letters: z.string().max(64).optional(),
    token: z.string().max(8_192).optional().describe("Of the provider's widget."),
    drag: z
      .strictObject({
        trace: z
          .array(figure)
          .max(600)
          .refine((trace) => trace.length % 3 === 0, 'x, y and t of each sample, and nothing between')
          .describe('x, y (CSS px since the press) and t (ms since the press) of each sample, one after the other.'),
        pointer: z.enum(['mouse', 'touch', 'pen']),
        isTrusted: z.boolean(),
        isAutomated: z.boolean(),
        pixelRatio: z.number().min(0.1).max(20),
        grab: z.tuple([figure, figure]),
        approach: figure,
        restMs: figure,
      })
      .optional(),
  })
  .register(requests, { id: 'AnswerHumanCheck' });

const judged = z
  .discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('passed') }),
    z.strictObject({ outcome: z.enum(['letters', 'wait']), task, isStuck: z.boolean() }),
    z.strictObject({
      outcome: z.literal('again'),
      why: z
        .enum(['wrong', 'early', 'late', 'unavailable'])
        .describe(
          'Ask for a new one; where the provider is `unavailable`, for one of another kind. Only `wrong` counted as a failure.',
        ),
      isStuck: z.boolean(),
    }),
  ])
  .register(answers, { id: 'HumanCheckVerdict' });

const picture = z.strictObject({ png: z.base64().describe('As PNG.') }).register(answers, { id: 'LettersPicture' });

const sound = z
  .strictObject({ wav: z.base64().describe('Six digits, spoken in the language of the request, as WAV.') })
  .register(answers, { id: 'DigitsSound' });

export const humanCheckOperations = {
  issueHumanCheck: operation({
    summary: 'Ask for a human check',
    about: 'Where the check is switched off, nothing asks for a passed one.',
    takes: 'check',
    gives: 'check',
    request: askForCheck,
    status: 201,
    answer: task,
    refusals: { 'too-many': '' },
    example: {
      request: { purpose: 'recovery', kind: 'wait' },
      answer: {
        challenge: 'eyJraW5kIjoid2FpdCJ9.k1.c2lnbmF0dXJl',
        kind: 'wait',
        waitMs: 20_000,
        lifeMs: 1_800_000,
        work: {
          nonce: '8mFgUZ0o5vVZ0xJbq1n2Ng',
          prefix: '5f0c1d2e3b4a59687786a5b4c3d2e1f0',
          upTo: 60_000,
          iterations: 1_000,
        },
        handle: exampleHandle,
      },
    },
  }),
  answerHumanCheck: operation({
    summary: 'Answer a human check',
    about:
      'A passed check counts for a day and is spent by what it is for. It belongs to the handle that asked for it.',
    takes: 'check',
    request: answerCheck,
    status: 200,
    answer: judged,
    refusals: { 'too-many': '' },
    example: {
      request: {
        purpose: 'recovery',
        challenge: 'eyJraW5kIjoid2FpdCJ9.k1.c2lnbmF0dXJl',
        mode: 'wait',
        work: '5f0c1d2e3b4a59687786a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
      },
      answer: { outcome: 'passed' },
    },
  }),
  readLetters: operation({
    summary: 'See the letters of a human check',
    about: 'Of a challenge of the kind `letters`, for the handle that asked for it. They are the answer, as `letters`.',
    takes: 'check',
    request: undefined,
    status: 200,
    answer: picture,
    refusals: { 'too-many': '' },
    example: { request: undefined, answer: { png: 'iVBORw0KGgo=' } },
  }),
  readSound: operation({
    summary: 'Hear a human check',
    about: 'Of a challenge of the kind `letters`. Its six digits are as good an answer as the letters.',
    takes: 'check',
    request: undefined,
    status: 200,
    answer: sound,
    refusals: { 'too-many': '' },
    example: { request: undefined, answer: { wav: 'UklGRiQAAABXQVZF' } },
  }),
};

export function humanCheckOperationHandlers({
  humanCheck,
  random,
}: {
  humanCheck: HumanCheck;
  random: Random;
}): ApiHandlers<typeof humanCheckOperations> {
  /** The handle that was sent, or a new one. */
  const askerOf = ({ holder, source }: ApiCall<unknown>, purpose: Purpose): Asker => {
    const sent = holder.handle('check') ?? '';
    return { handle: handleShape.test(sent) ? sent : randomToken(random), purpose, source };
  };

  return {
    async issueHumanCheck(call) {
      const { purpose, kind } = call.body;
      const asker = askerOf(call, purpose);
      const issued = await humanCheck.issue(asker, kind);
      return issued.ok
        ? accept({ answer: { ...issued.task, ...call.holder.give('check', asker.handle, dayMs) } })
        : issued;
    },

    async answerHumanCheck(call) {
      const { purpose, ...answer } = call.body;
      const answered = await humanCheck.answer(askerOf(call, purpose), answer);
      return answered.ok ? accept({ answer: answered.judged }) : answered;
    },

    async readLetters({ holder, source, parameter }) {
      const asker = { handle: holder.handle('check') ?? '', source };
      const drawn = await humanCheck.picture(asker, parameter('challenge'));
      if (!drawn.ok) return drawn;
      if (!drawn.png) throw noLetters();
      return accept({ answer: { png: drawn.png.toString('base64') } });
    },

    async readSound({ holder, source, parameter, locale }) {
      const asker = { handle: holder.handle('check') ?? '', source };
      const spoken = await humanCheck.sound(asker, parameter('challenge'), locale);
      if (!spoken.ok) return spoken;
      if (!spoken.wav) throw noLetters();
      return accept({ answer: { wav: spoken.wav.toString('base64') } });
    },
  };
}

const noLetters = () => new Problem('not-found', 'no letters challenge of this handle');
