// The pages of a signed-in person about the own account. Whoever is not signed in is led to where that is done, and back.
// No rule lives here.
import type { Refused } from '../base/outcome.ts';
import type { OwnAccount, SignedIn } from '../own-account/own-account.ts';
import { resendWaitMs } from '../proofs/email-code.ts';
import type { Refusal } from '../refusals.ts';
import type { Releases } from '../releases/releases.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import { readForm } from './form.ts';
import { type Call, goTo, type Handler, type Handlers, inWords, show } from './handler.ts';
import {
  addressCodePage,
  type AddressesPage,
  addressesPage,
  type RemoveAddressPage,
  removeAddressPage,
} from './pages/addresses.ts';
import { accountPage, sessionsPage } from './pages/own-account.ts';
import type { RouteName } from './routes.ts';
import { forSignedIn, toSignIn } from './signed-in.ts';

type OwnAccountRoute = Extract<
  RouteName,
  'account' | `account.release${string}` | 'sessions' | 'sessions.send' | `addresses${string}`
>;

export function ownAccountHandlers({
  signIn,
  ownAccount,
  releases,
}: {
  signIn: SignIn;
  ownAccount: OwnAccount;
  releases: Pick<Releases, 'ownReleaseOf' | 'objectFromSession'>;
}): Handlers<OwnAccountRoute> {
  const { addresses } = ownAccount;

  const here = ({ visit }: Call) => visit.url.pathname;
  const forOwner = forSignedIn(signIn.signedIn, here);

  /** The same for a form, read before it is known who sent it: what is no form is told so to anybody. */
  const formOf =
    <Field extends string>(
      fields: readonly Field[],
      handler: (call: Call, who: SignedIn, form: Record<Field, string>) => Promise<Response>,
    ): Handler =>
    async (call) => {
      const form = await readForm(call.context.req.raw, fields);
      return forOwner((_, who) => handler(call, who, form))(call);
    };

  const saysDone = ({ visit }: Call, what: string) => visit.url.searchParams.has(what);

  async function showAddresses(
    call: Call,
    who: SignedIn,
    typed: Pick<AddressesPage, 'typed' | 'password'> = {},
    refused?: Refused<Refusal>,
  ): Promise<Response> {
    const { reason } = refused ?? {};
    const isAboutPassword = reason?.startsWith('password-') ?? false;
    const isAboutAddress = reason === 'address-shape' || reason === 'address-own';
    const page = addressesPage(call.frame, {
      all: await addresses.of(who),
      waiting: (await addresses.claimOf(who))?.address,
      done: saysDone(call, 'added') ? 'added' : saysDone(call, 'removed') ? 'removed' : undefined,
      typed: typed.typed,
      password: isAboutPassword ? '' : typed.password,
      error: inWords(call, refused),
      errorAt: isAboutPassword ? 'password' : isAboutAddress ? 'address' : undefined,
    });
    return show(call, page, refused);
  }

  async function showCode(call: Call, who: SignedIn, typed: string, refused?: Refused<Refusal>): Promise<Response> {
    const claim = await addresses.claimOf(who);
    if (!claim) return refused ? showAddresses(call, who, {}, refused) : goTo(call, 'addresses');
    const isAboutResend = refused?.reason === 'resend-soon';
    const error = inWords(call, refused);
    const page = addressCodePage(call.frame, {
      address: claim.address,
      lifeMs: claim.codeExpiresAt - call.now,
      resendWaitMs: claim.mailAskedAt + resendWaitMs - call.now,
      isAskedAgain: refused === undefined && saysDone(call, 'again'),
      typed,
      ...(isAboutResend ? { resendError: error } : { error }),
    });
    return show(call, page, refused);
  }

  async function showRemoval(call: Call, who: SignedIn, refused?: Refused<Refusal>): Promise<Response> {
    const addressId = call.context.req.param('address') ?? '';
    const allowed = await addresses.mayRemove(who, addressId);
    if (!allowed.ok) return showAddresses(call, who, {}, allowed);
    const isAboutPassword = refused?.reason.startsWith('password-') ?? false;
    const content: RemoveAddressPage = { ...allowed, error: inWords(call, refused), isFieldError: isAboutPassword };
    return show(call, removeAddressPage(call.frame, content), refused);
  }

  async function showSessions(call: Call, who: SignedIn, chosen: string, refused?: Refused<Refusal>) {
    const page = sessionsPage(call.frame, {
      all: await ownAccount.sessionsOf(who),
      now: call.now,
      chosen,
      isDone: refused === undefined && saysDone(call, 'ended'),
      error: inWords(call, refused),
      isFieldError: refused?.reason.startsWith('password-') ?? false,
    });
    return show(call, page, refused);
  }

  async function showAccount(call: Call, who: SignedIn): Promise<Response> {
    const { now } = call;
    const release = await releases.ownReleaseOf(who.account.id);
    const objected = (['stopped', 'noted', 'stands', 'not-closed', 'over'] as const).find((said) =>
      saysDone(call, said),
    );
    return show(call, accountPage(call.frame, await ownAccount.overviewOf(who), { now, release, objected }));
  }

  return {
    account: forOwner((call, who) => showAccount(call, who)),

    'account.release': (call) => goTo(call, 'account'),

    'account.release.send': formOf([], async (call, who) => {
      const { source } = call.visit;
      const stopped = await releases.objectFromSession({ accountId: who.account.id, sessionId: who.sessionId, source });
      if (stopped.ok) return goTo(call, 'account', stopped.objected === 'undone' ? 'stopped' : stopped.objected);
      return stopped.reason === 'signed-out' ? toSignIn(call, here(call)) : goTo(call, 'account', 'over');
    }),

    addresses: forOwner((call, who) => showAddresses(call, who)),

    'addresses.send': formOf(['address', 'password'], async (call, who, form) => {
      const typed = { typed: form.address, password: form.password };
      const claimed = await addresses.claim(who, {
        ...typed,
        source: call.visit.source,
        locale: call.frame.t.locale,
      });
      if (claimed.ok) return goTo(call, 'addresses.code');
      return claimed.reason === 'signed-out' ? toSignIn(call, here(call)) : showAddresses(call, who, typed, claimed);
    }),

    'addresses.code': forOwner((call, who) => showCode(call, who, '')),

    'addresses.code.send': formOf(['code'], async (call, who, form) => {
      // Its tries may be used up by this one: the address is kept for another start.
      const before = await addresses.claimOf(who);
      const confirmed = await addresses.confirm(who, { typed: form.code, source: call.visit.source });
      if (confirmed.ok) return goTo(call, 'addresses', 'added');
      if (confirmed.reason === 'signed-out') return toSignIn(call, here(call));
      if (confirmed.reason === 'tries-used')
        return showAddresses(call, who, { typed: before?.address ?? '' }, confirmed);
      return showCode(call, who, form.code, confirmed);
    }),

    'addresses.again': async (call) => goTo(call, 'addresses.code'),

    'addresses.again.send': formOf([], async (call, who) => {
      const asked = await addresses.askAgain(who);
      return asked.ok ? goTo(call, 'addresses.code', 'again') : showCode(call, who, '', asked);
    }),

    'addresses.remove': forOwner((call, who) => showRemoval(call, who)),

    'addresses.remove.send': formOf(['password'], async (call, who, form) => {
      const removed = await addresses.remove(who, {
        addressId: call.context.req.param('address') ?? '',
        password: form.password,
        source: call.visit.source,
      });
      if (removed.ok) return goTo(call, 'addresses', 'removed');
      return removed.reason === 'signed-out' ? toSignIn(call, here(call)) : showRemoval(call, who, removed);
    }),

    sessions: forOwner((call, who) => showSessions(call, who, allOthers)),

    'sessions.send': formOf(['session', 'password'], async (call, who, form) => {
      const ended = await ownAccount.endSessions(who, {
        sessionId: form.session === allOthers ? null : readSessionId(form.session),
        password: form.password,
        source: call.visit.source,
      });
      if (ended.ok) return goTo(call, 'sessions', 'ended');
      return ended.reason === 'signed-out' ? toSignIn(call, here(call)) : showSessions(call, who, form.session, ended);
    }),
  };
}

/** In place of a session's id in the form. */
const allOthers = 'others';

/** No database keeps every text that can be sent: what is no id of ours is the id of no session. */
const readSessionId = (text: string): string => (/^[\w-]{22}$/.test(text) ? text : '');
