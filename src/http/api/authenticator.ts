// The authenticator app of the own account, by API.
import * as z from 'zod';
import { accept, refuse } from '../../base/outcome.ts';
import type { OwnAuthenticator } from '../../sign-in/own-authenticator.ts';
import type { SignIn } from '../../sign-in/sign-in.ts';
import type { ApiHandlers } from './handlers.ts';
import { operation } from './operation.ts';
import { answers, requests, secondCodeRefusals } from './parts.ts';
import { forSignedIn, passwordAgain } from './signed-in.ts';

const setUp = z
  .strictObject({
    secret: z.string().describe('Base32, to type into the app.'),
    uri: z.string().describe('`otpauth://`, to show as a QR code or to open in the app.'),
  })
  .register(answers, { id: 'AuthenticatorSetUp' });

const spareCodes = z
  .strictObject({
    spareCodes: z.array(z.string()).describe('Shown once. Each works once, instead of a code of the app.'),
  })
  .register(answers, { id: 'SpareCodes' });

const beginAuthenticator = z.strictObject({ password: z.string() }).register(requests, { id: 'BeginAuthenticator' });
const confirmAuthenticator = z
  .strictObject({ code: z.string().describe('Of the app, for the new secret.') })
  .register(requests, { id: 'ConfirmAuthenticator' });
const both = { password: z.string(), code: z.string().describe('Of the authenticator app, or a spare code.') };
const renewSpareCodes = z.strictObject(both).register(requests, { id: 'RenewSpareCodes' });
const removeAuthenticator = z.strictObject(both).register(requests, { id: 'RemoveAuthenticator' });

const bothRefusals = { 'session-missing': '', ...passwordAgain, ...secondCodeRefusals, 'second-later': '' } as const;
const examplePassword = 'seven green umbrellas';
const exampleSpareCodes = { spareCodes: Array.from({ length: 10 }, () => 'q4r3t6v9w7') };

export const authenticatorOperations = {
  beginAuthenticator: operation({
    summary: 'Begin to set up the authenticator app',
    about: 'For a quarter of an hour, in this session alone. Beginning anew gives another secret.',
    takes: 'session',
    request: beginAuthenticator,
    status: 201,
    answer: setUp,
    refusals: { 'session-missing': '', ...passwordAgain, 'authenticator-over': '' },
    example: {
      request: { password: examplePassword },
      answer: {
        secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
        uri: 'otpauth://totp/Corner%20Shop:eva?issuer=Corner%20Shop&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      },
    },
  }),

  confirmAuthenticator: operation({
    summary: 'Switch the authenticator app on, with a first code of it',
    takes: 'session',
    request: confirmAuthenticator,
    status: 200,
    answer: spareCodes,
    refusals: { 'session-missing': '', ...secondCodeRefusals, 'authenticator-over': '' },
    example: { request: { code: '471108' }, answer: exampleSpareCodes },
  }),

  renewSpareCodes: operation({
    summary: 'Make new spare codes in place of all that there were',
    takes: 'session',
    request: renewSpareCodes,
    status: 200,
    answer: spareCodes,
    refusals: bothRefusals,
    example: { request: { password: examplePassword, code: '471108' }, answer: exampleSpareCodes },
  }),

  removeAuthenticator: operation({
    summary: 'Switch the authenticator app off',
    about: 'Not within 72 hours after a change of the password.',
    takes: 'session',
    request: removeAuthenticator,
    status: 204,
    answer: undefined,
    refusals: { ...bothRefusals, 'removal-later': '' },
    example: { request: { password: examplePassword, code: '471108' }, answer: undefined },
  }),
};

export function authenticatorOperationHandlers({
  signIn,
  ownAuthenticator,
}: {
  signIn: SignIn;
  ownAuthenticator: OwnAuthenticator;
}): ApiHandlers<typeof authenticatorOperations> {
  return {
    beginAuthenticator: (call) =>
      forSignedIn(signIn, call, async (who) => {
        const begun = await ownAuthenticator.begin({ ...who, ...call.body, source: call.source });
        if (!begun.ok) return begun;
        const answer = await ownAuthenticator.setUpOf(who);
        return answer ? accept({ answer }) : refuse('authenticator-over');
      }),

    confirmAuthenticator: (call) =>
      forSignedIn(signIn, call, async (who) => {
        const { body, source } = call;
        const finished = await ownAuthenticator.finish({ ...who, typed: body.code, source });
        return finished.ok ? accept({ answer: { spareCodes: [...finished.spareCodes] } }) : finished;
      }),

    renewSpareCodes: (call) =>
      forSignedIn(signIn, call, async (who) => {
        const { body, source } = call;
        const { password, code: typed } = body;
        const renewed = await ownAuthenticator.renewSpareCodes({ ...who, password, typed, source });
        return renewed.ok ? accept({ answer: { spareCodes: [...renewed.spareCodes] } }) : renewed;
      }),

    removeAuthenticator: (call) =>
      forSignedIn(signIn, call, ({ account, sessionId }) => {
        const { body, source } = call;
        const { password, code: typed } = body;
        return ownAuthenticator.remove({ account, sessionId, password, typed, source });
      }),
  };
}
