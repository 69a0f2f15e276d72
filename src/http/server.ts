// The server as one function, fetch(Request): the guard, the routes by name, and one place where whatever is thrown
// becomes an answer.
import { type Context, Hono } from 'hono';
import { compress } from 'hono/compress';
import { getPath } from 'hono/utils/url';
import type { StatusCode } from 'hono/utils/http-status';
import type { Agents } from '../agents/agents.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { Problem } from '../base/problem.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Settings } from '../config/settings.ts';
import type { Desk } from '../desk/desk.ts';
import type { HumanCheck } from '../human-check/check.ts';
import type { OwnAccount } from '../own-account/own-account.ts';
import type { PasswordChanges } from '../password-changes/password-changes.ts';
import type { RecoveryUseCases } from '../recovery/recovery.ts';
import { type ProblemName, problems } from '../refusals.ts';
import type { OwnAuthenticator } from '../sign-in/own-authenticator.ts';
import type { SecondFactor } from '../sign-in/second-factor.ts';
import type { ChangePassword } from '../sign-in/change-password.ts';
import type { Releases } from '../releases/releases.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import type { SignUp } from '../sign-in/sign-up.ts';
import type { Cases } from '../support/cases.ts';
import { showProblem } from './api/answer.ts';
import { createApi } from './api/api.ts';
import { isOperation } from './api/operations.ts';
import type { Assets } from './assets.ts';
import { attackConsentHandlers } from './attack-consent.ts';
import { authenticatorHandlers } from './authenticator.ts';
import { caseHandlers } from './case.ts';
import { caseProofHandlers } from './case-proofs.ts';
import { caseStatusHandlers } from './case-status.ts';
import { changePasswordHandlers } from './change-password.ts';
import { type AgentHandlers, forAgents, rolesOf } from './console/agent-call.ts';
import { agentBeginnings, agentHandlers } from './console/agents.ts';
import { figureHandlers } from './console/figures.ts';
import { deskHandlers } from './console/desk.ts';
import { createCheckedForms } from './checked-form.ts';
import { createGuard, isOfApi, securityHeaders } from './guard.ts';
import type { Call, Handler, Handlers } from './handler.ts';
import { humanCheckHandlers } from './human-check.ts';
import type { Frame } from './pages/layout.ts';
import { problemPage, problemWords } from './pages/problem.ts';
import { ownAccountHandlers } from './own-account.ts';
import { recoverHandlers } from './recover.ts';
import { type AgentRouteName, type ApiRouteName, pathOf, type RouteName, routes } from './routes.ts';
import { signInHandlers } from './sign-in.ts';
import { cookieName, createVisit, readCookie, type Visit } from './visit.ts';

export interface ServerNeeds {
  readonly settings: Settings;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly assets: Assets;
  readonly humanCheck: HumanCheck;
  readonly recovery: RecoveryUseCases;
  readonly passwordChanges: PasswordChanges;
  readonly signIn: SignIn;
  readonly secondFactor: SecondFactor;
  readonly ownAuthenticator: OwnAuthenticator;
  readonly changePassword: ChangePassword;
  readonly signUp: SignUp;
  readonly ownAccount: OwnAccount;
  readonly cases: Cases;
  readonly agents: Agents;
  readonly desk: Desk;
  readonly releases: Releases;
  /** Whether mail goes out and the database answers. */
  isReady(): Promise<boolean>;
}

export interface Server {
  /** `remoteAddress`: of the connection that the request came by. */
  fetch(request: Request, from?: { readonly remoteAddress?: string | undefined }): Promise<Response>;
  /** The account id of the session in the request's cookie. */
  sessionOf(request: Request): Promise<string | undefined>;
  /** The path of a built asset. */
  assetPath(name: string): string;
  /** Whether a path is one that `fetch` answers: a route, or anything below the base path where that is not `/`. */
  has(pathname: string): boolean;
}

interface Bindings {
  readonly remoteAddress: string;
}

export function createServer(needs: ServerNeeds): Server {
  const { settings, keys, clock, random, log, assets, humanCheck } = needs;
  const base = settings.basePath.replace(/\/$/, '');
  const forms = createCheckedForms({ humanCheck, random });
  const headers = { 'cache-control': 'no-store', ...securityHeaders(settings) };
  const guard = createGuard(settings, base);

  const assetPath = (name: string) => pathOf(base, 'asset', { file: assets.nameOf(name) });
  const visitOf = (context: Context<{ Bindings: Bindings }>): Visit =>
    createVisit(context.req.raw, { settings, keys }, context.env.remoteAddress);
  const frameOf = (visit: Visit): Frame => ({ t: visit.t, settings, base, here: visit.url, asset: assetPath });

  const api = createApi(needs, headers);
  const ofAgents: AgentHandlers<AgentRouteName> = {
    ...agentHandlers(needs),
    ...deskHandlers(needs),
    ...figureHandlers(needs),
  };
  const handlers: Handlers<Exclude<RouteName, ApiRouteName | AgentRouteName>> = {
    ...recoverHandlers({ ...needs, forms }),
    ...signInHandlers({ ...needs, forms }),
    ...authenticatorHandlers(needs),
    ...changePasswordHandlers(needs),
    ...ownAccountHandlers(needs),
    ...caseHandlers({ ...needs, forms }),
    ...caseStatusHandlers(needs),
    ...caseProofHandlers(needs),
    ...humanCheckHandlers(needs),
    ...agentBeginnings(needs),
    ...attackConsentHandlers(needs),
    'api-document': api.document,
    'health.live': ({ context }) => context.text('ok'),
    'health.ready': async ({ context }) => ((await needs.isReady()) ? context.text('ok') : context.text('not ok', 503)),
    asset({ context }) {
      const served = assets.serve(context.req.param('file') ?? '', context.req.header('accept-encoding'));
      if (!served) throw new Problem('not-found');
      return served;
    },
  };

  const handlerOf = (name: string): Handler | undefined => {
    const operation = name.replace(/^api\./, '');
    if (operation !== name && isOperation(operation)) return api.operation(operation);
    if (isAgentName(name)) return forAgents(needs.agents, name, ofAgents[name]);
    return isPageName(name) ? handlers[name] : undefined;
  };

  const run =
    (handler: Handler) =>
    async (context: Context<{ Bindings: Bindings }>): Promise<Response> => {
      const visit = visitOf(context);
      guard(context.req.raw, visit.url);
      const { asked } = visit;
      if (asked === visit.t.locale && asked !== visit.cookie('lang')) visit.setCookie('lang', asked, yearMs);
      const call: Call = { context, visit, frame: frameOf(visit), settings, now: clock.now() };
      const answer = await handler(call);
      for (const cookie of visit.given) answer.headers.append('set-cookie', cookie);
      return answer;
    };

  const documentPath = pathOf(base, 'api-document');
  const isOfOperation = (path: string) => isOfApi(path, base) && path !== documentPath;

  // The answers of the API are short, and some hold a secret beside what was sent: never squeezed together. They bring all of
  // their headers along, so that nothing stands around their handlers.
  const operationsApp = new Hono<{ Bindings: Bindings }>();
  const pagesApp = new Hono<{ Bindings: Bindings }>();
  pagesApp.use(compress());
  pagesApp.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(headers))
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
  });
  const appOf = (path: string) => (isOfOperation(path) ? operationsApp : pagesApp);
  for (const [name, { method, path }] of Object.entries(routes)) {
    const handler = handlerOf(name);
    if (handler) appOf(`${base}${path}`).on(method, `${base}${path}`, run(handler));
  }

  const patterns = Object.values(routes).map(({ method, path }) => ({
    method,
    pattern: new RegExp(`^${base}${path.replace(/:\w+/g, '[^/]+')}$`),
  }));
  const methodsAt = (path: string): string[] =>
    patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);

  function notFound(context: Context<{ Bindings: Bindings }>): Response | Promise<Response> {
    const url = new URL(context.req.url);
    guard(context.req.raw, url);
    const methods = methodsAt(url.pathname);
    if (methods.length === 0) return answerProblem(context, new Problem<ProblemName>('not-found'));
    const more = { allow: methods.join(', ') };
    if (context.req.method === 'OPTIONS' && isOfApi(context.req.path, base))
      return new Response(null, { status: 204, headers: { ...headers, ...more } });
    return answerProblem(context, new Problem<ProblemName>('method-not-allowed'), more);
  }
  for (const app of [operationsApp, pagesApp]) {
    app.notFound(notFound);
    app.onError((error, context) => answerProblem(context, error));
  }

  /** A problem in words or as RFC 9457; anything else is a fault of ours: logged, and shown as an id alone. */
  function answerProblem(
    context: Context<{ Bindings: Bindings }>,
    error: unknown,
    more: Readonly<Record<string, string>> = {},
  ): Response | Promise<Response> {
    const isProblem = error instanceof Problem && isProblemName(error.problem);
    const name: ProblemName = isProblem && isProblemName(error.problem) ? error.problem : 'fault';
    const id = name === 'fault' ? randomToken(random).slice(0, 8) : '';
    if (name === 'fault') log.error({ err: error, id }, 'a request met a fault');
    const waitMs = error instanceof Problem ? error.retryAfterMs : undefined;
    const frame = frameOf(visitOf(context));
    const words = problemWords(frame, { problem: name, id, waitMs });
    const all = { ...headers, ...more };
    if (isOfApi(context.req.path, base))
      return showProblem(all, { name, words, documentPath, retryAfterMs: waitMs, faultId: id });
    const status: StatusCode = problems[name];
    context.status(status);
    for (const [header, value] of Object.entries(all)) context.header(header, value);
    if (waitMs !== undefined) context.header('retry-after', String(Math.ceil(waitMs / 1_000)));
    const { pathname, search } = frame.here;
    const again = methodsAt(pathname).includes('GET') ? `${pathname}${search}` : undefined;
    const isOfForm = context.req.method === 'POST';
    return context.html(problemPage(frame, { problem: name, id, waitMs, again, isOfForm }));
  }

  return {
    fetch: async (request, { remoteAddress } = {}) =>
      appOf(getPath(request)).fetch(request, { remoteAddress: remoteAddress ?? 'unknown' }),
    assetPath,
    has: (pathname) => methodsAt(pathname).length > 0 || (base !== '' && `${pathname}/`.startsWith(`${base}/`)),
    async sessionOf(request) {
      const token = readCookie(request.headers.get('cookie') ?? undefined, cookieName(settings, 'session'));
      return (await needs.signIn.accountOf(token ?? ''))?.id;
    },
  };
}

const yearMs = 365 * 24 * 3_600_000;

const isAgentName = (name: string): name is AgentRouteName =>
  isRouteName(name) && Object.hasOwn(rolesOf, routes[name].audience);
const isPageName = (name: string): name is Exclude<RouteName, ApiRouteName | AgentRouteName> =>
  isRouteName(name) && !isAgentName(name) && !name.startsWith('api.');
const isRouteName = (name: string): name is RouteName => Object.hasOwn(routes, name);
const isProblemName = (name: string): name is ProblemName => Object.hasOwn(problems, name);
