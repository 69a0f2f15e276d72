// The page where a signed-in person changes the password, and the address under which password managers look for it. No
// rule lives here.
import type { Account } from '../accounts/directory.ts';
import { hourMs } from '../base/clock.ts';
import type { Refused } from '../base/outcome.ts';
import type { Refusal } from '../refusals.ts';
import { deviceLifeMs } from '../sessions/devices.ts';
import type { ChangePassword } from '../sign-in/change-password.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import { readForm } from './form.ts';
import { type Call, goTo, type Handlers, inWords, show } from './handler.ts';
import {
  changePasswordPage,
  type ChangePasswordPage,
  noPasswordPage,
  passwordChangedPage,
} from './pages/change-password.ts';
import { pathOf, type RouteName } from './routes.ts';
import { forSignedIn, toSignIn } from './signed-in.ts';

type ChangePasswordRoute = Extract<RouteName, `account.password${string}` | 'change-password'>;

export interface ChangePasswordHandlersNeeds {
  readonly signIn: SignIn;
  readonly changePassword: ChangePassword;
}

/** How long its page says that a password has been changed: for reload and back. */
const saidForMs = hourMs;

export function changePasswordHandlers({
  signIn,
  changePassword,
}: ChangePasswordHandlersNeeds): Handlers<ChangePasswordRoute> {
  const sessionOf = ({ visit }: Call) => visit.cookie('session') ?? '';

  const here = ({ frame }: Call) => pathOf(frame.base, 'account.password');
  const forOwner = forSignedIn(signIn.accountOf, here);

  async function showForm(
    call: Call,
    account: Account,
    typed: Pick<ChangePasswordPage, 'current' | 'password' | 'repeated'> = {},
    refused?: Refused<Refusal>,
  ): Promise<Response> {
    if (!account.hasPassword) return show(call, noPasswordPage(call.frame, account));
    const page = changePasswordPage(call.frame, {
      account,
      ...typed,
      error: inWords(call, refused),
      errorAt: refused && fieldOf(refused.reason, typed.password ?? ''),
      isSentToRecovery: refused?.reason === 'password-later',
    });
    return show(call, page, refused);
  }

  return {
    'account.password': forOwner((call, account) => showForm(call, account)),

    async 'account.password.send'(call) {
      // Read before it is known who sent it: what is no form is told so to anybody.
      const form = await readForm(call.context.req.raw, ['username', 'current', 'password', 'repeated']);
      const account = await signIn.accountOf(sessionOf(call));
      if (!account) return toSignIn(call, here(call));
      const { current, password, repeated } = form;
      if (!account.hasPassword) return showForm(call, account);
      const { visit } = call;
      const changed = await changePassword({
        account,
        session: sessionOf(call),
        current,
        password,
        repeated,
        device: visit.device,
        source: visit.source,
      });
      if (!changed.ok && changed.reason === 'signed-out') return toSignIn(call, here(call));
      if (!changed.ok) return showForm(call, account, { current, password, repeated }, changed);
      visit.setCookie('session', changed.token, changed.expiresAt - call.now);
      visit.setCookie('device', changed.deviceToken, deviceLifeMs);
      visit.dropCookie('recovery');
      return goTo(call, 'account.password.done');
    },

    'account.password.done': forOwner(async (call, account) => {
      const isFresh = account.passwordChangedAt !== null && call.now - account.passwordChangedAt < saidForMs;
      return isFresh ? show(call, passwordChangedPage(call.frame, account)) : goTo(call, 'account.password');
    }),

    async 'change-password'(call) {
      const isSignedIn = (await signIn.accountOf(sessionOf(call))) !== undefined;
      return goTo(call, isSignedIn ? 'account.password' : 'recover');
    },
  };
}

/** Beside which field a refusal stands. An empty field is told of in the order of the page's checks: the new ones first. */
function fieldOf(reason: Refusal, password: string): ChangePasswordPage['errorAt'] {
  if (reason === 'passwords-differ') return 'repeated';
  if (reason === 'password-wrong' || (reason === 'password-missing' && password !== '')) return 'current';
  return reason.startsWith('password-') && reason !== 'password-later' ? 'password' : undefined;
}
