// The pages of the authenticator app of the own account. No rule lives here.
import { Problem } from '../base/problem.ts';
import type { Refused } from '../base/outcome.ts';
import type { Refusal } from '../refusals.ts';
import type { Asking, OwnAuthenticator } from '../sign-in/own-authenticator.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import { readForm } from './form.ts';
import { type Call, goTo, type Handler, type Handlers, inWords, show } from './handler.ts';
import { authenticatorPage, type AuthenticatorPage, setUpPage, spareCodesPage } from './pages/authenticator.ts';
import { pathOf, type RouteName } from './routes.ts';
import { forSignedIn, toSignIn } from './signed-in.ts';

type AuthenticatorRoute = Extract<RouteName, `authenticator${string}`>;

export interface AuthenticatorHandlersNeeds {
  readonly signIn: SignIn;
  readonly ownAuthenticator: OwnAuthenticator;
}

export function authenticatorHandlers({
  signIn,
  ownAuthenticator,
}: AuthenticatorHandlersNeeds): Handlers<AuthenticatorRoute> {
  const here = ({ frame }: Call) => pathOf(frame.base, 'authenticator');
  const forOwner = (handle: (call: Call, asking: Asking) => Promise<Response>): Handler =>
    forSignedIn(signIn.signedIn, here)((call, signedIn) => handle(call, { ...signedIn, source: call.visit.source }));

  async function showStatus(call: Call, { account }: Asking, refused?: Refused<Refusal>): Promise<Response> {
    // Signed out meanwhile, by a reset or elsewhere.
    if (refused?.reason === 'signed-out') return toSignIn(call, here(call));
    const status = await ownAuthenticator.statusOf(account.id);
    const isRemoved = refused === undefined && !status.isOn && call.visit.url.searchParams.has('removed');
    const content: AuthenticatorPage = {
      status,
      isRemoved,
      error: inWords(call, refused),
      errorAt: refused && fieldOf(refused.reason),
    };
    return show(call, authenticatorPage(call.frame, content), refused);
  }

  /** What is to be scanned; where nothing is being set up, how things stand. */
  async function showSetUp(call: Call, asking: Asking, refused?: Refused<Refusal>): Promise<Response> {
    const setUp = refused?.reason === 'signed-out' ? undefined : await ownAuthenticator.setUpOf(asking);
    if (setUp) return show(call, setUpPage(call.frame, { ...setUp, error: inWords(call, refused) }), refused);
    return refused ? showStatus(call, asking, refused) : goTo(call, 'authenticator');
  }

  return {
    authenticator: forOwner(showStatus),

    'authenticator.send': forOwner(async (call, asking) => {
      const { password } = await readForm(call.context.req.raw, ['password']);
      const begun = await ownAuthenticator.begin({ ...asking, password });
      return begun.ok ? goTo(call, 'authenticator.set-up') : showStatus(call, asking, begun);
    }),

    'authenticator.set-up': forOwner(showSetUp),

    'authenticator.set-up.send': forOwner(async (call, asking) => {
      const { code } = await readForm(call.context.req.raw, ['code']);
      const finished = await ownAuthenticator.finish({ ...asking, typed: code });
      if (!finished.ok) return showSetUp(call, asking, finished);
      return show(call, spareCodesPage(call.frame, { ...finished, isNew: true }));
    }),

    'authenticator.change': async (call) => goTo(call, 'authenticator'),

    'authenticator.change.send': forOwner(async (call, asking) => {
      const { change, password, code } = await readForm(call.context.req.raw, ['change', 'password', 'code']);
      const proofs = { ...asking, password, typed: code };
      if (change === 'remove') {
        const removed = await ownAuthenticator.remove(proofs);
        return removed.ok ? goTo(call, 'authenticator', 'removed') : showStatus(call, asking, removed);
      }
      if (change !== 'spare-codes') throw new Problem('bad-request', 'no change named');
      const renewed = await ownAuthenticator.renewSpareCodes(proofs);
      if (!renewed.ok) return showStatus(call, asking, renewed);
      return show(call, spareCodesPage(call.frame, { ...renewed, isNew: false }));
    }),
  };
}

/** Beside which field a refusal stands. */
function fieldOf(reason: Refusal): AuthenticatorPage['errorAt'] {
  if (reason === 'password-missing' || reason === 'password-wrong') return 'password';
  return reason.startsWith('second-') && reason !== 'second-later' ? 'code' : undefined;
}
