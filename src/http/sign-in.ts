// The pages of signing in, out and up. No rule lives here.
import { dayMs } from '../base/clock.ts';
import { type Refused, refuse } from '../base/outcome.ts';
import type { RecoveryUseCases } from '../recovery/recovery.ts';
import type { Refusal } from '../refusals.ts';
import { deviceLifeMs } from '../sessions/devices.ts';
import type { Entered } from '../sign-in/entrance.ts';
import type { SecondFactor } from '../sign-in/second-factor.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import { maxTries, resendWaitMs } from '../proofs/email-code.ts';
import type { SignUp } from '../sign-in/sign-up.ts';
import type { CheckedForms } from './checked-form.ts';
import { readForm } from './form.ts';
import { type Call, goTo, type Handlers, inWords, show } from './handler.ts';
import { secondFactorPage } from './pages/second-factor.ts';
import { signInPage, signInPart, type SignInPage } from './pages/sign-in.ts';
import { newPasswordFieldOf } from './pages/new-password.ts';
import {
  signUpCodePage,
  signUpLinkPage,
  signUpOverPage,
  type SignUpPage,
  signUpPage,
  signUpPasswordPage,
  signUpUserIdPage,
} from './pages/sign-up.ts';
import type { RouteName } from './routes.ts';
import { readReturnTo } from './visit.ts';

type SignInRoute = Extract<RouteName, `sign-${string}` | `second-factor${string}`>;

export interface SignInHandlersNeeds {
  readonly signIn: SignIn;
  readonly secondFactor: SecondFactor;
  readonly signUp: SignUp;
  readonly recovery: RecoveryUseCases;
  readonly forms: CheckedForms;
}

export function signInHandlers({
  signIn,
  secondFactor,
  signUp,
  recovery,
  forms,
}: SignInHandlersNeeds): Handlers<SignInRoute> {
  const returnToOf = ({ visit, settings }: Call, text: string | null) =>
    readReturnTo(text ?? visit.url.searchParams.get('returnTo'), settings.origin);

  const isSignedIn = async ({ visit }: Call) => (await signIn.accountOf(visit.cookie('session') ?? '')) !== undefined;

  /** Onwards with a fresh session: to the deep link that the person came for, or to the account's home. */
  async function enter(
    { context, visit, settings, now }: Call,
    session: Entered & { returnTo: string | null },
  ): Promise<Response> {
    // The one before ends: nobody would be left who could sign it out.
    await signIn.signOut(visit.cookie('session') ?? '', visit.source);
    visit.setCookie('session', session.token, session.expiresAt - now);
    visit.setCookie('device', session.deviceToken, deviceLifeMs);
    visit.dropCookie('recovery');
    if (visit.cookie('second-step') !== undefined) visit.dropCookie('second-step');
    return context.redirect(session.returnTo ?? settings.accountPath, 303);
  }

  /** The form, with a human check where the next try has to bring one. */
  async function showSignIn(call: Call, content: SignInPage, refused?: Refused<Refusal>): Promise<Response> {
    const isChecked = await signIn.needsCheck({ typed: content.identifier, source: call.visit.source });
    const check = isChecked ? await forms.block(call, 'sign-in', refused?.reason) : undefined;
    const needsMore = refused?.reason === 'sign-in-failed' && check?.check.state === 'slide';
    const error =
      [inWords(call, refused), needsMore && call.frame.t('sign-in.check')].filter(Boolean).join(' ') || undefined;
    const isFieldError = refused?.reason === 'identifier-missing' || refused?.reason === 'password-missing';
    const isSentToRecovery = refused?.reason === 'password-recover' || refused?.reason === 'password-later';
    return show(call, signInPage(call.frame, { ...content, check, error, isFieldError, isSentToRecovery }), refused);
  }

  /** The page of the second step; sign-in once none waits in this browser. */
  async function showSecondFactor(call: Call, refused?: Refused<Refusal>): Promise<Response> {
    const waiting = await secondFactor.waitingFor(call.visit.cookie('second-step'));
    if (waiting)
      return show(call, secondFactorPage(call.frame, { ...waiting, error: inWords(call, refused) }), refused);
    if (!refused && (await isSignedIn(call))) return goTo(call, 'sign-in');
    if (refused) call.visit.dropCookie('second-step');
    return showSignIn(call, { identifier: '', returnTo: null }, refused ?? refuse('second-over'));
  }

  async function showSignUp(
    call: Call,
    typed: Pick<SignUpPage, 'userId' | 'address' | 'password' | 'returnTo'>,
    refused?: Refused<Refusal>,
  ) {
    const check = await forms.block(call, 'sign-up', refused?.reason);
    return show(
      call,
      signUpPage(call.frame, {
        ...typed,
        check,
        error: inWords(call, refused),
        errorAt: refused && signUpFieldOf(refused.reason),
      }),
      refused,
    );
  }

  const showSignUpAnew = (call: Call, refused: Refused<Refusal>) =>
    showSignUp(call, { userId: '', address: '', password: '', returnTo: null }, refused);

  /** The page where the sign-up now stands, after a refusal with what was typed. */
  async function showSignUpStep(
    call: Call,
    {
      code = '',
      userId = '',
      password = '',
      repeated = '',
    }: { readonly code?: string; readonly userId?: string; readonly password?: string; readonly repeated?: string },
    refused?: Refused<Refusal>,
  ): Promise<Response> {
    const row = await signUp.find(call.visit.cookie('sign-up'));
    const error = inWords(call, refused);
    if (row?.step === 'user-id')
      return show(
        call,
        signUpUserIdPage(call.frame, {
          userId,
          taken: refused?.reason === 'user-id-taken' ? userId : row.user_id,
          error,
        }),
        refused,
      );
    if (row?.step === 'password') {
      const at = refused && newPasswordFieldOf(refused.reason);
      const page = signUpPasswordPage(call.frame, {
        userId: row.user_id,
        password,
        repeated,
        ...(at === undefined ? { error, errors: {} } : { errors: { [at]: error } }),
      });
      return show(call, page, refused);
    }
    if (row?.step === 'code' && row.tries >= maxTries) return show(call, signUpOverPage(call.frame), refused);
    if (row?.step === 'code') {
      const isAboutResend = refused?.reason === 'resend-soon';
      const page = signUpCodePage(call.frame, {
        address: row.address,
        lifeMs: row.code_expires_at - call.now,
        resendWaitMs: row.mail_asked_at + resendWaitMs - call.now,
        isAskedAgain: refused === undefined && call.visit.url.searchParams.has('again'),
        typed: code,
        ...(isAboutResend ? { resendError: error } : { error }),
      });
      return show(call, page, refused);
    }
    return showSignUpAnew(call, refused ?? refuse('sign-up-missing'));
  }

  return {
    async 'sign-in'(call) {
      const returnTo = returnToOf(call, null);
      if (await isSignedIn(call)) return call.context.redirect(returnTo ?? call.settings.accountPath, 303);
      const ended = await recovery.find(call.visit.cookie('recovery'));
      const isAfterReset = ended?.step === 'done';
      const content: SignInPage = {
        identifier: ended && isAfterReset ? await recovery.signInNameOf(ended) : '',
        returnTo: returnTo ?? (isAfterReset ? ended.return_to : null),
        isAfterReset,
      };
      // A check needs a page of its own: where one is due, the modal meets a redirect and leaves its link to be followed.
      if (call.visit.url.searchParams.get('part') !== 'modal') return showSignIn(call, content);
      if (await signIn.needsCheck({ typed: '', source: call.visit.source })) return goTo(call, 'sign-in');
      return show(call, signInPart(call.frame, content));
    },

    async 'sign-in.send'(call) {
      const form = await readForm(call.context.req.raw, ['identifier', 'password', 'returnTo', ...forms.fields]);
      const returnTo = returnToOf(call, form.returnTo);
      const typed = { identifier: form.identifier, returnTo, isPasswordMissing: form.password === '' };
      const judged = await forms.judge(call, 'sign-in', form);
      if (!judged.ok) return showSignIn(call, typed, judged);
      const { device, source } = call.visit;
      const signedIn = await signIn.signIn({
        typed: form.identifier,
        password: form.password,
        checkHandle: judged.handle,
        device,
        source,
        returnTo,
      });
      if (!signedIn.ok) return showSignIn(call, typed, signedIn);
      if (signedIn.next === 'session') return enter(call, { ...signedIn, returnTo });
      call.visit.setCookie('second-step', signedIn.handle, signedIn.expiresAt - call.now);
      return goTo(call, 'second-factor');
    },

    'second-factor': (call) => showSecondFactor(call),

    async 'second-factor.send'(call) {
      const form = await readForm(call.context.req.raw, ['code']);
      const { device, source } = call.visit;
      const entered = await secondFactor.enterCode({
        handle: call.visit.cookie('second-step'),
        typed: form.code,
        device,
        source,
      });
      return entered.ok ? enter(call, entered) : showSecondFactor(call, entered);
    },

    async 'sign-out.send'(call) {
      await readForm(call.context.req.raw, []);
      await signIn.signOut(call.visit.cookie('session') ?? '', call.visit.source);
      call.visit.dropCookie('session');
      return call.context.redirect(call.settings.homePath, 303);
    },

    async 'sign-up'(call) {
      // "Start again" after a code that never came: what was typed is kept, but for the password.
      const pending = await signUp.find(call.visit.cookie('sign-up'));
      const { user_id: userId, address } = pending ?? { user_id: '', address: '' };
      return showSignUp(call, { userId, address, password: '', returnTo: returnToOf(call, null) });
    },

    async 'sign-up.send'(call) {
      const form = await readForm(call.context.req.raw, ['userId', 'address', 'password', 'returnTo', ...forms.fields]);
      const returnTo = returnToOf(call, form.returnTo);
      const typed = { userId: form.userId, address: form.address, password: form.password, returnTo };
      const judged = await forms.judge(call, 'sign-up', form);
      if (!judged.ok) return showSignUp(call, typed, judged);
      const started = await signUp.start({
        ...typed,
        checkHandle: judged.handle,
        source: call.visit.source,
        locale: call.frame.t.locale,
      });
      if (!started.ok) return showSignUp(call, typed, started);
      call.visit.setCookie('sign-up', started.handle, dayMs);
      return goTo(call, 'sign-up.code');
    },

    async 'sign-up.code'(call) {
      const row = await signUp.find(call.visit.cookie('sign-up'));
      if (row) return showSignUpStep(call, { userId: row.user_id });
      // Back from the new account: nothing has to be started again.
      return (await isSignedIn(call)) ? goTo(call, 'sign-in') : showSignUpAnew(call, refuse('sign-up-missing'));
    },

    async 'sign-up.code.send'(call) {
      const form = await readForm(call.context.req.raw, ['code']);
      const handle = call.visit.cookie('sign-up');
      const { device, source } = call.visit;
      const joined = await signUp.enterCode({ handle, typed: form.code, device, source });
      // A page of its own, whose heading says it.
      if (!joined.ok && joined.reason === 'user-id-taken') return goTo(call, 'sign-up.code');
      if (!joined.ok) return showSignUpStep(call, { code: form.code }, joined);
      call.visit.dropCookie('sign-up');
      return enter(call, joined);
    },

    'sign-up.again': async (call) => goTo(call, 'sign-up.code'),

    async 'sign-up.again.send'(call) {
      await readForm(call.context.req.raw, []);
      const asked = await signUp.askAgain({ handle: call.visit.cookie('sign-up') });
      return asked.ok ? goTo(call, 'sign-up.code', 'again') : showSignUpStep(call, {}, asked);
    },

    async 'sign-up.link'(call) {
      const token = call.context.req.param('token') ?? '';
      const linked = await signUp.findByLink(token);
      if (!linked) return showSignUpAnew(call, refuse('link-over'));
      // Where the sign-up began nothing has to be chosen anew.
      const own = await signUp.find(call.visit.cookie('sign-up'));
      return own?.id === linked.id ? goTo(call, 'sign-up.code') : show(call, signUpLinkPage(call.frame, { token }));
    },

    async 'sign-up.link.send'(call) {
      const token = call.context.req.param('token') ?? '';
      const { code: typed } = await readForm(call.context.req.raw, ['code']);
      const entered = await signUp.enterLinkCode({ token, typed, source: call.visit.source });
      if (!entered.ok && entered.reason === 'link-over') return showSignUpAnew(call, entered);
      if (!entered.ok)
        return show(call, signUpLinkPage(call.frame, { token, typed, error: inWords(call, entered) }), entered);
      call.visit.setCookie('sign-up', entered.handle, dayMs);
      return goTo(call, 'sign-up.code');
    },

    'sign-up.password': async (call) => goTo(call, 'sign-up.code'),

    async 'sign-up.password.send'(call) {
      const { password, repeated } = await readForm(call.context.req.raw, ['username', 'password', 'repeated']);
      const handle = call.visit.cookie('sign-up');
      const { device, source } = call.visit;
      const joined = await signUp.choosePassword({ handle, password, repeated, device, source });
      if (!joined.ok && joined.reason === 'user-id-taken') return goTo(call, 'sign-up.code');
      if (!joined.ok) return showSignUpStep(call, { password, repeated }, joined);
      call.visit.dropCookie('sign-up');
      return enter(call, joined);
    },

    'sign-up.user-id': async (call) => goTo(call, 'sign-up.code'),

    async 'sign-up.user-id.send'(call) {
      const form = await readForm(call.context.req.raw, ['userId']);
      const handle = call.visit.cookie('sign-up');
      const { device, source } = call.visit;
      const joined = await signUp.chooseUserId({ handle, userId: form.userId, device, source });
      if (!joined.ok) return showSignUpStep(call, { userId: form.userId }, joined);
      call.visit.dropCookie('sign-up');
      return enter(call, joined);
    },
  };
}

/** Beside which field of the sign-up page a refusal stands. */
function signUpFieldOf(reason: Refusal): SignUpPage['errorAt'] {
  if (reason.startsWith('user-id-')) return 'userId';
  if (reason === 'address-shape') return 'address';
  return reason.startsWith('password-') ? 'password' : undefined;
}
