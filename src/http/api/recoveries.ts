// A recovery by API, in the order of its steps, and the two links of its mails. What an answer tells is what the page of
// the step shows.
import { z } from 'zod';
import { accept } from '../../base/outcome.ts';
import { recoveryLifeMs } from '../../recovery/policy.ts';
import type { Proven } from '../../recovery/moves.ts';
import type { Recovery, RecoveryUseCases } from '../../recovery/recovery.ts';
import { standingOf } from '../../recovery/standing.ts';
import { readReturnTo } from '../visit.ts';
import type { ApiCall, ApiHandlers } from './handlers.ts';
import { operation } from './operation.ts';
import {
  answers,
  codeRefusals,
  exampleHandle,
  exampleId,
  forMs,
  handle,
  id,
  method,
  passwordRefusals,
  requests,
  returnTo,
  typedCode,
} from './parts.ts';

const identifier = z.string().describe('As it was typed.');
const openRecovery = { id, identifier, lifeMs: forMs('What remains of the recovery'), handle };

const recovery = z
  .discriminatedUnion('step', [
    z.strictObject({ step: z.literal('method'), ...openRecovery }),
    z.strictObject({
      step: z.literal('code'),
      ...openRecovery,
      codeLifeMs: forMs('How long the code can be typed; at 0 ask for a new one'),
      triesLeft: z.int().min(0),
      resendInMs: forMs('Until the mail may be asked for again'),
      offerSupportInMs: forMs('Until support is worth offering to who still waits'),
    }),
    z.strictObject({
      step: z.literal('account'),
      ...openRecovery,
      passwordLifeMs: forMs('What remains for choosing the account and a new password'),
      accounts: z.array(z.strictObject({ id: z.string(), userId: z.string() })),
      provided: z
        .array(z.strictObject({ userId: z.string(), provider: z.string() }))
        .describe('Accounts of the same address that a provider signs in: not to be chosen, only to be named.'),
    }),
    z.strictObject({
      step: z.literal('password'),
      ...openRecovery,
      passwordLifeMs: forMs('What remains for choosing a new password'),
      passwordMinLength: z.int().describe('In code points.'),
      userId: z.string(),
    }),
    z.strictObject({
      step: z.literal('done'),
      id,
      userId: z.string().describe('Whom to sign in as; nobody is signed in by a recovery.'),
      returnTo,
    }),
    z.strictObject({
      step: z.literal('over'),
      id,
      why: z.enum(['tries-used', 'reset-elsewhere', 'time']).describe('Whatever it is, the account is as it was.'),
    }),
  ])
  .register(answers, { id: 'Recovery' });

const startRecovery = z
  .strictObject({
    identifier: z
      .string()
      .describe('An email, or a user ID. What is answered does not depend on whether there is one.'),
    returnTo: z.string().optional().describe('A path of the site to go on to in the end; another site is dropped.'),
  })
  .register(requests, { id: 'StartRecovery' });

const askForProof = z.strictObject({ method }).register(requests, { id: 'AskForProof' });
const enterCode = z.strictObject({ code: typedCode }).register(requests, { id: 'EnterCode' });
const chooseAccount = z
  .strictObject({ accountId: z.string().describe('One of those that the recovery lists.') })
  .register(requests, { id: 'ChooseAccount' });
const setPassword = z.strictObject({ password: z.string() }).register(requests, { id: 'SetPassword' });

const stopped = z
  .strictObject({
    continueToken: z
      .string()
      .nullable()
      .describe('"It is me after all": the token of the mail\'s other link, unless its code was spent.'),
  })
  .register(answers, { id: 'Stopped' });

const ownRecovery = { 'recovery-missing': '', 'recovery-other': '' } as const;
const openStep = { ...ownRecovery, 'recovery-over': '', 'recovery-step': '', 'recovery-moved': '' } as const;
const exampleCode = { code: '4711 0815' };
const atPassword = {
  step: 'password',
  id: exampleId,
  identifier: 'lucia',
  lifeMs: 3_600_000,
  handle: exampleHandle,
  passwordLifeMs: 3_600_000,
  passwordMinLength: 15,
  userId: 'lucia',
} as const;
const atCode = {
  step: 'code',
  id: exampleId,
  identifier: 'lucia',
  lifeMs: 86_400_000,
  codeLifeMs: 1_800_000,
  triesLeft: 5,
  resendInMs: 60_000,
  offerSupportInMs: 120_000,
} as const;

export const recoveryOperations = {
  startRecovery: operation({
    summary: 'Start a recovery',
    about: 'Spends a passed human check for `recovery`. The handle that it takes is that of the check.',
    takes: 'check',
    gives: 'recovery',
    request: startRecovery,
    status: 201,
    answer: recovery,
    refusals: {
      'identifier-missing': 'identifier',
      'identifier-shape': 'identifier',
      'check-missing': '',
      'check-letters': '',
      'check-wait': '',
      'too-many': '',
    },
    example: {
      request: { identifier: 'lucia', returnTo: '/orders' },
      answer: { step: 'method', id: exampleId, identifier: 'lucia', lifeMs: 86_400_000, handle: exampleHandle },
    },
  }),

  readRecovery: operation({
    summary: 'Read where a recovery stands',
    takes: 'recovery',
    request: undefined,
    status: 200,
    answer: recovery,
    refusals: ownRecovery,
    example: { request: undefined, answer: atCode },
  }),

  askForCode: operation({
    summary: 'Ask for the mail with the code, first or again',
    about: 'While a code lives, the same one is mailed again.',
    takes: 'recovery',
    request: askForProof,
    status: 200,
    answer: recovery,
    refusals: { ...openStep, 'resend-soon': '', 'resend-capped': '' },
    example: { request: { method: 'email-code' }, answer: atCode },
  }),

  enterCode: operation({
    summary: 'Enter the mailed code',
    about: 'The handle from before is worth nothing afterwards.',
    takes: 'recovery',
    gives: 'recovery',
    request: enterCode,
    status: 200,
    answer: recovery,
    refusals: { ...openStep, ...codeRefusals, 'code-expired': 'code', 'tries-used': 'code', 'too-many': '' },
    example: { request: exampleCode, answer: atPassword },
  }),

  chooseAccount: operation({
    summary: 'Choose one of several accounts',
    takes: 'recovery',
    request: chooseAccount,
    status: 200,
    answer: recovery,
    refusals: { ...openStep, 'account-missing': 'accountId' },
    example: {
      request: { accountId: exampleId },
      answer: {
        step: 'password',
        id: exampleId,
        identifier: 'shared@mail.example',
        lifeMs: 3_600_000,
        passwordLifeMs: 3_600_000,
        passwordMinLength: 15,
        userId: 'marta',
      },
    },
  }),

  setPassword: operation({
    summary: 'Set the new password',
    about: 'Signs out every other device, and nobody in: go on with `signIn`.',
    takes: 'recovery',
    request: setPassword,
    status: 200,
    answer: recovery,
    refusals: { ...openStep, ...passwordRefusals },
    example: {
      request: { password: 'seven green umbrellas' },
      answer: { step: 'done', id: exampleId, userId: 'lucia', returnTo: '/orders' },
    },
  }),

  continueFromMail: operation({
    summary: 'Go on from the link in a mail',
    about: 'With the code of that mail. Tries count by the handle of the human check, else by network.',
    takes: 'check',
    gives: 'recovery',
    request: enterCode,
    status: 200,
    answer: recovery,
    refusals: { ...codeRefusals, 'link-over': '', 'too-many': '' },
    example: { request: exampleCode, answer: atPassword },
  }),

  stopFromMail: operation({
    summary: '"This was not me", from the link in a mail',
    about: 'With the code of that mail. Typing codes ends, and recovery mail falls silent for a day.',
    takes: 'check',
    request: enterCode,
    status: 200,
    answer: stopped,
    refusals: { ...codeRefusals, 'link-over': '', 'too-many': '' },
    example: { request: exampleCode, answer: { continueToken: exampleId } },
  }),
};

export function recoveryOperationHandlers({
  recovery: recoveries,
}: {
  recovery: RecoveryUseCases;
}): ApiHandlers<typeof recoveryOperations> {
  type RecoveryAnswer = z.output<typeof recovery>;

  async function describe(at: Recovery, { now, settings }: ApiCall<unknown>): Promise<RecoveryAnswer> {
    const { step, lifeMs, codeLifeMs, triesLeft, resendInMs, offerSupportInMs, passwordLifeMs, why } = standingOf(
      at,
      now,
    );
    const { id } = at;
    if (step === 'over') return { step, id, why };
    const open = { id, identifier: recoveries.identifierOf(at), lifeMs };
    if (step === 'method') return { step, ...open };
    if (step === 'code') return { step, ...open, codeLifeMs, triesLeft, resendInMs, offerSupportInMs };
    const choices = await recoveries.choicesOf(at);
    const accounts = choices.accounts.map(({ id, userId }) => ({ id, userId }));
    const provided = choices.provided.map(({ userId, provider }) => ({ userId, provider: provider ?? '' }));
    if (step === 'account') return { step, ...open, passwordLifeMs, accounts, provided };
    const userId = accounts[0]?.userId ?? '';
    if (step === 'done') return { step, id, userId, returnTo: at.return_to };
    return { step, ...open, passwordLifeMs, passwordMinLength: settings.passwordMinLength, userId };
  }

  const stepOf = ({ holder, source, parameter }: ApiCall<unknown>) => ({
    handle: holder.handle('recovery'),
    id: parameter('id'),
    source,
  });

  /** After a start or a proof, with the new handle. */
  async function begun(call: ApiCall<unknown>, proven: Proven) {
    if (!proven.ok) return proven;
    const answer = await describe(proven.recovery, call);
    return accept({ answer: { ...answer, ...call.holder.give('recovery', proven.handle, recoveryLifeMs) } });
  }

  const linkCodeOf = ({ body, parameter, holder, source }: ApiCall<{ code: string }>) => ({
    token: parameter('token'),
    typed: body.code,
    browser: holder.handle('check') ?? source,
    source,
  });

  return {
    async startRecovery(call) {
      const { body, holder, source, locale, settings } = call;
      const started = await recoveries.start({
        typed: body.identifier,
        checkHandle: holder.handle('check') ?? '',
        source,
        locale,
        returnTo: readReturnTo(body.returnTo ?? null, settings.origin),
      });
      return begun(call, started);
    },

    async readRecovery(call) {
      const claimed = await recoveries.claim(stepOf(call));
      return claimed.ok ? accept({ answer: await describe(claimed.recovery, call) }) : claimed;
    },

    async askForCode(call) {
      const asked = await recoveries.askMail(stepOf(call));
      return asked.ok ? accept({ answer: await describe(asked.recovery, call) }) : asked;
    },

    async enterCode(call) {
      return begun(call, await recoveries.enterCode({ ...stepOf(call), typed: call.body.code }));
    },

    async chooseAccount(call) {
      const chosen = await recoveries.chooseAccount({ ...stepOf(call), accountId: call.body.accountId });
      return chosen.ok ? accept({ answer: await describe(chosen.recovery, call) }) : chosen;
    },

    async setPassword(call) {
      const { password } = call.body;
      const set = await recoveries.setPassword({ ...stepOf(call), password, repeated: password });
      if (!set.ok) return set;
      call.holder.drop('session');
      const { id, return_to: returnTo } = set.recovery;
      return accept({ answer: { step: 'done', id, userId: set.userId, returnTo } as const });
    },

    async continueFromMail(call) {
      return begun(call, await recoveries.enterLinkCode({ ...linkCodeOf(call), locale: call.locale }));
    },

    async stopFromMail(call) {
      const done = await recoveries.stop(linkCodeOf(call));
      return done.ok ? accept({ answer: { continueToken: done.continueToken ?? null } }) : done;
    },
  };
}
