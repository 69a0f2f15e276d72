// Drags that no hand made, by family: each a generator with a fixed seed, so that a table of them is the same each time.
// They say what a kind of bot meets. They say nothing about people, and no rate of false alarms is ever taken from them.
import { readFileSync } from 'node:fs';
import type { Drag } from '../../src/human-check/slider.ts';

export interface Made {
  readonly synthetic: true;
  readonly travelPx: number;
  readonly drag: Drag;
}

/** Uniform in 0..1: mulberry32. */
export type Chance = () => number;

export function chanceFrom(seed: number): Chance {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const between = (chance: Chance, low: number, high: number): number => low + chance() * (high - low);
const wholeBetween = (chance: Chance, low: number, high: number): number => Math.floor(between(chance, low, high + 1));
const pick = <T>(chance: Chance, list: readonly [T, ...T[]]): T => list[Math.floor(chance() * list.length)] ?? list[0];
/** Box and Muller. */
const normal = (chance: Chance, spread: number): number =>
  spread * Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());

type Point = readonly [x: number, y: number, t: number];
type Path = (chance: Chance, travelPx: number) => readonly Point[];
type Manner = (chance: Chance) => Pick<Drag, 'grab' | 'approach' | 'restMs'>;

/** As scripts do: to the middle of the box in one call, down, moves, up. */
const stock: Manner = (chance) => ({ grab: [0, 0], approach: 1, restMs: between(chance, 0, 1.5) });

/** As a bot does whose author has read how the press is judged. */
const careful: Manner = (chance) => ({
  grab: [Math.round(normal(chance, 7)) || 3, Math.round(normal(chance, 7)) || 2],
  approach: wholeBetween(chance, 8, 60),
  restMs: between(chance, 30, 180),
});

/** How a bot drags: where the pointer goes from the press on, how it was pressed and how let go. */
export interface Gesture extends ReturnType<Manner> {
  readonly points: readonly Point[];
}

/** What the client makes of it: held within the track, two decimals, the release set to the end. */
function record({ points, grab, approach, restMs }: Gesture, travelPx: number): Drag {
  const two = (value: number) => Math.round(value * 100) / 100;
  const trace = points.flatMap(([x, y, t]) => [two(Math.max(0, Math.min(travelPx, x))), two(y), two(t)]);
  const [, y, t] = points.at(-1) ?? [0, 0, 0];
  trace.push(travelPx, two(y), two(t + restMs));
  return {
    trace: trace.slice(0, 600),
    pointer: 'mouse',
    isTrusted: true,
    isAutomated: false,
    pixelRatio: 1,
    grab,
    approach,
    restMs: two(restMs),
  };
}

const along = (count: number, point: (part: number, at: number) => Point): Point[] =>
  Array.from({ length: count }, (_, at) => point((at + 1) / count, at));

const easings: readonly [(part: number) => number, ...((part: number) => number)[]] = [
  (s) => s * s * (3 - 2 * s),
  (s) => 1 - (1 - s) ** 2,
  (s) => 1 - (1 - s) ** 3,
  (s) => (1 - Math.cos(Math.PI * s)) / 2,
  (s) => (s < 0.5 ? 4 * s ** 3 : 1 - 4 * (1 - s) ** 3),
  (s) => 1 - (1 - s) ** 4,
];
const minimumJerkAt = (s: number): number => s ** 3 * (10 - 15 * s + 6 * s * s);

const jump: Path = (chance, travelPx) =>
  along(wholeBetween(chance, 1, 3), (part, at) => [travelPx * part, 0, 4 + 9 * at]);

const linear: Path = (chance, travelPx) => {
  const stepMs = between(chance, 4, 20);
  return along(wholeBetween(chance, 15, 60), (part, at) => [travelPx * part, 0, (at + 1) * stepMs]);
};

const constantSpeed: Path = (chance, travelPx) => {
  const count = wholeBetween(chance, 20, 60);
  const wholeMs = count * between(chance, 8, 17);
  return along(count, (part) => {
    const late = Math.min(1, Math.max(0.001, part + normal(chance, 0.15 / count)));
    return [Math.round(travelPx * late), 0, wholeMs * late];
  });
};

const eased: Path = (chance, travelPx) => {
  const curve = pick(chance, easings);
  const stepMs = between(chance, 8, 17);
  return along(wholeBetween(chance, 20, 60), (part, at) => [travelPx * curve(part), 0, (at + 1) * stepMs]);
};

const easedWithNoise: Path = (chance, travelPx) => {
  const curve = pick(chance, easings);
  const stepMs = between(chance, 8, 17);
  const spread = between(chance, 0.6, 2);
  return along(wholeBetween(chance, 30, 60), (part, at) => [
    travelPx * curve(part) + normal(chance, spread),
    normal(chance, spread),
    (at + 1) * stepMs + between(chance, 0, 2),
  ]);
};

/** The smoothest reach there is, in whole pixels at the rate of a screen, slightly aslant. */
const minimumJerk: Path = (chance, travelPx) => {
  const stepMs = pick(chance, [8, 16.67]);
  const count = Math.round(between(chance, 420, 900) / stepMs);
  const slant = between(chance, -6, 6);
  return along(count, (part, at) => [
    Math.round(travelPx * minimumJerkAt(part)),
    Math.round(slant * minimumJerkAt(part)),
    (at + 1) * stepMs + between(chance, -0.4, 0.4),
  ]);
};

/** Cubic, its middle points off to a side, as the usual cursor libraries draw it: places by number, sent as fast as may be. */
const bezier: Path = (chance, travelPx) => {
  const side = pick(chance, [-1, 1]);
  const [one, two] = [0, 1].map(() => [between(chance, 0, travelPx), side * between(chance, 2, travelPx / 5)] as const);
  const end = [travelPx + between(chance, 0, 8), normal(chance, 5)] as const;
  const bend = (s: number, dimension: 0 | 1) =>
    3 * (1 - s) ** 2 * s * (one?.[dimension] ?? 0) +
    3 * (1 - s) * s * s * (two?.[dimension] ?? 0) +
    s ** 3 * end[dimension];
  return along(wholeBetween(chance, 25, 50), (part, at) => [
    bend(part, 0),
    bend(part, 1),
    (at + 1) * 8 + between(chance, 0, 3),
  ]);
};

/** Overlapping strokes whose speed is lognormal, the model of handwriting research; a slow tremor on top. */
const strokes =
  (tremorPx: number): Path =>
  (chance, travelPx) => {
    const parts = Array.from({ length: wholeBetween(chance, 2, 4) }, (_, at) => ({
      beginsAt: at * between(chance, 90, 170),
      middle: between(chance, 4.9, 5.4),
      spread: between(chance, 0.25, 0.45),
      share: (at === 0 ? 1.6 : 0.5) * between(chance, 0.7, 1.3),
      slant: normal(chance, 0.05),
    }));
    const all = parts.reduce((sum, { share }) => sum + share, 0);
    const stepMs = pick(chance, [8, 16.67]);
    const points: Point[] = [];
    let tremor = 0;
    for (let t = stepMs; t < 3_000; t += stepMs) {
      let [x, y] = [0, 0];
      for (const { beginsAt, middle, spread, share, slant } of parts) {
        if (t <= beginsAt) continue;
        const moved = (share / all) * bell((Math.log(t - beginsAt) - middle) / spread) * (travelPx + 14);
        x += moved;
        y += moved * slant;
      }
      tremor = 0.85 * tremor + normal(chance, tremorPx);
      if (x > 0.3) points.push([Math.round(x + 0.5 * tremor), Math.round(y + tremor), t + between(chance, -0.4, 0.4)]);
      if (x > travelPx + 6) break;
    }
    return points;
  };

/** Integral of the normal distribution (Abramowitz and Stegun 26.2.17). */
function bell(z: number): number {
  const k = 1 / (1 + 0.231_641_9 * Math.abs(z));
  const tail =
    ((((1.330_274_429 * k - 1.821_255_978) * k + 1.781_477_937) * k - 0.356_563_782) * k + 0.319_381_53) *
    k *
    0.398_942_3 *
    Math.exp((-z * z) / 2);
  return z < 0 ? tail : 1 - tail;
}

/** `ceiling`: the highest share that may pass without a step-up; none where the share is only reported. */
export interface Family {
  readonly ceiling?: number;
  /** For a pointer on a real page. */
  gesture(chance: Chance, travelPx: number): Gesture;
  /** As the page would send it. */
  make(chance: Chance): Made;
}

function family(path: Path, manner: Manner, ceiling?: number): Family {
  const gesture: Family['gesture'] = (chance, travelPx) => ({ points: path(chance, travelPx), ...manner(chance) });
  return {
    ...(ceiling === undefined ? {} : { ceiling }),
    gesture,
    make(chance) {
      // What a challenge asks for: 184 to 228 px.
      const travelPx = 184 + wholeBetween(chance, 0, 44);
      return { synthetic: true, travelPx, drag: record(gesture(chance, travelPx), travelPx) };
    },
  };
}

const untrusted = family(strokes(0.5), careful);

export const families = {
  jump: family(jump, stock, 0.01),
  linear: family(linear, stock, 0.01),
  'constant speed': family(constantSpeed, stock, 0.01),
  eased: family(eased, stock, 0.01),
  'eased, noise': family(easedWithNoise, stock, 0.01),
  Bézier: family(bezier, stock, 0.01),
  'events made in the page': {
    ceiling: 0.01,
    gesture: untrusted.gesture,
    make: (chance) => {
      const made = untrusted.make(chance);
      return { ...made, drag: { ...made.drag, isTrusted: false } };
    },
  },
  'minimum jerk': family(minimumJerk, careful, 0.2),
  'jump, careful press': family(jump, careful),
  'linear, careful press': family(linear, careful, 0.2),
  'constant speed, careful press': family(constantSpeed, careful, 0.2),
  'eased, careful press': family(eased, careful, 0.2),
  'eased, noise, careful press': family(easedWithNoise, careful),
  'Bézier, careful press': family(bezier, careful),
  'sigma-lognormal': family(strokes(0), careful),
  adaptive: family(strokes(0.6), careful),
} as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof families;

/** `count` drags of a family, the same each time. */
export function makeFamily(name: FamilyName, count: number): Made[] {
  const chance = chanceFrom(Buffer.from(name).reduce((seed, byte) => (seed * 31 + byte) | 0, 7));
  return Array.from({ length: count }, () => families[name].make(chance));
}

export interface Recorded extends Made {
  /** The family, and whose hand it was where it was not automation's. */
  readonly who: string;
}

export const bySystem = (name: FamilyName): string => `${name}, the system's mouse`;

/** Drags of bots as pages in a real Chromium sent them (chromium.ts): the beat of the screen and the stalls are in them. */
export const readRecorded = (): Recorded[] =>
  readFileSync(new URL('recorded.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => ({ synthetic: true, ...JSON.parse(line) }));
