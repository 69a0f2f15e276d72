// The human check: issue, answer, spend. A speed bump and never the wall (D6): what bounds abuse is the limits and the
// code in the mailbox. Issuing writes nothing. A challenge has one answer, right or wrong, and a verdict is spent once.
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { Problem } from '../base/problem.ts';
import type { Clock } from '../base/clock.ts';
import { dayMs, hourMs, minuteMs } from '../base/clock.ts';
import { type Random, randomToken } from '../base/random.ts';
import { isEqualSecret, type Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { Locale } from '../i18n/translate.ts';
import type { Limits } from '../limits/limits.ts';
import { type Challenge, challengeLifeMs, type Mode, type Purpose, readChallenge, signChallenge } from './challenge.ts';
import {
  asLevel,
  besideProvider,
  failuresBeforeHelp,
  type Level,
  levelFor,
  lettersNotBeforeMs,
  plainWaitMs,
  type Rung,
  rungs,
  type Step,
  stepAfter,
  waitingRest,
  waitingRung,
} from './ladder.ts';
import { digitsOf, speakDigits } from './digits.ts';
import { drawLetters, lettersOf, normaliseLetters } from './letters.ts';
import { createWork, isWorkDone, iterations } from './proof-of-work.ts';
import { actionOf, type HumanCheckProvider } from './provider.ts';
import { createSketches } from './sketches.ts';
import { type Drag, isAtEnd, scoreDrag, scoreOf, sketchOf, slidePolicy } from './slider.ts';
import { deleteOver } from '../database/batches.ts';

/** Whose check it is: the browser's random handle (from its cookie), what it guards, and the keyed hash of the network. */
export interface Asker {
  readonly handle: string;
  readonly purpose: Purpose;
  readonly source: string;
}

/** What a browser needs to answer a challenge. */
export interface Task {
  readonly challenge: string;
  readonly kind: Challenge['kind'];
  /** From now on until an answer counts. */
  readonly waitMs: number;
  readonly lifeMs: number;
  readonly travelPx?: number;
  readonly work?: {
    readonly nonce: string;
    readonly prefix: string;
    readonly upTo: number;
    readonly iterations: number;
  };
  /** Whose widget to show, and what to tell it. */
  readonly provider?: {
    readonly name: string;
    readonly siteKey: string;
    readonly script: string;
    readonly action: string;
    readonly cdata: string;
  };
}

export interface Answer {
  readonly challenge: string;
  readonly mode: Mode;
  readonly work?: string | undefined;
  readonly drag?: Drag | undefined;
  readonly letters?: string | undefined;
  /** Of a provider's widget. */
  readonly token?: string | undefined;
}

/** What a form without script adds; empty where it was not sent. */
export interface CheckForm {
  readonly challenge: string;
  readonly letters: string;
  readonly otherLetters: string;
}

/** `isStuck`: so many failures that the waiting check and support are offered first. */
export type Judged =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'letters' | 'wait'; readonly task: Task; readonly isStuck: boolean }
  /** Ask for a new challenge; of another kind where the provider is `unavailable`. Only `wrong` counted as a failure. */
  | {
      readonly outcome: 'again';
      readonly why: 'wrong' | 'early' | 'late' | 'unavailable';
      readonly isStuck: boolean;
    };

export type CheckRefusal = 'check-missing' | 'check-letters' | 'check-wait';
export type FormRefusal = 'check-again' | 'check-late' | 'check-letters-wrong' | 'too-many';

/** What a spent check tells those who look for the right price: no trace, and nothing of a person. */
export interface SpentCheck {
  readonly mode: string;
  /** The most points of a slide in the hour before; `null`: there was none. */
  readonly score: number | null;
  readonly policy: string;
}

/** What the page shows; `letters` is a challenge that works without script. */
export interface CheckView {
  readonly state: 'off' | 'slide' | 'letters' | 'wait' | 'passed';
  readonly purpose: Purpose;
  readonly letters: string;
  readonly isStuck: boolean;
  /** Where it stands in the place of the slide. */
  readonly provided?: ProvidedCheck;
}

/** What an answer is worth, before anything is written. */
interface Judgement {
  readonly isRight: boolean;
  /** What a right one proves. */
  readonly level: number;
  /** For the operator, beside the reasons of a score. */
  readonly notes: readonly string[];
}

/** A passed check counts as long as a recovery lives: at least the 20 hours of WCAG 2.2.1. What it costs is read when it is spent. */
const passedLifeMs = dayMs;
/** How long a failure is remembered: then a person begins afresh. */
const failedLifeMs = hourMs;
const shortestTravelPx = 184;
const travelChoices = 45;

export interface HumanCheck {
  /**
   * A slide, a provider's check, other letters (no failure counted), or the waiting check; without a kind what comes first
   * here. No row is written. Throws for a kind that this site does not have.
   */
  issue(asker: Asker, kind?: Challenge['kind']): Promise<Outcome<{ readonly task: Task }, 'too-many'>>;
  /** The waiting check without script: a time to wait and no work. */
  issuePlainWait(asker: Asker): Promise<Outcome<{ readonly task: Task }, 'too-many'>>;
  /** How long until an answer to it counts; `undefined` when the challenge is not this browser's or too old. */
  waitLeftMs(asker: Omit<Asker, 'source'>, challenge: string): number | undefined;
  /** The picture of a letters challenge; `undefined` for any other challenge or browser. */
  picture(
    asker: Omit<Asker, 'purpose'>,
    challenge: string,
  ): Promise<Outcome<{ readonly png: Buffer | undefined }, 'too-many'>>;
  /** Six digits that answer the same challenge as its letters, spoken: a WAV file. Bounded together with the picture. */
  sound(
    asker: Omit<Asker, 'purpose'>,
    challenge: string,
    locale: Locale,
  ): Promise<Outcome<{ readonly wav: Buffer | undefined }, 'too-many'>>;
  answer(asker: Asker, answer: Answer): Promise<Outcome<{ readonly judged: Judged }, 'too-many'>>;
  /** Judges the letters that came with a form sent without script. Without letters there is nothing to judge: `spend` decides. */
  judgeForm(asker: Asker, form: CheckForm): Promise<Outcome<unknown, FormRefusal>>;
  /** What the page shows now; `refusal` is what the form was just refused for. */
  view(asker: Omit<Asker, 'source'>, refusal?: string): Promise<CheckView>;
  /** The level to be spent where what was counted asks for `least`; the highest while the site is under attack. */
  levelNeeded(least: Level): Promise<Level>;
  /** Spends one passed check in the caller's transaction: one guarded update, so sixteen at once spend it once. */
  spend(
    tx: Transaction,
    asker: Omit<Asker, 'source'>,
    levelNeeded: Level,
  ): Promise<Outcome<{ readonly spent: SpentCheck | undefined }, CheckRefusal>>;
  /** Deletes what has expired. */
  forgetExpired(): Promise<void>;
}

export interface HumanCheckNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  readonly site: string;
  /** `full`: everyone has the full check, as under attack. */
  readonly mode: 'on' | 'off' | 'full';
  readonly alwaysLetters: boolean;
  readonly provided?: ProvidedCheck | undefined;
}

/** Another company's check that comes first. */
export interface ProvidedCheck {
  readonly provider: HumanCheckProvider;
  /** Whether the slide steps in where it cannot be reached. */
  readonly hasSlide: boolean;
}

export function createHumanCheck({
  db,
  keys,
  clock,
  random,
  limits,
  site,
  mode,
  alwaysLetters,
  provided,
}: HumanCheckNeeds): HumanCheck {
  const isOff = mode === 'off';
  const provider = provided?.provider;
  const sketches = createSketches({ keys, clock, site });
  const handleHashes = (handle: string) => keys.hashes('check-handle', handle);

  const taskOf = (
    { handle, purpose }: Omit<Asker, 'source'>,
    facts: Pick<Challenge, 'kind' | 'level' | 'mode'>,
    rung: Rung,
  ): Task => {
    const now = clock.now();
    const nonce = randomToken(random);
    const isSlide = facts.kind === 'slide';
    const travelPx = isSlide ? shortestTravelPx + ((random.bytes(1)[0] ?? 0) % travelChoices) : undefined;
    const work = rung.derivations > 0 ? createWork(random, nonce, rung.derivations) : undefined;
    const challenge = signChallenge(keys, handle, {
      ...facts,
      nonce,
      purpose,
      notBefore: now + rung.notBeforeMs,
      expiresAt: now + challengeLifeMs,
      ...(travelPx === undefined ? {} : { travelPx }),
      ...(work === undefined ? {} : { work }),
    });
    return {
      challenge,
      kind: facts.kind,
      waitMs: rung.notBeforeMs,
      lifeMs: challengeLifeMs,
      ...(travelPx === undefined ? {} : { travelPx }),
      ...(work === undefined ? {} : { work: { nonce, prefix: work.prefix, upTo: work.upTo, iterations } }),
      ...(provider && facts.kind === 'provider' ? { provider: widgetOf(provider, purpose, nonce) } : {}),
    };
  };

  const issueLetters = (asker: Omit<Asker, 'source'>): Task =>
    taskOf(asker, { kind: 'letters', level: 3, mode: 'letters' }, { derivations: 0, notBeforeMs: lettersNotBeforeMs });

  /** A letters challenge of this browser that can still be answered. */
  const readLetters = (handle: string, token: string) => {
    const challenge = readChallenge(keys, handle, token);
    return challenge?.kind === 'letters' && challenge.expiresAt > clock.now() ? challenge : undefined;
  };

  const issueProvider = (asker: Asker): Task =>
    taskOf(asker, { kind: 'provider', level: 0, mode: 'provider' }, { derivations: 0, notBeforeMs: 0 });

  const issueWait = (asker: Asker, rung: Rung): Task => taskOf(asker, { kind: 'wait', level: 3, mode: 'wait' }, rung);

  /** Beyond the limit nothing changes: not counted, one row would hold up the answers of all networks. */
  const countAnswer = async (): Promise<void> => {
    if ((await limits.look('check-site', site)).ok) await limits.take('check-site', site);
  };

  const levelOfSite = async (): Promise<Level> =>
    mode === 'full' ? 3 : levelFor({ ofSite: await limits.count('check-site', site) });

  /** The provider's check comes first, where a pass of it can be enough. */
  const firstAt = (levelOfAll: Level): ProvidedCheck | undefined => (levelOfAll < 3 ? provided : undefined);

  const countFailures = async (tx: Transaction, { handle, purpose }: Omit<Asker, 'source'>): Promise<number> => {
    const row = await tx
      .selectFrom('human_checks')
      .select(({ fn }) => fn.countAll<number | string>().as('count'))
      .where('handle_hash', 'in', handleHashes(handle))
      .where('purpose', '=', purpose)
      .where('verdict', '=', 'failed')
      .where('expires_at', '>', clock.now())
      .executeTakeFirstOrThrow();
    return Number(row.count);
  };

  const isRight = (challenge: Challenge & { keyId: string }, answer: Answer): boolean => {
    if (challenge.work && !isWorkDone(challenge.work, answer.work ?? '')) return false;
    if (answer.mode === 'letters') {
      const typed = normaliseLetters(answer.letters ?? '');
      const isOf = (key: Buffer | undefined, rightOf: typeof lettersOf) =>
        key !== undefined && isEqualSecret(rightOf(key, challenge.nonce), typed);
      return (
        isOf(keys.derive('letters', challenge.keyId), lettersOf) ||
        isOf(keys.derive('digits', challenge.keyId), digitsOf)
      );
    }
    return answer.mode !== 'drag' || (answer.drag !== undefined && isAtEnd(answer.drag, challenge.travelPx ?? 0));
  };

  /** By our own rules. */
  const judge = (challenge: Challenge & { keyId: string }, given: Answer): Judgement => ({
    isRight: isRight(challenge, given),
    level: challenge.level,
    notes: [],
  });

  /** By the provider, outside of any transaction. What says nothing of the person is no answer, and spends nothing. */
  const judgeToken = async (
    challenge: Challenge,
    { token = '' }: Answer,
  ): Promise<Judgement | 'late' | 'unavailable'> => {
    // Another one is set up since the challenge was made.
    if (!provider) return 'late';
    const verified = await provider.verify(token, challenge);
    if (verified.result === 'late' || verified.result === 'unavailable') return verified.result;
    const notes = [provider.name, ...verified.reasons];
    return verified.result === 'passed'
      ? { isRight: true, level: verified.level, notes }
      : { isRight: false, level: challenge.level, notes };
  };

  /** Claims challenge and token and records the verdict, in one transaction. `undefined`: one of them had its answer before. */
  const settle = (asker: Asker, challenge: Challenge, answer: Answer, { isRight, level, notes }: Judgement) => {
    const drag = answer.mode === 'drag' ? answer.drag : undefined;
    const { reasons: told } = drag ? scoreDrag(drag, clock.now() - issuedAt(challenge)) : { reasons: [] };
    const sketch = drag && sketchOf(drag);
    // A minute more than any challenge that is answered now, as the clocks of two nodes may differ.
    const claim = { site, expires_at: clock.now() + challengeLifeMs + minuteMs };
    const tokens = answer.token === undefined ? [] : keys.hashes('check-token', answer.token);
    const claims = [challenge.nonce, ...tokens].map((nonce) => ({ nonce, ...claim }));
    return db.write(async (tx): Promise<{ next: Step; failures: number } | undefined> => {
      const claimed = await tx
        .insertInto('human_check_answers')
        .values(claims)
        .onConflict((conflict) => conflict.column('nonce').doNothing())
        .returning('nonce')
        .execute();
      if (claimed.length < claims.length) return undefined;
      const failures = await countFailures(tx, asker);
      const isReplayed = isRight && sketch !== undefined && !(await sketches.claim(tx, sketch));
      const { score, reasons } = scoreOf(isReplayed ? [...told, 'replayed'] : told);
      // What could not be known again would be let in again and again.
      const isUnknown = reasons.includes('few-samples') || sketch === undefined;
      const next = stepAfter({ mode: answer.mode, level, score, isUnknown, isRight, failures, alwaysLetters });
      const isFailure = 'isFailure' in next && next.isFailure;
      const now = clock.now();
      await tx
        .insertInto('human_checks')
        .values({
          id: randomToken(random),
          site,
          handle_hash: keys.hash('check-handle', asker.handle),
          purpose: asker.purpose,
          verdict: next.step === 'passed' ? 'passed' : isFailure ? 'failed' : 'raised',
          level: next.step === 'passed' ? next.level : challenge.level,
          mode: challenge.mode ?? answer.mode,
          score,
          reasons: JSON.stringify([...notes, ...reasons]),
          policy: slidePolicy,
          created_at: now,
          expires_at: now + (next.step === 'passed' ? passedLifeMs : failedLifeMs),
          spent_at: null,
        })
        .execute();
      return { next, failures: failures + (isFailure ? 1 : 0) };
    });
  };

  const judgedAs = (asker: Asker, next: Step, isStuck: boolean): Judged => {
    if (next.step === 'passed') return { outcome: 'passed' };
    if (next.step === 'again') return { outcome: 'again', why: 'wrong', isStuck };
    if (next.step === 'letters') return { outcome: 'letters', task: issueLetters(asker), isStuck };
    if (next.step === 'waiting-check')
      return { outcome: 'wait', task: issueWait(asker, waitingRest(next.paid)), isStuck };
    return {
      outcome: 'wait',
      task: taskOf(asker, { kind: 'wait', level: next.level, mode: next.as }, rungs[next.level]),
      isStuck,
    };
  };

  const answer: HumanCheck['answer'] = async (asker, given) => {
    const challenge = readChallenge(keys, asker.handle, given.challenge);
    const again = (why: 'early' | 'late' | 'unavailable') =>
      accept({ judged: { outcome: 'again', why, isStuck: false } as const });
    const now = clock.now();
    if (!challenge || challenge.purpose !== asker.purpose || challenge.expiresAt <= now) return again('late');
    if (now < challenge.notBefore) return again('early');
    if (!answers[challenge.kind].includes(given.mode))
      throw new Problem('bad-request', `${given.mode} does not answer ${challenge.kind}`);
    const taken = await limits.take(challenge.work ? 'check-answer' : 'check-answer-plain', asker.source);
    if (!taken.ok) return taken;
    await countAnswer();

    const judgement = given.mode === 'provider' ? await judgeToken(challenge, given) : judge(challenge, given);
    if (typeof judgement === 'string') return again(judgement);
    const settled = await settle(asker, challenge, given, judgement);
    if (!settled) return again('late');
    const { next, failures } = settled;
    const isStuck = failures >= failuresBeforeHelp;
    if ('isFailure' in next && next.isFailure) await limits.take('check-failed', asker.source);

    return accept({ judged: judgedAs(asker, next, isStuck) });
  };

  const mostPoints = async (
    tx: Transaction,
    { handle, purpose }: Omit<Asker, 'source'>,
    passedAt: number,
  ): Promise<number | null> => {
    const most = await tx
      .selectFrom('human_checks')
      .select(({ fn }) => fn.max<number | null>('score').as('score'))
      .where('handle_hash', 'in', handleHashes(handle))
      .where('purpose', '=', purpose)
      .where('mode', '=', 'drag')
      .where('created_at', '>', passedAt - failedLifeMs)
      .executeTakeFirstOrThrow();
    return most.score;
  };

  /** Passed checks that are still good, the cheapest first. */
  const passed = (tx: Transaction, { handle, purpose }: Omit<Asker, 'source'>) =>
    tx
      .selectFrom('human_checks')
      .where('handle_hash', 'in', handleHashes(handle))
      .where('purpose', '=', purpose)
      .where('verdict', '=', 'passed')
      .where('spent_at', 'is', null)
      .where('expires_at', '>', clock.now())
      .orderBy('level')
      .orderBy('id')
      .limit(1);

  return {
    answer,

    async issue(asker, wanted) {
      const levelOfAll = await levelOfSite();
      const first = firstAt(levelOfAll);
      const kind = wanted ?? (first ? 'provider' : 'slide');
      if (kind === 'provider' ? !provider : kind === 'slide' && first?.hasSlide === false)
        throw new Problem('bad-request', `no ${kind} here`);
      const taken = await limits.take('check-issue', asker.source);
      if (!taken.ok) return taken;
      if (kind === 'letters') return accept({ task: issueLetters(asker) });
      if (kind === 'wait') return accept({ task: issueWait(asker, waitingRung) });
      if (kind === 'provider') return accept({ task: issueProvider(asker) });
      const [ofBrowser, failedInNetwork] = await Promise.all([
        countFailures(db.read, asker),
        limits.count('check-failed', asker.source),
      ]);
      const counted = levelFor({ ofBrowser, ofNetwork: taken.count, failedInNetwork });
      const level = higher(counted, provided ? higher(levelOfAll, besideProvider) : levelOfAll);
      return accept({ task: taskOf(asker, { kind, level }, rungs[level]) });
    },

    async issuePlainWait(asker) {
      const taken = await limits.take('check-plain', asker.source);
      return taken.ok ? accept({ task: issueWait(asker, { derivations: 0, notBeforeMs: plainWaitMs }) }) : taken;
    },

    waitLeftMs({ handle, purpose }, token) {
      const challenge = readChallenge(keys, handle, token);
      const now = clock.now();
      const isGood = challenge?.kind === 'wait' && challenge.purpose === purpose && challenge.expiresAt > now;
      return isGood ? Math.max(0, challenge.notBefore - now) : undefined;
    },

    async picture({ handle, source }, token) {
      const challenge = readLetters(handle, token);
      const key = challenge && keys.derive('letters', challenge.keyId);
      if (!key) return accept({ png: undefined });
      const taken = await limits.take('check-plain', source);
      return taken.ok ? accept({ png: drawLetters(key, challenge.nonce) }) : taken;
    },

    async sound({ handle, source }, token, locale) {
      const challenge = readLetters(handle, token);
      const key = challenge && keys.derive('digits', challenge.keyId);
      if (!key) return accept({ wav: undefined });
      const taken = await limits.take('check-plain', source);
      return taken.ok ? accept({ wav: speakDigits(key, challenge.nonce, locale) }) : taken;
    },

    async judgeForm(asker, form) {
      if (isOff) return accept();
      const { challenge, letters, otherLetters } = form;
      if (otherLetters !== '') return refuse('check-again');
      if (letters.trim() === '') return accept();
      const given = await answer(asker, { challenge, mode: 'letters', letters });
      if (!given.ok) return given;
      const { judged } = given;
      if (judged.outcome === 'passed') return accept();
      return refuse(judged.outcome === 'again' ? 'check-late' : 'check-letters-wrong');
    },

    async view(asker, refusal) {
      const { purpose } = asker;
      if (isOff) return { state: 'off', purpose, letters: '', isStuck: false };
      const letters = issueLetters(asker).challenge;
      const isStuck = (await countFailures(db.read, asker)) >= failuresBeforeHelp;
      if (refusal === 'check-letters' || refusal === 'check-letters-wrong')
        return { state: 'letters', purpose, letters, isStuck };
      if (refusal === 'check-wait') return { state: 'wait', purpose, letters, isStuck };
      const isPassed = (await passed(db.read, asker).select('id').executeTakeFirst()) !== undefined;
      if (isPassed) return { state: 'passed', purpose, letters, isStuck };
      const first = provided && firstAt(await levelOfSite());
      return { state: 'slide', purpose, letters, isStuck, ...(first && { provided: first }) };
    },

    levelNeeded: async (least) => (isOff ? least : higher(least, await levelOfSite())),

    async spend(tx, asker, levelNeeded) {
      if (isOff) return accept({ spent: undefined });
      const spent = await tx
        .updateTable('human_checks')
        .set({ spent_at: clock.now() })
        .where('id', '=', passed(tx, asker).where('level', '>=', levelNeeded).select('id'))
        .where('spent_at', 'is', null)
        .returning(['mode', 'policy', 'created_at'])
        .executeTakeFirst();
      if (spent) {
        const { mode: how, policy } = spent;
        return accept({ spent: { mode: how, policy, score: await mostPoints(tx, asker, spent.created_at) } });
      }
      const cheaper = await passed(tx, asker).select('mode').executeTakeFirst();
      if (!cheaper) return refuse('check-missing');
      return refuse(cheaper.mode === 'drag' ? 'check-letters' : 'check-wait');
    },

    async forgetExpired() {
      const now = clock.now();
      for (const table of ['human_check_answers', 'human_checks', 'slide_sketches'] as const)
        await deleteOver(db, table, (row) => row('expires_at', '<=', now));
    },
  };
}

/** Of a slide. */
const issuedAt = ({ notBefore, level }: Challenge): number => notBefore - rungs[asLevel(level)].notBeforeMs;

const higher = (one: Level, other: Level): Level => (one > other ? one : other);

/** Which modes answer which kind of challenge. */
const answers: Record<Challenge['kind'], readonly Mode[]> = {
  slide: ['drag', 'key', 'click'],
  letters: ['letters'],
  wait: ['wait'],
  provider: ['provider'],
};

/** The nonce ties a token to its challenge, and so to one browser and one purpose, where the provider repeats it. */
const widgetOf = ({ name, siteKey, script }: HumanCheckProvider, purpose: Purpose, nonce: string) => ({
  name,
  siteKey,
  script,
  action: actionOf(purpose),
  cdata: nonce,
});
