// The pages of a recovery, S3 to S8, and of both links in its mails (S11): which page belongs to which step, and what each
// form does. No rule lives here.
import { suggestAddress } from '../accounts/suggest-domain.ts';
import { type Refused, refuse } from '../base/outcome.ts';
import type { PasswordChanges } from '../password-changes/password-changes.ts';
import { isLive, recoveryLifeMs } from '../recovery/policy.ts';
import type { Recovery, RecoveryUseCases } from '../recovery/recovery.ts';
import { standingOf } from '../recovery/standing.ts';
import type { Refusal } from '../refusals.ts';
import type { Releases } from '../releases/releases.ts';
import type { CheckedForms } from './checked-form.ts';
import { readForm } from './form.ts';
import { type Call, goTo, type Handlers, inWords, show } from './handler.ts';
import {
  accountPage,
  codePage,
  disownedPage,
  donePage,
  identifyPage,
  linkPage,
  methodPage,
  noticePage,
  overPage,
  passwordPage,
  stoppedPage,
  stopOverPage,
  stopPage,
} from './pages/recover.ts';
import { newPasswordFieldOf } from './pages/new-password.ts';
import { grantOverPage, grantPage, objectedPage, releaseNoticePage } from './pages/grant.ts';
import type { RouteName } from './routes.ts';
import { readReturnTo } from './visit.ts';

type RecoverRoute = Exclude<Extract<RouteName, `recover${string}`>, `recover.case${string}`>;

export interface RecoverNeeds {
  readonly recovery: RecoveryUseCases;
  readonly passwordChanges: PasswordChanges;
  readonly releases: Pick<Releases, 'isNotice' | 'noticeAbout' | 'objectFromNotice' | 'grants'>;
  readonly forms: CheckedForms;
}

/** What a refused form brings back to its page. */
interface Kept {
  readonly refused?: Refused<Refusal>;
  readonly typed?: string;
  readonly password?: string;
  readonly repeated?: string;
}

const pageOfStep = {
  method: 'recover.method',
  code: 'recover.code',
  account: 'recover.account',
  password: 'recover.password',
  done: 'recover.done',
  over: 'recover.code',
} as const satisfies Record<string, RouteName>;

type StepName = keyof typeof pageOfStep;
const isStepName = (step: string): step is StepName => Object.hasOwn(pageOfStep, step);
const stepOf = ({ step }: Recovery): StepName => (isStepName(step) ? step : 'over');

export function recoverHandlers({
  recovery: recoveries,
  passwordChanges,
  releases,
  forms,
}: RecoverNeeds): Handlers<RecoverRoute> {
  const currentOf = (call: Call) => recoveries.find(call.visit.cookie('recovery'));

  async function showIdentify(
    call: Call,
    content: {
      identifier: string;
      returnTo: string | null;
      suggestion?: string | undefined;
      refused?: Refused<Refusal>;
    },
  ) {
    const { identifier, returnTo, suggestion, refused } = content;
    const isFieldError = refused?.reason === 'identifier-missing' || refused?.reason === 'identifier-shape';
    const check = await forms.block(call, 'recovery', refused?.reason);
    const page = identifyPage(call.frame, {
      identifier,
      returnTo,
      suggestion,
      check,
      error: inWords(call, refused),
      isFieldError,
    });
    return show(call, page, refused);
  }

  /** The page of the step at which the recovery stands. */
  async function showStep(call: Call, recovery: Recovery, kept: Kept = {}): Promise<Response> {
    const { frame, now } = call;
    const { refused } = kept;
    const error = inWords(call, refused);
    const identifier = recoveries.identifierOf(recovery);
    const { step, why, resendInMs, offerSupportInMs } = standingOf(recovery, now);
    if (step === 'over') return show(call, overPage(frame, { why }), refused);
    if (step === 'method') return show(call, methodPage(frame, { recovery, identifier, error }), refused);
    if (step === 'code') {
      const isAboutResend = refused?.reason === 'resend-soon' || refused?.reason === 'resend-capped';
      const page = codePage(frame, {
        recovery,
        identifier,
        now,
        resendWaitMs: resendInMs,
        offerSupportInMs,
        typed: kept.typed ?? '',
        isAskedAgain: refused === undefined && call.visit.url.searchParams.has('again'),
        ...(isAboutResend ? { resendError: error } : { error }),
      });
      return show(call, page, refused);
    }
    const choices = await recoveries.choicesOf({ recovery, identifier });
    if (step === 'account') return show(call, accountPage(frame, { recovery, choices, error }), refused);
    const userId = choices.accounts[0]?.userId ?? '';
    if (step === 'done')
      return show(
        call,
        donePage(frame, { userId, dropped: droppedAs(call), isReleased: recovery.release_id !== null }),
        refused,
      );
    const errorAt = refused && newPasswordFieldOf(refused.reason);
    return show(
      call,
      passwordPage(frame, {
        recovery,
        userId,
        now,
        password: kept.password ?? '',
        repeated: kept.repeated ?? '',
        error,
        errorAt,
      }),
      refused,
    );
  }

  const showNone = (call: Call) =>
    showIdentify(call, { identifier: '', returnTo: null, refused: refuse('recovery-missing') });

  /** A GET of a step: the page, or the way to where the recovery stands. */
  const stepPage =
    (...open: readonly StepName[]) =>
    async (call: Call) => {
      const recovery = await currentOf(call);
      if (!recovery) return showNone(call);
      const step = stepOf(recovery);
      return open.includes(step) || step === 'over' ? showStep(call, recovery) : goTo(call, pageOfStep[step]);
    };

  /** After a refused form: the page where the recovery now stands, with the reason and what was typed. */
  async function showRefused(
    call: Call,
    refused: Refused<Refusal>,
    kept: Omit<Kept, 'refused'> = {},
  ): Promise<Response> {
    const recovery = await currentOf(call);
    if (!recovery) return showNone(call);
    return showStep(call, recovery, { ...kept, refused });
  }

  const keepHandle = ({ visit }: Call, handle: string) => visit.setCookie('recovery', handle, recoveryLifeMs);
  const stepOfForm = ({ visit }: Call, id: string) => ({ handle: visit.cookie('recovery'), id, source: visit.source });

  return {
    async recover(call) {
      const begun = await currentOf(call);
      const identifier = begun && stepOf(begun) !== 'done' ? recoveries.identifierOf(begun) : '';
      const returnTo = readReturnTo(call.visit.url.searchParams.get('returnTo'), call.settings.origin);
      return showIdentify(call, { identifier, returnTo: returnTo ?? begun?.return_to ?? null });
    },

    async 'recover.send'(call) {
      const form = await readForm(call.context.req.raw, ['identifier', 'suggested', 'returnTo', ...forms.fields]);
      const { identifier } = form;
      const returnTo = readReturnTo(form.returnTo, call.settings.origin);
      // Judged first: letters that were right are not asked for again after "Did you mean".
      const judged = await forms.judge(call, 'recovery', form);
      if (!judged.ok) return showIdentify(call, { identifier, returnTo, refused: judged });
      const suggestion = suggestAddress(identifier);
      if (suggestion !== undefined && form.suggested !== identifier)
        return showIdentify(call, { identifier, returnTo, suggestion });
      const started = await recoveries.start({
        typed: identifier,
        checkHandle: judged.handle,
        source: call.visit.source,
        locale: call.frame.t.locale,
        returnTo,
      });
      if (!started.ok) return showIdentify(call, { identifier, returnTo, refused: started });
      keepHandle(call, started.handle);
      return goTo(call, 'recover.method');
    },

    'recover.method': async (call) => {
      const recovery = await currentOf(call);
      // "Try another way" leads back here from the code.
      if (recovery && stepOf(recovery) === 'code' && isLive(recovery, call.now)) {
        return show(call, methodPage(call.frame, { recovery, identifier: recoveries.identifierOf(recovery) }));
      }
      return stepPage('method')(call);
    },

    async 'recover.method.send'(call) {
      const form = await readForm(call.context.req.raw, ['recovery']);
      const before = await currentOf(call);
      const asked = await recoveries.askMail(stepOfForm(call, form.recovery));
      // Back from "Try another way" to a code that was asked for a moment ago: there is nothing to complain about.
      const isBack = !asked.ok && asked.reason === 'resend-soon' && before?.step === 'code';
      return asked.ok || isBack ? goTo(call, 'recover.code') : showRefused(call, asked);
    },

    'recover.again': async (call) => goTo(call, 'recover.code'),

    async 'recover.again.send'(call) {
      const form = await readForm(call.context.req.raw, ['recovery']);
      const asked = await recoveries.askMail(stepOfForm(call, form.recovery));
      return asked.ok ? goTo(call, 'recover.code', 'again') : showRefused(call, asked);
    },

    'recover.code': stepPage('code'),

    async 'recover.code.send'(call) {
      const form = await readForm(call.context.req.raw, ['recovery', 'code']);
      const entered = await recoveries.enterCode({ ...stepOfForm(call, form.recovery), typed: form.code });
      if (!entered.ok) return showRefused(call, entered, { typed: form.code });
      keepHandle(call, entered.handle);
      return goTo(call, pageOfStep[stepOf(entered.recovery)]);
    },

    'recover.account': stepPage('account'),

    async 'recover.account.send'(call) {
      const form = await readForm(call.context.req.raw, ['recovery', 'account']);
      const chosen = await recoveries.chooseAccount({ ...stepOfForm(call, form.recovery), accountId: form.account });
      return chosen.ok ? goTo(call, 'recover.password') : showRefused(call, chosen);
    },

    'recover.password': stepPage('password'),

    async 'recover.password.send'(call) {
      const form = await readForm(call.context.req.raw, ['recovery', 'username', 'password', 'repeated']);
      const { password, repeated } = form;
      const set = await recoveries.setPassword({ ...stepOfForm(call, form.recovery), password, repeated });
      if (!set.ok) return showRefused(call, set, { password, repeated });
      call.visit.dropCookie('session');
      const { addresses, isFactorRemoved } = set.dropped;
      const told = { ...(addresses > 0 && { addresses: '' }), ...(isFactorRemoved && { authenticator: '' }) };
      return goTo(call, 'recover.done', new URLSearchParams(told).toString());
    },

    'recover.done': stepPage('done'),

    async 'recover.link'(call) {
      const token = call.context.req.param('token') ?? '';
      forms.keepHandle(call);
      if (!(await recoveries.isLinkLive(token)))
        return showIdentify(call, { identifier: '', returnTo: null, refused: refuse('link-over') });
      return show(call, linkPage(call.frame, { token }));
    },

    async 'recover.link.send'(call) {
      const token = call.context.req.param('token') ?? '';
      const form = await readForm(call.context.req.raw, ['code']);
      const { visit, frame } = call;
      const browser = visit.cookie('check') ?? visit.source;
      const entered = await recoveries.enterLinkCode({
        token,
        typed: form.code,
        browser,
        source: visit.source,
        locale: frame.t.locale,
      });
      if (!entered.ok && entered.reason === 'link-over')
        return showIdentify(call, { identifier: '', returnTo: null, refused: entered });
      if (!entered.ok)
        return show(call, linkPage(frame, { token, typed: form.code, error: inLinkWords(call, entered) }), entered);
      keepHandle(call, entered.handle);
      return goTo(call, pageOfStep[stepOf(entered.recovery)]);
    },

    async 'recover.grant'(call) {
      const token = call.context.req.param('token') ?? '';
      forms.keepHandle(call);
      return (await releases.grants.isLive(token))
        ? show(call, grantPage(call.frame, { token }))
        : show(call, grantOverPage(call.frame), refuse('link-over'));
    },

    async 'recover.grant.send'(call) {
      const token = call.context.req.param('token') ?? '';
      const { code: typed } = await readForm(call.context.req.raw, ['code']);
      const { visit, frame } = call;
      const browser = visit.cookie('check') ?? visit.source;
      const { locale } = frame.t;
      const opened = await releases.grants.open({ token, typed, browser, source: visit.source, locale });
      if (opened.ok) {
        keepHandle(call, opened.handle);
        return goTo(call, 'recover.password');
      }
      if (opened.reason === 'link-over') return show(call, grantOverPage(frame), opened);
      return show(call, grantPage(frame, { token, typed, error: inWords(call, opened) }), opened);
    },

    async 'recover.stop'(call) {
      const token = call.context.req.param('token') ?? '';
      forms.keepHandle(call);
      if (await recoveries.isStopLive(token)) return show(call, stopPage(call.frame, { token }));
      const about = await releases.noticeAbout(token);
      if (about) return show(call, releaseNoticePage(call.frame, { token, about }));
      if (await passwordChanges.isNoticeLive(token)) return show(call, noticePage(call.frame, { token }));
      return show(call, stopOverPage(call.frame), refuse('link-over'));
    },

    async 'recover.stop.send'(call) {
      const token = call.context.req.param('token') ?? '';
      const form = await readForm(call.context.req.raw, ['code', 'number', 'after']);
      const { visit, frame } = call;
      const browser = visit.cookie('check') ?? visit.source;
      if (await passwordChanges.isNotice(token)) {
        const typed = form.number;
        const disowned = await passwordChanges.disown({ token, typed, browser, source: visit.source });
        if (disowned.ok) return show(call, disownedPage(frame, disowned));
        if (disowned.reason === 'link-over') return show(call, stopOverPage(frame), disowned);
        return show(call, noticePage(frame, { token, typed, error: inWords(call, disowned) }), disowned);
      }
      if (await releases.isNotice(token)) {
        const typed = form.number;
        const stopped = await releases.objectFromNotice({ token, typed, browser, source: visit.source });
        if (stopped.ok) return show(call, objectedPage(frame, stopped.objected));
        if (stopped.reason === 'link-over') return show(call, stopOverPage(frame), stopped);
        const about = (await releases.noticeAbout(token)) ?? 'release';
        return show(call, releaseNoticePage(frame, { token, about, typed, error: inWords(call, stopped) }), stopped);
      }
      const request = { token, typed: form.code, browser, source: visit.source };
      const showRefusedStop = (refused: Refused<Refusal>) =>
        refused.reason === 'link-over'
          ? show(call, stopOverPage(frame), refused)
          : show(call, stopPage(frame, { token, typed: form.code, error: inLinkWords(call, refused) }), refused);
      if (form.after === 'all') {
        const resumed = await recoveries.resume(request);
        return resumed.ok ? goTo(call, 'recover') : showRefusedStop(resumed);
      }
      const stopped = await recoveries.stop(request);
      if (!stopped.ok) return showRefusedStop(stopped);
      return show(call, stoppedPage(frame, { ...stopped, token, code: form.code }));
    },
  };
}

/** Where the code of one mail alone is right, whatever the newest says. */
const inLinkWords = (call: Call, refused: Refused<Refusal>) =>
  refused.reason === 'code-wrong' ? call.frame.t('recover.link-code-wrong') : inWords(call, refused);

/** What the answer to the new password sent along, to be said once. */
const droppedAs = ({ visit }: Call) =>
  (['addresses', 'authenticator'] as const).filter((what) => visit.url.searchParams.has(what));
