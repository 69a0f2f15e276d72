// Signing up by API (D12): the pending sign-up of whoever carries its handle.
import * as z from 'zod';
import { dayMs } from '../../base/clock.ts';
import { accept, refuse } from '../../base/outcome.ts';
import { resendWaitMs } from '../../proofs/email-code.ts';
import type { SignIn } from '../../sign-in/sign-in.ts';
import type { Joined, SignUp, SignUpRow } from '../../sign-in/sign-up.ts';
import { readReturnTo } from '../visit.ts';
import type { ApiCall, ApiHandlers } from './handlers.ts';
import { operation } from './operation.ts';
import {
  answers,
  codeRefusals,
  exampleHandle,
  forMs,
  handle,
  method,
  passwordRefusals,
  requests,
  typedCode,
  wishedReturn,
} from './parts.ts';
import { enter, exampleSession, session } from './sessions.ts';

const userId = z.string().describe('3 to 32 letters, digits, dots, dashes or underscores.');

const pending = z
  .discriminatedUnion('step', [
    z.strictObject({
      step: z.literal('code'),
      address: z.string(),
      codeLifeMs: forMs('How long the code can be typed; at 0 ask for a new one'),
      resendInMs: forMs('Until the mail may be asked for again'),
      handle,
    }),
    z.strictObject({
      step: z.literal('password'),
      userId: z.string(),
      passwordMinLength: z.int(),
      handle,
    }),
    z.strictObject({
      step: z.literal('user-id'),
      userId: z.string().describe('It is in use: choose another.'),
    }),
  ])
  .register(answers, { id: 'SignUp' });

const signUp = z
  .strictObject({
    userId,
    address: z.string(),
    password: z.string(),
    returnTo: wishedReturn,
  })
  .register(requests, { id: 'StartSignUp' });

const askForProof = z.strictObject({ method }).register(requests, { id: 'AskForSignUpProof' });
const enterCode = z.strictObject({ code: typedCode }).register(requests, { id: 'EnterSignUpCode' });
const choosePassword = z.strictObject({ password: z.string() }).register(requests, { id: 'ChooseSignUpPassword' });
const chooseUserId = z.strictObject({ userId }).register(requests, { id: 'ChooseUserId' });

const examplePending = {
  step: 'code',
  address: 'nuria@mail.example',
  codeLifeMs: 1_800_000,
  resendInMs: 60_000,
} as const;

export const accountOperations = {
  signUp: operation({
    summary: 'Sign up',
    about:
      'Spends a passed human check for `sign-up`; the handle that it takes is that of the check. There is no account before the mailed code was entered, and the answer is the same where the address has one.',
    takes: 'check',
    gives: 'sign-up',
    request: signUp,
    status: 201,
    answer: pending,
    refusals: {
      'user-id-shape': 'userId',
      'address-shape': 'address',
      ...passwordRefusals,
      'check-missing': '',
      'check-letters': '',
      'check-wait': '',
      'too-many': '',
    },
    example: {
      request: { userId: 'nuria', address: 'nuria@mail.example', password: 'four quiet tables' },
      answer: { ...examplePending, handle: exampleHandle },
    },
  }),

  readSignUp: operation({
    summary: 'Read where the sign-up stands',
    takes: 'sign-up',
    request: undefined,
    status: 200,
    answer: pending,
    refusals: { 'sign-up-missing': '' },
    example: { request: undefined, answer: examplePending },
  }),

  askForSignUpCode: operation({
    summary: 'Ask for the mail again',
    takes: 'sign-up',
    request: askForProof,
    status: 200,
    answer: pending,
    refusals: { 'sign-up-missing': '', 'resend-soon': '', 'recovery-moved': '' },
    example: { request: { method: 'email-code' }, answer: { ...examplePending, codeLifeMs: 1_740_000 } },
  }),

  enterSignUpCode: operation({
    summary: 'Enter the mailed code, which makes the account and signs in',
    about: '`user-id-taken`: the address is proved, and `chooseUserId` goes on.',
    takes: 'sign-up',
    gives: 'session',
    request: enterCode,
    status: 200,
    answer: session,
    refusals: {
      'sign-up-missing': '',
      ...codeRefusals,
      'code-expired': 'code',
      'tries-used': 'code',
      'user-id-taken': 'userId',
      'too-many': '',
    },
    example: { request: { code: '4711 0815' }, answer: exampleSession },
  }),

  continueSignUpFromMail: operation({
    summary: 'Go on with a sign-up from the link in its mail',
    about:
      'With the code of that mail, by whatever client. It goes on there alone, and `chooseSignUpPassword` follows: the password that it began with does not count.',
    takes: 'check',
    gives: 'sign-up',
    request: enterCode,
    status: 200,
    answer: pending,
    refusals: { 'link-over': '', ...codeRefusals, 'code-expired': 'code', 'too-many': '' },
    example: {
      request: { code: '4711 0815' },
      answer: { step: 'password', userId: 'nuria.g', passwordMinLength: 15, handle: exampleHandle },
    },
  }),

  chooseSignUpPassword: operation({
    summary: 'Choose the password of a sign-up that goes on from its mail, which makes the account and signs in',
    about: '`user-id-taken`: `chooseUserId` goes on.',
    takes: 'sign-up',
    gives: 'session',
    request: choosePassword,
    status: 200,
    answer: session,
    refusals: { 'sign-up-missing': '', ...passwordRefusals, 'user-id-taken': 'userId' },
    example: { request: { password: 'four quiet tables' }, answer: exampleSession },
  }),

  chooseUserId: operation({
    summary: 'Choose another user ID, when the first is taken',
    takes: 'sign-up',
    gives: 'session',
    request: chooseUserId,
    status: 200,
    answer: session,
    refusals: { 'sign-up-missing': '', 'user-id-shape': 'userId', 'user-id-taken': 'userId', 'too-many': '' },
    example: { request: { userId: 'nuria-m' }, answer: exampleSession },
  }),
};

export function accountOperationHandlers({
  signUp,
  signIn,
}: {
  signUp: SignUp;
  signIn: SignIn;
}): ApiHandlers<typeof accountOperations> {
  const describe = (row: SignUpRow | undefined, { now, settings }: ApiCall<unknown>) => {
    if (row?.step === 'password') {
      const { passwordMinLength } = settings;
      return accept({ answer: { step: 'password', userId: row.user_id, passwordMinLength } as const });
    }
    if (row?.step === 'user-id') return accept({ answer: { step: 'user-id', userId: row.user_id } as const });
    if (row?.step !== 'code') return refuse('sign-up-missing');
    return accept({
      answer: {
        step: 'code',
        address: row.address,
        codeLifeMs: Math.max(0, row.code_expires_at - now),
        resendInMs: Math.max(0, row.mail_asked_at + resendWaitMs - now),
      } as const,
    });
  };

  const joiningOf = ({ holder, device, source }: ApiCall<unknown>) => ({
    handle: holder.handle('sign-up'),
    device,
    source,
  });

  async function finish(call: ApiCall<unknown>, joined: Joined) {
    if (!joined.ok) return joined;
    call.holder.drop('sign-up');
    return accept({ answer: await enter(call, signIn, joined) });
  }

  return {
    async signUp(call) {
      const { body, holder, source, locale, settings } = call;
      const started = await signUp.start({
        ...body,
        checkHandle: holder.handle('check') ?? '',
        source,
        locale,
        returnTo: readReturnTo(body.returnTo ?? null, settings.origin),
      });
      if (!started.ok) return started;
      const described = describe(await signUp.find(started.handle), call);
      if (!described.ok) return described;
      return accept({ answer: { ...described.answer, ...holder.give('sign-up', started.handle, dayMs) } });
    },

    readSignUp: async (call) => describe(await signUp.find(call.holder.handle('sign-up')), call),

    async askForSignUpCode(call) {
      const handle = call.holder.handle('sign-up');
      const asked = await signUp.askAgain({ handle });
      return asked.ok ? describe(await signUp.find(handle), call) : asked;
    },

    async enterSignUpCode(call) {
      return finish(call, await signUp.enterCode({ ...joiningOf(call), typed: call.body.code }));
    },

    async continueSignUpFromMail(call) {
      const { body, holder, source, parameter } = call;
      const entered = await signUp.enterLinkCode({ token: parameter('token'), typed: body.code, source });
      if (!entered.ok) return entered;
      const described = describe(entered.row, call);
      if (!described.ok) return described;
      return accept({ answer: { ...described.answer, ...holder.give('sign-up', entered.handle, dayMs) } });
    },

    async chooseSignUpPassword(call) {
      const { password } = call.body;
      return finish(call, await signUp.choosePassword({ ...joiningOf(call), password, repeated: password }));
    },

    async chooseUserId(call) {
      return finish(call, await signUp.chooseUserId({ ...joiningOf(call), userId: call.body.userId }));
    },
  };
}
