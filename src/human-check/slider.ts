// Reads a drag: points with reasons, by plain rules and no model. It sets the price of a pass and is never the gate, as
// any rule here can be learnt by a bot. Few samples say "unknown", not "bot": remote desktops, old phones and head
// pointers send 5 to 10. The trace is dropped after scoring; only points and reason codes are kept.

/** Goes with each verdict, so that figures are never compared across rules. */
export const slidePolicy = 'slide-3';

export interface Drag {
  /** x, y (CSS px since the press, x towards the end of the track), t (ms since the press), again and again. */
  readonly trace: readonly number[];
  readonly pointer: 'mouse' | 'touch' | 'pen';
  /** Whether the browser vouches that no script made the events. */
  readonly isTrusted: boolean;
  readonly isAutomated: boolean;
  readonly pixelRatio: number;
  /** Where in the handle it was pressed: px from its centre. */
  readonly grab: readonly [number, number];
  /** Pointer moves seen before the press. */
  readonly approach: number;
  /** From the last move to the release. */
  readonly restMs: number;
}

/** A hard rule is told by the browser or by arithmetic. No soft one reaches the step-up (5) alone: some hand meets each. */
export const hardPoints = { untrusted: 5, impossible: 5, replayed: 5 } as const;
export const softPoints = {
  'constant-speed': 4,
  'book-curve': 3,
  'off-grid': 3,
  automated: 3,
  'too-quick': 3,
  straight: 2,
  'noise-y': 2,
  leap: 2,
  'dead-centre': 2,
  'no-approach': 2,
  'no-rest': 1,
  /** Nothing can be said: it costs what a click does. */
  'few-samples': 0,
} as const;

const points = { ...hardPoints, ...softPoints };

export type Reason = keyof typeof points;

export interface Score {
  readonly score: number;
  readonly reasons: readonly Reason[];
}

interface Sample {
  readonly x: number;
  readonly y: number;
  readonly t: number;
}

/** From here on a shape can be judged. */
const enoughSamples = 12;
/** A hand with a tremor lets go a little early. */
const endTolerancePx = 6;
/** From the press to the release. A mouse button alone takes a finger that long. */
const quickestMs = 60;
/** What rounding to whole pixels leaves of a line or curve, as a root mean square: 0.29, and a little. */
const roundingPx = 0.45;

/** Whether the drag ended at the end of this challenge's track. */
export const isAtEnd = ({ trace }: Drag, travelPx: number): boolean => {
  const last = samplesOf(trace).at(-1);
  return last !== undefined && Math.abs(last.x - travelPx) <= endTolerancePx;
};

/** What a clock of the browser may be off, and a challenge that was replaced under a hand. */
const clockSlackMs = 60_000;

/** `heldMs`: for how long the browser has had the challenge; no drag took longer. */
export function scoreDrag(drag: Drag, heldMs = Number.POSITIVE_INFINITY): Score {
  const samples = samplesOf(drag.trace);
  const isMouse = drag.pointer === 'mouse';
  const whole = {
    untrusted: !drag.isTrusted,
    impossible: isImpossible(samples) || (samples.at(-1)?.t ?? 0) > heldMs + clockSlackMs,
    automated: drag.isAutomated,
    'too-quick': (samples.at(-1)?.t ?? 0) < quickestMs,
    leap: isLeap(samples),
    'no-approach': isMouse && drag.approach < 2,
    'dead-centre': Math.hypot(...drag.grab) < 0.75,
    'no-rest': drag.restMs < 2,
    'few-samples': samples.length < enoughSamples,
  };
  return scoreOf([...reasonsOf(whole), ...(whole['few-samples'] ? [] : reasonsOf(shapeOf(samples, drag)))]);
}

export const scoreOf = (reasons: readonly Reason[]): Score => ({
  score: reasons.reduce((sum, reason) => sum + points[reason], 0),
  reasons,
});

const isReason = (name: string): name is Reason => Object.hasOwn(points, name);

const reasonsOf = (rules: Partial<Record<Reason, boolean>>): Reason[] =>
  Object.entries(rules).flatMap(([name, isSo]) => (isSo && isReason(name) ? [name] : []));

function shapeOf(samples: readonly Sample[], { pointer, pixelRatio }: Drag) {
  const moving = wayOf(samples);
  const isConstantSpeed = isConstant(moving);
  return {
    'constant-speed': isConstantSpeed,
    'book-curve': !isConstantSpeed && isBookCurve(samples, moving),
    'off-grid': pointer === 'mouse' && isOffGrid(samples, pixelRatio),
    straight: isStraight(moving),
    'noise-y': isNoise(samples.map(({ y }) => y)),
  };
}

export function samplesOf(trace: readonly number[]): Sample[] {
  const samples: Sample[] = [];
  for (let at = 0; at + 2 < trace.length; at += 3) {
    samples.push({ x: trace[at] ?? 0, y: trace[at + 1] ?? 0, t: trace[at + 2] ?? 0 });
  }
  return samples;
}

/** What moved: from the last sample at the start to the first at the end, where the track holds the handle. */
function wayOf(samples: readonly Sample[]): readonly Sample[] {
  const last = samples.at(-1)?.x ?? 0;
  const from = Math.max(0, samples.findIndex(({ x }) => x > 0) - 1);
  const to = samples.findIndex(({ x }) => x >= last);
  return samples.slice(from, Math.max(from, to));
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const stepsOf = (values: readonly number[]): number[] => values.slice(1).map((value, at) => value - (values[at] ?? 0));

/** Time runs backwards, or none passed. Browsers that blur time against fingerprinting repeat a value, and never go back. */
const isImpossible = (samples: readonly Sample[]): boolean =>
  (samples.at(-1)?.t ?? 0) <= 0 || samples.some(({ t }, at) => t < (samples[at - 1]?.t ?? 0));

/** Nearly a third of the way between two events: what up to three calls do, and a remote desktop that stalls. */
const isLeap = (samples: readonly Sample[]): boolean => {
  const most = 0.3 * (samples.at(-1)?.x ?? 0);
  return samples.some(({ x }, at) => x - (samples[at - 1]?.x ?? 0) > most);
};

/** How a sample is placed on its way: by time, or by its number, as a loop counts. */
type Clock = (sample: Sample, at: number) => number;
const clocks: readonly Clock[] = [({ t }) => t, (_, at) => at];

/** Hands speed up and slow down; a loop adds the same amount each time. */
const isConstant = (way: readonly Sample[]): boolean =>
  way.length >= 8 &&
  clocks.some(
    (clock) =>
      residual(
        way.map(clock),
        way.map(({ x }) => x),
        1,
      ) <
      2 * roundingPx,
  );

/** The handle follows one line within rounding, level or not. */
const isStraight = (way: readonly Sample[]): boolean =>
  way.length >= 8 &&
  residual(
    way.map(({ x }) => x),
    way.map(({ y }) => y),
    1,
  ) < roundingPx;

/** A mouse stands on whole device pixels; browsers tell them as such, or rounded to whole CSS pixels. */
function isOffGrid(samples: readonly Sample[], pixelRatio: number): boolean {
  const isOff = (value: number) => Math.abs(value - Math.round(value)) > 0.06;
  // The last sample is set to the end of the track.
  const off = samples.slice(0, -1).filter(({ x, y }) => [x, y].some((at) => isOff(at) && isOff(at * pixelRatio)));
  return off.length > samples.length / 2;
}

/** Easing curves of the textbooks and of animation libraries; the second is minimum jerk. */
const bookCurves: readonly ((part: number) => number)[] = [
  (s) => s * s * (3 - 2 * s),
  (s) => s ** 3 * (10 - 15 * s + 6 * s * s),
  (s) => (1 - Math.cos(Math.PI * s)) / 2,
  (s) => Math.sin((Math.PI * s) / 2),
  (s) => 1 - (1 - s) ** 2,
  (s) => 1 - (1 - s) ** 3,
  (s) => 1 - (1 - s) ** 4,
  (s) => 1 - (1 - s) ** 5,
  (s) => (s === 1 ? 1 : 1 - 2 ** (-10 * s)),
  (s) => (s < 0.5 ? 2 * s * s : 1 - 2 * (1 - s) ** 2),
  (s) => (s < 0.5 ? 4 * s ** 3 : 1 - 4 * (1 - s) ** 3),
];
/** Of the way, as a root mean square. */
const bookTolerance = 0.012;

/**
 * Position over time, or over sample number, is an easing curve, noise or none; or both coordinates are cubics within
 * rounding, as points of a Bézier curve are.
 */
function isBookCurve(samples: readonly Sample[], way: readonly Sample[]): boolean {
  if (way.length < 8) return false;
  const [x, y] = [way.map((sample) => sample.x), way.map((sample) => sample.y)];
  // Without the release, which comes after a rest.
  const fromPress = [{ x: 0, y: 0, t: 0 }, ...samples.slice(0, -1)];
  return clocks.some((clock) => {
    const at = way.map(clock);
    const isCubic = way.length >= 16 && [x, y].every((values) => residual(at, values, 3) < roundingPx);
    return isCubic || [fromPress, way].some((path) => isEased(path, clock));
  });
}

function isEased(path: readonly Sample[], clock: Clock): boolean {
  const at = partsOf(path.map(clock));
  const values = partsOf(path.map(({ x }) => x));
  const most = bookTolerance ** 2 * values.length;
  return bookCurves.some((curve) => {
    let squares = 0;
    return values.every((value, index) => {
      squares += (value - curve(at[index] ?? 0)) ** 2;
      return squares < most;
    });
  });
}

/** From 0 at the first to 1 at the last. */
function partsOf(values: readonly number[]): number[] {
  const first = values[0] ?? 0;
  const whole = (values.at(-1) ?? 0) - first || 1;
  return values.map((value) => (value - first) / whole);
}

/** Root mean square of what the best polynomial of that degree leaves, in the unit of the values. */
function residual(at: readonly number[], values: readonly number[], degree: number): number {
  // Polynomials that are orthogonal over these very places, each from the two before it (Forsythe): no system of equations
  // to solve. Up to 200 samples are read, so this is most of what a score costs.
  const places = new Float64Array(partsOf(at).map((part) => 2 * part - 1));
  const left = new Float64Array(values);
  let before = new Float64Array(left.length);
  let current = new Float64Array(left.length).fill(1);
  let sizeBefore = Number.POSITIVE_INFINITY;
  for (let grade = 0; grade <= degree; grade += 1) {
    let size = 0;
    let along = 0;
    let shift = 0;
    for (let index = 0; index < left.length; index += 1) {
      const value = current[index] ?? 0;
      size += value * value;
      along += value * (left[index] ?? 0);
      shift += value * value * (places[index] ?? 0);
    }
    // All samples at one place: nothing more to fit.
    if (size < 1e-12) break;
    const next = new Float64Array(left.length);
    for (let index = 0; index < left.length; index += 1) {
      const value = current[index] ?? 0;
      left[index] = (left[index] ?? 0) - (along / size) * value;
      next[index] = ((places[index] ?? 0) - shift / size) * value - (size / sizeBefore) * (before[index] ?? 0);
    }
    before = current;
    current = next;
    sizeBefore = size;
  }
  return Math.sqrt(left.reduce((sum, value) => sum + value * value, 0) / left.length);
}

/** Independent noise turns back at each step: its differences correlate with -0.5. A hand drifts. */
function isNoise(values: readonly number[]): boolean {
  const steps = stepsOf(values);
  const mean = meanOf(steps);
  const spread = meanOf(steps.map((step) => (step - mean) ** 2));
  // A straight hand flickers between two rows of pixels.
  if (steps.length < 20 || spread < 0.6) return false;
  const together = meanOf(steps.slice(1).map((step, at) => (step - mean) * ((steps[at] ?? 0) - mean)));
  return together / spread < -0.35;
}

const sketchPoints = 24;
/** Below the shortest track, so that a recording whose end was fitted to another track is the same one. */
const sketchWayPx = 160;
/** Five steps of whole pixels and milliseconds are some 40 bits: of 100,000 drags a day hardly ever two are the same. */
const sketchSamples = 6;

/**
 * 24 points of the first part of a drag, each told from the first: the same for a copy that was shifted in place or time.
 * `undefined` where too little is told to know a drag again. It goes into a keyed hash and nowhere else.
 */
export function sketchOf({ trace }: Drag): string | undefined {
  const samples = samplesOf(trace);
  const [first] = samples;
  if (!first) return undefined;
  const part = samples.filter(({ x }) => x - first.x <= sketchWayPx);
  if (part.length < sketchSamples) return undefined;
  // By way of hundredths, as the script rounds to them: else what a shift does to the last bit of a number would show.
  const from = (value: number, start: number) => Math.round(Math.round((value - start) * 100) / 10);
  return Array.from({ length: sketchPoints }, (_, at) => {
    const { x, y, t } = part[Math.floor((at * part.length) / sketchPoints)] ?? first;
    return [from(x, first.x), from(y, first.y), from(t, first.t)].join(' ');
  }).join(',');
}
