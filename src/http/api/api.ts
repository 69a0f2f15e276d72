// The JSON API: the handler of each operation's route. It finds who keeps the handle, reads the body, calls what the
// operation does, and answers with what that gave, or with its refusal as RFC 9457.
import { createHash } from 'node:crypto';
import { accept, type Refused, refuse } from '../../base/outcome.ts';
import { Problem } from '../../base/problem.ts';
import type { Random } from '../../base/random.ts';
import type { Settings } from '../../config/settings.ts';
import type { HumanCheck } from '../../human-check/check.ts';
import type { OwnAccount } from '../../own-account/own-account.ts';
import type { PasswordChanges } from '../../password-changes/password-changes.ts';
import type { RecoveryUseCases } from '../../recovery/recovery.ts';
import type { Refusal } from '../../refusals.ts';
import type { ChangePassword } from '../../sign-in/change-password.ts';
import type { OwnAuthenticator } from '../../sign-in/own-authenticator.ts';
import type { SecondFactor } from '../../sign-in/second-factor.ts';
import type { SignIn } from '../../sign-in/sign-in.ts';
import type { SignUp } from '../../sign-in/sign-up.ts';
import type { Cases } from '../../support/cases.ts';
import { type Call, type Handler, inWords } from '../handler.ts';
import { pathOf } from '../routes.ts';
import { accountOperationHandlers } from './accounts.ts';
import { type AnswerHeaders, showAnswer, showProblem } from './answer.ts';
import { authenticatorOperationHandlers } from './authenticator.ts';
import { readJson } from './body.ts';
import { caseOperationGates, caseOperationHandlers } from './cases.ts';
import { createDocument } from './document.ts';
import type { Releases } from '../../releases/releases.ts';
import type { AnyApiHandler, ApiCall, ApiGate, ApiHandlers } from './handlers.ts';
import { holderOf } from './holder.ts';
import { humanCheckOperationHandlers } from './human-checks.ts';
import type { Operation } from './operation.ts';
import { type OperationName, type Operations, operations } from './operations.ts';
import { linkOperationHandlers } from './links.ts';
import { ownAccountOperationHandlers } from './own-account.ts';
import { ownSessionOperationHandlers } from './own-sessions.ts';
import { createRecoveryAnswers } from './recovery-answer.ts';
import { recoveryOperationHandlers } from './recoveries.ts';
import { sessionOperationHandlers } from './sessions.ts';

export interface ApiNeeds {
  readonly settings: Settings;
  readonly random: Random;
  readonly humanCheck: HumanCheck;
  readonly recovery: RecoveryUseCases;
  readonly passwordChanges: PasswordChanges;
  readonly signIn: SignIn;
  readonly signUp: SignUp;
  readonly secondFactor: SecondFactor;
  readonly ownAccount: OwnAccount;
  readonly changePassword: ChangePassword;
  readonly ownAuthenticator: OwnAuthenticator;
  readonly cases: Cases;
  readonly releases: Releases;
}

export interface Api {
  /** The handler of an operation's route. */
  operation(name: OperationName): Handler;
  /** The OpenAPI document; 304 for who has it. */
  readonly document: Handler;
}

type Act = AnyApiHandler['handle'];

const publicId = /^[\w-]{22}$/;

/** `headers`: those that every answer has. */
export function createApi(needs: ApiNeeds, headers: AnswerHeaders): Api {
  const recoveryAnswers = createRecoveryAnswers(needs);
  const handlers: ApiHandlers<Operations> = {
    ...humanCheckOperationHandlers(needs),
    ...recoveryOperationHandlers({ ...needs, recoveryAnswers }),
    ...linkOperationHandlers({ ...needs, recoveryAnswers }),
    ...accountOperationHandlers(needs),
    ...sessionOperationHandlers(needs),
    ...ownSessionOperationHandlers(needs),
    ...ownAccountOperationHandlers(needs),
    ...authenticatorOperationHandlers(needs),
    ...caseOperationHandlers(needs),
  };
  const acts: Readonly<Record<OperationName, Act>> = handlers;
  const gates: Readonly<Partial<Record<OperationName, ApiGate>>> = caseOperationGates(needs);
  let document: { readonly text: string; readonly tag: string } | undefined;

  return {
    operation: (name) => run(operations[name], acts[name], { headers, gate: gates[name] }),

    document({ context }) {
      document ??= withTag(JSON.stringify(createDocument(needs.settings)));
      context.header('cache-control', 'no-cache');
      context.header('etag', document.tag);
      if (context.req.header('if-none-match') === document.tag) return context.body(null, 304);
      return context.body(document.text, 200, { 'content-type': 'application/json' });
    },
  };
}

const run =
  (
    op: Operation,
    act: Act,
    { headers, gate }: { readonly headers: AnswerHeaders; readonly gate: ApiGate | undefined },
  ): Handler =>
  async (call) => {
    const { context, visit, frame, settings, now } = call;
    const request = context.req.raw;
    const parameter: ApiCall<unknown>['parameter'] = (name) => context.req.param(name) ?? '';
    const id = parameter('id');
    if (id !== '' && !publicId.test(id)) throw new Problem('not-found', 'an id that is none of ours');
    const told = (refused: Refused<Refusal>) => tellRefusal(call, op, headers, refused);
    const holder = holderOf(request.headers, visit, op.takes);
    const admitted = (await gate?.(holder)) ?? accept();
    if (!admitted.ok) return told(admitted);
    const maxBytes = typeof op.maxBytes === 'function' ? op.maxBytes(settings) : op.maxBytes;
    const read =
      op.request &&
      (await readJson(request, op.request, maxBytes).catch((error: unknown) => {
        if (error instanceof Problem && error.problem === 'body-too-large' && op.tooLong) return refuse(op.tooLong);
        throw error;
      }));
    if (read && 'reason' in read) return told(read);
    if (read?.ok === false) {
      const words = frame.t('problem.bad-request');
      return showProblem(headers, { name: 'bad-request', words, documentPath: documentPath(call), errors: read.wrong });
    }
    const outcome = await act({
      body: read?.body,
      parameter,
      holder,
      locale: frame.t.locale,
      source: visit.source,
      get device() {
        return { ...visit.device, token: holder.handle('device') };
      },
      settings,
      now,
    });
    if (outcome.ok) return showAnswer(headers, op.status, outcome.answer ?? {});
    return told(outcome);
  };

function tellRefusal(call: Call, op: Operation, headers: AnswerHeaders, refused: Refused<Refusal>): Response {
  const { reason, retryAfterMs } = refused;
  const fields: Readonly<Partial<Record<Refusal, string>>> = op.refusals;
  return showProblem(headers, {
    name: reason,
    words: inWords(call, refused) ?? '',
    documentPath: documentPath(call),
    field: fields[reason],
    retryAfterMs,
  });
}

const documentPath = ({ frame }: Call): string => pathOf(frame.base, 'api-document');

/** A weak tag: what is compressed on the way is the same document. */
const withTag = (text: string) => ({
  text,
  tag: `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`,
});
