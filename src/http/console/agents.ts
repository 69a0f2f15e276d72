// How agents begin, sign in and out, and say when they are away. No rule lives here.
import { readDayBack } from '../../agents/away.ts';
import { agentPasswordMinLength } from '../../agents/policy.ts';
import type { Agents } from '../../agents/agents.ts';
import { dayMs } from '../../base/clock.ts';
import { Problem } from '../../base/problem.ts';
import { type Refused, refuse } from '../../base/outcome.ts';
import type { Refusal } from '../../refusals.ts';
import { readForm } from '../form.ts';
import { type Call, goTo, type Handlers, inWords, show } from '../handler.ts';
import { type AgentRouteName, pathOf, type RouteName } from '../routes.ts';
import { readReturnTo } from '../visit.ts';
import type { AgentCall, AgentHandlers } from './agent-call.ts';
import { agentSignInPage, type AgentSignInPage, enrolOverPage, type EnrolPage, enrolPage, ownPage } from './pages.ts';

type BeginningRoute = Extract<RouteName, 'support.sign-in' | 'support.sign-in.send' | `support.enrol${string}`>;

export interface AgentHandlersNeeds {
  readonly agents: Agents;
}

/** For who is not signed in. */
export function agentBeginnings({ agents }: AgentHandlersNeeds): Handlers<BeginningRoute> {
  /** Only pages of the desk are come back to. */
  const returnToOf = ({ frame, settings }: Call, text: string | null): string | null => {
    const path = readReturnTo(text, settings.origin);
    const desk = pathOf(frame.base, 'support');
    return path === desk || path?.startsWith(`${desk}/`) || path?.startsWith(`${desk}?`) ? path : null;
  };

  const showSignIn = (call: Call, content: Omit<AgentSignInPage, 'passkeyOptions'>, refused?: Refused<Refusal>) =>
    show(
      call,
      agentSignInPage(call.frame, {
        ...content,
        passkeyOptions: agents.passkeys.requestOptions(),
        error: inWords(call, refused),
        errorAt: refused && signInFieldOf(refused.reason),
      }),
      refused,
    );

  async function showEnrol(
    call: Call,
    token: string,
    typed: Pick<EnrolPage, 'password' | 'repeated'> = {},
    refused?: Refused<Refusal>,
  ): Promise<Response> {
    const enrolling = refused?.reason === 'agent-link-over' ? undefined : await agents.enrolling(token);
    if (!enrolling) {
      const over = refuse('agent-link-over');
      return show(call, enrolOverPage(call.frame, inWords(call, over)), over);
    }
    const error = inWords(call, refused);
    const passkeyOptions = agents.passkeys.creationOptions(enrolling.agent);
    const content = {
      ...enrolling,
      token,
      passkeyOptions,
      ...typed,
      error,
      errorAt: refused && enrolFieldOf(refused.reason),
    };
    return show(call, enrolPage(call.frame, content), refused);
  }

  return {
    'support.sign-in': async (call) => {
      const { searchParams } = call.visit.url;
      const returnTo = returnToOf(call, searchParams.get('returnTo'));
      const signedIn = await agents.signedIn(call.visit.cookie('agent') ?? '', 'person');
      if (signedIn && !searchParams.has('enrolled'))
        return returnTo === null ? goTo(call, 'support') : call.context.redirect(returnTo, 303);
      const enrolled = (['app', 'passkey'] as const).find((factor) => factor === searchParams.get('enrolled'));
      return showSignIn(call, { name: '', returnTo, enrolled });
    },

    async 'support.sign-in.send'(call) {
      const form = await readForm(call.context.req.raw, ['name', 'password', 'code', 'passkey', 'returnTo']);
      const returnTo = returnToOf(call, form.returnTo);
      const { name, password, code, passkey } = form;
      const entered = await agents.signIn({ name, password, code, passkey, source: call.visit.source });
      if (!entered.ok) return showSignIn(call, { name, returnTo }, entered);
      call.visit.setCookie('agent', entered.token, entered.expiresAt - call.now);
      if (call.visit.cookie('lang') === undefined) call.visit.setCookie('lang', entered.agent.locale, 365 * dayMs);
      return returnTo === null ? goTo(call, 'support') : call.context.redirect(returnTo, 303);
    },

    'support.enrol': (call) => showEnrol(strict(call), call.context.req.param('token') ?? ''),

    async 'support.enrol.send'(given) {
      const call = strict(given);
      const token = call.context.req.param('token') ?? '';
      const form = await readForm(call.context.req.raw, ['username', 'password', 'repeated', 'code', 'passkey']);
      const { password, repeated, code, passkey } = form;
      const enrolled = await agents.enrol({ token, password, repeated, code, passkey, source: call.visit.source });
      if (!enrolled.ok && enrolled.reason === 'too-many')
        return show(call, enrolOverPage(call.frame, inWords(call, enrolled)), enrolled);
      if (!enrolled.ok) return showEnrol(call, token, { password, repeated }, enrolled);
      return goTo(call, 'support.sign-in', `enrolled=${passkey === '' ? 'app' : 'passkey'}`);
    },
  };
}

/** For who is signed in, whatever the role. */
export function agentHandlers({
  agents,
}: AgentHandlersNeeds): AgentHandlers<
  Extract<
    AgentRouteName,
    'support.sign-out.send' | `support.own${string}` | `support.shortcuts${string}` | `support.passkeys${string}`
  >
> {
  async function showOwn(call: AgentCall, typed: { backOn?: string } = {}, refused?: Refused<Refusal>) {
    const agent = await agents.find(call.agent.id);
    // Removed in this moment.
    if (!agent) throw new Problem('agent-missing');
    const asked = call.visit.url.searchParams.get('done');
    const page = ownPage(call.frame, {
      agent,
      now: call.now,
      ...typed,
      done: refused ? undefined : changes.find((change) => change === asked),
      passkeys: await agents.passkeysOf(agent.id),
      passkeyOptions: agents.passkeys.creationOptions(agent),
      error: inWords(call, refused),
      errorAt: refused && ownFieldOf(refused.reason),
    });
    return show(call, page, refused);
  }

  return {
    async 'support.sign-out.send'(call) {
      await readForm(call.context.req.raw, []);
      await agents.signOut(call.visit.cookie('agent') ?? '', call.visit.source);
      call.visit.dropCookie('agent');
      return goTo(call, 'support.sign-in');
    },

    'support.own': (call) => showOwn(call),

    'support.shortcuts': (call) => goTo(call, 'support.own'),
    async 'support.shortcuts.send'(call) {
      const { shortcuts } = await readForm(call.context.req.raw, ['shortcuts']);
      if (shortcuts !== 'on' && shortcuts !== 'off') throw new Problem('bad-request', 'neither on nor off');
      await agents.setShortcuts(call.agent.id, shortcuts);
      return goTo(call, 'support.own', 'done=shortcuts-changed');
    },

    async 'support.own.send'(call) {
      const { backOn } = await readForm(call.context.req.raw, ['backOn']);
      const until = backOn === '' ? null : readDayBack(backOn, call.now);
      if (until === undefined) return showOwn(call, { backOn }, refuse('agent-day-shape'));
      await agents.setAway(call.agent.id, until);
      return goTo(call, 'support.own', 'done=away-kept');
    },

    'support.passkeys': (call) => goTo(call, 'support.own'),

    async 'support.passkeys.send'(call) {
      const fields = ['username', 'password', 'passkey', 'remove'] as const;
      const { password, passkey, remove } = await readForm(call.context.req.raw, fields);
      const asking = { agent: call.agent, password, source: call.visit.source };
      const changed =
        remove === ''
          ? await agents.addPasskey({ ...asking, passkey })
          : await agents.removePasskey({ ...asking, id: remove });
      if (!changed.ok) return showOwn(call, {}, changed);
      return goTo(call, 'support.own', `done=${remove === '' ? 'passkey-added' : 'passkey-removed'}`);
    },
  };
}

const changes = ['away-kept', 'shortcuts-changed', 'passkey-added', 'passkey-removed'] as const;

function ownFieldOf(reason: Refusal): 'backOn' | 'password' | undefined {
  if (reason === 'agent-day-shape') return 'backOn';
  return reason.startsWith('password-') ? 'password' : undefined;
}

/** Accounts may have shorter passwords than agents: what is said and suggested goes by the agents' rule. */
function strict(call: Call): Call {
  const passwordMinLength = Math.max(call.settings.passwordMinLength, agentPasswordMinLength);
  const settings = { ...call.settings, passwordMinLength };
  return { ...call, settings, frame: { ...call.frame, settings } };
}

function signInFieldOf(reason: Refusal): AgentSignInPage['errorAt'] {
  if (reason === 'agent-name-missing') return 'name';
  if (reason === 'password-missing') return 'password';
  return reason === 'agent-code-shape' ? 'code' : undefined;
}

function enrolFieldOf(reason: Refusal): EnrolPage['errorAt'] {
  if (reason === 'passwords-differ') return 'repeated';
  if (reason.startsWith('agent-code-')) return 'code';
  return reason.startsWith('password-') ? 'password' : undefined;
}
