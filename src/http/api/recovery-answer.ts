// A recovery as the API tells it: what the page of its step shows, and nothing more.
import * as z from 'zod';
import { accept, type Outcome } from '../../base/outcome.ts';
import type { Choices } from '../../recovery/choices.ts';
import type { Opened, Proven } from '../../recovery/moves.ts';
import { recoveryLifeMs } from '../../recovery/policy.ts';
import type { RecoveryUseCases } from '../../recovery/recovery.ts';
import { standingOf } from '../../recovery/standing.ts';
import type { Refusal } from '../../refusals.ts';
import type { ApiCall } from './handlers.ts';
import { answers, exampleHandle, exampleId, forMs, handle, id, requests, returnTo, typedCode } from './parts.ts';

const identifier = z.string().describe('As it was typed.');
const openRecovery = { id, identifier, lifeMs: forMs('What remains of the recovery'), handle };

export const recovery = z
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
      dropped: z
        .strictObject({ addresses: z.int().min(0), authenticator: z.boolean() })
        .describe('What was new and went with the new password: to be said once, in its answer alone.')
        .optional(),
    }),
    z.strictObject({
      step: z.literal('over'),
      id,
      why: z.enum(['tries-used', 'reset-elsewhere', 'time']).describe('Whatever it is, the account is as it was.'),
    }),
  ])
  .register(answers, { id: 'Recovery' });

export const enterCode = z.strictObject({ code: typedCode }).register(requests, { id: 'EnterCode' });

export const exampleCode = { code: '4711 0815' };
export const atPassword = {
  step: 'password',
  id: exampleId,
  identifier: 'lucia',
  lifeMs: 3_600_000,
  handle: exampleHandle,
  passwordLifeMs: 3_600_000,
  passwordMinLength: 15,
  userId: 'lucia',
} as const;

type RecoveryAnswer = z.output<typeof recovery>;

export interface RecoveryAnswers {
  describe(at: Opened, call: ApiCall<unknown>): Promise<RecoveryAnswer>;
  /** After a start or a proof, with the new handle. */
  begun(call: ApiCall<unknown>, proven: Proven): Promise<Outcome<{ readonly answer: RecoveryAnswer }, Refusal>>;
}

export function createRecoveryAnswers({ recovery: recoveries }: { recovery: RecoveryUseCases }): RecoveryAnswers {
  async function describe(
    opened: Opened & { readonly choices?: Choices },
    { now, settings }: ApiCall<unknown>,
  ): Promise<RecoveryAnswer> {
    const { recovery: at, identifier } = opened;
    const { step, lifeMs, codeLifeMs, triesLeft, resendInMs, offerSupportInMs, passwordLifeMs, why } = standingOf(
      at,
      now,
    );
    const { id } = at;
    if (step === 'over') return { step, id, why };
    const open = { id, identifier, lifeMs };
    if (step === 'method') return { step, ...open };
    if (step === 'code') return { step, ...open, codeLifeMs, triesLeft, resendInMs, offerSupportInMs };
    const choices = opened.choices ?? (await recoveries.choicesOf(opened));
    const accounts = choices.accounts.map(({ id, userId }) => ({ id, userId }));
    const provided = choices.provided.map(({ userId, provider }) => ({ userId, provider: provider ?? '' }));
    if (step === 'account') return { step, ...open, passwordLifeMs, accounts, provided };
    const userId = accounts[0]?.userId ?? '';
    if (step === 'done') return { step, id, userId, returnTo: at.return_to };
    return { step, ...open, passwordLifeMs, passwordMinLength: settings.passwordMinLength, userId };
  }

  async function begun(call: ApiCall<unknown>, proven: Proven) {
    if (!proven.ok) return proven;
    const answer = await describe(proven, call);
    return accept({ answer: { ...answer, ...call.holder.give('recovery', proven.handle, recoveryLifeMs) } });
  }

  return { describe, begun };
}
