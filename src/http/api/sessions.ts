// Signing in and out by API.
import * as z from 'zod';
import { accept, refuse } from '../../base/outcome.ts';
import { deviceLifeMs, type ShownDevice } from '../../sessions/devices.ts';
import type { Entered } from '../../sign-in/entrance.ts';
import type { SecondFactor } from '../../sign-in/second-factor.ts';
import type { SignIn } from '../../sign-in/sign-in.ts';
import { readReturnTo } from '../visit.ts';
import type { ApiCall, ApiHandlers } from './handlers.ts';
import { operation } from './operation.ts';
import { answers, exampleHandle, forMs, handle, requests, secondCodeRefusals, wishedReturn } from './parts.ts';

/** What signs in gives: at the sign-in, and at the end of a sign-up. */
export const session = z
  .strictObject({
    lifeMs: forMs('How long the session lasts'),
    returnTo: z.string().describe('A path of the site where the person goes on.'),
    handle,
    deviceHandle: z
      .string()
      .optional()
      .describe(
        'Of a client that keeps its handles itself: send it with the next sign-in, and the device is known again.',
      ),
  })
  .register(answers, { id: 'Session' });

const earlierDevice = z
  .string()
  .max(200)
  .optional()
  .describe('From an earlier sign-in, of a client that keeps its handles itself. It opens nothing.');

const signIn = z
  .strictObject({
    identifier: z.string().describe('An email, or a user ID.'),
    password: z.string(),
    returnTo: wishedReturn,
    deviceHandle: earlierDevice,
  })
  .register(requests, { id: 'SignIn' });

const secondStep = {
  step: z.literal('second-step'),
  lifeMs: forMs('How long the code can be typed'),
  secondHandle: z
    .string()
    .optional()
    .describe('Of the second step, for a client that keeps its handles itself: sent as Bearer with the code.'),
};

/** What a right password leads to. */
const passwordRight = z
  .discriminatedUnion('step', [
    z.strictObject({ step: z.literal('signed-in'), ...session.shape }),
    z.strictObject(secondStep),
  ])
  .register(answers, { id: 'SignInStep' });

const waiting = z
  .strictObject({ userId: z.string().describe('Whose password was right.') })
  .register(answers, { id: 'SecondStep' });

const enterSecondCode = z
  .strictObject({
    code: z.string().describe('Of the authenticator app, or a spare code.'),
    deviceHandle: earlierDevice,
  })
  .register(requests, { id: 'EnterSecondCode' });

export const exampleSession = {
  lifeMs: 2_592_000_000,
  returnTo: '/account',
  handle: exampleHandle,
  deviceHandle: exampleHandle,
};

export const sessionOperations = {
  signIn: operation({
    summary: 'Sign in with a password',
    about:
      'After wrong passwords it spends a passed human check for `sign-in`, whoever they were for; the handle that it takes is that of the check. Of an account with an authenticator app the next step is `enterSecondCode`.',
    takes: 'check',
    gives: 'session',
    request: signIn,
    status: 200,
    answer: passwordRight,
    refusals: {
      'identifier-missing': 'identifier',
      'password-missing': 'password',
      'sign-in-failed': '',
      'password-recover': '',
      'password-later': '',
      'check-missing': '',
      'check-letters': '',
      'check-wait': '',
    },
    example: {
      request: { identifier: 'lucia', password: 'seven green umbrellas' },
      answer: { step: 'signed-in', ...exampleSession },
    },
  }),

  readSecondStep: operation({
    summary: 'Read for whom the second step waits',
    takes: 'second-step',
    request: undefined,
    status: 200,
    answer: waiting,
    refusals: { 'second-over': '' },
    example: { request: undefined, answer: { userId: 'noor' } },
  }),

  enterSecondCode: operation({
    summary: 'Enter the code of the authenticator app, which signs in',
    takes: 'second-step',
    gives: 'session',
    request: enterSecondCode,
    status: 200,
    answer: session,
    refusals: { 'second-over': '', ...secondCodeRefusals, 'second-tries': 'code', 'second-later': '' },
    example: { request: { code: '471108' }, answer: exampleSession },
  }),

  signOut: operation({
    summary: 'Sign out',
    about: 'The same whether there was a session or not.',
    takes: 'session',
    request: undefined,
    status: 204,
    answer: undefined,
    refusals: {},
    example: { request: undefined, answer: undefined },
  }),
};

/** The answer of whoever has just been signed in. What the client had before ends: nobody would be left to sign it out. */
export async function enter(
  { holder, source, settings, now }: ApiCall<unknown>,
  signIn: SignIn,
  entered: Entered & { readonly returnTo: string | null },
): Promise<z.output<typeof session>> {
  await signIn.signOut(holder.handle('session') ?? '', source);
  holder.drop('recovery');
  const { handle: deviceHandle } = holder.give('device', entered.deviceToken, deviceLifeMs);
  return {
    lifeMs: entered.expiresAt - now,
    returnTo: entered.returnTo ?? settings.accountPath,
    ...holder.give('session', entered.token, entered.expiresAt - now),
    ...(deviceHandle !== undefined && { deviceHandle }),
  };
}

/** A client that keeps its handles itself shows its device in the body. */
const known = (device: ShownDevice, deviceHandle: string | undefined): ShownDevice => ({
  ...device,
  token: device.token ?? deviceHandle,
});

export function sessionOperationHandlers({
  signIn,
  secondFactor,
}: {
  signIn: SignIn;
  secondFactor: SecondFactor;
}): ApiHandlers<typeof sessionOperations> {
  return {
    async signIn(call) {
      const { identifier, password, returnTo, deviceHandle } = call.body;
      const { holder, device, source, settings, now } = call;
      const signedIn = await signIn.signIn({
        typed: identifier,
        password,
        checkHandle: holder.handle('check') ?? '',
        device: known(device, deviceHandle),
        source,
        returnTo: readReturnTo(returnTo ?? null, settings.origin),
      });
      if (!signedIn.ok) return signedIn;
      if (signedIn.next === 'second-step') {
        const { handle, expiresAt } = signedIn;
        const { handle: secondHandle } = holder.give('second-step', handle, expiresAt - now);
        const given = secondHandle === undefined ? {} : { secondHandle };
        return accept({ answer: { step: 'second-step', lifeMs: expiresAt - now, ...given } as const });
      }
      const entered = await enter(call, signIn, {
        ...signedIn,
        returnTo: readReturnTo(returnTo ?? null, settings.origin),
      });
      return accept({ answer: { step: 'signed-in', ...entered } as const });
    },

    async readSecondStep({ holder }) {
      const found = await secondFactor.waitingFor(holder.handle('second-step'));
      return found ? accept({ answer: found }) : refuse('second-over');
    },

    async enterSecondCode(call) {
      const { body, holder, device, source } = call;
      const handle = holder.handle('second-step');
      const { code: typed, deviceHandle } = body;
      const entered = await secondFactor.enterCode({ handle, typed, device: known(device, deviceHandle), source });
      if (!entered.ok) return entered;
      holder.drop('second-step');
      return accept({ answer: await enter(call, signIn, entered) });
    },

    async signOut({ holder, source }) {
      await signIn.signOut(holder.handle('session') ?? '', source);
      holder.drop('session');
      return accept();
    },
  };
}
