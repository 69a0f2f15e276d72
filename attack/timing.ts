// How long the answers take, for each kind of account and each step that is open to a stranger: samples of all kinds, in an
// order that is drawn anew for each round.
import { areaUnderCurve, meanOf, welch, withoutSlowest } from './statistics.ts';
import type { Outside } from './target.ts';
import { newPassword, recoveryOn } from './walk.ts';

/** Identifiers of each kind; used in turn, so that no counter of a name grows for one kind alone. */
export type Pools = Readonly<Record<string, readonly string[]>>;

export interface Timed {
  readonly step: string;
  readonly kind: string;
  readonly samples: number;
  readonly meanMs: number;
  /** Against those of the first kind. */
  readonly auc: number;
  readonly t: number;
}

/** One visit: what it times, by the name of the step. `undefined`: it was refused, and says nothing. */
export type Visit = (target: Outside, identifier: string) => Promise<Readonly<Record<string, number>> | undefined>;

const form = (fields: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(fields) });

async function timed(send: () => Promise<Response>): Promise<{ readonly ms: number; readonly response: Response }> {
  const from = performance.now();
  const response = await send();
  await response.arrayBuffer();
  return { ms: performance.now() - from, response };
}

export const recoverySteps: Visit = async (target, identifier) => {
  const browser = target.browser();
  const identify = await timed(() => browser.send(target.path('/recover'), form({ identifier })));
  if (identify.response.status !== 303) return undefined;
  const recovery = recoveryOn(await browser.open(target.path('/recover/method')));
  const mail = await timed(() => browser.send(target.path('/recover/method'), form({ recovery })));
  const code = await timed(() => browser.send(target.path('/recover/code'), form({ recovery, code: '12345678' })));
  return { 'who is it': identify.ms, 'send a code': mail.ms, 'a wrong code': code.ms };
};

const one =
  (step: string, path: string, fieldsOf: (identifier: string) => Record<string, string>): Visit =>
  async (target, identifier) => {
    const browser = target.browser();
    const { ms, response } = await timed(() => browser.send(target.path(path), form(fieldsOf(identifier))));
    return response.status === 429 || response.status >= 500 ? undefined : { [step]: ms };
  };

export const signInStep = one('a wrong password', '/sign-in', (identifier) => ({
  identifier,
  password: 'not the right one',
}));
export const signUpStep = one('sign-up', '/sign-up', (address) => ({
  userId: 'somebody-new',
  address,
  password: newPassword,
}));
export const supportStep = one('the support form', '/recover/case', (identifier) => ({
  kind: 'other',
  identifier,
  words: 'x',
  contact: 'somebody@mail.example',
}));

const warmUp = 100;

/** Ends early where visits are refused; `between` after every hundred rounds, untimed. */
export async function measure(
  target: Outside,
  visit: Visit,
  pools: Pools,
  { samples, between = async () => {} }: { readonly samples: number; readonly between?: () => Promise<unknown> },
): Promise<readonly Timed[]> {
  const kinds = Object.keys(pools);
  const times = new Map<string, number[]>();
  for (let round = -warmUp; round < samples; round += 1) {
    const taken: [string, number][] = [];
    for (const kind of shuffled(kinds)) {
      const pool = pools[kind] ?? [];
      const found = await visit(target, pool[(round + warmUp) % pool.length] ?? '');
      if (!found) return compared(kinds, times);
      for (const [step, ms] of Object.entries(found)) taken.push([`${step}\n${kind}`, ms]);
    }
    // A round counts whole, or not at all.
    if (round >= 0) for (const [key, ms] of taken) listAt(times, key).push(ms);
    if (round % 100 === 99) await between();
  }
  return compared(kinds, times);
}

function listAt(times: Map<string, number[]>, key: string): number[] {
  const list = times.get(key) ?? [];
  times.set(key, list);
  return list;
}

function compared(kinds: readonly string[], times: ReadonlyMap<string, readonly number[]>): readonly Timed[] {
  const steps = new Set(Array.from(times.keys(), (key) => key.split('\n')[0] ?? ''));
  return Array.from(steps).flatMap((step) => {
    const of = (kind: string) => times.get(`${step}\n${kind}`) ?? [];
    const known = of(kinds[0] ?? '');
    return kinds.slice(1).map((kind) => ({
      step,
      kind,
      samples: of(kind).length,
      meanMs: meanOf(of(kind)),
      auc: areaUnderCurve(known, of(kind)),
      t: welch(withoutSlowest(known), withoutSlowest(of(kind))),
    }));
  });
}

function shuffled<T>(all: readonly T[]): T[] {
  return all
    .map((each) => ({ each, place: crypto.getRandomValues(new Uint32Array(1))[0] ?? 0 }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ each }) => each);
}

/** AUC within 0.05 of a coin, and |t| below 4.5. */
export const isAlike = ({ auc, t }: Timed): boolean => Math.abs(auc - 0.5) < 0.05 && Math.abs(t) < 4.5;
