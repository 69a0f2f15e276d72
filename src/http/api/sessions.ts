// Signing in and out by API.
import { z } from 'zod';
import { accept, refuse } from '../../base/outcome.ts';
import { deviceLifeMs } from '../../sessions/devices.ts';
import type { Entered } from '../../sign-in/entrance.ts';
import type { SignIn } from '../../sign-in/sign-in.ts';
import { readReturnTo } from '../visit.ts';
import type { ApiCall, ApiHandlers } from './handlers.ts';
import { operation } from './operation.ts';
import { answers, exampleHandle, forMs, handle, requests, wishedReturn } from './parts.ts';

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

const signIn = z
  .strictObject({
    identifier: z.string().describe('An email, or a user ID.'),
    password: z.string(),
    returnTo: wishedReturn,
    deviceHandle: z
      .string()
      .max(200)
      .optional()
      .describe('From an earlier sign-in, of a client that keeps its handles itself. It opens nothing.'),
  })
  .register(requests, { id: 'SignIn' });

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
      'After wrong passwords it spends a passed human check for `sign-in`, whoever they were for; the handle that it takes is that of the check. An account with an authenticator app is refused with `second-needed`: its next step is the page `/sign-in/second-factor`.',
    takes: 'check',
    gives: 'session',
    request: signIn,
    status: 201,
    answer: session,
    refusals: {
      'identifier-missing': 'identifier',
      'password-missing': 'password',
      'sign-in-failed': '',
      'second-needed': '',
      'password-recover': '',
      'password-later': '',
      'check-missing': '',
      'check-letters': '',
      'check-wait': '',
    },
    example: { request: { identifier: 'lucia', password: 'seven green umbrellas' }, answer: exampleSession },
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

export function sessionOperationHandlers({ signIn }: { signIn: SignIn }): ApiHandlers<typeof sessionOperations> {
  return {
    async signIn(call) {
      const { identifier, password, returnTo, deviceHandle } = call.body;
      const { holder, device, source, settings } = call;
      const signedIn = await signIn.signIn({
        typed: identifier,
        password,
        checkHandle: holder.handle('check') ?? '',
        device: { ...device, token: device.token ?? deviceHandle },
        source,
        returnTo: readReturnTo(returnTo ?? null, settings.origin),
      });
      if (!signedIn.ok) return signedIn;
      if (signedIn.next === 'second-step') {
        // The page of the second step takes over, in the browser that has the cookie.
        holder.give('second-step', signedIn.handle, signedIn.expiresAt - call.now);
        return refuse('second-needed');
      }
      const entered = { ...signedIn, returnTo: readReturnTo(returnTo ?? null, settings.origin) };
      return accept({ answer: await enter(call, signIn, entered) });
    },

    async signOut({ holder, source }) {
      await signIn.signOut(holder.handle('session') ?? '', source);
      holder.drop('session');
      return accept();
    },
  };
}
