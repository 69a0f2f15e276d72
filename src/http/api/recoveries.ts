// A recovery by API, in the order of its steps.
import * as z from 'zod';
import { accept } from '../../base/outcome.ts';
import type { RecoveryUseCases } from '../../recovery/recovery.ts';
import { readReturnTo } from '../visit.ts';
import type { ApiCall, ApiHandlers } from './handlers.ts';
import { operation } from './operation.ts';
import { codeRefusals, exampleHandle, exampleId, method, passwordRefusals, requests, wishedReturn } from './parts.ts';
import { atPassword, enterCode, exampleCode, recovery, type RecoveryAnswers } from './recovery-answer.ts';

const startRecovery = z
  .strictObject({
    identifier: z
      .string()
      .describe('An email, or a user ID. What is answered does not depend on whether there is one.'),
    method: method
      .optional()
      .describe('Asks for its mail in the same call: for a client that offers one way alone, and goes on to the code.'),
    returnTo: wishedReturn,
  })
  .register(requests, { id: 'StartRecovery' });

const askForProof = z.strictObject({ method }).register(requests, { id: 'AskForProof' });
const chooseAccount = z
  .strictObject({ accountId: z.string().describe('One of those that the recovery lists.') })
  .register(requests, { id: 'ChooseAccount' });
const setPassword = z.strictObject({ password: z.string() }).register(requests, { id: 'SetPassword' });

const ownRecovery = { 'recovery-missing': '', 'recovery-other': '' } as const;
const openStep = { ...ownRecovery, 'recovery-over': '', 'recovery-step': '', 'recovery-moved': '' } as const;
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
      answer: {
        step: 'done',
        id: exampleId,
        userId: 'lucia',
        returnTo: '/orders',
        dropped: { addresses: 0, authenticator: false },
      },
    },
  }),
};

export function recoveryOperationHandlers({
  recovery: recoveries,
  recoveryAnswers: { describe, begun },
}: {
  recovery: RecoveryUseCases;
  recoveryAnswers: RecoveryAnswers;
}): ApiHandlers<typeof recoveryOperations> {
  const stepOf = ({ holder, source, parameter }: ApiCall<unknown>) => ({
    handle: holder.handle('recovery'),
    id: parameter('id'),
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
        method: body.method,
      });
      return begun(call, started);
    },

    async readRecovery(call) {
      const claimed = await recoveries.claim(stepOf(call));
      return claimed.ok ? accept({ answer: await describe(claimed, call) }) : claimed;
    },

    async askForCode(call) {
      const asked = await recoveries.askMail(stepOf(call));
      return asked.ok ? accept({ answer: await describe(asked, call) }) : asked;
    },

    async enterCode(call) {
      return begun(call, await recoveries.enterCode({ ...stepOf(call), typed: call.body.code }));
    },

    async chooseAccount(call) {
      const chosen = await recoveries.chooseAccount({ ...stepOf(call), accountId: call.body.accountId });
      return chosen.ok ? accept({ answer: await describe(chosen, call) }) : chosen;
    },

    async setPassword(call) {
      const { password } = call.body;
      const set = await recoveries.setPassword({ ...stepOf(call), password, repeated: password });
      if (!set.ok) return set;
      call.holder.drop('session');
      const { id, return_to: returnTo } = set.recovery;
      const { addresses, isFactorRemoved } = set.dropped;
      const dropped = { addresses, authenticator: isFactorRemoved };
      return accept({ answer: { step: 'done', id, userId: set.userId, returnTo, dropped } as const });
    },
  };
}
