// The handlers of the human check beside the API's: the picture of letters, the same to hear, and the waiting page for
// browsers without script. They translate only: what counts is decided in human-check/.
import * as z from 'zod';
import { dayMs, secondMs } from '../base/clock.ts';
import type { Refused } from '../base/outcome.ts';
import { Problem } from '../base/problem.ts';
import { type Random, randomToken } from '../base/random.ts';
import { type Purpose, purposes } from '../human-check/challenge.ts';
import type { Asker, HumanCheck } from '../human-check/check.ts';
import { refusals } from '../refusals.ts';
import { type Call, type Handlers, inWords, show } from './handler.ts';
import { waitDonePage, waitPage } from './pages/human-check.ts';
import type { Frame } from './pages/layout.ts';
import { pathOf, type RouteName } from './routes.ts';
import type { Visit } from './visit.ts';

type CheckRoute = Extract<RouteName, `check.${string}`>;

export const handleShape = /^[\w-]{22}$/;

const knownHandle = (visit: Visit): string => {
  const cookie = visit.cookie('check') ?? '';
  return handleShape.test(cookie) ? cookie : '';
};

/** The random handle of this browser. Each page with a check calls it on GET: its cookie is set, or lives a day more. */
export function checkHandle(visit: Visit, random: Random): string {
  const handle = knownHandle(visit) || randomToken(random);
  visit.setCookie('check', handle, dayMs);
  return handle;
}

const guardedPages = {
  recovery: 'recover',
  'sign-up': 'sign-up',
  case: 'recover.case',
  'sign-in': 'sign-in',
} as const satisfies Record<Purpose, RouteName>;

export function humanCheckHandlers({
  humanCheck,
  random,
}: {
  humanCheck: HumanCheck;
  random: Random;
}): Handlers<CheckRoute> {
  const askerOf = ({ visit }: Call, purpose: Purpose): Asker => ({
    handle: checkHandle(visit, random),
    purpose,
    source: visit.source,
  });

  /** Begins a wait without script. What else the form held stays in the page that it came from. */
  const beginWait = async (call: Call, purpose: Purpose): Promise<Response> => {
    const begun = await humanCheck.issuePlainWait(askerOf(call, purpose));
    if (!begun.ok) return show(call, waitPage(call.frame, { error: inWords(call, begun) }), begun);
    return call.context.redirect(waitPath(call.frame, purpose, begun.task.challenge), 303);
  };

  return {
    async 'check.letters'(call) {
      const { context, visit } = call;
      const asker = { handle: knownHandle(visit), source: visit.source };
      const drawn = await humanCheck.picture(asker, context.req.param('challenge') ?? '');
      if (!drawn.ok) return tooMany(call, drawn);
      if (!drawn.png) throw new Problem('not-found', 'no letters challenge of this browser');
      return context.body(new Uint8Array(drawn.png), 200, { ...noStore, 'content-type': 'image/png' });
    },

    async 'check.audio'(call) {
      const { context, visit, frame } = call;
      const asker = { handle: knownHandle(visit), source: visit.source };
      const spoken = await humanCheck.sound(asker, context.req.param('challenge') ?? '', frame.t.locale);
      if (!spoken.ok) return tooMany(call, spoken);
      if (!spoken.wav) throw new Problem('not-found', 'no letters challenge of this browser');
      return playable(call, spoken.wav);
    },

    /** The page loads itself again until the wait is over, and then shows a button. */
    async 'check.wait'(call) {
      const { visit, frame } = call;
      const purpose = readPurpose(visit.url);
      const waiting = visit.url.searchParams.get('waiting') ?? '';
      const leftMs = humanCheck.waitLeftMs({ handle: knownHandle(visit), purpose }, waiting);
      if (leftMs === undefined) return beginWait(call, purpose);
      return show(call, waitPage(frame, { leftMs, path: waitPath(frame, purpose, waiting) }));
    },

    /** Without a wait in its address it begins one: the button "Check without typing" of the guarded form. */
    async 'check.wait.send'(call) {
      const { visit, frame } = call;
      const purpose = readPurpose(visit.url);
      const challenge = visit.url.searchParams.get('waiting');
      if (challenge === null) return beginWait(call, purpose);
      const answered = await humanCheck.answer(askerOf(call, purpose), { challenge, mode: 'wait' });
      if (!answered.ok) return show(call, waitPage(frame, { error: inWords(call, answered) }), answered);
      if (answered.judged.outcome === 'passed')
        return show(call, waitDonePage(frame, pathOf(frame.base, guardedPages[purpose])));
      return call.context.redirect(waitPath(frame, purpose, challenge), 303);
    },
  };
}

const waitPath = ({ base }: Frame, purpose: Purpose, waiting: string): string =>
  `${pathOf(base, 'check.wait')}?${new URLSearchParams({ purpose, waiting })}`;

const noStore = { 'cache-control': 'no-store' } as const;

function readPurpose(url: URL): Purpose {
  const read = z.enum(purposes).safeParse(url.searchParams.get('purpose'));
  if (!read.success) throw new Problem('not-found', 'a check without a purpose');
  return read.data;
}

/** A sound, or the part of it that was asked for: some browsers play nothing that they cannot ask for in parts (RFC 9110, 14). */
function playable({ context }: Call, wav: Buffer): Response {
  const headers = { ...noStore, 'content-type': 'audio/wav', 'accept-ranges': 'bytes' };
  const [, first, last] = /^bytes=(\d{1,9})-(\d{0,9})$/.exec(context.req.header('range') ?? '') ?? [];
  if (first === undefined) return context.body(new Uint8Array(wav), 200, headers);
  const from = Number(first);
  const to = Math.min(wav.length - 1, last ? Number(last) : wav.length);
  if (from > to) return context.body(null, 416, { ...headers, 'content-range': `bytes */${wav.length}` });
  const range = { 'content-range': `bytes ${from}-${to}/${wav.length}` };
  return context.body(new Uint8Array(wav.subarray(from, to + 1)), 206, { ...headers, ...range });
}

/** RFC 9457. */
const tooMany = ({ context }: Call, { retryAfterMs = 0 }: Refused<'too-many'>): Response =>
  context.json({ type: 'too-many', title: 'too-many', status: refusals['too-many'] }, refusals['too-many'], {
    ...noStore,
    'content-type': 'application/problem+json',
    'retry-after': String(Math.ceil(retryAfterMs / secondMs)),
  });
