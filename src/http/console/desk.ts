// The pages of the support desk: the lists, the search, a case and what is done about it. They translate only.
import { type Desk, isUnmaskReason, type UnmaskReason } from '../../desk/desk.ts';
import { readAct } from '../../desk/acts.ts';
import { isQueueView, type Place } from '../../desk/desk-rows.ts';
import { Problem } from '../../base/problem.ts';
import { type Outcome, type Refused, refuse } from '../../base/outcome.ts';
import type { Agents } from '../../agents/agents.ts';
import { isLocale, translator } from '../../i18n/translate.ts';
import type { Refusal } from '../../refusals.ts';
import type { Releases } from '../../releases/releases.ts';
import { maxCaseBytes } from '../case.ts';
import { maxBodyBytes, readForm } from '../form.ts';
import { goTo, inWords, show } from '../handler.ts';
import type { AgentRouteName } from '../routes.ts';
import type { AgentCall, AgentHandler, AgentHandlers } from './agent-call.ts';
import { canned, isCanned } from './canned.ts';
import { deskCasePage, type ErrorAt, noCasePage, queuePage, searchPage } from './desk-pages.ts';

type DeskRoute = Extract<
  AgentRouteName,
  'support' | 'support.news' | `support.search${string}` | `support.case${string}`
>;

export interface DeskHandlersNeeds {
  readonly desk: Desk;
  readonly releases: Pick<Releases, 'approve' | 'refuse' | 'withdraw' | 'decideClosing'>;
  readonly agents: Pick<Agents, 'present'>;
}

/** What a refused form brings back to its page. */
interface Kept {
  readonly refused?: Refused<Refusal>;
  /** The field of that form: what is wrong with it is said there. */
  readonly errorAt?: ErrorAt;
  readonly words?: string;
  /** Why an account is to be given to the person, or not. */
  readonly why?: string;
  readonly unmask?: UnmaskReason;
}

interface FormOptions<Field extends string> {
  /** What was done, as the page of the case then says. */
  readonly done: (form: Record<Field, string>) => string;
  /** What of a refused form its page shows again. */
  readonly keep?: (form: Record<Field, string>) => Kept;
  readonly maxBytes?: number;
}

export function deskHandlers({ desk, agents, releases }: DeskHandlersNeeds): AgentHandlers<DeskRoute> {
  const numberOf = ({ context }: AgentCall) => context.req.param('number') ?? '';

  async function showCase(
    call: AgentCall,
    { refused, errorAt, words, why = '', unmask }: Kept = {},
  ): Promise<Response> {
    const { agent, frame, now, visit } = call;
    const looked = await desk.look(agent, numberOf(call), unmask);
    if (!looked.ok) return show(call, noCasePage(frame, { agent, error: inWords(call, looked) }), looked);
    const { shown } = looked;
    if (!shown) return call.context.html(noCasePage(frame, { agent, error: frame.t('desk.no-case') }), 404);
    const wanted = visit.url.searchParams.get('canned') ?? '';
    const voice = isLocale(shown.locale) ? translator(shown.locale) : frame.t;
    return show(
      call,
      deskCasePage(frame, {
        agent,
        shown,
        now,
        colleagues: (await agents.present()).filter(({ id }) => id !== agent.id),
        why,
        words: words ?? (isCanned(wanted) ? voice(canned[wanted]) : ''),
        done: refused === undefined ? visit.url.searchParams.get('done') : null,
        error: inWords(call, refused),
        errorAt: errorAt !== undefined && refused && isOfField(refused.reason) ? errorAt : undefined,
      }),
      refused,
    );
  }

  /** A form about a case: the case as it was seen, and what to do. */
  const formOf =
    <Field extends string>(
      fields: readonly Field[],
      take: (
        call: AgentCall,
        seen: { readonly number: string; readonly version: number },
        form: Record<Field, string>,
      ) => Promise<Outcome<unknown, Refusal>>,
      { done, keep = () => ({}), maxBytes = maxBodyBytes }: FormOptions<Field>,
    ): AgentHandler =>
    async (call) => {
      const form = await readForm(call.context.req.raw, [...fields, 'version'] as const, maxBytes);
      const number = numberOf(call);
      const taken = await take(call, { number, version: readVersion(form.version) }, form);
      return taken.ok
        ? goTo(call, 'support.case', `done=${done(form)}`, { number })
        : showCase(call, { refused: taken, ...keep(form) });
    };

  /** Reload and the other language ask for the page that answered a form by its path. */
  const toCase: AgentHandler = (call) => goTo(call, 'support.case', '', { number: numberOf(call) });

  return {
    async support(call) {
      const { searchParams } = call.visit.url;
      const view = searchParams.get('view') ?? '';
      const chosen = isQueueView(view) ? view : 'unassigned';
      const queue = await desk.queue(call.agent, chosen, readPlace(searchParams.get('after')));
      const isFirst = !searchParams.has('after');
      return show(call, queuePage(call.frame, { agent: call.agent, view: chosen, queue, isFirst, now: call.now }));
    },

    async 'support.news'({ agent, visit, frame, context, now }) {
      const { searchParams } = visit.url;
      const number = searchParams.get('number');
      if (number !== null) {
        const version = readVersion(searchParams.get('version') ?? '');
        const isChanged = await desk.isChanged(agent, { number, version });
        return context.json({ words: isChanged ? frame.t('desk.case-changed') : '' });
      }
      const view = searchParams.get('view') ?? '';
      const since = /^\d{1,15}$/.test(searchParams.get('since') ?? '') ? Number(searchParams.get('since')) : now;
      const count = isQueueView(view) ? await desk.news(agent, view, since) : 0;
      return context.json({ words: count === 0 ? '' : frame.t('desk.news', { count }) });
    },

    'support.search': (call) =>
      show(call, searchPage(call.frame, { agent: call.agent, text: '', found: undefined, now: call.now })),

    async 'support.search.send'(call) {
      const { text } = await readForm(call.context.req.raw, ['text']);
      const { agent, frame, now } = call;
      const searched = await desk.search(agent, text);
      return searched.ok
        ? show(call, searchPage(frame, { agent, text, found: searched.found, now }))
        : show(
            call,
            searchPage(frame, { agent, text, found: undefined, now, error: inWords(call, searched) }),
            searched,
          );
    },

    'support.case': (call) => showCase(call),

    'support.case.act': toCase,
    'support.case.act.send': formOf(
      ['act', 'words'],
      async ({ agent }, seen, { act, words }) => {
        const name = readAct(act);
        if (!name) throw new Problem('bad-request', 'an act that there is not');
        return desk.act(agent, seen, { act: name, words });
      },
      { done: ({ act }) => act, keep: ({ words }) => ({ words, errorAt: 'words' }), maxBytes: maxCaseBytes },
    ),

    async 'support.case.picture'({ agent, context }) {
      const picture = await desk.picture(agent, context.req.param('number') ?? '', context.req.param('picture') ?? '');
      if (!picture) throw new Problem('not-found', 'no picture of this case');
      // An image and nothing else, whoever asks for it and however it is opened.
      return context.body(new Uint8Array(picture), 200, {
        'content-type': 'image/jpeg',
        'content-disposition': 'inline; filename="picture.jpg"',
        'content-security-policy': "default-src 'none'; sandbox",
      });
    },

    'support.case.take': toCase,
    'support.case.take.send': formOf([], ({ agent }, seen) => desk.take(agent, seen), { done: () => 'take' }),

    'support.case.hand-over': toCase,
    'support.case.hand-over.send': formOf(['to'], ({ agent }, seen, { to }) => desk.handOver(agent, seen, to), {
      done: () => 'hand-over',
    }),

    'support.case.release': toCase,
    'support.case.release.send': formOf(
      ['act', 'account', 'release', 'words'],
      async ({ agent }, seen, { act, account, release, words }) => {
        const ofRelease = { id: release, version: seen.version };
        if (act === 'propose' || act === 'propose-closing')
          return desk.propose(agent, seen, { accountId: account, words, act });
        const closing = closingActs.find(([name]) => name === act);
        if (closing) return releases.decideClosing(ofRelease, closing[1], { agent, words });
        if (act === 'approve') return releases.approve(ofRelease, { agent, words });
        if (act === 'refuse') return releases.refuse(ofRelease, { agent, words });
        if (act === 'withdraw') return releases.withdraw(ofRelease, { agent, words });
        throw new Problem('bad-request', 'an act that there is not');
      },
      {
        done: ({ act }) => act.replace(/-closing$/, ''),
        keep: ({ words }) => ({ why: words, errorAt: 'why' }),
        maxBytes: maxCaseBytes,
      },
    ),

    'support.case.unmask': toCase,
    async 'support.case.unmask.send'(call) {
      const { reason } = await readForm(call.context.req.raw, ['reason']);
      return isUnmaskReason(reason)
        ? showCase(call, { unmask: reason })
        : showCase(call, { refused: refuse('unmask-reason'), errorAt: 'reason' });
    },
  };
}

/** What is wrong with a field, and can be mended there. */
const isOfField = (reason: Refusal): boolean =>
  reason.startsWith('case-words-') || reason === 'release-why-missing' || reason === 'unmask-reason';

const closingActs = [
  ['approve-closing', 'approved'],
  ['refuse-closing', 'refused'],
  ['withdraw-closing', 'withdrawn'],
] as const;

/** As the page had it; anything else is no version that a case ever has. */
const readVersion = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : 0);

/** "1790000000000.id", as a page made it; anything else begins at the beginning. */
function readPlace(text: string | null): Place | undefined {
  const [, at, id] = /^(\d{1,15})\.([\w-]{1,40})$/.exec(text ?? '') ?? [];
  return at === undefined || id === undefined ? undefined : { at: Number(at), id };
}
