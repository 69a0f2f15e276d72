// The own account by API: what its page shows, its addresses and its password.
import * as z from 'zod';
import type { DirectoryAddress } from '../../accounts/directory.ts';
import { addressFreeAt, removalFreeAt } from '../../accounts/removal.ts';
import { accept, refuse } from '../../base/outcome.ts';
import { activityNames, type OwnAccount, type SignedIn } from '../../own-account/own-account.ts';
import { resendWaitMs } from '../../proofs/email-code.ts';
import type { ChangePassword } from '../../sign-in/change-password.ts';
import type { SignIn } from '../../sign-in/sign-in.ts';
import type { ApiCall, ApiHandlers } from './handlers.ts';
import { operation } from './operation.ts';
import { answers, codeRefusals, exampleId, forMs, id, method, passwordRefusals, requests, typedCode } from './parts.ts';
import { enter, exampleSession, session } from './sessions.ts';
import { forSignedIn, passwordAgain, signedInRefusals } from './signed-in.ts';

const agoMs = z.int().min(0);
const addresses = z
  .array(z.strictObject({ id, address: z.string(), removalInMs: forMs('Until it may be removed') }))
  .describe('The confirmed ones, the first at the head.');

const pendingAddress = z
  .strictObject({
    address: z.string(),
    codeLifeMs: forMs('How long the code can be typed; at 0 ask for a new one'),
    resendInMs: forMs('Until the mail may be asked for again'),
  })
  .register(answers, { id: 'PendingAddress' });

const ownAddresses = z.strictObject({ addresses }).register(answers, { id: 'Addresses' });

const account = z
  .strictObject({
    id: z.string(),
    userId: z.string(),
    addresses,
    pendingAddress: pendingAddress.nullable().describe('What waits for its code in this session.'),
    hasPassword: z.boolean(),
    passwordChangedAgoMs: agoMs.nullable().describe('`null`: never since the account was made.'),
    authenticator: z.strictObject({
      isOn: z.boolean(),
      addedAgoMs: agoMs.nullable(),
      spareCodesLeft: z.int().min(0),
      removalInMs: forMs('Until it may be switched off'),
    }),
    otherSessions: z.int().min(0),
    activity: z
      .array(z.strictObject({ name: z.enum(activityNames), agoMs }))
      .describe('What happened lately that its owner should know of, newest first.'),
  })
  .register(answers, { id: 'Account' });

const addAddress = z
  .strictObject({ address: z.string(), password: z.string() })
  .register(requests, { id: 'AddAddress' });
const askForProof = z.strictObject({ method }).register(requests, { id: 'AskForAddressProof' });
const confirmAddress = z.strictObject({ code: typedCode }).register(requests, { id: 'ConfirmAddress' });
const removeAddress = z.strictObject({ password: z.string() }).register(requests, { id: 'RemoveAddress' });
const changePassword = z
  .strictObject({ currentPassword: z.string(), password: z.string().describe('The new one.') })
  .register(requests, { id: 'ChangePassword' });

const examplePassword = 'seven green umbrellas';
const examplePending = { address: 'eva.work@mail.example', codeLifeMs: 1_800_000, resendInMs: 60_000 };
const exampleAddresses = { addresses: [{ id: exampleId, address: 'eva@mail.example', removalInMs: 0 }] };
const pendingRefusals = { ...signedInRefusals, 'address-claim-missing': '' } as const;

export const ownAccountOperations = {
  readAccount: operation({
    summary: 'Read the own account',
    takes: 'session',
    request: undefined,
    status: 200,
    answer: account,
    refusals: { 'session-missing': '' },
    example: {
      request: undefined,
      answer: {
        id: exampleId,
        userId: 'eva',
        ...exampleAddresses,
        pendingAddress: examplePending,
        hasPassword: true,
        passwordChangedAgoMs: null,
        authenticator: { isOn: false, addedAgoMs: null, spareCodesLeft: 0, removalInMs: 0 },
        otherSessions: 0,
        activity: [{ name: 'signed-in', agoMs: 0 }],
      },
    },
  }),

  addAddress: operation({
    summary: 'Add an address: mails a code to it',
    about: 'It takes the place of another that waits in this session.',
    takes: 'session',
    request: addAddress,
    status: 201,
    answer: pendingAddress,
    refusals: {
      ...signedInRefusals,
      'address-shape': 'address',
      'address-own': 'address',
      'addresses-full': '',
      ...passwordAgain,
      'too-many': '',
    },
    example: { request: { address: examplePending.address, password: examplePassword }, answer: examplePending },
  }),

  askForAddressCode: operation({
    summary: 'Ask for the mail to the new address again',
    takes: 'session',
    request: askForProof,
    status: 200,
    answer: pendingAddress,
    refusals: { ...pendingRefusals, 'resend-soon': '', 'recovery-moved': '' },
    example: { request: { method: 'email-code' }, answer: { ...examplePending, codeLifeMs: 1_740_000 } },
  }),

  confirmAddress: operation({
    summary: 'Enter the mailed code: the address counts from now on',
    takes: 'session',
    request: confirmAddress,
    status: 200,
    answer: ownAddresses,
    refusals: {
      ...pendingRefusals,
      ...codeRefusals,
      'code-expired': 'code',
      'tries-used': 'code',
      'address-own': '',
      'addresses-full': '',
      'too-many': '',
    },
    example: {
      request: { code: '4711 0815' },
      answer: {
        addresses: [
          { id: exampleId, address: 'eva@mail.example', removalInMs: 259_200_000 },
          { id: exampleId, address: examplePending.address, removalInMs: 0 },
        ],
      },
    },
  }),

  removeAddress: operation({
    summary: 'Remove an address',
    about: 'Not the last one, and not within 72 hours after a change of the password.',
    takes: 'session',
    request: removeAddress,
    status: 200,
    answer: ownAddresses,
    refusals: { ...signedInRefusals, 'address-gone': '', 'address-last': '', 'removal-later': '', ...passwordAgain },
    example: { request: { password: examplePassword }, answer: exampleAddresses },
  }),

  changePassword: operation({
    summary: 'Change the password',
    about: 'Signs out every other device; the handle from before is worth nothing afterwards.',
    takes: 'session',
    gives: 'session',
    request: changePassword,
    status: 200,
    answer: session,
    refusals: {
      ...signedInRefusals,
      ...passwordRefusals,
      // Either of the two.
      'password-missing': '',
      'password-wrong': 'currentPassword',
      'password-later': '',
    },
    example: {
      request: { currentPassword: examplePassword, password: 'four quiet tables' },
      answer: exampleSession,
    },
  }),
};

export function ownAccountOperationHandlers({
  ownAccount,
  changePassword: change,
  signIn,
}: {
  ownAccount: OwnAccount;
  changePassword: ChangePassword;
  signIn: SignIn;
}): ApiHandlers<typeof ownAccountOperations> {
  const own = ownAccount.addresses;
  const ago = (at: number | null, now: number) => (at === null ? null : Math.max(0, now - at));

  async function pendingOf(who: SignedIn, { now }: ApiCall<unknown>) {
    const claim = await own.claimOf(who);
    if (!claim) return null;
    const { address, codeExpiresAt, mailAskedAt } = claim;
    return {
      address,
      codeLifeMs: Math.max(0, codeExpiresAt - now),
      resendInMs: Math.max(0, mailAskedAt + resendWaitMs - now),
    };
  }

  async function showPending(who: SignedIn, call: ApiCall<unknown>) {
    const answer = await pendingOf(who, call);
    return answer ? accept({ answer }) : refuse('address-claim-missing');
  }

  const told = ({ account }: SignedIn, all: readonly DirectoryAddress[], now: number) =>
    all.map((each) => ({
      id: each.id,
      address: each.address,
      removalInMs: Math.max(0, addressFreeAt(each, account, all, now) - now),
    }));
  const showAddresses = async (who: SignedIn, { now }: ApiCall<unknown>) =>
    accept({ answer: { addresses: told(who, await own.of(who), now) } });

  return {
    readAccount: (call) =>
      forSignedIn(signIn, call, async (who) => {
        const { now } = call;
        const overview = await ownAccount.overviewOf(who);
        const { id, userId, hasPassword, passwordChangedAt } = overview.account;
        const { isOn, addedAt, spareCodesLeft } = overview.authenticator;
        return accept({
          answer: {
            id,
            userId,
            addresses: told(who, overview.addresses, now),
            pendingAddress: await pendingOf(who, call),
            hasPassword,
            passwordChangedAgoMs: ago(passwordChangedAt, now),
            authenticator: {
              isOn,
              addedAgoMs: ago(addedAt, now),
              spareCodesLeft,
              removalInMs: Math.max(0, removalFreeAt(overview.account) - now),
            },
            otherSessions: overview.sessions.filter(({ isThis }) => !isThis).length,
            activity: overview.activity.map(({ name, at }) => ({ name, agoMs: Math.max(0, now - at) })),
          },
        });
      }),

    addAddress: (call) =>
      forSignedIn(signIn, call, async (who) => {
        const { body, source, locale } = call;
        const claimed = await own.claim(who, { typed: body.address, password: body.password, source, locale });
        return claimed.ok ? showPending(who, call) : claimed;
      }),

    askForAddressCode: (call) =>
      forSignedIn(signIn, call, async (who) => {
        const asked = await own.askAgain(who);
        return asked.ok ? showPending(who, call) : asked;
      }),

    confirmAddress: (call) =>
      forSignedIn(signIn, call, async (who) => {
        const confirmed = await own.confirm(who, { typed: call.body.code, source: call.source });
        return confirmed.ok ? showAddresses(who, call) : confirmed;
      }),

    removeAddress: (call) =>
      forSignedIn(signIn, call, async (who) => {
        const { body, source } = call;
        const removed = await own.remove(who, { ...body, addressId: call.parameter('id'), source });
        return removed.ok ? showAddresses(who, call) : removed;
      }),

    changePassword: (call) =>
      forSignedIn(signIn, call, async ({ account }) => {
        const { body, holder, device, source } = call;
        const { currentPassword: current, password } = body;
        const handle = holder.handle('session') ?? '';
        const changed = await change({
          account,
          session: handle,
          current,
          password,
          repeated: password,
          device,
          source,
        });
        return changed.ok ? accept({ answer: await enter(call, signIn, { ...changed, returnTo: null }) }) : changed;
      }),
  };
}
